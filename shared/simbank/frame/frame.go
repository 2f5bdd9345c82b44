// Package frame is what the pages of all simulated banks have in common:
// templates and assets, headers, languages, wordings and sums.
package frame

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

// own is what all banks share: the "head" of every page, the rules of style that differ in colours alone, and the
// desk's page, for which a bank's layout defines its "mark".
//
//go:embed head.html desk.html frame.css
var own embed.FS

// Renderer holds the parsed templates and is safe for concurrent use.
type Renderer struct {
	views  map[string]*template.Template
	assets http.Handler
}

// New parses templates/layout.html with templates/{view}.html for each view, which
// defines "document", and with the desk's page, and serves what is below assets/:
// page.css comes after the frame's own rules and names their colours.
func New(files fs.FS, views ...string) (*Renderer, error) {
	r := &Renderer{views: map[string]*template.Template{}}
	for _, name := range views {
		t, err := template.ParseFS(own, "head.html")
		if err == nil {
			t, err = t.ParseFS(files, "templates/layout.html", "templates/"+name+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("page templates: %w", err)
		}
		r.views[name] = t
	}
	desk, err := template.ParseFS(own, "head.html", "desk.html")
	if err == nil {
		r.views["desk"], err = desk.ParseFS(files, "templates/layout.html")
	}
	if err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("page assets: %w", err)
	}
	served := http.NewServeMux()
	served.Handle("/assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	served.Handle("/assets/frame.css", http.StripPrefix("/assets/", http.FileServerFS(own)))
	r.assets = served
	return r, nil
}

// Assets serves the style sheets and the script below /assets/.
func (r *Renderer) Assets() http.Handler { return r.assets }

// policy lets the page load nothing but its own files. It names no
// form-action: browsers apply that also to the redirects after the form, which
// lead to the shop.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; frame-ancestors 'none'"

// Render writes one view with an HTTP status. The page is never cached: it stands
// for an order that changes and may repeat what the customer typed.
func (r *Renderer) Render(w http.ResponseWriter, status int, name string, v any) error {
	t := r.views[name]
	if t == nil {
		return fmt.Errorf("page %q does not exist", name)
	}
	var text strings.Builder
	if err := t.ExecuteTemplate(&text, "document", v); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	Guard(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.WriteHeader(status)
	// A customer who is gone needs no page.
	_, _ = w.Write([]byte(text.String()))
	return nil
}

// Guard sets what every answer of the pages carries, also a redirect: the address
// of the page opens the order and is told to nobody.
func Guard(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}
