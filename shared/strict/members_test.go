package strict

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestMembers(t *testing.T) {
	for text, want := range map[string][]string{
		`{}`: nil,
		"\ufeff {\"a\":1,\"b\" : {\"c\":[2]} ,\"a\":\"x\"}\n": {"a=1", `b={"c":[2]}`, `a="x"`},
		`{"A":1.50,"a":null}`: {"A=1.50", "a=null"},
	} {
		var got []string
		err := Members([]byte(text), func(name string, value json.RawMessage) {
			got = append(got, name+"="+string(value))
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":              "it is not a JSON object",
		`[1]`:           "it is not a JSON object",
		`"a"`:           "it is not a JSON object",
		"{\"a\":\xff}":  "it is not UTF-8",
		`{"a":1}{}`:     "something follows the JSON object",
		`{"a":1`:        "it is not valid JSON near byte 6",
		`{"a":}`:        "it is not valid JSON near byte 5",
		`{"a" 1}`:       "it is not valid JSON near byte 5",
		`{1:1}`:         "it is not valid JSON near byte 1",
		`{"a":1,}`:      "it is not valid JSON near byte 7",
		`{"canary":tru`: "it is not valid JSON near byte 10",
	} {
		if err := Members([]byte(text), func(string, json.RawMessage) {}); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":{"c":[2]},"a":"x"}`))
	f.Add([]byte(`{"a":1}{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		names := map[string]bool{}
		err := Members(text, func(name string, value json.RawMessage) {
			names[name] = true
			if !json.Valid(value) {
				t.Errorf("%q is no value", value)
			}
		})
		var all map[string]json.RawMessage
		if err == nil && (json.Unmarshal(Bare(text), &all) != nil || len(all) != len(names)) {
			t.Errorf("%q was walked through, and encoding/json has %d members of %d", text, len(all), len(names))
		}
	})
}
