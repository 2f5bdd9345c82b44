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

	"kassa/infra/local/demoshop/inbox"
	"kassa/storefront"
)

//go:embed templates/*.html static
var files embed.FS

// page is what the frame around every page needs.
type page struct {
	Title   string
	Flash   *notice
	Refresh int64 // seconds, for browsers without script; 0 for never
	Body    any
	Shops   []Shop // for the footer and the menu
	Selling bool   // there is a cart
	Hearing bool   // Kassa sends messages
}

// notice is a message shown once, on the page after a form.
type notice struct {
	Tone string `json:"tone"` // good, bad or info
	Text string `json:"text"`
}

// pages are the shop's templates, one set for each page.
type pages map[string]*template.Template

func loadPages() (pages, error) {
	version, err := assetVersion()
	if err != nil {
		return nil, err
	}
	frame, err := template.New("frame").Funcs(template.FuncMap{
		"asset": func(name string) string { return "/static/" + name + "?v=" + version },
		"clock": clock, "rfc3339": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"label": label, "badge": func(state string) panel { return panelOf(state, false) },
	}).ParseFS(files, "templates/frame.html", "templates/art.html", "templates/inbox.html")
	if err != nil {
		return nil, fmt.Errorf("demoshop: the pages' frame: %w", err)
	}
	loaded := pages{}
	for _, name := range []string{"catalogue", "product", "cart", "instalments", "problem", "return", "orders", "messages"} {
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

// baku is written out as a fixed offset, so no time zone database is needed.
func baku() *time.Location { return time.FixedZone("Baku", 4*60*60) }

func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(baku()).Format("2 Jan 2006, 15:04:05")
}

// label makes the API's words readable: "partially_refunded" becomes
// "partially refunded".
func label(word string) string {
	return strings.NewReplacer("_", " ", ":", ": ").Replace(word)
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
func (s *Site) render(w http.ResponseWriter, status int, name string, p page) {
	p.Shops = s.shops
	_, p.Selling = s.instalmentShop()
	p.Hearing = s.hears()
	var out bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&out, "frame", p); err != nil {
		slog.Error("page cannot be rendered", "page", name, "error", err)
		http.Error(w, "This page cannot be shown. Your order is safe.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	if _, err := out.WriteTo(w); err != nil {
		slog.Debug("browser left before the page was sent", "page", name, "error", err)
	}
}

// hears says whether Kassa sends this shop messages.
func (s *Site) hears() bool {
	return slices.ContainsFunc(s.shops, func(shop Shop) bool { return shop.WebhookSecret != "" })
}

// messagesShown is how many messages a page has.
const messagesShown = 50

// showMessages shows what Kassa has told, of one order or of all. A script asks for it every other second, so a page that has
// not changed is not sent again.
func (s *Site) showMessages(w http.ResponseWriter, r *http.Request) {
	f := inbox.Filter{OrderRef: r.URL.Query().Get("order"), Limit: messagesShown}
	tag := `"` + s.inbox.Version() + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	board, err := s.inbox.Board(r.URL.RequestURI(), f)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, http.StatusOK, "messages", page{Title: "Messages from Kassa", Flash: s.takeFlash(w, r), Body: board})
}

// board is what Kassa told about one order; nil where it tells nothing.
func (s *Site) board(o order) (*inbox.Board, error) {
	if !s.hears() {
		return nil, nil
	}
	board, err := s.inbox.Board("/messages?order="+o.Ref(), inbox.Filter{Shop: o.ShopID, OrderRef: o.Ref(), Limit: messagesShown})
	return &board, err
}

// failMessages lets the shop fail for the next message, or work again.
func (s *Site) failMessages(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	s.inbox.Recover()
	if how := r.PostForm.Get("answer"); how != "" {
		if err := s.inbox.Fail(inbox.Fault{Answer: how, Times: 1}); err != nil {
			s.flash(w, notice{Tone: "bad", Text: "This shop cannot fail like that."})
		}
	}
	http.Redirect(w, r, "/messages", http.StatusSeeOther)
}

func (s *Site) notFound(w http.ResponseWriter, _ *http.Request) {
	s.render(w, http.StatusNotFound, "problem", page{Title: "Not found", Body: problemView{
		Tone: "bad", words: words{"There is nothing here", "The page, product or order does not exist. Perhaps the address was cut off."},
	}})
}

func (s *Site) foreignForm(w http.ResponseWriter, _ *http.Request) {
	s.render(w, http.StatusForbidden, "problem", page{Title: "Refused", Body: problemView{
		Tone: "bad", words: words{"This form came from another site", "Nothing was done. Please use the forms on our own pages."},
	}})
}

// fail answers for what went wrong inside the shop itself.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "shop failed", "path", r.URL.Path, "error", err)
	s.render(w, http.StatusInternalServerError, "problem", page{Title: "Sorry", Body: problemView{Tone: "bad", words: asProblem(err).words()}})
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
	s.render(w, status, "problem", page{Title: "Form refused", Body: problemView{
		Tone: "bad", words: words{"This form cannot be read", "Nothing was done. Please go back and send it again."},
	}})
	return false
}

// requestedOrder finds the order named in the address; false when there is none
// and the request is answered.
func (s *Site) requestedOrder(w http.ResponseWriter, r *http.Request) (order, bool) {
	number, err := strconv.ParseUint(r.PathValue("order"), 10, 64)
	if err != nil {
		s.notFound(w, r)
		return order{}, false
	}
	o, err := s.orders.get(number)
	switch {
	case errors.Is(err, errNoOrder):
		s.notFound(w, r)
	case err != nil:
		s.fail(w, r, err)
	}
	return o, err == nil
}

const flashCookie = "demoshop_notice"

// flash keeps a notice for the next page. It is text for the same reader, so the
// browser itself carries it; whatever comes back is escaped like any text.
func (s *Site) flash(w http.ResponseWriter, n notice) {
	text, err := json.Marshal(n)
	if err != nil {
		slog.Error("notice cannot be kept", "error", err)
		return
	}
	s.setCookie(w, flashCookie, base64.RawURLEncoding.EncodeToString(text), 60)
}

func (s *Site) takeFlash(w http.ResponseWriter, r *http.Request) *notice {
	cookie, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	s.setCookie(w, flashCookie, "", -1)
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var n notice
	if err := json.Unmarshal(text, &n); err != nil || n.Text == "" {
		return nil
	}
	return &n
}

func (s *Site) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure where the shop is served over TLS; on one machine it is not
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.public.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}
