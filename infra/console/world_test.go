package console_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kassa/infra/console"
	"kassa/infra/console/guard"
	"kassa/infra/console/screen"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// start is when every test begins: a Monday afternoon in Baku.
var start = time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)

// world is a console that listens, over payments in a map and a clock that is a value.
type world struct {
	t      *testing.T
	store  *memory.Store
	banks  banks
	served *console.Console

	service *checkout.Service
	origin  string
	base    string // the first part of each path
	behind  sync.WaitGroup
	late    chan struct{} // what works behind the pages begins when it is closed; nil = at once
	unwell  error         // why nothing can be told of how things stand
	refused atomic.Pointer[refusal]
}

// refusal is what the table does not do any more.
type refusal struct {
	ops []memory.Op // none is all of them
	err error
}

// refuses has the table refuse from now on, whatever still reads it behind the pages.
func (w *world) refuses(err error, ops ...memory.Op) { w.refused.Store(&refusal{ops, err}) }

// banks is the shop's one bank; nil answers nothing.
type banks map[string]bank.Bank

func (b banks) With(_ context.Context, _, name string, call func(bank.Bank) error) error {
	if b[name] == nil {
		return &payment.Error{Kind: payment.Unavailable, Message: "The bank does not answer."}
	}
	return call(b[name])
}

// shops has one shop, in Baku.
type shops struct{}

func (shops) All(context.Context) []string { return []string{"demo-az"} }

func (shops) Zone(context.Context, string) *time.Location { return time.FixedZone("", 4*60*60) }

// open serves a console until the test ends.
func open(t *testing.T, write bool) *world {
	t.Helper()
	w := &world{t: t, store: &memory.Store{}, banks: banks{}}
	w.store.Before = func(op memory.Op, _ payment.ID) error {
		if r := w.refused.Load(); r != nil && (len(r.ops) == 0 || slices.Contains(r.ops, op)) {
			return r.err
		}
		return nil
	}
	now := func() time.Time { return start.Add(time.Hour) }
	w.service = &checkout.Service{Store: w.store, Banks: w.banks, Now: now, Allowances: w.store, Days: w.store,
		Undeliveries: w.store, Log: slog.New(slog.DiscardHandler), CallbackURL: "https://callback.example"}
	ctx, end := context.WithCancel(context.Background())
	k := screen.Kassa{Store: w.store, Shops: shops{}, Stage: "test", Now: now, Operator: "operator:aysel", Write: write,
		Service: w.service, Health: w, Behind: func(work func(context.Context)) {
			w.behind.Go(func() {
				if w.late != nil {
					<-w.late
				}
				work(ctx)
			})
		}}
	served, err := console.Listen(k, 0)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- served.Serve(ctx) }()
	t.Cleanup(func() {
		end()
		w.behind.Wait()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	entry, err := url.Parse(served.Address())
	if err != nil {
		t.Fatal(err)
	}
	w.served, w.origin = served, "http://"+entry.Host
	w.base = "/" + strings.Split(entry.Path, "/")[1]
	return w
}

// browser keeps cookies as a browser does, and follows redirects unless a test looks at them.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true} // so that ending the console waits for nobody
	return &http.Client{Jar: jar, Transport: transport}
}

// page is what was answered.
type page struct {
	status int
	header http.Header
	body   string
	url    string
}

func fetch(t *testing.T, c *http.Client, r *http.Request) page {
	t.Helper()
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{answer.StatusCode, answer.Header, string(body), answer.Request.URL.String()}
}

func (w *world) request(method, path, body string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.origin+w.base+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", w.origin)
	}
	return r
}

