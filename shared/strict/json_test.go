package strict

import (
	"encoding/json"
	"strings"
	"testing"
)

var jsonForm = Form{Bytes: 4096, Depth: 4, Tokens: 100}

func TestJSONReads(t *testing.T) {
	v, err := ParseJSON([]byte("\ufeff\r\n\u00a0"+
		` {"a":"x","b":119.90,"c":null,"i":" \t","j":[],"k":{},"l":[[]],"d":[{"e":1e3}, true],"":{"f/g":{"h~i":"deep"}},`+
		`"z":"\u00fc"} `+"\n\ufeff\v"), jsonForm)
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{
		"/a": "x", "/b": "119.90", "/d/0/e": "1e3", "//f~1g/h~0i": "deep", "/z": "ü",
	} {
		if got, ok := v.At(pointer).Plain(); !ok || got != want {
			t.Errorf("%s is %q, want %q", pointer, got, want)
		}
	}
	for _, pointer := range []string{"/c", "/x", "/a/x", "/d/2", "/d/00", "/d/-1", "/d/e", "/b/0", "/d/0/e/f", "/i", "/j",
		"/k", "/l/0"} {
		if !v.At(pointer).Absent() {
			t.Errorf("%s is there", pointer)
		}
	}
	for _, pointer := range []string{"", "/d", "/d/0", "/d/1", "/l"} {
		if _, ok := v.At(pointer).Plain(); ok || v.At(pointer).Absent() {
			t.Errorf("%q is plain or absent", pointer)
		}
	}
	for text, unsaid := range map[string]bool{`null`: true, `""`: true, `[]`: true, `false`: true, `"null"`: true,
		`" None "`: true, `"-"`: true, `"N/A"`: true, `0`: false, `"0"`: false, `true`: false, `"no"`: false,
		`[false]`: false} {
		if v, err := ParseJSON([]byte(`{"a":`+text+`}`), jsonForm); err != nil || v.At("/a").Unsaid() != unsaid {
			t.Errorf("%s: unsaid is %t, %v", text, !unsaid, err)
		}
	}
	if _, ok := v.At("/b").Text(); ok {
		t.Error("a number is a text")
	}
	if text, ok := v.At("/a").Text(); !ok || text != "x" {
		t.Errorf("text %q", text)
	}
}

// TestNamesInTwoLetterCases: a program of Jackson with a getter getXPropName and a field xPropName writes both, of one
// value. As long as they say the same, no two readers differ.
func TestNamesInTwoLetterCases(t *testing.T) {
	for _, document := range []string{`{"aReq":{"b":[1,"x"]},"c":null}`,
		`{"areq":{"b":[1,"x"]},"aReq":{"b":[ 1, "x"]},"c":null,"C":null}`} {
		v, err := ParseJSON([]byte(document), jsonForm)
		if text, ok := v.At("/aReq/b/1").Text(); err != nil || !ok || text != "x" || !v.At("/c").Absent() {
			t.Errorf("%s: %q, %v", document, text, err)
		}
	}
	for _, document := range []string{`{"aReq":1,"areq":1.0}`, `{"aReq":1,"areq":"1"}`, `{"aReq":[1],"areq":[2]}`,
		`{"aReq":null,"areq":false}`, `{"a":1,"A":1,"a":2}`} {
		if _, err := ParseJSON([]byte(document), jsonForm); err == nil {
			t.Errorf("%s is taken", document)
		}
	}
}

func TestFlag(t *testing.T) {
	for text, want := range map[string][2]bool{ // on, ok
		`true`: {true, true}, `"True"`: {true, true}, `1`: {true, true}, `" 1\n"`: {true, true}, `"Y"`: {true, true},
		`"yes"`: {true, true}, `"T"`: {true, true}, `"on"`: {true, true},
		`false`: {false, true}, `"FALSE"`: {false, true}, `0`: {false, true}, `"n"`: {false, true},
		`"No"`: {false, true},
		`"f"`:  {false, true}, `"off"`: {false, true}, `null`: {false, true}, `""`: {false, true}, `" "`: {false, true},
		`[]`: {false, true}, `{}`: {false, true}, `2`: {}, `"perhaps"`: {}, `[true]`: {}, `{"a":1}`: {}, `-1`: {},
	} {
		v, err := ParseJSON([]byte(`{"a":`+text+`}`), jsonForm)
		if err != nil {
			t.Fatal(err)
		}
		if on, ok := v.At("/a").Flag(); on != want[0] || ok != want[1] {
			t.Errorf("%s: %v, %v", text, on, ok)
		}
	}
	if on, ok := (*Value)(nil).Flag(); on || !ok {
		t.Error("what is not there is not false")
	}
}

