package engine_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestOtherSitesAreKeptOut: a page of another site reads nothing here by a name that it points at this machine, and changes nothing by the
// browser of whoever works here.
func TestOtherSitesAreKeptOut(t *testing.T) {
	server := start(t)
	for _, c := range []struct {
		method, path, header, value string
		want                        int
	}{
		{"GET", "/_engine/calls", "Host", "evil.example", 421},
		{"POST", "/", "Host", "evil.example", 421}, // signed or not: it would tell secrets
		{"POST", "/_engine/calls/reset", "Origin", "https://evil.example", 403},
		{"POST", "/_engine/calls/reset", "Content-Type", "text/plain", 415},
		{"DELETE", "/_engine/faults", "Sec-Fetch-Site", "cross-site", 403},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, server.url+c.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if c.header == "Host" {
			r.Host = c.value
		} else {
			r.Header.Set(c.header, c.value)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil || answer.Body.Close() != nil || answer.StatusCode != c.want {
			t.Errorf("%s %s with %s %s: %d, %v", c.method, c.path, c.header, c.value, answer.StatusCode, err)
		}
	}
}
