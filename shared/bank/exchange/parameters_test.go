package exchange_test

import (
	"bytes"
	"compress/gzip"
	"net/url"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
)

// TestParametersOfEveryShape: whichever way a name and its value come, and whatever the content type is called.
func TestParametersOfEveryShape(t *testing.T) {
	multi := "--x\r\nContent-Disposition: form-data; name=\"ID\"\r\n\r\n7\r\n--x--\r\n"
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte("id=7")); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, query, kind, coding, body string
	}{
		"query":                      {"GET", "id=7", "", "", ""},
		"query, posted":              {"POST", "ID=7", "application/json", "", "{}"},
		"a blank behind":             {"GET", "id=7%20", "", "", ""},
		"a line end behind":          {"GET", "id=7%0D%0A", "", "", ""},
		"a mark and blanks around":   {"GET", "id=%EF%BB%BF%C2%A0+7%09", "", "", ""},
		"blanks around the name":     {"GET", "+id%20=7", "", "", ""},
		"twice the same":             {"GET", "id=7&Id=7%20", "", "", ""},
		"twice, once empty":          {"GET", "id=&ID=7&iD=%20", "", "", ""},
		"form":                       {"POST", "", "application/x-www-form-urlencoded; charset=UTF-8", "", "id=7"},
		"form in a frame":            {"POST", "", "application/x-www-form-urlencoded", "", "\ufeff\r\nid=7\r\n"},
		"form, no type":              {"POST", "", "", "", "id=7"},
		"form, a type of none":       {"POST", "", "/;;=", "", "id=7"},
		"form, called text":          {"POST", "", "text/plain", "", "id=7"},
		"form, called XML":           {"POST", "", "application/xml", "", "id=7"},
		"form, by a method of its":   {"PUT", "", "application/x-www-form-urlencoded", "", "id=7"},
		"form and query":             {"POST", "id=7", "", "", "ID=7"},
		"form in parts":              {"POST", "", "Multipart/Form-Data; boundary=x", "", multi},
		"form, packed":               {"POST", "", "application/x-www-form-urlencoded", "GZIP", packed.String()},
		"another that comes in many": {"GET", "id=7&utm=1&utm=2&utm=3", "", "", ""},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		p, err := exchange.ReadParameters(bank.Message{Method: c.method, Query: query, Body: []byte(c.body),
			Header: map[string]string{"content-type": c.kind, "content-encoding": c.coding}}, 1000, "xmlmsg")
		value, several := p.One("id")
		if err != nil || several != nil || exchange.Bare(value) != "7" {
			t.Errorf("%s: %q, %v, %v", name, value, err, several)
		}
	}
}

// TestParametersThatCannotBeRead leave what can be, and nothing of them is told.
func TestParametersThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ kind, body string }{
		"broken escapes": {"application/x-www-form-urlencoded", "a=canary%zz"},
		"a separator":    {"", "a=canary;b=canary"},
		"half a part":    {"multipart/form-data; boundary=x", "--x\r\ncanary"},
		"no boundary":    {"multipart/form-data", "--x\r\n\r\ncanary\r\n--x--"},
		"too long":       {"", "canary=" + strings.Repeat("a", 1000)},
	} {
		p, err := exchange.ReadParameters(bank.Message{Method: "POST", Query: url.Values{"id": {"7"}},
			Body: []byte(c.body), Header: map[string]string{"content-type": c.kind}}, 1000, "xmlmsg")
		value, several := p.One("id")
		if err == nil || strings.Contains(err.Error(), "canary") || several != nil || value != "7" {
			t.Errorf("%s: %q, %v, %v", name, value, err, several)
		}
	}
	p := exchange.Parameters{"id": {"7", "canary"}}
	if value, err := p.One("id"); value != "" || err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("two values: %q, %v", value, err)
	}
}

// TestABodyThatIsADocument stands for the parameter that would hold it, where there is one.
func TestABodyThatIsADocument(t *testing.T) {
	const document = "\r\n<Message/>\n"
	for _, kind := range []string{"text/xml", "application/xml; charset=utf-8", "", "application/x-www-form-urlencoded",
		"text/plain", "multipart/form-data; boundary=x"} {
		for name, want := range map[string]string{"xmlmsg": document, "": ""} {
			p, err := exchange.ReadParameters(bank.Message{Method: "POST", Body: []byte(document),
				Header: map[string]string{"content-type": kind}}, 1000, name)
			if got, several := p.One(name); err != nil || several != nil || got != want {
				t.Errorf("%s as %q: %q, %v, %v", kind, name, got, err, several)
			}
		}
	}
}
