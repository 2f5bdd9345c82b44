package attribute_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"kassa/infra/local/engine/attribute"
)

func text(text string) attribute.Value { return attribute.Value{Kind: attribute.String, Text: text} }

func number(text string) (attribute.Value, error) {
	data, err := json.Marshal(map[string]string{"N": text})
	if err != nil {
		return attribute.Value{}, err
	}
	var v attribute.Value
	return v, json.Unmarshal(data, &v)
}

var hugeExponent = regexp.MustCompile(`[eE][+-]?0*[1-9][0-9]{3}`)

// FuzzNumberOrder holds the order of encoded keys against the order of exact decimals.
func FuzzNumberOrder(f *testing.F) {
	for _, seed := range [][2]string{
		{"0", "-0"}, {"1", "10"}, {"-1", "-10"}, {"0.1", "0.11"}, {"-0.1", "0.1"}, {"9.99e125", "1e-130"}, {"100", "1e2"},
		{"1234567890", "1234567891"}, {"99", "990"}, {"-99", "-990"}, {"5", "05."},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		a, errA := number(one)
		b, errB := number(two)
		if errA != nil || errB != nil || len(one+two) > 300 || hugeExponent.MatchString(one+" "+two) {
			return // big.Rat writes out the zeros of 0e999999999.
		}
		exactA, okA := new(big.Rat).SetString(one)
		exactB, okB := new(big.Rat).SetString(two)
		if !okA || !okB {
			t.Fatalf("%q or %q was accepted as a number", one, two)
		}
		want := exactA.Cmp(exactB)
		if got := attribute.Compare(a, b); got != want {
			t.Errorf("%s against %s: %d, want %d", one, two, got, want)
		}
		if (want == 0) != attribute.Equal(a, b) {
			t.Errorf("%s and %s equal: %v", one, two, !attribute.Equal(a, b))
		}
		// Keys are joined: whatever follows must not change the order.
		first, second := append(attribute.AppendKey(nil, a), 0xFF), append(attribute.AppendKey(nil, b), 0x00)
		if got := bytes.Compare(first, second); want != 0 && got != want {
			t.Errorf("%s against %s with something behind: %d, want %d", one, two, got, want)
		}
		plain, ok := new(big.Rat).SetString(a.Text)
		if !ok || plain.Cmp(exactA) != 0 || strings.ContainsAny(a.Text, "eE+") {
			t.Errorf("%s became %s", one, a.Text)
		}
	})
}

func FuzzTextOrder(f *testing.F) {
	f.Add("", "\x00", "a", "b")
	f.Add("a", "a\x00", "\x00", "\xff")
	f.Add("a\x00\x01", "a\x00", "", "\xff")
	f.Add("ab", "a\xff", "x", "")
	f.Fuzz(func(t *testing.T, one, two, rangeOne, rangeTwo string) {
		join := func(hash, sort string) []byte {
			return attribute.AppendKey(attribute.AppendKey(nil, text(hash)), text(sort))
		}
		want := strings.Compare(one, two)
		if want == 0 {
			want = strings.Compare(rangeOne, rangeTwo)
		}
		if got := bytes.Compare(join(one, rangeOne), join(two, rangeTwo)); got != want {
			t.Errorf("%q %q against %q %q: %d, want %d", one, rangeOne, two, rangeTwo, got, want)
		}
		encoded, prefix := attribute.AppendKey(nil, text(one)), attribute.AppendPrefix(nil, two)
		if bytes.HasPrefix(encoded, prefix) != strings.HasPrefix(one, two) {
			t.Errorf("%q begins with %q in one form only", one, two)
		}
		if after := attribute.After(prefix); after != nil && strings.HasPrefix(one, two) &&
			bytes.Compare(encoded, after) >= 0 {
			t.Errorf("%q lies after everything that begins with %q", one, two)
		}
	})
}

// FuzzValue checks that any value that is read is written in a form that reads as the same value.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		`{"S":"a"}`, `{"N":"-1.50"}`, `{"B":"AP8="}`, `{"BOOL":true}`, `{"NULL":true}`, `{"L":[{"S":"a"},{"L":[]}]}`,
		`{"M":{"a":{"M":{}}}}`, `{"SS":["b","a"]}`, `{"NS":["2","1.0"]}`,
		`{"BS":["AA==","AQ=="]}`, `{}`, `null`, `{"S":null}`, `{"S":"a","N":"1"}`, `{"N":"1e999"}`, `{"SS":[]}`, `[]`,
		`{"L":null}`, `{"NULL":false}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v, again attribute.Value
		if json.Unmarshal(data, &v) != nil {
			return
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("%s was written as %s: %v", data, text, err)
		}
		if !attribute.Equal(v, again) {
			t.Errorf("%s was written as %s", data, text)
		}
	})
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int{
		`{"aé":{"S":"é"}}`: 5, `{"a":{"N":"0"}}`: 2, `{"a":{"N":"100"}}`: 3, `{"a":{"N":"-12345"}}`: 6,
		`{"a":{"B":"AP8="}}`: 3, `{"a":{"BOOL":true}}`: 2, `{"a":{"NULL":true}}`: 2,
		`{"a":{"L":[]}}`: 4, `{"a":{"L":[{"S":"xy"},{"BOOL":true}]}}`: 9, `{"a":{"M":{"k":{"S":"xy"}}}}`: 8,
		`{"a":{"SS":["x","yz"]}}`: 4, `{"a":{"NS":["1","-1"]}}`: 6,
	} {
		var item attribute.Item
		if err := json.Unmarshal([]byte(text), &item); err != nil {
			t.Fatal(err)
		}
		if got := item.Size(); got != want {
			t.Errorf("%s counts %d bytes, want %d", text, got, want)
		}
	}
}
