// Package loopback guards what listens on one machine for its own people: a page of any site can send requests there by
// the browser of whoever works on it, and a name that its owner points at 127.0.0.1 makes them look like its own.
package loopback

import (
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// OwnHost lets through what was sent to this machine under a name that nobody else can have: a loopback address or
// localhost, on any port. The rest is 421.
func OwnHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isOwn(r.Host) {
			refuse(w, http.StatusMisdirectedRequest, "this is for this machine alone; call it as 127.0.0.1")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Pages guards pages with forms: own host, and no form from another site.
func Pages(next http.Handler) http.Handler {
	return OwnHost(http.NewCrossOriginProtection().Handler(next))
}

// Control guards an API for scripts: own host, and a change only as JSON and from no page but its own. That JSON's type
// is demanded keeps out what a browser sends without asking first, also one that names no origin. A request without a
// body that a form cannot make, such as DELETE, needs no type.
func Control(next http.Handler) http.Handler {
	return OwnHost(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case !safe && isForeign(r):
			refuse(w, http.StatusForbidden, "a page of another site must not change anything here")
		case !safe && (r.Method == http.MethodPost || r.ContentLength != 0) && !isJSON(r.Header.Values("Content-Type")):
			refuse(w, http.StatusUnsupportedMediaType, "send it with Content-Type: application/json")
		default:
			next.ServeHTTP(w, r)
		}
	}))
}

func isOwn(host string) bool {
	name := host
	if bare, _, err := net.SplitHostPort(host); err == nil {
		name = bare
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"))
	return strings.EqualFold(name, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// isForeign says whether a browser says that the request is another site's: by Sec-Fetch-Site, or by an Origin that is
// not this very address. Programs send neither.
func isForeign(r *http.Request) bool {
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return true
		}
	}
	own := "http://" + r.Host
	if r.TLS != nil {
		own = "https://" + r.Host
	}
	for _, origin := range r.Header.Values("Origin") {
		if !strings.EqualFold(origin, own) {
			return true
		}
	}
	return false
}

func isJSON(types []string) bool {
	if len(types) != 1 {
		return false
	}
	kind, _, err := mime.ParseMediaType(types[0])
	return err == nil && kind == "application/json"
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why}) // a client that is gone needs no answer
}
