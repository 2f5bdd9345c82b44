package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/strict/ascii"
)

func secret(t *testing.T, text string) *Secret {
	t.Helper()
	s, err := ReadSecret("somebank", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSecretReads(t *testing.T) {
	s := secret(t, "\ufeff\r\n"+
		`{"text":"a","empty":"","flag":false,"number":7,"list":["x","y"],"words":{"a":"1","b":""},"inner":{"x":"y"},
			"off":"off","on":{},
		"word":"PROD","time":"90s","address":"https://h.by:8443/a","yes":true,"no":false,
		"hosts":["PAY.bank.by:443","127.0.0.1:8085"],
		"insecure_loopback":true}`+"\u00a0\ufeff\n")
	inner := s.Inner("inner")
	_, off := s.Switched("off")
	switched, on := s.Switched("on")
	none, absent := s.Switched("absent")
	pages := s.Pages("hosts", "local")
	switch {
	case s.Text("text") != "a", s.TextOr("empty", "b") != "", s.TextOr("other", "b") != "b":
		t.Error("texts")
	case s.Flag("flag", true), !s.Flag("other", true), s.Number("number", 3, 9) != 7, s.Number("other", 3, 9) != 3:
		t.Error("flags and numbers")
	case !slices.Equal(s.List("list"), []string{"x", "y"}),
		!maps.Equal(s.Words("words"), map[string]string{"a": "1", "b": ""}), len(s.Words("other")) != 0:
		t.Error("lists and words")
	case inner.Text("x") != "y", off, !on, absent, switched == nil, none == nil:
		t.Error("objects")
	case s.OneOf("word", "test", "test", "prod") != "prod", s.OneOf("other", "test", "test", "prod") != "test":
		t.Error("words of a list")
	case s.OneOf("yes", "off", "on", "off") != "on", s.OneOf("no", "on", "on", "off") != "off":
		t.Error("on and off")
	case s.Duration("time", time.Second, time.Second, time.Hour) != 90*time.Second,
		s.Duration("other", time.Minute, 0, 0) != time.Minute:
		t.Error("durations")
	case s.Address("address", "").String() != "https://h.by:8443/a", s.Address("other", "https://d.by").Host != "d.by":
		t.Error("addresses")
	case !slices.Equal(pages.Hosts, []string{"pay.bank.by", "127.0.0.1:8085"}), !pages.Loopback:
		t.Errorf("pages %+v", pages)
	}
	if err := s.Verdict(); err != nil {
		t.Error(err)
	}
}

// A host has one form, in which it is resolved, verified and compared, whoever asks: net/http brings names into it by
// itself, and the handshakes of a ping and of a start do not go through net/http.
func TestAnAddressHasOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"https://api.банк.бел/a/": "https://api.xn--80ab2al.xn--90ais/a/", "HTTPS://Bank.BY:443/A": "https://bank.by/A",
		"https://bank.by:/a": "https://bank.by/a", "https://[0:0::1]:8443/a": "https://[::1]:8443/a",
		"https://pg_test.bank.by/a": "https://pg_test.bank.by/a",
	} {
		s := secret(t, `{"address":"`+text+`"}`)
		if got := s.Address("address", ""); got == nil || got.String() != want {
			t.Errorf("%s is %v, want %s", text, got, want)
		}
	}
}

// Everything that is wrong is said at once, by name, without a value.
func TestSecretVerdict(t *testing.T) {
	s := secret(t, `{"text":1,"flag":"canary","number":10,"list":"canary","inner":{"x":1,"x":2,"y":"canary"},
		"word":"canary","time":"canary","wordless":true,"timeless":20,
		"address":"http://canary","form":"canary","words":{"a":1},"hosts":["https://canary"],
		"insecure_loopback":true,"unknown":"canary","on":"canary"}`)
	s.Text("text")
	s.Flag("flag", false)
	s.Number("number", 0, 9)
	s.List("list")
	inner := s.Inner("inner")
	inner.Text("x")
	inner.Rest()
	s.OneOf("word", "", "test", "prod")
	s.Duration("time", time.Minute, time.Second, time.Hour)
	s.OneOf("wordless", "", "test", "prod")
	s.Duration("timeless", time.Minute, time.Second, time.Hour)
	s.Address("address", "")
	s.Matching("form", func(text string) bool { return ascii.Only(text, ascii.Digits, 1, 9) }, "a number")
	s.Words("words")
	s.Pages("hosts", "prod")
	s.Pages("none", "prod")
	s.Switched("on")
	s.Pair(true, today())
	s.Roots(true)
	err := s.Verdict()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"text must be a string", "flag must be true or false", "number must be from 0 to 9",
		"list must be a list", "inner/x stands twice",
		"inner/x must be a string", "inner/y is not a field", "word must be one of: test, prod", "time must be a duration",
		"wordless must be one of: test, prod", `timeless must be a duration from 1s to 1h0m0s, such as "1m0s"`,
		"address must be an https", "form must be a number",
		"words/a must be a string", "hosts entry 1", "insecure_loopback is for the stage local",
		"none must name at least one host", `on must be "off" or an object`,
		"unknown is not a field", "certificate is missing", "key is missing", "ca is missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said in %v", want, err)
		}
	}
	fields, ok := errors.AsType[WrongFields](err)
	at := slices.IndexFunc(fields, func(f WrongField) bool { return f.Name == "inner/x" })
	if !ok || at < 0 || fields[at].Why != "must be a string" {
		t.Errorf("field by field it is %+v", fields)
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a value is told: %v", err)
	}
}

