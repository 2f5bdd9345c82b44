package attribute_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kassa/infra/local/engine/attribute"
)

// TestPick gives what reading the item and writing a part of it gives, whatever stands in names and values.
func TestPick(t *testing.T) {
	text := `{"a":{"S":"x\"},{\\"},"b \"}":{"M":{"a":{"L":[{"N":"1"},{"BOOL":true}]}}},"c":{"L":[]},"é<":{"S":"ş\u0000"}}`
	var item attribute.Item
	if err := json.Unmarshal([]byte(text), &item); err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{{"a"}, {`b "}`, "c"}, {"é<"}, {"nothing"}, {}, {"c", "a", "é<", `b "}`}} {
		want, err := json.Marshal(item.Pick(names))
		if err != nil {
			t.Fatal(err)
		}
		got, err := attribute.Raw(stored).AppendPick(nil, attribute.NamesOf(names))
		if err != nil || string(got) != string(want) {
			t.Errorf("%q: %s %v, want %s", names, got, err, want)
		}
	}
	for cut := range len(stored) {
		if got, err := attribute.Raw(stored[:cut]).AppendPick(nil, attribute.NamesOf([]string{"a"})); err == nil {
			t.Errorf("the damaged %s gives %s", stored[:cut], got)
		}
	}
}

// TestExceed counts as Item.Size does, and reads only what may matter.
func TestExceed(t *testing.T) {
	value := attribute.Item{"pk": {Kind: attribute.String, Text: strings.Repeat("x", 98)}}
	raw, err := json.Marshal(value)
	if err != nil || value.Size() != 100 {
		t.Fatal(err, value.Size())
	}
	var all attribute.Raws
	for n := 1; n <= 30; n++ {
		all.Add(raw)
		over, err := all.Exceed(2000)
		if err != nil || over != (n > 20) {
			t.Fatalf("%d items: %v %v", n, over, err)
		}
	}
}

// TestItemsAreReadHoweverTheyAreWritten, the same in one go as by the reader of all JSON.
func TestItemsAreReadHoweverTheyAreWritten(t *testing.T) {
	want := attribute.Item{"a": {Kind: attribute.String, Text: "}\","}, "b\"": {Kind: attribute.Map,
		Map: attribute.Item{"c": {Kind: attribute.Number, Text: "1"}}}}
	for _, text := range []string{`{"a":{"S":"}\","},"b\"":{"M":{"c":{"N":"1"}}}}`,
		` { "a" : {"S":"}\","} , "b\u0022":{"M":{ "c":{"N":"1.0"}} } }`,
		`{"b\"":{"M":{"c":{"N":"1"}}},"a":{"S":"old"},"a":{"S":"}\","}}`} {
		var got attribute.Item
		if err := json.Unmarshal([]byte(text), &got); err != nil || !attribute.Same(got, want) {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{`{"a":1}`, `{"a":null}`, `[]`, `"a"`, `{"a":{"S":1}}`, `{"a":{}}`,
		`{"a":{"S":"x"},"b":[]}`} {
		var got attribute.Item
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is read as %v", text, got)
		}
	}
	got := want
	if err := json.Unmarshal([]byte("null"), &got); err != nil || len(got) != 0 {
		t.Errorf("null is %v %v", got, err)
	}
}

// TestPlainValues are read as the reader of all JSON reads them.
func TestPlainValues(t *testing.T) {
	for text, want := range map[string]string{`{"S":""}`: "", `{"S":"a b~"}`: "a b~", `{"N":"0"}`: "0", `{"N":"12"}`: "12",
		`{"N":"007"}`: "7", `{"N":"1e2"}`: "100", `{"S":"\""}`: `"`, `{"S":"ş"}`: "ş", `{ "S" : "a" }`: "a",
		`{"N":"99999999999999999999999999999999999999"}`: "99999999999999999999999999999999999999"} {
		var v attribute.Value
		if err := json.Unmarshal([]byte(text), &v); err != nil || v.Text != want {
			t.Errorf("%s: %q %v, want %q", text, v.Text, err, want)
		}
	}
	for _, text := range []string{`{"N":""}`, `{"N":"1 "}`, `{"N":"` + strings.Repeat("9", 39) + `"}`, `{"X":"1"}`,
		`{"S":"a","N":"1"}`, `{"S":"a"","N":"1"}`} {
		var v attribute.Value
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s is read as %+v", text, v)
		}
	}
}
