// Package boottest is a bench for the functions' handlers: the real use cases over a store in memory, a bank that does
// as it is told, two shops, and a clock that stands still until it is moved.
package boottest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/api"
	"kassa/shared/boot"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// Key is the API key of shop demo-az, whose origin is https://shop.example; it sells up to 150.00 over 3 and 12 months,
// and it has a Bitrix24 portal. Foreign is the key of another shop.
const (
	Key     = "sk_demo-az_k1_secret"
	Foreign = "sk_demo-by_k2_secret"
)

// KeyFor is a key of demo-az that has this one scope alone.
func KeyFor(scope api.Scope) string { return "sk_demo-az_" + string(scope) + "_secret" }

// Start is what the clock says at first.
func Start() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

// Bench is everything a handler works with.
type Bench struct {
	boot.App
	Store *memory.Store
	Bank  *Bank

	RefundLimit int64            // a day, of demo-az; none at first
	Unreadable  map[string]error // of its settings, by their names

	t   *testing.T
	log *buffer
	mu  sync.Mutex
	now time.Time
}

// New makes a bench with an empty store and a bank that opens every order.
func New(t *testing.T) *Bench {
	b := &Bench{Store: &memory.Store{}, Bank: &Bank{}, t: t, log: &buffer{}, now: Start()}
	b.Log = slog.New(slog.NewJSONHandler(b.log, nil))
	b.Keys = keyring{b}
	b.Service = &checkout.Service{Store: b.Store, Allowances: b.Store, Undeliveries: b.Store, Days: b.Store,
		Banks: b.Bank, Log: b.Log,
		CallbackURL: "https://callback.example", Now: b.clock, Wait: b.wait}
	return b
}

func (b *Bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// Advance moves the clock.
func (b *Bench) Advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// wait is how a handler waits: the clock moves on.
func (b *Bench) wait(_ context.Context, d time.Duration) bool {
	b.Advance(d)
	return true
}

// Logged is the log so far, one JSON object a line.
func (b *Bench) Logged() string { return b.log.String() }

// Open puts a pending payment of demo-az for this order on record.
func (b *Bench) Open(ref string) payment.Payment {
	b.t.Helper()
	opened, err := b.Service.Initiate(context.Background(), checkout.Order{
		Shop: "demo-az", By: "shop:k1", Ref: ref, Bank: byCard(), Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		Return: payment.ReturnURLs{Success: "https://shop.example/thanks?order=" + url.QueryEscape(ref),
			Cancel:  "https://shop.example/cancelled",
			Decline: "https://shop.example/declined"},
		Banks: []string{byCard()}, Origins: []string{"https://shop.example"},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return opened.Payment
}

// Paid puts a paid payment on record.
func (b *Bench) Paid(ref string) payment.Payment {
	b.t.Helper()
	p := b.Open(ref)
	b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED", Refunded: payment.Said(0)})
	p, err := b.Service.Poll(context.Background(), p.ID, checkout.Reader{Shop: p.Shop})
	if err != nil || p.Status != payment.Paid {
		b.t.Fatal(p.Status, err)
	}
	return p
}

// Event reads a recorded event from testdata into e, with the pairs of words in it replaced: {id}, {token}, ...
func (b *Bench) Event(e any, name string, replace ...string) {
	b.t.Helper()
	raw, err := fs.ReadFile(os.DirFS("testdata"), name)
	if err == nil {
		err = json.Unmarshal([]byte(strings.NewReplacer(replace...).Replace(string(raw))), e)
	}
	if err != nil {
		b.t.Fatal(name, err)
	}
}

// keyring knows the two shops' keys.
type keyring struct{ bench *Bench }

func (r keyring) Shop(_ context.Context, k api.Key) (api.Shop, error) {
	all := []api.Scope{api.Create, api.Read, api.Refund}
	switch text := "sk_" + k.Shop + "_" + k.ID + "_" + k.Secret; text {
	case Key, KeyFor(api.Create), KeyFor(api.Read), KeyFor(api.Refund):
		if text != Key {
			all = []api.Scope{api.Scope(k.ID)}
		}
		return api.Shop{ID: k.Shop, KeyID: k.ID, Scopes: all, Currency: payment.AZN,
			Banks: names(), Bitrix24: true,
			Origins: []string{"https://shop.example"}, RefundLimit: r.bench.RefundLimit, Broken: r.bench.Unreadable,
			OrderStatus: map[string]string{"paid": "PAID!"}, Instalments: payment.InstalmentPolicy{Terms: []int{3, 12},
				MaxAmount: 15000}}, nil
	case Foreign:
		return api.Shop{ID: k.Shop, KeyID: k.ID, Scopes: all, Currency: payment.BYN, Banks: []string{"other"},
			Origins: []string{"https://other.example"}}, nil
	}
	return api.Shop{}, &payment.Error{Kind: payment.Forged, Cause: errors.New("no such key")}
}

// buffer is a log that several goroutines may write.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}
