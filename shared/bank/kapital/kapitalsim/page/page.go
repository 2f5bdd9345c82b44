// Package page renders the simulated bank's hosted page for the customer, in
// Azerbaijani, Russian and English, and the bank's desk for people. Everything
// works without JavaScript; the small script only comforts.
package page

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

//go:embed templates/*.html assets/*
var files embed.FS

// Renderer holds the parsed templates and is safe for concurrent use.
type Renderer struct {
	views map[string]*template.Template
	fs    http.Handler
}

// New parses the embedded templates.
func New() (*Renderer, error) {
	r := &Renderer{views: map[string]*template.Template{}}
	for _, name := range []string{"pay", "code", "wait", "end", "back", "desk"} {
		t, err := template.ParseFS(files, "templates/layout.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("page templates: %w", err)
		}
		r.views[name] = t
	}
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("page assets: %w", err)
	}
	r.fs = http.StripPrefix("/assets/", http.FileServerFS(assets))
	return r, nil
}

// Assets serves the style sheet and the script below /assets/.
func (r *Renderer) Assets() http.Handler { return r.fs }

// policy lets the page load nothing but its own two files. It names no
// form-action: browsers apply that also to the redirects after the form, which
// lead to the shop.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

// Render writes one view with an HTTP status. The page is never cached: it
// stands for an order that changes and may repeat what the customer typed.
func (r *Renderer) Render(w http.ResponseWriter, status int, name string, v any) error {
	t := r.views[name]
	if t == nil {
		return fmt.Errorf("page %q does not exist", name)
	}
	var text strings.Builder
	if err := t.ExecuteTemplate(&text, "layout", v); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// A customer who is gone needs no page.
	_, _ = w.Write([]byte(text.String()))
	return nil
}

// View is what the customer's pages show. Amount is minor units.
type View struct {
	Lang        string // "az", "ru" or "en"
	Merchant    string
	Description string
	Amount      int64
	OrderID     string
	Status      string
	// Action is the relative address of the form, with ids and language.
	Action string
	// Home is the same address without a language, to switch languages.
	Home string
	// Form is what the customer typed, with an error key for each bad field.
	Form   Form
	Errors map[string]string
	Cards  []Hint
	Back   *Back
}

// Hint names one test card and the key of what it does.
type Hint struct{ PAN, Key string }

// Back is the way to the shop: a form post with Text, or with Get a link.
type Back struct {
	URL   string
	Text  string
	Get   bool
	Delay int // seconds until it goes by itself; -1 waits for the button
}

// Language is one entry of the language switch.
type Language struct {
	Code, Name, Href string
	Current          bool
}

// Languages lists the switch; the bank knows these three.
func (v View) Languages() []Language {
	list := []Language{{Code: "az", Name: "AZ"}, {Code: "ru", Name: "RU"}, {Code: "en", Name: "EN"}}
	for i := range list {
		list[i].Href = v.Home + "&lang=" + list[i].Code
		list[i].Current = list[i].Code == v.Lang
	}
	return list
}

// Say returns a text in the language of the view.
func (v View) Say(key string) string { return text(v.Lang, key) }

// Fault returns the wording of a field's error, or nothing.
func (v View) Fault(field string) string {
	if key := v.Errors[field]; key != "" {
		return v.Say(key)
	}
	return ""
}

// First names the first bad field, which gets the focus.
func (v View) First() string {
	for _, field := range []string{"pan", "expiry", "cvv", "code"} {
		if v.Errors[field] != "" {
			return field
		}
	}
	return ""
}

// Major is the whole part of the amount with thin spaces between thousands.
func (v View) Major() string { return grouped(v.Amount / 100) }

// Minor is the fraction with the decimal sign of the language.
func (v View) Minor() string {
	sign := ","
	if v.Lang == "en" {
		sign = "."
	}
	return fmt.Sprintf("%s%02d", sign, v.Amount%100)
}

// Sum is the amount as one word, for the button.
func (v View) Sum() string { return v.Major() + v.Minor() + "\u00a0AZN" }

// Unpaid says that the amount is still to be paid.
func (v View) Unpaid() bool { return v.Status == "CREATED" || v.Status == "ON-PAYMENT" }

// Tone picks the colour and sign of an ended order.
func (v View) Tone() string {
	switch v.Status {
	case "APPROVED", "PREAUTH-APPROVED":
		return "good"
	case "DECLINED", "ERROR":
		return "bad"
	}
	return "quiet"
}

// Title heads the page of an ended order.
func (v View) Title() string { return StatusText(v.Lang, v.Status) }

// Detail explains the status in one sentence.
func (v View) Detail() string { return text(v.Lang, "detail_"+v.Status) }

func grouped(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// Desk is what the bank's people see, newest order first.
type Desk struct {
	Orders  []DeskOrder
	Message string
	Now     time.Time
}

// DeskOrder is one line of the desk. Amounts are minor units.
type DeskOrder struct {
	ID, Status, Description, Card string
	Amount, Charged, Refunded     int64
	Created                       time.Time
}

// Money formats minor units for the desk.
func (DeskOrder) Money(minor int64) string {
	return fmt.Sprintf("%s.%02d", grouped(minor/100), minor%100)
}

// Open says that a card can still pay the order.
func (o DeskOrder) Open() bool {
	return o.Status == "CREATED" || o.Status == "ON-PAYMENT" || o.Status == "ON-LOCK"
}

// Left is what can still be given back, in minor units.
func (o DeskOrder) Left() int64 {
	if o.Status != "APPROVED" {
		return 0
	}
	return o.Charged - o.Refunded
}
