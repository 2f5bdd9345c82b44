// How pages are made: parsed once for each language, rendered whole before a byte is sent, with the texts, cookies and
// static files that they share.

package demoshop

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/words"
	"kassa/storefront"
)

//go:embed templates/*.html static
var files embed.FS

// page is what the frame around every page needs.
type page struct {
	Lang    string
	Back    string // the page to show again in another language: this one, or where a form was sent the one it stood on
	Title   string
	Flash   *flashMessage
	Refresh int64 // seconds, for browsers without script; 0 for never
	Body    any
	Shops   []Shop // for the footer and the menu
	Selling bool   // there is a cart
	Hearing bool   // Kassa sends messages
}

// flashMessage is shown once, on the page after a form.
type flashMessage struct {
	Tone string `json:"tone"` // good, bad or info
	Text string `json:"text"`
}

// pages are the shop's templates, one set for each page, in one language.
type pages map[string]*template.Template

// loadPages reads the pages in every language.
func loadPages(texts words.Table) (map[string]pages, error) {
	all := map[string]pages{}
	for _, language := range words.Languages() {
		loaded, err := loadPagesIn(texts.In(language))
		if err != nil {
			return nil, err
		}
		all[language] = loaded
	}
	return all, nil
}

// loadPagesIn parses the pages of one language; the functions in them speak it.
func loadPagesIn(say words.Speech) (pages, error) {
	version, err := assetVersion()
	if err != nil {
		return nil, err
	}
	frame, err := template.New("frame").Funcs(template.FuncMap{
		"asset": func(name string) string { return "/static/" + name + "?v=" + version },
		"say":   say.Say, "word": say.Word, "clock": say.Clock, "happened": say.Happened, "who": say.Who,
		"goods": func(l goods.Line) string { return say.Goods(l.SKU, l.Name) }, "explain": say.Explain,
		"rfc3339":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"badge":     func(state string) panel { return panelOf(say, state, false) },
		"why":       func(d *decline) string { return d.why(say) },
		"languages": words.Languages, "called": func(language string) string { return say.In(language).Say("lang.name") },
	}).ParseFS(files, "templates/frame.html", "templates/art.html", "templates/inbox.html")
	if err != nil {
		return nil, fmt.Errorf("demoshop: the pages' frame: %w", err)
	}
	loaded := pages{}
	for _, name := range []string{"catalogue", "product", "cart", "instalments", "problem", "return", "orders", "confirm",
		"messages"} {
		set, err := frame.Clone()
		if err == nil {
			set, err = set.ParseFS(files, "templates/"+name+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("demoshop: page %s: %w", name, err)
		}
		loaded[name] = set
	}
	return loaded, nil
}

// assetVersion changes with the files' content, so browsers may keep them.
func assetVersion() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, "static", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := files.ReadFile(path)
		sum.Write(data)
		return err
	})
	sum.Write([]byte(storefront.Instalments()))
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}

// staticFiles lets a browser keep what is asked for under a version for a year: another content has another version.
func staticFiles() http.Handler {
	served := http.NewServeMux()
	served.Handle("/", http.FileServerFS(files))
	served.HandleFunc("GET /static/instalments.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "instalments.js", time.Time{}, strings.NewReader(storefront.Instalments()))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("v") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		served.ServeHTTP(w, r)
	})
}