// takePEM takes all that is PEM, and the first end of it.
func takePEM(s *Secret, needed bool) (*tls.Certificate, *x509.CertPool, time.Time) {
	pair := s.Pair(needed, today())
	roots, last := s.Roots(needed)
	return pair, roots, FirstEnd(pair, last)
}

// TestFirstEnd: of a bundle that holds an old and a new CA the new one counts, and then whichever of the bundle and the
// client's own certificate ends first.
func TestFirstEnd(t *testing.T) {
	near, far, farther := soon().Truncate(time.Second), soon().Add(100*time.Hour).Truncate(time.Second),
		soon().Add(200*time.Hour).Truncate(time.Second)
	quoted := func(texts ...string) string { return strings.ReplaceAll(strings.Join(texts, ""), "\n", `\n`) }
	for _, c := range []struct{ own, one, other, want time.Time }{
		{near, far, farther, near}, {farther, near, far, far}, {farther, far, near, far}, {far, near, near, near},
	} {
		own, key := issue(t, nil, "own", c.own, false)
		one, _ := issue(t, nil, "one", c.one, true)
		other, _ := issue(t, nil, "other", c.other, true)
		s := secret(t, `{"certificate":"`+quoted(own.pem)+`","key":"`+quoted(key)+`","ca":"`+quoted(one.pem, other.pem)+`"}`)
		if _, _, ends := takePEM(s, true); !ends.Equal(c.want) || s.Verdict() != nil {
			t.Errorf("%+v: ends %s, %v", c, ends, s.Verdict())
		}
		if ends := FirstEnd(nil, c.one); !ends.Equal(c.one) {
			t.Errorf("without a certificate: %s", ends)
		}
	}
}

func TestSecretTakesPEM(t *testing.T) {
	ca, key := issue(t, nil, "a", soon(), true)
	quoted := func(text string) string { return strings.ReplaceAll(text, "\n", `\n`) }
	s := secret(t, `{"certificate":"`+quoted(ca.pem)+`","key":"`+quoted(key)+`","ca":"`+quoted(ca.pem)+`"}`)
	pair, roots, _ := takePEM(s, true)
	if pair == nil || roots == nil || s.Verdict() != nil {
		t.Errorf("%v, %v, %v", pair, roots, s.Verdict())
	}
	s = secret(t, `{}`)
	if pair, roots, ends := takePEM(s, false); pair != nil || roots != nil || !ends.IsZero() || s.Verdict() != nil {
		t.Error("what is not needed is missed")
	}
}

func TestPages(t *testing.T) {
	p := Pages{Hosts: []string{"pay.bank.by", "127.0.0.1:8085", "xn--80ab2al.xn--90ais"}}
	for address, want := range map[string][2]bool{ // can be read; is allowed
		"https://pay.bank.by/a?b": {true, true}, "https://PAY.bank.by:443/": {true, true},
		"https://127.0.0.1:8085/":   {true, true},
		"https://pay.bank.by:0443/": {true, true}, "https://банк.бел/": {true, true},
		"https://xn--80ab2al.XN--90AIS:/": {true, true}, "https://pay.bank.by./": {true, false},
		"http://pay.bank.by/": {true, false}, "https://pay.bank.by:444/": {true, false}, "https://evil.by/": {true, false},
		"ftp://pay.bank.by/":     {true, false},
		"https://u@pay.bank.by/": {false, false}, "https:///a": {false, false}, "javascript:a": {false, false},
		"https://pay.bank.by/#a": {true, true}, "https://pay.bank.by/" + strings.Repeat("a", 8<<10): {false, false},
		"%": {false, false},
	} {
		u, ok := ParsePage(address)
		if ok != want[0] || ok && p.Allow(u) != want[1] {
			t.Errorf("%s: read %v", address, ok)
		}
	}
	plain, _ := ParsePage("http://127.0.0.1:8085/")
	if p.Allow(plain) {
		t.Error("plain http is allowed")
	}
	p.Loopback = true
	if other, _ := ParsePage("http://pay.bank.by/"); !p.Allow(plain) || p.Allow(other) {
		t.Error("plain http on loopback alone")
	}
}
