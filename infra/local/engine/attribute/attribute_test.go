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
		if got := bytes.Compare(attribute.AppendKey(nil, a), attribute.AppendKey(nil, b)); got != want {
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

// TestKeysStay: a file of an earlier version holds its items under these bytes.
func TestKeysStay(t *testing.T) {
	for text, want := range map[string]string{
		"0": "\x02", "1": "\x03\x82\x0b\x00", "10": "\x03\x83\x0b\x00", "15000": "\x03\x86\x10\x00",
		"-123": "\x01\x7b\xf2\xe0\xff", "0.05": "\x03\x80\x33\x00",
	} {
		v, err := number(text)
		if got := string(attribute.AppendKey(nil, v)); err != nil || got != want {
			t.Errorf("%s is kept under %x, want %x (%v)", text, got, want, err)
		}
	}
	if got := string(attribute.AppendKey(nil, text("a\x00b"))); got != "a\x00\xffb\x00\x01" {
		t.Errorf("a text is kept under %x", got)
	}
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
	})
}

// FuzzValue checks that any value that is read is written in a form that reads as the same value.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		`{"S":"a"}`, `{"N":"-1.50"}`, `{"B":"AP8="}`, `{"BOOL":true}`, `{"NULL":true}`, `{"L":[{"S":"a"},{"L":[]}]}`,
		`{"M":{"a":{"M":{}}}}`, `{"SS":["b","a"]}`,
		`{}`, `null`, `{"S":null}`, `{"S":"a","N":"1"}`, `{"N":"1e999"}`, `[]`, `{"L":null}`,
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
		`{"a":{"BOOL":true}}`: 2,
		`{"a":{"L":[]}}`:      4, `{"a":{"L":[{"S":"xy"},{"BOOL":true}]}}`: 9, `{"a":{"M":{"k":{"S":"xy"}}}}`: 8,
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

// TestTypesThatKassaDoesNotStore are refused by name, so that nothing is tried here that the store has no form for.
func TestTypesThatKassaDoesNotStore(t *testing.T) {
	for kind, value := range map[string]string{"B": `"AP8="`, "NULL": "true", "SS": `["a"]`, "NS": `["1"]`,
		"BS": `["AP8="]`} {
		var v attribute.Value
		if err := json.Unmarshal([]byte(`{"`+kind+`":`+value+`}`), &v); err == nil ||
			!strings.Contains(err.Error(), `"`+kind+`" is not the name`) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
