package loopback

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// call sends a request with headers "Name: value" to a guarded handler.
func call(guard func(http.Handler) http.Handler, method, host, body string, headers ...string) int {
	r := httptest.NewRequest(method, "/_sim/faults", strings.NewReader(body))
	r.Host = host
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})).ServeHTTP(w, r)
	return w.Code
}

func TestOwnHost(t *testing.T) {
	for host, want := range map[string]int{
		"127.0.0.1": 204, "127.0.0.1:8084": 204, "localhost:8084": 204, "LocalHost": 204, "[::1]:8084": 204, "[::1]": 204,
		"127.9.9.9:1": 204,
		"":            421, "evil.example": 421, "evil.example:8084": 421, "localhost.evil.example": 421,
		"127.0.0.1.evil.example:8084": 421, "10.0.0.1:8084": 421,
		"0.0.0.0:8084": 421, "x.localhost": 421, "127.0.0.1@evil.example": 421, "2130706433": 421, "169.254.169.254": 421,
		"[::]:8084": 421,
	} {
		for _, guard := range []func(http.Handler) http.Handler{OwnHost, Pages, Control} {
			if got := call(guard, "GET", host, ""); got != want {
				t.Errorf("%q: %d, want %d", host, got, want)
			}
		}
	}
}

func TestControlTakesChangesFromNoOtherPage(t *testing.T) {
	const here, asJSON = "127.0.0.1:8084", "Content-Type: application/json"
	for _, c := range []struct {
		name, method, body string
		headers            []string
		want               int
	}{
		{"a script", "POST", "{}", []string{asJSON}, 204},
		{"with a charset", "POST", "{}", []string{"Content-Type: Application/JSON; charset=utf-8"}, 204},
		{"its own page", "POST", "{}", []string{asJSON, "Origin: http://127.0.0.1:8084", "Sec-Fetch-Site: same-origin"}, 204},
		{"curl -d", "POST", "{}", []string{"Content-Type: application/x-www-form-urlencoded"}, 415},
		{"a form of text", "POST", "{}", []string{"Content-Type: text/plain"}, 415},
		{"nothing said", "POST", "", nil, 415},
		{"two types", "POST", "{}", []string{"Content-Type: text/plain", asJSON}, 415},
		{"a type that hides another", "POST", "{}", []string{"Content-Type: text/plain; x=application/json"}, 415},
		{"another site", "POST", "{}", []string{asJSON, "Origin: https://evil.example"}, 403},
		{"another port", "POST", "{}", []string{asJSON, "Origin: http://127.0.0.1:8080"}, 403},
		{"another name of here", "POST", "{}", []string{asJSON, "Origin: http://localhost:8084"}, 403},
		{"another scheme", "POST", "{}", []string{asJSON, "Origin: https://127.0.0.1:8084"}, 403},
		{"a sandbox", "POST", "{}", []string{asJSON, "Origin: null"}, 403},
		{"two origins", "POST", "{}", []string{asJSON, "Origin: http://127.0.0.1:8084", "Origin: https://evil.example"}, 403},
		{"a sister site", "POST", "{}", []string{asJSON, "Sec-Fetch-Site: same-site"}, 403},
		{"a script's DELETE", "DELETE", "", nil, 204},
		{"another site's DELETE", "DELETE", "", []string{"Origin: https://evil.example"}, 403},
		{"a DELETE with text", "DELETE", "x", []string{"Content-Type: text/plain"}, 415},
		{"reading", "GET", "", []string{"Sec-Fetch-Site: cross-site"}, 204}, // no page of another site can see the answer
	} {
		if got := call(Control, c.method, here, c.body, c.headers...); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestPagesTakeNoFormOfAnotherSite(t *testing.T) {
	for header, want := range map[string]int{"": 204, "Sec-Fetch-Site: same-origin": 204,
		"Origin: http://127.0.0.1:8084": 204,
		"Sec-Fetch-Site: cross-site":    403, "Origin: https://evil.example": 403, "Origin: null": 403} {
		if got := call(Pages, "POST", "127.0.0.1:8084", "pay=1", "Content-Type: application/x-www-form-urlencoded",
			header); got != want {
			t.Errorf("%q: %d, want %d", header, got, want)
		}
	}
}
