package checkout_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/kapital"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

// start is when every test begins: a Monday noon in Baku.
var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// world is a shop with Kassa and the bank, all real but for the table, which is a map, and the clock, which is a value.
type world struct {
	t     *testing.T
	store *memory.Store
	sim   *kapitalxml.Sim
	svc   *checkout.Service
	logs  *strings.Builder

	mu    sync.Mutex
	clock time.Time
	fast  time.Duration // how far the bank's clock is ahead of ours
	asked int           // exchanges with the bank that were told of before
}

// newWorld builds one; settings change the shop's bank secret.
func newWorld(t *testing.T, settings map[string]any) *world {
	t.Helper()
	w := &world{t: t, clock: start, store: &memory.Store{}, logs: &strings.Builder{}}
	sim, err := kapitalxml.New(kapitalxml.Options{PageURL: "http://127.0.0.1:8084", Auth: "none", Merchant: "E1000010",
		Now: func() time.Time { return w.now().Add(w.fast) }})
	if err != nil {
		t.Fatal(err)
	}
	w.sim = sim
	server := httptest.NewTLSServer(sim.API())
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		_ = sim.Close()
	})
	log := slog.New(slog.NewTextHandler(&lockedWriter{b: w.logs}, nil))
	w.svc = &checkout.Service{Store: w.store, Allowances: w.store, Banks: banks{w.terminal(server, settings)}, Now: w.now,
		Wait: w.wait, Log: log,
		CallbackURL: "https://callback.example"}
	return w
}

func (w *world) terminal(server *httptest.Server, settings map[string]any) bank.Bank {
	w.t.Helper()
	secret := map[string]any{"merchant_id": "E1000010", "environment": "test", "endpoint": server.URL + "/Exec",
		"auth":       "none",
		"page_hosts": []string{"127.0.0.1:8084"}, "insecure_loopback": true, "ca": pemOf(server.Certificate())}
	for k, v := range settings {
		secret[k] = v
	}
	text, err := json.Marshal(secret)
	if err != nil {
		w.t.Fatal(err)
	}
	k, err := kapital.New(text, kapital.Options{Stage: "local"})
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

func pemOf(c *x509.Certificate) string {
	return string(pemEncode(c.Raw))
}

// banks is a shop with one bank.
type banks struct{ b bank.Bank }

func (b banks) With(_ context.Context, _, name string, call func(bank.Bank) error) error {
	if name != "kapital" {
		return &payment.Error{Kind: payment.NotFound, Message: "This shop has no such bank."}
	}
	return call(b.b)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

// wait is how a callback waits: the clock moves on.
func (w *world) wait(_ context.Context, d time.Duration) bool {
	w.advance(d)
	return true
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// order is an honest order of the shop.
func order(ref string, amount int64) checkout.Order {
	return checkout.Order{Shop: "demo", By: payment.ByShop("k1"), Ref: ref, Bank: "kapital",
		Amount: payment.Money{Minor: amount, Currency: payment.AZN}, Locale: "en",
		Return:  payment.ReturnURLs{Success: "https://shop.example/thanks"},
		Banks:   []string{"kapital", "kartapokupok"},
		Origins: []string{"https://shop.example"}}
}

// id finds the attempt that a scenario writes as ref/n.
func (w *world) id(name string) payment.ID {
	w.t.Helper()
	ref, n, found := strings.Cut(name, "/")
	attempt := 1
	if found {
		if _, err := fmt.Sscanf(n, "%d", &attempt); err != nil {
			w.t.Fatalf("%q is not ref/attempt", name)
		}
	}
	return payment.ID{Order: payment.OrderKey("demo", ref), Attempt: attempt}
}

// stored is the payment as it stands in the table, past all faults.
func (w *world) stored(name string) payment.Payment {
	w.t.Helper()
	defer w.repair()()
	p, err := w.store.Load(context.Background(), w.id(name))
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	return p
}

// repair takes the faults out of the store until the function it gives is called.
func (w *world) repair() func() {
	before, after := w.store.Before, w.store.After
	if before == nil && after == nil {
		return func() {}
	}
	w.store.Before, w.store.After = nil, nil
	return func() { w.store.Before, w.store.After = before, after }
}

// come plays the browser that comes back from the bank with these words in its query.
func (w *world) come(name string, browser bool, words url.Values) (payment.Payment, error) {
	p := w.stored(name)
	return w.svc.Read(context.Background(), p.ID, p.CallbackToken,
		bank.Message{Method: "GET", Query: words, Browser: browser})
}

// callbackFromBrowser is what a browser brings that comes back without a word.
var callbackFromBrowser = bank.Message{Method: "GET", Browser: true}

// account is the bank's own record of a payment's order.
func (w *world) account(name string) kapitalxml.Account {
	w.t.Helper()
	handle := w.stored(name).Handle.OrderID
	for _, a := range w.sim.Ledger().Orders {
		if a.OrderID == handle {
			return a
		}
	}
	w.t.Fatalf("the bank has no order %q for %s", handle, name)
	return kapitalxml.Account{}
}

// lockedWriter lets several goroutines write one log.
type lockedWriter struct {
	mu sync.Mutex
	b  *strings.Builder
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
