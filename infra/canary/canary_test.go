package canary_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kassa/infra/canary"
)

// TestFoundHoweverItIsWritten: each canary, in each encoding, in the middle of another text.
func TestFoundHoweverItIsWritten(t *testing.T) {
	var f canary.Flock
	word, phone := f.Word("name"), strings.TrimPrefix(f.Phone("phone"), "+")
	f.Add("key", "-----BEGIN KEY-----\nsecret+Key/of\"the\"bank\nshort\n-----END KEY-----\n")
	encode := map[string]func(string) string{
		"as it is":   func(s string) string { return s },
		"upper case": strings.ToUpper,
		"URL":        url.QueryEscape,
		"JSON":       func(s string) string { b, _ := json.Marshal(s); return string(b) }, //nolint:errchkjson // a text
		"HTML":       html.EscapeString,
		"base64":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64url":  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("?" + s + "~")) },
		"hex":        func(s string) string { return hex.EncodeToString([]byte(s)) },
	}
	for name, a := range encode {
		for inner, b := range encode {
			for text, field := range map[string]string{word: "name", phone: "phone", `secret+Key/of"the"bank`: "key"} {
				if field == "key" && (name == "upper case" || inner == "upper case") {
					continue // a key in other letters opens nothing
				}
				if name == "upper case" && inner != "as it is" {
					continue // nor can base64 be read then
				}
				if found := f.In("x=" + a("a "+b(text)+" b") + "&y"); !slices.Equal(found, []string{field}) {
					t.Errorf("%s in %s, %s: found %q", text, inner, name, found)
				}
			}
		}
	}
	if found := f.In("short kqj00009xzv 37544770000 BEGIN KEY"); len(found) != 0 {
		t.Errorf("found %q where there is nothing", found)
	}
}

func TestEverySpellingOfACardIsFound(t *testing.T) {
	var f canary.Flock
	const pan = "4169741330151124"
	f.Add("card", pan)
	for _, s := range canary.Spellings(pan) {
		if found := f.In(`{"a":"` + s.Text + `"}`); !slices.Equal(found, []string{"card"}) {
			t.Errorf("%s, %s: found %q", s.Name, s.Text, found)
		}
	}
	if f.Size() != 1 {
		t.Error("one card is one canary")
	}
}
