package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kassa/infra/console/guard"
	"kassa/shared/payment"
)

// TestTheTokenWorksOnce, and for a browser alone: what is fetched ahead of a click, or by a method that reads no page,
// uses it up as little as a wrong one.
func TestTheTokenWorksOnce(t *testing.T) {
	w := open(t, false)
	entry := strings.TrimPrefix(w.served.Address(), w.origin+w.base)
	ahead := w.request(http.MethodGet, entry, "")
	ahead.Header.Set("Sec-Purpose", "prefetch")
	for _, r := range []*http.Request{ahead, w.request(http.MethodHead, entry, ""), w.request(http.MethodPost, entry, ""),
		w.request(http.MethodGet, entry+"x", "")} {
		if p := fetch(t, browser(t), r); p.status != http.StatusForbidden {
			t.Errorf("%s %s: %d", r.Method, r.URL, p.status)
		}
	}
	first := w.enter()
	p := fetch(t, browser(t), w.request(http.MethodGet, entry, ""))
	if p.status != http.StatusForbidden || !strings.Contains(p.body, "has been used") {
		t.Errorf("used a second time: %d %s", p.status, p.body)
	}
	if p := fetch(t, first, w.request(http.MethodGet, entry, "")); p.status != http.StatusOK {
		t.Errorf("whoever is in already: %d", p.status)
	}
	p = fetch(t, browser(t), w.request(http.MethodGet, "/today", ""))
	if p.status != http.StatusForbidden || strings.Contains(p.body, "demo-az") {
		t.Errorf("without a session: %d %s", p.status, p.body)
	}
}

// TestTheSessionsCookie is for this server's pages alone, and no script's; a browser that another program has sent gets
// in although it keeps a strict cookie back at first.
func TestTheSessionsCookie(t *testing.T) {
	w := open(t, false)
	c := browser(t)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := fetch(t, c, w.request(http.MethodGet, strings.TrimPrefix(w.served.Address(), w.origin+w.base), ""))
	cookie := p.header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Strict", "Path=" + w.base + "/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	on := p.header.Get("Location")
	if p.status != http.StatusSeeOther || strings.Contains(on, "enter") {
		t.Fatalf("%d to %s", p.status, on)
	}
	without := fetch(t, browser(t), w.request(http.MethodGet, strings.TrimPrefix(on, w.base), ""))
	without.wants(t, `http-equiv="refresh" content="0; url=`+w.base+`/"`)
}

// TestStrangersAreSentAway whatever they know: another name for this machine, a page of another address, no path of
// ours. Each answer, also to them, closes itself to the browser.
func TestStrangersAreSentAway(t *testing.T) {
	w := open(t, true)
	c := w.enter()
	home := w.get(c, http.StatusOK, "/today")
	paid := "/payments/" + w.order("1", 100, start).ID.String()
	ask, token := w.form(w.get(c, http.StatusOK, paid), paid+"/ask")
	origin := func(of string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set("Origin", of) }
	}
	for name, one := range map[string]struct {
		change func(r *http.Request)
		method string
		status int
	}{
		"another host": {func(r *http.Request) { r.Host = "evil.example" }, http.MethodGet, 421},
		"another name of this": {func(r *http.Request) {
			r.Host = strings.Replace(r.Host, "127.0.0.1", "localhost", 1)
		}, "GET", 421},
		"another port":            {func(r *http.Request) { r.Host = "127.0.0.1:1" }, http.MethodGet, 421},
		"another origin":          {origin("https://evil.example"), http.MethodPost, 403},
		"another origin, reading": {origin("https://evil.example"), http.MethodGet, 403},
		"another port's page":     {origin("http://127.0.0.1:1"), http.MethodPost, 403},
		"no origin":               {func(r *http.Request) { r.Header.Del("Origin") }, http.MethodPost, 403},
		"null from elsewhere": {func(r *http.Request) {
			r.Header.Set("Origin", "null")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}, http.MethodPost, 403},
		"null from the same site": {func(r *http.Request) {
			r.Header.Set("Origin", "null")
			r.Header.Set("Sec-Fetch-Site", "same-site")
		}, http.MethodPost, 403},
		"ours, by the browser's word": {func(r *http.Request) {
			r.Header.Set("Origin", "null")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}, http.MethodPost, 200},
		"no path of ours": {func(r *http.Request) { r.URL.Path = "/today" }, http.MethodGet, 404},
		"a form's token":  {func(*http.Request) {}, http.MethodPost, 200},
	} {
		path, body := "/today", ""
		if one.method == http.MethodPost {
			path, body = ask, url.Values{guard.FormToken: {token}}.Encode()
		}
		r := w.request(one.method, path, body)
		one.change(r)
		p := fetch(t, c, r)
		if p.status != one.status {
			t.Errorf("%s: %d, want %d", name, p.status, one.status)
		}
		for header, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src " +
				"'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"} {
			if got := p.header.Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if one.status == 421 || one.status == 404 {
			p.lacks(t, w.base, "<html")
		}
	}
	home.lacks(t, "<style", "<script>", "style=", "onclick", "http://", "https://")
}

// TestAFormNeedsItsToken: without the session's, nothing happens.
func TestAFormNeedsItsToken(t *testing.T) {
	w := open(t, true)
	c := w.enter()
	p := w.order("1", 100, start)
	for _, token := range []string{"", "wrong"} {
		r := w.request(http.MethodPost, "/payments/"+p.ID.String()+"/ask", url.Values{guard.FormToken: {token}}.Encode())
		if p := fetch(t, c, r); p.status != http.StatusForbidden || !strings.Contains(p.body, "too old") {
			t.Errorf("with the token %q: %d", token, p.status)
		}
	}
	large := w.request(http.MethodPost, "/payments/"+p.ID.String()+"/ask", "x="+strings.Repeat("x", 1<<20))
	if p := fetch(t, c, large); p.status != http.StatusForbidden {
		t.Errorf("a form of a megabyte: %d", p.status)
	}
}

// TestAFormHoldsForItsAddress alone: one that asks about a payment does nothing to another, and none of one shop's is
// obeyed for the next.
func TestAFormHoldsForItsAddress(t *testing.T) {
	w := open(t, true)
	sim := w.terminal()
	p, q := w.paid(sim, "F-1", 15000), w.paid(sim, "F-2", 15000)
	c := w.enter()
	of := func(p payment.Payment) string { return "/payments/" + p.ID.String() + "/refund" }
	fields := w.get(c, http.StatusOK, of(p)).fields()
	fields.Set("amount", "40.00")
	fields.Set("sure", "yes")
	for _, elsewhere := range []string{of(q), of(p) + "?shop=other", "/payments/" + p.ID.String() + "/cancel"} {
		answer := fetch(t, c, w.request(http.MethodPost, elsewhere, fields.Encode()))
		if answer.wants(t, "too old"); answer.status != http.StatusForbidden || refunded(sim) != 0 {
			t.Errorf("%s answers %d, and the bank gave back %d", elsewhere, answer.status, refunded(sim))
		}
	}
	if fetch(t, c, w.request(http.MethodPost, of(p), fields.Encode())); refunded(sim) != 4000 {
		t.Errorf("at its own address the bank gave back %d", refunded(sim))
	}
}
