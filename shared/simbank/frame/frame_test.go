package frame

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// Every page carries the headers that keep its address and what was typed to itself, and escapes what it shows.
func TestRender(t *testing.T) {
	r, err := New(fstest.MapFS{
		"templates/layout.html": {Data: []byte(`{{define "title"}}<title>{{.}}</title>{{end}}`)},
		"templates/pay.html":    {Data: []byte(`{{define "document"}}{{template "title" .}}{{end}}`)},
		"assets/page.css":       {Data: []byte(`body{}`)},
	}, "pay")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := r.Render(w, 422, "pay", "<b>"); err != nil || w.Code != 422 ||
		w.Body.String() != "<title>&lt;b&gt;</title>" {
		t.Errorf("%d %q, %v", w.Code, w.Body, err)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'",
	} {
		if got := w.Header().Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q", name, got)
		}
	}
	if err := r.Render(httptest.NewRecorder(), 200, "none", nil); err == nil {
		t.Error("a page that is not there was shown")
	}
}

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		lang  string
		minor int64
		want  string
	}{
		{"en", 1, "0.01"}, {"en", 15000, "150.00"}, {"ru", 15005, "150,05"}, {"az", 123456789, "1\u202f234\u202f567,89"},
	} {
		if major, fraction := Money(c.lang, c.minor); major+fraction != c.want {
			t.Errorf("%d in %s is %q", c.minor, c.lang, major+fraction)
		}
	}
}

func TestSay(t *testing.T) {
	words := Read([]byte(`{"pay":{"ru":"Оплатить","en":"Pay"}}`))
	for _, c := range []struct{ key, lang, want string }{{"pay", "en", "Pay"}, {"pay", "az", "Оплатить"},
		{"other", "ru", "other"}} {
		if got := words.Say(c.key, c.lang, "ru"); got != c.want {
			t.Errorf("%s in %s is %q", c.key, c.lang, got)
		}
	}
}
