package kapitalsim

import (
	"net/http"
	"strings"
	"testing"
)

// TestOtherSitesAreKeptOut: a page of another site reads nothing here by a name that it points at this machine, and changes nothing by the
// browser of whoever works here.
func TestOtherSitesAreKeptOut(t *testing.T) {
	b := open(t, nil)
	for _, c := range []struct {
		method, path, header, value string
		want                        int
	}{
		{"GET", "/_sim/ledger", "Host", "evil.example", 421},
		{"GET", "/_sim/requests", "Host", "evil.example:80", 421},
		{"GET", "/desk", "Host", "evil.example", 421},
		{"POST", "/_sim/reset", "Host", "evil.example", 421},
		{"POST", "/_sim/reset", "Origin", "https://evil.example", 403},
		{"DELETE", "/_sim/faults", "Origin", "https://evil.example", 403},
		{"POST", "/_sim/reset", "Content-Type", "text/plain", 415},
		{"POST", "/desk", "Origin", "https://evil.example", 403},
		{"POST", "/index.jsp", "Sec-Fetch-Site", "cross-site", 403},
		{"POST", "/_sim/reset", "Origin", b.pages.URL, 200},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, b.pages.URL+c.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if c.header == "Host" {
			r.Host = c.value
		} else {
			r.Header.Set(c.header, c.value)
		}
		answer, err := b.pages.Client().Do(r)
		if err != nil || answer.Body.Close() != nil || answer.StatusCode != c.want {
			t.Errorf("%s %s with %s %s: %d, %v", c.method, c.path, c.header, c.value, answer.StatusCode, err)
		}
	}
}
