package filter

import (
	"encoding/json"
	"strings"
	"testing"
)

const wake = `{"dynamodb":{"NewImage":{"wake":{"BOOL":[true]}}}}`

// TestPasses holds the rules against records; the first is the pattern of template.yaml.
func TestPasses(t *testing.T) {
	for _, c := range []struct {
		pattern, image string
		want           bool
	}{
		{wake, `{"wake":{"BOOL":true}}`, true},
		{wake, `{"wake":{"BOOL":false}}`, false},
		{wake, `{"wake":{"S":"true"}}`, false},
		{wake, `{"wake":{"BOOL":"true"}}`, false},
		{wake, `{"other":{"BOOL":true}}`, false},
		{wake, `{"wake":null}`, false},
		{wake, `null`, false},
		{`{"dynamodb":{"NewImage":{"a":{"S":["x","y"]},"b":{"N":["1"]}}}}`, `{"a":{"S":"y"},"b":{"N":"1"}}`, true},
		{`{"dynamodb":{"NewImage":{"a":{"S":["x","y"]},"b":{"N":["1"]}}}}`, `{"a":{"S":"y"}}`, false},
		{`{"dynamodb":{"NewImage":{"a":{"NULL":[null,true]}}}}`, `{"a":{"NULL":true}}`, true},
		{`{"dynamodb":{"NewImage":{"a":[null]}}}`, `{"a":null}`, true},
		{`{"dynamodb":{"NewImage":{"a":[null]}}}`, `{}`, false},
		{`{"dynamodb":{"NewImage":{"a":{"S":[{"exists":true}]}}}}`, `{"a":{"S":""}}`, true},
		{`{"dynamodb":{"NewImage":{"a":{"S":[{"exists":true}]}}}}`, `{"a":{"N":"1"}}`, false},
		{`{"dynamodb":{"NewImage":{"a":{"S":[{"exists":false}]}}}}`, `{"b":{"S":"1"}}`, true},
		{`{"dynamodb":{"NewImage":{"a":{"S":[{"exists":false}]}}}}`, `{"a":{"S":"1"}}`, false},
		{`{"dynamodb":{"NewImage":{"a":{"S":[{"exists":false},"x"]}}}}`, `{"a":{"S":"x"}}`, true},
		{`{"dynamodb":{"NewImage":{"a":[{"exists":true}]}}}`, `{"a":{"S":"x"}}`, false}, // no value itself, it holds one
		{`{"dynamodb":{"NewImage":{"a":[{"exists":false}]}}}`, `{"a":{"S":"x"}}`, true},
		{`{"dynamodb":{"NewImage":{"a":{"SS":["y"]}}}}`, `{"a":{"SS":["x","y"]}}`, true},
		{`{"dynamodb":{"NewImage":{"a":{"L":{"S":["y"],"T":["z"]}}}}}`, `{"a":{"L":[{"S":"y"},{"T":"z"}]}}`, false},
		{`{"dynamodb":{"NewImage":{"a":{"L":{"S":["y"]}}}}}`, `{"a":{"L":[{"S":"x"},[{"S":"y"}]]}}`, true},
	} {
		if got := mustParse(t, c.pattern).Passes(record(t, c.image)); got != c.want {
			t.Errorf("%s and the image %s: %v, want %v", c.pattern, c.image, got, c.want)
		}
	}
}

func TestOneOfThePatternsSuffices(t *testing.T) {
	f := mustParse(t, wake, `{"dynamodb":{"NewImage":{"a":{"S":["x"]}}}}`)
	if !f.Passes(record(t, `{"wake":{"BOOL":true}}`)) || !f.Passes(record(t, `{"a":{"S":"x"}}`)) ||
		f.Passes(record(t, `{}`)) {
		t.Error("patterns are alternatives")
	}
	if !mustParse(t).Passes(record(t, `{}`)) {
		t.Error("without patterns everything passes")
	}
}

func TestRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		``:                                      "it is not JSON",
		`[]`:                                    "must be a JSON object",
		`{"dynamodb":{"a":["x"]}`:               "not JSON",
		wake + wake:                             "something follows",
		`{}`:                                    "an empty object",
		`{"dynamodb":{}}`:                       "an empty object",
		`{"dynamodb":{"a":[]}}`:                 `the list of "a" is empty`,
		`{"dynamodb":{"a":"x"}}`:                `"a" must be an object or a list`,
		`{"dynamodb":{"a":[1]}}`:                "the numbers of an item are texts",
		`{"dynamodb":{"a":[["x"]]}}`:            "must not list a list",
		`{"dynamodb":{"a":["x"],"a":["y"]}}`:    `"a" stands there twice`,
		`{"dynamodb":{"a":[{"prefix":"x"}]}}`:   "does not know the operator prefix",
		`{"dynamodb":{"a":[{"exists":"yes"}]}}`: "exists in",
		`{"dynamodb":{"a":[{"exists":true,"prefix":"x"}]}}`:        "exists in",
		`{"dynamodb":{"a":[{}]}}`:                                  "does not know the operator }",
		`{"dynamodb":{"$or":[{"a":["x"]}]}}`:                       `the operator "$or"`,
		`{"eventName":["INSERT"]}`:                                 `filtered by "dynamodb" only`,
		`{"dynamodb":{"a":["` + strings.Repeat("x", 4096) + `"]}}`: "more than the 4096",
	} {
		if _, err := Parse([]string{pattern}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want %s", pattern, err, want)
		}
	}
	if _, err := Parse([]string{wake, wake, wake, wake, wake, wake}); err == nil ||
		!strings.Contains(err.Error(), "5 filters at most") {
		t.Errorf("six patterns: %v", err)
	}
}

// FuzzFilter holds that no pattern and no record make it panic, that what it accepts is valid JSON about "dynamodb",
// and that the records which the pattern of "anything there" and of "nothing there" let pass are all records, each in
// one of the two.
func FuzzFilter(f *testing.F) {
	f.Add(wake, `{"dynamodb":{"NewImage":{"wake":{"BOOL":true}}}}`)
	f.Add(`{"dynamodb":{"a":[{"exists":false},null,"x"]}}`, `{"dynamodb":{"a":[["x"],{"b":null}]}}`)
	f.Add(`{"dynamodb":{"a":[{"exists":true,"exists":true}]}}`, `{}`)
	f.Add(strings.Repeat(`{"dynamodb":`, 300), `[]`)
	there, nothing := mustParse(f, `{"dynamodb":{"a":[{"exists":true}]}}`),
		mustParse(f, `{"dynamodb":{"a":[{"exists":false}]}}`)
	f.Fuzz(func(t *testing.T, pattern, text string) {
		var record map[string]any
		if json.Unmarshal([]byte(text), &record) != nil {
			record = nil
		}
		if _, list := record["dynamodb"].([]any); !list && there.Passes(record) == nothing.Passes(record) {
			t.Errorf("%s: a value is there and is not", text)
		}
		filter, err := Parse([]string{pattern})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			return
		}
		filter.Passes(record)
		var top map[string]any
		if json.Unmarshal([]byte(pattern), &top) != nil || len(top) != 1 || top["dynamodb"] == nil {
			t.Errorf("accepted %s", pattern)
		}
	})
}

func mustParse(t testing.TB, patterns ...string) Filter {
	t.Helper()
	f, err := Parse(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// record is a stream record with a new image.
func record(t *testing.T, image string) map[string]any {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal([]byte(`{"eventName":"INSERT","dynamodb":{"NewImage":`+image+`}}`), &r); err != nil {
		t.Fatal(err)
	}
	return r
}
