package e2e

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser plays the customer's: it reads pages, fills in forms and presses buttons. It keeps no cookies, since nothing
// here may need one.
type browser struct{ http *http.Client }

type page struct {
	at     *url.URL
	status int
	header http.Header
	html   string
}

func (p page) String() string { return fmt.Sprintf("%d %s", p.status, p.html) }

// location is where the page sends the browser; "" when it does not.
func (p page) location() string { return p.header.Get("Location") }

type form struct {
	action string
	values url.Values // of its inputs as they stand
}

var (
	formTag  = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input([^>]*)>`)
	backLink = regexp.MustCompile(`<a [^>]*id="back" href="([^"]*)"`)
	tagField = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

func fieldsOf(tag string) map[string]string {
	fields := map[string]string{}
	for _, m := range tagField.FindAllStringSubmatch(tag, -1) {
		fields[m[1]] = html.UnescapeString(m[2])
	}
	return fields
}

// form is the page's first form that posts.
func (p page) form() (form, error) {
	m := formTag.FindStringSubmatch(p.html)
	if m == nil || !strings.EqualFold(fieldsOf(m[1])["method"], "post") {
		return form{}, fmt.Errorf("no form to post on the page %s: %s", p.at.Redacted(), p)
	}
	f := form{action: fieldsOf(m[1])["action"], values: url.Values{}}
	for _, input := range inputTag.FindAllStringSubmatch(m[2], -1) {
		fields := fieldsOf(input[1])
		f.values.Set(fields["name"], fields["value"])
	}
	return f, nil
}

func (b browser) fetch(ctx context.Context, method string, at *url.URL, values url.Values) (page, error) {
	r, err := http.NewRequestWithContext(ctx, method, at.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return page{}, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.http.Do(r)
	if err != nil {
		return page{}, err
	}
	text, err := io.ReadAll(response.Body)
	return page{at: at, status: response.StatusCode, header: response.Header, html: string(text)},
		errors.Join(err, response.Body.Close())
}

func (b browser) get(ctx context.Context, address string) (page, error) {
	at, err := url.Parse(address)
	if err != nil {
		return page{}, err
	}
	return b.fetch(ctx, http.MethodGet, at, nil)
}

// press fills in the page's form and presses a button of it.
func (b browser) press(ctx context.Context, p page, typed url.Values) (page, error) {
	f, err := p.form()
	if err != nil {
		return page{}, err
	}
	for name, value := range typed {
		f.values[name] = value
	}
	at, err := p.at.Parse(f.action)
	if err != nil {
		return page{}, err
	}
	return b.fetch(ctx, http.MethodPost, at, f.values)
}

// The bank's published test cards and security code.
const (
	cardApproved = "4169741330151124"
	cardDeclined = "7777770000000004"
	cardSecure   = "7777770000000038"
	cardLocked   = "7777770000000046"
	cvv          = "119"
)

func card(pan string) url.Values {
	return url.Values{"action": {"pay"}, "pan": {pan}, "expiry": {"12 / 39"}, "cvv": {cvv}}
}

// atBank opens the bank's page, does what typed says, and goes on to wherever that leads within the bank: the page that
// would bring the customer back, a code to confirm, a wait.
func (b browser) atBank(ctx context.Context, redirectURL string, typed url.Values) (page, error) {
	p, err := b.get(ctx, redirectURL)
	if err != nil {
		return p, err
	}
	if p, err = b.press(ctx, p, typed); err != nil {
		return p, err
	}
	return b.within(ctx, p)
}

// within follows a redirect that stays at the bank.
func (b browser) within(ctx context.Context, p page) (page, error) {
	next, err := p.at.Parse(p.location())
	if err != nil || p.location() == "" || next.Host != p.at.Host {
		return p, err
	}
	return b.get(ctx, next.String())
}

// toTheEnd does at the bank's page what atBank does, confirms with what then says where a code is asked for, and tries
// the same again as long as the page lets a customer try.
func (b browser) toTheEnd(ctx context.Context, redirectURL string, typed, then url.Values) (page, error) {
	p, err := b.atBank(ctx, redirectURL, typed)
	for tries := 0; err == nil && p.location() == "" && tries < 10; tries++ {
		next := typed
		switch {
		case strings.Contains(p.html, `name="code"`):
			next = then
		case !strings.Contains(p.html, `name="pan"`):
			return p, nil
		}
		if p, err = b.press(ctx, p, next); err == nil {
			p, err = b.within(ctx, p)
		}
	}
	return p, err
}

// home lets the bank's page bring the customer back, by an address or by its own form: the post to the callback
// address. It gives the callback's own answer.
func (b browser) home(ctx context.Context, p page) (page, error) {
	if to, err := url.Parse(p.location()); err == nil && to.Host != "" && to.Host != p.at.Host {
		return b.get(ctx, to.String())
	}
	if link := backLink.FindStringSubmatch(p.html); link != nil { // of a page that is opened again
		return b.get(ctx, html.UnescapeString(link[1]))
	}
	return b.press(ctx, p, nil)
}

// landed checks that a callback sent the customer to the right page of the shop, and that there is such a page.
func (b browser) landed(t testing.TB, p page, id, back, status string) {
	t.Helper()
	to, err := url.Parse(p.location())
	if err != nil || p.status != http.StatusSeeOther {
		t.Fatalf("the callback answered %s, want 303 (%v)", p, err)
	}
	q := to.Query()
	if q.Get("payment_id") != id || q.Get("status") != status || q.Get("back") != back {
		t.Errorf("the customer came to %s, want the %s page with %s %s", to, back, id, status)
	}
	if p.header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the callback's address, which holds a token, would be told to the shop's page")
	}
	shop, err := b.get(t.Context(), to.String())
	if err != nil || shop.status != http.StatusOK {
		t.Errorf("the shop's page: %d, %v", shop.status, err)
	}
}
