// Package guard lets one person's browser in, and nobody else: no other user of the machine, no page of another
// address that the browser has open, no name of somebody's that was pointed at this machine.
//
// What is guarded listens on loopback alone, which every user and every page on the machine can reach. So a one-time
// token comes out of the terminal, and is exchanged for a session's cookie; each request must name the own host (DNS
// rebinding) and come from the own origin; and each form carries a token of the session and of the address that it goes
// to. All addresses lie below a random path, and the cookie belongs to that path: a browser sends cookies to every port
// of a host, and another port may be somebody else's.
package guard

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"
)

// Why a request is refused, as Around tells it.
type Why string

// The reasons. Each has its words in the console's table.
const (
	OtherHost   Why = "host"   // it was sent to a name that is not this server's
	OtherOrigin Why = "origin" // a page of another address has sent it
	NoPage      Why = "page"   // no such address; strangers get nothing else
	Used        Why = "used"   // the token was exchanged before
	Outside     Why = "outside"
	Stale       Why = "stale" // the form is of an earlier start, of another address, or of no page of ours
	Large       Why = "large" // the file that the form brings is larger than any is allowed to be
)

// Status is the HTTP status of a refusal.
func (w Why) Status() int {
	switch w {
	case OtherHost:
		return http.StatusMisdirectedRequest
	case NoPage:
		return http.StatusNotFound
	case Large:
		return http.StatusRequestEntityTooLarge
	case OtherOrigin, Used, Outside, Stale:
	}
	return http.StatusForbidden
}

// Cookie is the session's; FormToken is the field of each form that holds its Token.
const (
	Cookie    = "kassa_console"
	FormToken = "csrf"
)

const (
	enter   = "/enter/"
	arrived = "/arrived"
	most    = 64 << 10 // bytes of a form

	mostFile = 32<<20 + most // of a form with a file
)

// Guard stands before one console. It may serve several requests at once.
type Guard struct {
	host    string
	base    string
	session string
	form    string

	mu    sync.Mutex
	token string // "" once it was exchanged
}

// New guards a server that listens at host, such as 127.0.0.1:41234. All secrets are drawn here, 130 random bits each.
func New(host string) *Guard {
	return &Guard{host: host, base: "/" + strings.ToLower(rand.Text()), session: rand.Text(), form: rand.Text(),
		token: rand.Text()}
}

// Base is what each address of the console begins with, without a slash at its end.
func (g *Guard) Base() string { return g.base }

// Token is the value of FormToken in a form of this session that is sent to an address, and to no other: what was asked
// about one payment is not done to the next.
func (g *Guard) Token(address string) string {
	sum := hmac.New(sha256.New, []byte(g.form))
	_, _ = sum.Write([]byte(address)) // never fails
	return hex.EncodeToString(sum.Sum(nil))
}

// Address is where to enter, once.
func (g *Guard) Address() string { return "http://" + g.host + g.base + enter + g.token }

// Around lets to inside what may come in, with the base taken off its path, and has refuse answer the rest. stranger
// says that nothing of ours may be told, not even where the console's pages are.
func (g *Guard) Around(inside http.Handler,
	refuse func(w http.ResponseWriter, r *http.Request, why Why, stranger bool)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		closed(w.Header())
		path, ours := strings.CutPrefix(r.URL.Path, g.base+"/")
		path = "/" + path
		switch {
		case r.Host != g.host:
			refuse(w, r, OtherHost, true)
		case !g.ownOrigin(r):
			refuse(w, r, OtherOrigin, true)
		case !ours:
			refuse(w, r, NoPage, true)
		case strings.HasPrefix(path, enter):
			if !g.exchange(w, r, strings.TrimPrefix(path, enter)) {
				refuse(w, r, Used, false)
			}
		case strings.HasPrefix(path, "/static/"): // no secret, and the pages of refusals need it
			http.StripPrefix(g.base, inside).ServeHTTP(w, r)
		case !g.within(r) && path == arrived:
			onwards(w, g.base+"/")
		case !g.within(r):
			refuse(w, r, Outside, false)
		case path == arrived:
			http.Redirect(w, r, g.base+"/", http.StatusSeeOther)
		default:
			if why := g.wrongWith(w, r); why != "" {
				refuse(w, r, why, false)
				return
			}
			http.StripPrefix(g.base, inside).ServeHTTP(w, r)
		}
	})
}

// closed sets what each answer says to the browser, refusals among them. Nothing is kept, nothing is loaded from
// elsewhere, nobody frames a page, and no address of ours goes to another server.
func closed(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
}

// ownOrigin tells whether a request does not come from another address's page. A form says so itself; of our pages,
// which send no referrer, browsers tell the origin as null (Fetch, "append a request Origin header"), and then it is
// the browser's own word for where the request comes from that counts, which no page can write.
func (g *Guard) ownOrigin(r *http.Request) bool {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	switch {
	case origin == "http://"+g.host:
		return site == "" || site == "same-origin"
	case origin != "" && origin != "null":
		return false
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return origin == ""
	}
	return site == "same-origin"
}

// exchange takes the token for the session's cookie, once. Whoever is in already may use the address again. What a
// browser fetches ahead of a click exchanges nothing.
func (g *Guard) exchange(w http.ResponseWriter, r *http.Request, token string) bool {
	if g.within(r) {
		http.Redirect(w, r, g.base+"/", http.StatusSeeOther)
		return true
	}
	if r.Method != http.MethodGet || r.Header.Get("Sec-Purpose") != "" || !g.spend(token) {
		return false
	}
	//nolint:gosec // it goes over loopback without TLS, which a secure cookie would refuse
	http.SetCookie(w, &http.Cookie{Name: Cookie, Value: g.session, Path: g.base + "/", HttpOnly: true,
		SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, g.base+arrived, http.StatusSeeOther)
	return true
}

// spend uses the token up.
func (g *Guard) spend(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) != 1 {
		return false
	}
	g.token = ""
	return true
}

// onwards is for a browser that was sent here by a file or another program: it keeps a strict cookie back until one of
// our own pages sends it on.
func onwards(w http.ResponseWriter, to string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="en"><title>Kassa</title>` +
		`<meta http-equiv="refresh" content="0; url=` + to + `">` +
		`<p><a href="` + to + `">Kassa</a>` + "\n")) // the browser may have gone
}

// within tells whether the request is of the session.
func (g *Guard) within(r *http.Request) bool {
	for _, c := range r.CookiesNamed(Cookie) {
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(g.session)) == 1 {
			return true
		}
	}
	return false
}

// wrongWith tells why what would change something is not done: a form of this session for this address alone may. A
// file that it brings is held in memory and never on the disk: it may be a bank's statement.
func (g *Guard) wrongWith(w http.ResponseWriter, r *http.Request) Why {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return ""
	}
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		r.Body = http.MaxBytesReader(w, r.Body, mostFile)
		err = r.ParseMultipartForm(mostFile) //nolint:gosec // bounded above
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return Large
		}
	} else {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		err = r.ParseForm()
	}
	if err != nil || !hmac.Equal([]byte(r.PostForm.Get(FormToken)), []byte(g.Token(r.URL.RequestURI()))) {
		return Stale
	}
	return ""
}