// enter is a browser that was let in.
func (w *world) enter() *http.Client {
	w.t.Helper()
	c := browser(w.t)
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.served.Address(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if p := fetch(w.t, c, r); p.status != http.StatusOK {
		w.t.Fatalf("not let in: %d %s", p.status, p.body)
	}
	return c
}

// get reads a page and demands its status.
func (w *world) get(c *http.Client, status int, path string) page {
	w.t.Helper()
	p := fetch(w.t, c, w.request(http.MethodGet, path, ""))
	if p.status != status {
		w.t.Fatalf("GET %s answers %d, want %d:\n%s", path, p.status, status, p.body)
	}
	return p
}

var formOf = regexp.MustCompile(`<form [^>]*action="([^"#]+)[^>]*><input type="hidden" name="csrf" value="([^"]+)"`)

// form is where a page's form to an address goes, with what it is told of the shop, and its token.
func (w *world) form(of page, path string) (address, token string) {
	w.t.Helper()
	for _, form := range formOf.FindAllStringSubmatch(of.body, -1) {
		to := strings.TrimPrefix(html.UnescapeString(form[1]), w.base)
		if bare, _, _ := strings.Cut(to, "?"); bare == path {
			return to, form[2]
		}
	}
	w.t.Fatalf("%s has no form to %s:\n%s", of.url, path, of.body)
	return "", ""
}

// post sends the fields as a page's form to that address would, with its token.
func (w *world) post(c *http.Client, of page, path string, fields url.Values) page {
	w.t.Helper()
	address, token := w.form(of, path)
	fields = maps.Clone(fields) // two forms of the same may be sent at once
	fields.Set(guard.FormToken, token)
	return fetch(w.t, c, w.request(http.MethodPost, address, fields.Encode()))
}

// forge sends the fields to an address that no page has a form for, with the token that such a form would have.
func (w *world) forge(c *http.Client, path string, fields url.Values) page {
	w.t.Helper()
	fields = maps.Clone(fields)
	fields.Set(guard.FormToken, w.served.Token(w.base+path))
	return fetch(w.t, c, w.request(http.MethodPost, path, fields.Encode()))
}

// wants demands parts of a page.
func (p page) wants(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(p.body, part) {
			t.Errorf("%s does not say %q:\n%s", p.url, part, p.body)
		}
	}
}

// lacks demands that a page does not say something.
func (p page) lacks(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(p.body, part) {
			t.Errorf("%s says %q", p.url, part)
		}
	}
}

// order puts a payment into the store that a customer was sent to the bank for, and what happened to it since.
func (w *world) order(ref string, minor int64, at time.Time, events ...payment.Event) payment.Payment {
	w.t.Helper()
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo-az", ref), Attempt: 1}, Shop: "demo-az",
		OrderRef: ref, Bank: "kapital", Amount: payment.Money{Minor: minor, Currency: payment.AZN}, Notify: true,
		Description: "One pomegranate", CallbackToken: "callbacksecret", ClientToken: "clientsecret"}, at,
		at.Add(time.Minute))
	events = append([]payment.Event{payment.OpeningDone{Handle: handle(), RedirectURL: "https://bank.example/secretpage",
		ExpiresAt: at.Add(time.Hour)}}, events...)
	for _, e := range events {
		var err error
		if p, err = payment.Apply(p, e, at.Add(time.Minute)); err != nil {
			w.t.Fatal(err)
		}
	}
	p, err := w.store.Create(w.t.Context(), p)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func handle() payment.Handle {
	return payment.Handle{OrderID: "828", Private: "handlesecret",
		Account: payment.Account{Merchant: "E1000010", Environment: "test"}}
}

// taken is the bank's word that it took an amount.
func taken(minor int64) payment.Event {
	return payment.Statement{Handle: handle(), Report: payment.Report{State: payment.BankApproved, Word: "APPROVED",
		Amount:  payment.Money{Minor: minor, Currency: payment.AZN},
		Receipt: payment.NewReceipt("123456", "412345678901", "416974******1778", "VISA")}}
}

// declined is the bank's word that it refused.
func declined(code string) payment.Event {
	return payment.Statement{Handle: handle(), Report: payment.Report{State: payment.BankDeclined, Word: "DECLINED",
		Code: code, Hint: payment.HintFunds}}
}

// dead is a message that the shop did not want.
func dead(sequence int64) payment.Event {
	return payment.DeliveryOutcome{Answers: map[int64]delivery.Answer{sequence: {Gone: true, Code: "410"}}}
}
