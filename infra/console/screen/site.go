// Package screen is what `kassa console` shows: a file for each screen, with the struct that its page is made of, and
// beside it page/<screen>.html and a file of texts in the package words. The screens decide nothing: they read what the
// command reads, and act through the same use cases as the API and the command.
package screen

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"kassa/infra/console/guard"
	"kassa/infra/console/tally"
	"kassa/infra/console/words"
	"kassa/shared/checkout"
	"kassa/shared/checkout/book"
	"kassa/shared/checkout/people"
	"kassa/shared/wording"
)

//go:embed page/*.html static/*
var files embed.FS

// Store is the payments, as the use cases want them.
type Store interface {
	checkout.Store
	people.Store
	book.Store
	checkout.UndeliveredList
}

// Shops tells what is known of the shops beside their payments.
type Shops interface {
	// All are the shops' ids; none where these credentials may not list them.
	All(ctx context.Context) []string
	// Zone is where a shop's days begin.
	Zone(ctx context.Context, shop string) *time.Location
}

// Kassa is what the screens work on.
type Kassa struct {
	Store    Store
	Service  *checkout.Service
	Shops    Shops
	Stage    string // such as prod
	Where    string // the stage in words, for questions
	Operator string // who acts, as the history names a person
	Write    bool   // whether anything may be changed
	Now      func() time.Time
}

// Site is all screens. It may serve several requests at once.
type Site struct {
	Kassa
	days  *tally.Days
	texts wording.Table
	pages map[string]*template.Template
	mux   *http.ServeMux
	guard *guard.Guard
	seal  []byte // signs cursors
}

// New makes the screens behind a guard. The error is a page or a text that cannot be read, which a test finds.
func New(k Kassa, g *guard.Guard) (*Site, error) {
	texts, err := words.Read()
	if err != nil {
		return nil, err
	}
	s := &Site{Kassa: k, days: &tally.Days{Store: k.Store, Now: k.Now}, texts: texts, mux: http.NewServeMux(), guard: g,
		pages: map[string]*template.Template{}, seal: newSeal()}
	if err := s.read(); err != nil {
		return nil, fmt.Errorf("read the console's pages: %w", err)
	}
	s.routes()
	return s, nil
}

// read parses each page within the frame.
func (s *Site) read() error {
	found, err := fs.Glob(files, "page/*.html")
	if err != nil {
		return err
	}
	for _, name := range found {
		page, err := template.New("frame").ParseFS(files, "page/frame.html", "page/parts.html", name)
		if err != nil {
			return err
		}
		s.pages[strings.TrimSuffix(strings.TrimPrefix(name, "page/"), ".html")] = page
	}
	return nil
}

// routes are the addresses. Those that change something do not exist unless the console was started for it.
func (s *Site) routes() {
	s.mux.Handle("GET /static/", http.FileServerFS(files))
	s.on("GET /{$}", "", s.home)
	s.on("GET /today", "today", s.today)
	s.on("GET /payments", "payments", s.payments)
	s.on("GET /payments.csv", "", s.sheet)
	s.on("GET /payments/{id}", "payment", s.payment)
	s.on("POST /payments/{id}/ask", "payment", s.askBank)
	s.on("/", "", func(*visit) (any, error) { return nil, errNoPage })
	if !s.Write {
		return
	}
}

// screens are those of the navigation, in its order.
func screens() []string { return []string{"today", "payments"} }

// ServeHTTP shows a screen.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// onward is where a screen sends the browser instead of showing a page: an address below the base.
type onward string

// statused is a page with another status than 200.
type statused interface{ status() int }

// on answers an address with what a function finds for the page of that name. What it gives is the page's struct, or
// onward, or nothing where it has answered by itself.
func (s *Site) on(pattern, name string, find func(v *visit) (any, error)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visit(w, r, name)
		var page any
		if err == nil {
			page, err = find(v)
		}
		if err != nil {
			s.fault(v, err)
			return
		}
		switch page := page.(type) {
		case nil:
		case onward:
			http.Redirect(w, r, v.Base+string(page), http.StatusSeeOther)
		case statused:
			s.show(w, name, page.status(), page)
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

// home leads to the day.
func (s *Site) home(v *visit) (any, error) { return onward(v.With("/today")), nil }