// render writes a whole page or, when it cannot be made, an error: never half a
// page.
func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	say := s.speech(r)
	p.Lang = say.Language
	if p.Back == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		p.Back = r.URL.RequestURI()
	}
	p.Shops = s.shops
	_, p.Selling = s.instalmentShop()
	p.Hearing = s.hears()
	var out bytes.Buffer
	if err := s.pages[say.Language][name].ExecuteTemplate(&out, "frame", p); err != nil {
		slog.Error("page cannot be rendered", "page", name, "error", err)
		http.Error(w, say.Say("problem.broken"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", say.Language)
	w.Header().Set("Vary", "Cookie, Accept-Language")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	if _, err := out.WriteTo(w); err != nil {
		slog.Debug("browser left before the page was sent", "page", name, "error", err)
	}
}

// notFound is a page, since a person has followed a link to it.
func (s *Site) notFound(w http.ResponseWriter, r *http.Request) {
	s.complain(w, r, http.StatusNotFound, "notFound")
}

// foreignForm refuses a form that another site has sent in the customer's name.
func (s *Site) foreignForm(w http.ResponseWriter, r *http.Request) {
	s.complain(w, r, http.StatusForbidden, "foreign")
}

// complain shows a problem of the shop's own.
func (s *Site) complain(w http.ResponseWriter, r *http.Request, status int, key string) {
	told := wordingOf(s.speech(r), key)
	s.render(w, r, status, "problem", page{Title: told.Title, Body: problemView{Tone: "bad", wording: told}})
}

// fail answers for what went wrong inside the shop itself.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "shop failed", "path", r.URL.Path, "error", err)
	told := asProblem(err).words(s.speech(r))
	s.render(w, r, http.StatusInternalServerError, "problem",
		page{Title: told.Title, Body: problemView{Tone: "bad", wording: told}})
}

// readForm parses a form; false when it was refused and answered.
func (s *Site) readForm(w http.ResponseWriter, r *http.Request) bool {
	err := r.ParseForm()
	if err == nil {
		return true
	}
	status := http.StatusBadRequest
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
	}
	s.complain(w, r, status, "form")
	return false
}

// requestedOrder finds the order named in the address; false when there is none
// and the request is answered.
func (s *Site) requestedOrder(w http.ResponseWriter, r *http.Request) (books.Order, bool) {
	number, err := strconv.ParseUint(r.PathValue("order"), 10, 64)
	if err != nil {
		s.notFound(w, r)
		return books.Order{}, false
	}
	o, err := s.orders.Get(number)
	switch {
	case errors.Is(err, books.ErrNoOrder):
		s.notFound(w, r)
	case err != nil:
		s.fail(w, r, err)
	}
	return o, err == nil
}

const (
	flashCookie  = "demoshop_notice"
	languageLife = 365 * 24 * 60 * 60 // seconds
)

// speech is the texts in the language of whoever asks.
func (s *Site) speech(r *http.Request) words.Speech { return s.texts.For(r) }

// speak keeps the language that was chosen, and shows the same page in it.
func (s *Site) speak(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	language, back := r.PostForm.Get("language"), r.PostForm.Get("back")
	if !slices.Contains(words.Languages(), language) {
		s.notFound(w, r)
		return
	}
	s.setCookie(w, words.Cookie, language, languageLife)
	if !ownPath(back) {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther) //nolint:gosec // G710: a path of ours
}

// ownPath says whether an address leads to a page of this shop: "//host" and "/\\host" lead elsewhere.
func ownPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.ContainsAny(path, "\\\r\n\t")
}

// flash keeps a message for the next page. It is text for the same reader, so the
// browser itself carries it; whatever comes back is escaped like any text.
func (s *Site) flash(w http.ResponseWriter, n flashMessage) {
	text, err := json.Marshal(n)
	if err != nil {
		slog.Error("a message for the next page cannot be kept", "error", err)
		return
	}
	s.setCookie(w, flashCookie, base64.RawURLEncoding.EncodeToString(text), 60)
}

// takeFlash gives the message for this page and takes it from the browser.
func (s *Site) takeFlash(w http.ResponseWriter, r *http.Request) *flashMessage {
	cookie, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	s.setCookie(w, flashCookie, "", -1)
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var n flashMessage
	if err := json.Unmarshal(text, &n); err != nil || n.Text == "" {
		return nil
	}
	return &n
}

// setCookie sets one of the shop's cookies, which no script can read and no form of another site sends along.
func (s *Site) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	//nolint:gosec // G124: Secure where the shop is served over TLS; on one machine it is not
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.public.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}
