// Package banks is every simulated bank as a world without sockets has it: with Kassa's real way to it, and with what
// its customers and its own people do.
package banks

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/checkout"
	"kassa/shared/simbank/book"
)

// Start is when every world begins, and when the banks' keys were made: a Monday noon in Baku.
func Start() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// Host is the world around a bank: its clock, what carries Kassa's requests to the bank, and what carries the bank's
// own messages to Kassa.
type Host struct {
	Now        func() time.Time
	Wire, Door http.RoundTripper
}

// Account is what the bank's ledger says of an order, in minor units.
type Account struct {
	Order             string
	Charged, Returned int64
	Status            string
}

// Side is the bank's side of a world, by its orders' ids, and how Kassa reaches it.
type Side struct {
	Name   string             // of the bank
	Kassas map[bool]bank.Bank // by whether they know the bank's second keys
	API    http.Handler       // the bank's
	Life   time.Duration      // of its page
	Terms  func(*checkout.Order)

	Approve, Decline, Leave, Late func(order string) error
	Desk                          func(order string, amount int64) error
	// A message, or a browser: as it is, an old one, a forged one. Again is nil where an old one is as any other.
	Come, Again, Forge func(ctx context.Context, order string) error
	Rotate             func(rotated bool) error
	rotated            bool

	Account  func(order string) Account // nothing of an order that it does not know
	Accounts func() []Account
	Books    func() any                       // all that the bank remembers, for telling states apart
	Mark     func() (back func())             // remembers how the bank stands
	Keep     func(order string) (back func()) // remembers how an order stands
	Call     func(r *http.Request, body string) (name string, moves bool)
}

// Open opens the bank's side of a world by the name that scripts use.
func Open(name string, h Host) (*Side, error) {
	open, known := banks()[name]
	if !known {
		return nil, fmt.Errorf("there is no world with %q; there are %q", name, Names())
	}
	return open(h)
}

// Names are those of all banks and gateways.
func Names() []string { return slices.Sorted(maps.Keys(banks())) }

// banks are all banks. A further one is one entry here.
func banks() map[string]func(Host) (*Side, error) {
	return map[string]func(Host) (*Side, error){"xml": openXML, "txpg": openTXPG, "karta": openKarta}
}

const pages = "https://pay.bank.test"

// client carries what the bank sends by itself.
func client(h Host) *http.Client { return &http.Client{Transport: h.Door} }

func options(h Host) exchange.Options {
	return exchange.Options{Stage: "local", Now: h.Now, Wire: h.Wire}
}

// secretOf is a bank secret as an operator would enter it.
func secretOf(fields map[string]any) []byte {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) //nolint:forbidigo // texts and lists of texts
	}
	return text
}

// accounts tells of a bank's orders what its book says, all of them or one by its key, and keeps how one stands.
func accounts[K comparable, T any](b *book.Orders[K, T], key func(order string) K, account func(T) Account) (
	one func(order string) Account, all func() []Account, keep func(order string) (back func())) {
	one = func(order string) Account {
		if o, err := b.Find(key(order)); err == nil {
			return account(o)
		}
		return Account{}
	}
	all = func() (list []Account) {
		for _, o := range b.All() {
			list = append(list, account(o))
		}
		return list
	}
	return one, all, func(order string) func() { return b.Keep(key(order)) }
}
