// Package frame is what the console's screens stand in: layout, languages, the choice of a shop, errors in plain words,
// and the way from an address to a page. What is shown on which address is the package screen's.
package frame

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"kassa/infra/console/guard"
	"kassa/infra/console/words"
	"kassa/shared/wording"
)

//go:embed page/*.html static/*
var files embed.FS

// Shops tells what is known of the shops beside their payments.
type Shops interface {
	// All are the shops' ids; none where these credentials may not list them.
	All(ctx context.Context) []string
	// Zone is where a shop's days begin.
	Zone(ctx context.Context, shop string) *time.Location
}

// About is what all pages say.
type About struct {
	Shops    Shops
	Stage    string // such as prod
	Operator string // who acts, as the history names a person
	Write    bool   // whether anything may be changed
	Now      func() time.Time
	Screens  []string // of the navigation, in its order: each is an address, and has the text frame.to.<screen>
	Pages    fs.FS    // page/<name>.html, which defines the templates title and main
}

// Site leads from addresses to pages. It may serve several requests at once.
type Site struct {
	About
	texts wording.Table
	pages map[string]*template.Template
	mux   *http.ServeMux
	guard *guard.Guard
}

// New makes a site behind a guard. The error is a page or a text that cannot be read, which a test finds.
func New(a About, g *guard.Guard) (*Site, error) {
	texts, err := words.Read()
	if err != nil {
		return nil, err
	}
	s := &Site{About: a, texts: texts, mux: http.NewServeMux(), guard: g, pages: map[string]*template.Template{}}
	for _, pages := range []fs.FS{files, a.Pages} {
		if err := s.read(pages); err != nil {
			return nil, fmt.Errorf("read the console's pages: %w", err)
		}
	}
	s.mux.Handle("GET /static/", http.FileServerFS(files))
	s.On("/", "", func(*Visit) (any, error) { return nil, NoPage })
	return s, nil
}

// read parses each page within the frame.
func (s *Site) read(pages fs.FS) error {
	found, err := fs.Glob(pages, "page/*.html")
	if err != nil {
		return err
	}
	for _, name := range found {
		page, err := template.New("frame").ParseFS(files, "page/frame.html", "page/parts.html")
		if err == nil {
			page, err = page.ParseFS(pages, name)
		}
		if err != nil {
			return err
		}
		s.pages[strings.TrimSuffix(strings.TrimPrefix(name, "page/"), ".html")] = page
	}
	return nil
}

// ServeHTTP shows a page.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Onward is where a screen sends the browser instead of showing a page: an address below the base.
type Onward string

// ErrCut ends a file in its midst that cannot be written to its end, so that the browser says that it is not whole.
var ErrCut = errors.New("the file is cut")

// statused is a page with another status than 200.
type statused interface{ Status() int }

// On answers an address with what a function finds for the page of that name. What it gives is the page's struct, or
// Onward, or nothing where it has answered by itself.
func (s *Site) On(pattern, name string, find func(v *Visit) (any, error)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visit(w, r, name)
		var page any
		if err == nil {
			page, err = find(v)
		}
		if errors.Is(err, ErrCut) {
			panic(http.ErrAbortHandler) //nolint:forbidigo // the one way in which net/http cuts an answer
		}
		if err != nil {
			s.fault(v, err)
			return
		}
		switch page := page.(type) {
		case nil:
		case Onward:
			http.Redirect(w, r, v.Base+string(page), http.StatusSeeOther) //nolint:gosec // below our own base
		case statused:
			s.show(w, name, page.Status(), page)
		default:
			s.show(w, name, http.StatusOK, page)
		}
	})
}

// show writes a page as a whole or not at all: half a page would be taken for all there is.
func (s *Site) show(w http.ResponseWriter, name string, status int, page any) {
	var out bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&out, "frame", page); err != nil {
		http.Error(w, "The page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the browser may have gone
}
