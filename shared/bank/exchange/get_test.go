package exchange

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A question without a body carries the login, no body and no type; without an answer it may have been heard.
func TestGet(t *testing.T) {
	hang, heard := make(chan struct{}), make(chan struct{})
	p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if r.URL.Path == "/hang" {
			close(heard)
			<-hang
		}
		_, _ = w.Write([]byte(strings.Join([]string{r.Method, r.URL.RequestURI(), name, password,
			r.Header.Get("Content-Type"),
			r.Header.Get("Transfer-Encoding")}, " ")))
	})
	t.Cleanup(func() { close(hang) })
	c := p.client(t, nil, p.ca.pem)
	r := p.request(Money)
	r.Address, r.Login = p.address.JoinPath("order", "1"), url.UserPassword("Terminal/k", "a:b")
	if got, err := c.Get(t.Context(), r); err != nil || string(got.Body) != "GET /order/1 Terminal/k a:b  " {
		t.Errorf("%q, %v", got.Body, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-heard
		cancel()
	}()
	r.Address = p.address.JoinPath("hang")
	if _, err := c.Get(ctx, r); OutcomeOf(err) != Unknown || strings.Contains(err.Error(), "a:b") {
		t.Errorf("no answer: %v", err)
	}
	gone := p.request(Question)
	gone.Address = &url.URL{Scheme: "https", Host: "127.0.0.1:1"}
	if _, err := c.Get(t.Context(), gone); OutcomeOf(err) != NotSent {
		t.Errorf("nobody there: %v", err)
	}
}

// TestEveryRequestSaysWhatItTakes, as cURL does: firewalls refuse one that does not.
func TestEveryRequestSaysWhatItTakes(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Header.Get("Accept")))
	})
	c, r := p.client(t, nil, p.ca.pem), p.request(Money)
	for accept, want := range map[string]string{"": "*/*", "application/json": "application/json"} {
		r.Accept = accept
		if got, err := c.Post(t.Context(), r); err != nil || string(got.Body) != want {
			t.Errorf("%q: %q, %v", accept, got.Body, err)
		}
	}
}

// What two readers share of a secret is taken by each, and the rest of it is the other's.
func TestSecretForTwoReaders(t *testing.T) {
	s := secret(t, `{"mine":"a","other":{"a":1},"more":2}`)
	if !s.Holds("other") || s.Holds("none") || s.Text("mine") != "a" || s.Holds("mine") {
		t.Error("what it holds")
	}
	s.Skip("other", "none")
	if err := s.Verdict(); err == nil || err.Error() != "more is not a field of this secret" {
		t.Errorf("one was skipped: %v", err)
	}
	s = secret(t, `{"mine":"a","mine":"b","more":2}`)
	s.Skip()
	if err := s.Verdict(); err == nil || err.Error() != "mine stands twice" {
		t.Errorf("all were skipped: %v", err)
	}
}

// A key that a bank knows the shop by goes with a request of either sort, as RFC 6750 has it.
func TestBearer(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Header.Get("Authorization")))
	})
	c := p.client(t, nil, p.ca.pem)
	r := p.request(Money)
	r.Bearer = "k-123"
	for _, ask := range []func(context.Context, Request) (Answer, error){c.Get, c.Post} {
		if got, err := ask(t.Context(), r); err != nil || string(got.Body) != "Bearer k-123" {
			t.Errorf("%q, %v", got.Body, err)
		}
	}
}
