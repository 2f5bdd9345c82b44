package strictyaml

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestRead holds the traps of YAML that are refused, each with its line, and what values become.
func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: two\nc: [x, 3]\nd: {e: true}\n": `{"a":1,"b":"two","c":["x",3],"d":{"e":true}}`,
		"a: off\nb: yes\nc: 23:00\nd: 2026-01-01": `{"a":"off","b":"yes","c":"23:00","d":"2026-01-01"}`,
		"a: \"0012\"\n3: x":                       `{"3":"x","a":"0012"}`,
		"\ufeffa: x":                              `{"a":"x"}`,
		"\r\n\ufeff\ufeff  a: x\r\n  b: y" +
			"\n\u00a0\n\ufeff": `{"a":"x","b":"y"}`,
		"\n\ufeff\na: 1\na: 2":             "4 /a stands twice, first in line 3",
		"a: 0012":                          "1 /a must be a whole number in plain digits; a text needs quotes",
		"a: 0x1f":                          "1 /a must be a whole number",
		"a: 1_000":                         "1 /a must be a whole number",
		"x: y\na: 30.00":                   "2 /a must be a whole number",
		"a: 99999999999999999999":          "1 /a must be a whole number",
		"a:":                               "1 /a has no value",
		"a: ~":                             "1 /a has no value",
		"a: 1\nb:\n  c: 1\n  c: 2":         "4 /b/c stands twice, first in line 3",
		"a: &x y\nb: *x":                   "2 /b must not use anchors",
		"<<: {a: b}":                       "1  must have plain names",
		"[a, b]":                           "1  must be settings",
		"just a text":                      "1  must be settings",
		"":                                 "0  holds no setting",
		"# nothing\n":                      "0  holds no setting",
		"a: 1\n---\nb: 2":                  "holds a second document",
		"a: 'x":                            "1  is no YAML, at or above line 1",
		"a: b\n\tc: d":                     "2  is no YAML: a tab indents the line; take spaces",
		"a:\n  \t- c\nb: [":                "2  is no YAML: a tab indents the line; take spaces",
		"a: 1\nb:\"x\"\n# more\n\nc: 1":    "is no YAML, at or above line 5: ",
		"a: 1\nb:\u00a0x\nc: 2":            "2  has a no-break space, which nobody sees, where a blank must be; type one",
		"a:\n \u00a0b: x":                  "2  has a no-break space",
		"a:\n- \u00a0b":                    "2  has a no-break space",
		"a: \"x\u00a0y\" # :\u00a0z":       "{\"a\":\"x\u00a0y\"}",
		"a: \xff":                          "0  must be UTF-8 text",
		"a: " + strings.Repeat("x", 70000): "0  must be UTF-8 text of at most",
		"a: !!binary aGk=":                 "1 /a must be",
		"? [a]\n: b":                       "1  must have plain names",
	} {
		s, faults := Read([]byte(text))
		got, err := json.Marshal(s.Values)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(want, "{") {
			got = nil
			for _, f := range faults {
				got = fmt.Appendf(got, "%d %s %s\n", f.Line, f.At, f.Text)
			}
		} else if len(faults) > 0 {
			t.Errorf("%.40q: %+v", text, faults)
		}
		if !strings.Contains(string(got), want) {
			t.Errorf("%.40q gives\n%s\nwant\n%s", text, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	s, _ := Read([]byte("a: 1\nb:\n  - x\n  - y\nc:\n  z: 1\n  y: 2\n"))
	for at, want := range map[string]int{"/a": 1, "/b/1": 4, "/b/7": 2, "/c/y": 7, "/c/none/deep": 5, "/none": 0, "": 0} {
		if got := s.Line(at); got != want {
			t.Errorf("%s stands in line %d, want %d", at, got, want)
		}
	}
	if got := s.Names("/c"); len(got) != 2 || got[0] != "z" {
		t.Errorf("the members of c in their order are %q", got)
	}
}

// FuzzRead holds that whatever is read without a fault is JSON, and that no line is made up.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a: 1\nb: [x, {c: true}]", "a: &x y\nb: *x", "a: 'x", "<<: {a: b}", "? [a]\n: b",
		"a: 1\na: 2", "a: |\n  x\n", "!!set {a, b}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, faults := Read(text)
		if _, err := json.Marshal(s.Values); err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			if fault.Line < 0 || fault.Line > strings.Count(string(text), "\n")+strings.Count(string(text), "\r")+2 ||
				fault.Text == "" {
				t.Errorf("%+v", fault)
			}
		}
	})
}