func TestJSONRefuses(t *testing.T) {
	for name, document := range map[string]string{
		"nothing":               "",
		"white space":           "  \n",
		"null":                  "null",
		"a list":                `[{"a":1}]`,
		"a word":                `"a"`,
		"two objects":           `{"a":1}{"a":2}`,
		"junk behind":           `{"a":1} x`,
		"junk before":           `x{"a":1}`,
		"byte order mark alone": "\xef\xbb\xbf",
		"half":                  `{"a":`,
		"name twice":            `{"a":1,"b":2,"a":3}`,
		"name twice, escaped":   `{"status":1,"\u0073tatus":2}`,
		"name twice, two cases": `{"status":1,"STATUS":2}`,
		"name twice, long s":    `{"status":1,"` + "\u017f" + `tatus":2}`,
		"name twice, Kelvin":    `{"key":1,"` + "\u212a" + `ey":2}`,
		"name twice, deep":      `{"a":[{"b":1,"b":1}]}`,
		"halves of two names":   `{"\udc00":1,"\ud83d":2}`,
		"not UTF-8":             "{\"a\":\"\xff\"}",
		"a quote in two bytes":  "{\"a\":\"\xc0\xa2\"}",
		"a quote in three":      "{\"a\":\"\xe0\x80\xa2\"}",
		"no beginning":          "{\"a\":\"\xa2\"}",
		"one byte a letter":     "{\"a\":\"\xd2\xe5\xea\xf1\xf2\"}",
		"cut off":               "{\"a\":\"\xd1",
		"too deep":              `{"a":[[[[]]]]}`,
		"very deep":             `{"a":` + strings.Repeat("[", 4000),
		"too many":              `{"a":[` + strings.Repeat("1,", 100) + `1]}`,
		"too long":              `{"a":"` + strings.Repeat("x", 4096) + `"}`,
		"comment":               `{"a":1/**/}`,
		"trailing comma":        `{"a":1,}`,
		"number with plus":      `{"a":+1}`,
		"number with zero":      `{"a":01}`,
		"not a number":          `{"a":NaN}`,
		"single quotes":         `{'a':1}`,
		"control character":     "{\"a\":\"\n\"}",
	} {
		if v, err := ParseJSON([]byte(document), jsonForm); err == nil || v != nil {
			t.Errorf("%s: read", name)
		}
	}
}

// TestHalfACharacterSpoilsItsOwnText and nothing else: banks cut what goods and people are called by the lengths of
// their tables. No name of anything is made of such a text.
func TestHalfACharacterSpoilsItsOwnText(t *testing.T) {
	for _, document := range []string{`{"id":"S-1","name":"Tea \ud83d"}`, `{"id":"S-1","name":"Tea \udf81 x"}`,
		`{"id":"S-1","name":"Tea ` + "\ufffd" + `"}`, `{"id":"S-1","name":"","\ud83d":1}`,
		"{\"id\":\"S-1\",\"name\":\"Tea \xd1\"}", "{\"name\":\"\xf0\x9f\x8d...\",\"id\":\"S-1\"}",
		"{\"name\":\"\xe2\x82\\\"\",\"id\":\"S-1\"}", "{\"name\":\"\xed\xa0\xbd\xed\xb8\x80\",\"id\":\"S-1\"}"} {
		v, err := ParseJSON([]byte(document), jsonForm)
		if id, _ := v.At("/id").Text(); err != nil || id != "S-1" {
			t.Errorf("%s: %q, %v", document, id, err)
		}
		if name, _ := v.At("/name").Text(); name != "" && Printable(name) {
			t.Errorf("%s: %q passes for a name", document, name)
		}
	}
}

func TestJSONDepthAndPartsAtTheLimit(t *testing.T) {
	for _, document := range []string{`{"a":[[[]]]}`, `{"a":[` + strings.Repeat("1,", 93) + `1]}`} {
		if _, err := ParseJSON([]byte(document), jsonForm); err != nil {
			t.Errorf("%.20s: %v", document, err)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":"x","b":119.90,"c":null,"d":[{"e":1e3}, true]}`), "/d/0/e")
	f.Add([]byte(`{"a":{"a":{"a":[]}}}`), "/a/a/a/0")
	f.Add([]byte(`{"\u017ftatus":1,"status":"\ud83d"}`), "~0~1")
	f.Fuzz(func(t *testing.T, document []byte, pointer string) {
		v, err := ParseJSON(document, jsonForm)
		if (v == nil) == (err == nil) {
			t.Fatalf("%v, %v", v, err)
		}
		v.At(pointer).Plain()
		var same map[string]any
		if err == nil && json.Unmarshal(Bare(document), &same) != nil {
			t.Fatal("encoding/json does not read what was read")
		}
	})
}
