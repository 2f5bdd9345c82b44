// Package simbank is what every simulated bank has: books, a fault script, switches,
// a history, a desk for its people and a control API for scripts. A bank brings its
// orders and their rules, its messages and the customer's page, and shares none of
// these with the adapter, so that a mistake cannot agree with itself.
package simbank

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/shared/simbank/book"
	"kassa/shared/simbank/control"
	"kassa/shared/simbank/fault"
	"kassa/shared/simbank/frame"
	"kassa/shared/simbank/journal"
)

// Plan says what a bank is built from. PageURL is the public base of the customer's
// page, DataFile the bbolt file of the books (in memory where it is empty); Now and
// Client, which carries what the bank sends by itself, have defaults.
type Plan[K comparable, T any, S control.Settings] struct {
	Name     string // of the bank's package: it stands before errors
	PageURL  string
	Now      func() time.Time
	DataFile string
	Client   *http.Client
	Settings S         // at the start and after a reset
	Own      func(S) S // copies what the settings share; nil where they share nothing
	Shape    book.Shape[K, T]
	Speech   fault.Bank
	Pages    func() (*frame.Renderer, error)
}

// Bank is the part that all banks have alike; E is a request in its history. It is
// safe for concurrent use.
type Bank[K comparable, T any, S control.Settings, E any] struct {
	name     string
	PageURL  string // without a slash at its end
	Now      func() time.Time
	Client   *http.Client
	Book     *book.Orders[K, T]
	Script   *fault.Plan
	Journal  journal.Log[E]
	Views    *frame.Renderer
	Switches *control.Switches[S]
}

// Open opens the bank's books. Close it.
func Open[K comparable, T any, S control.Settings, E any](p Plan[K, T, S]) (*Bank[K, T, S, E], error) {
	b := &Bank[K, T, S, E]{name: p.Name, PageURL: strings.TrimSuffix(p.PageURL, "/"), Now: p.Now, Client: p.Client,
		Script: fault.NewPlan(p.Speech), Switches: control.NewSwitches(p.Settings, p.Own)}
	if u, err := url.Parse(p.PageURL); err != nil || u.Host == "" {
		return nil, fmt.Errorf("%s: PageURL %q is not an absolute address", p.Name, p.PageURL)
	}
	if err := p.Settings.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	if b.Now == nil {
		b.Now = time.Now
	}
	if b.Client == nil {
		b.Client = &http.Client{Timeout: 10 * time.Second, CheckRedirect: stay}
	}
	var err error
	if b.Views, err = p.Pages(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	if b.Book, err = book.Open(p.DataFile, p.Shape); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	return b, nil
}

// stay keeps the shop's own answer: what it redirects to is meant for the customer.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Close lets go of held connections and of the books.
func (b *Bank[K, T, S, E]) Close() error {
	b.Script.Close()
	return b.Book.Close()
}

// Settings returns the switches as they stand.
func (b *Bank[K, T, S, E]) Settings() S { return b.Switches.Get() }

// Set changes the switches: f edits a copy, which is taken when it is valid.
func (b *Bank[K, T, S, E]) Set(f func(*S)) error { return b.Switches.Set(f) }

// Faults appends to the fault script.
func (b *Bank[K, T, S, E]) Faults(faults ...fault.Fault) error { return b.Script.Add(faults...) }

// ClearFaults ends the fault script.
func (b *Bank[K, T, S, E]) ClearFaults() { b.Script.Clear() }

// Requests returns the last 500 requests, oldest first.
func (b *Bank[K, T, S, E]) Requests() []E { return b.Journal.All() }

// Reset puts faults, switches and history back to the start; with orders the ledger
// is emptied too. Numbers of orders are never used again.
func (b *Bank[K, T, S, E]) Reset(orders bool) error {
	b.ClearFaults()
	b.Journal.Clear()
	if err := b.Switches.Reset(); err != nil || !orders {
		return err
	}
	return b.Book.Forget()
}

// Send carries a message to the shop and returns its HTTP status.
func (b *Bank[K, T, S, E]) Send(r *http.Request) (int, error) {
	response, err := b.Client.Do(r) //nolint:gosec // to the address that the merchant gave with the order
	if err != nil {
		return 0, fmt.Errorf("callback: %w", withoutAddress(err))
	}
	defer func() { _ = response.Body.Close() }()
	// Only the status counts; the rest is read so that the connection is kept.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, nil
}

// withoutAddress takes the address out of the client's error: its path is a secret
// between shop and bank.
func withoutAddress(err error) error {
	var in *url.Error
	if errors.As(err, &in) {
		return in.Err
	}
	return err
}

// Repeat sends a message count times, once at least, and returns the shop's HTTP
// statuses.
func Repeat(ctx context.Context, count int, send func(context.Context) (int, error)) ([]int, error) {
	answers := []int{}
	for range max(count, 1) {
		status, err := send(ctx)
		if err != nil {
			return answers, err
		}
		answers = append(answers, status)
	}
	return answers, nil
}
