// Package loopbacktest looks whether a server stands behind the guards of package loopback. What they let through is
// that package's own test; here one request for each of them shows that nobody left it out.
package loopbacktest

import (
	"net/http"
	"strings"
	"testing"
)

// Guarded holds the pages and the control paths of the server at base to the guards: a name that somebody else can have
// reads nothing, and neither a page of another site nor a form changes anything.
func Guarded(t *testing.T, base string, pages, control []string) {
	t.Helper()
	for _, path := range append(pages[:len(pages):len(pages)], control...) {
		Refused(t, "GET", base+path, "Host", "evil.example", http.StatusMisdirectedRequest)
		Refused(t, "POST", base+path, "Sec-Fetch-Site", "cross-site", http.StatusForbidden)
	}
	for _, path := range control {
		Refused(t, "DELETE", base+path, "Origin", "https://evil.example", http.StatusForbidden)
		Refused(t, "POST", base+path, "Content-Type", "text/plain", http.StatusUnsupportedMediaType)
	}
}

// Refused sends one JSON request with a header, or under another Host, and wants this status.
func Refused(t *testing.T, method, url, header, value string, want int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(header, value)
	if header == "Host" {
		r.Host = value
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != want {
		t.Errorf("%s %s with %s %s: %d, want %d, %v", method, url, header, value, answer.StatusCode, want, err)
	}
}
