package boottest

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"kassa/shared/bank"
	"kassa/shared/boot"
	"kassa/shared/payment"
)

// Bank is a bank that does as it is told. It is also the finder of itself, under the name of every bank that there is.
// The zero value opens every order, calls each open, and refuses to give back what it was not told to.
type Bank struct {
	OpenErr, StatusErr, CallbackErr, RefundErr error

	Opening func(bank.Order) // what happens elsewhere while an order is being opened; nil = nothing

	mu     sync.Mutex
	report payment.Report
	opened []bank.Order
	asked  int
	refund []bank.Refund
}

// Says sets what the bank reports from now on.
func (b *Bank) Says(r payment.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.report = r
}

// Questions is how many status questions came.
func (b *Bank) Questions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

// Orders are the orders that came.
func (b *Bank) Orders() []bank.Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened
}

// names are those of all banks.
func names() []string { return known().names }

// known are the banks that there are.
var known = sync.OnceValue(func() (all struct {
	names  []string
	byCard string
}) {
	profiles := boot.Profiles()
	all.names = slices.Sorted(maps.Keys(profiles))
	all.byCard = all.names[slices.IndexFunc(all.names, func(name string) bool { return !profiles[name].Terms.Needed })]
	return all
})

// byCard is the first bank that takes an order without a term.
func byCard() string { return known().byCard }

// With finds the bank and calls it.
func (b *Bank) With(_ context.Context, _, name string, call func(bank.Bank) error) error {
	if !slices.Contains(names(), name) {
		return &payment.Error{Kind: payment.NotFound}
	}
	return call(b)
}

// Profile takes every order and gives money back.
func (b *Bank) Profile() bank.Profile {
	return bank.Profile{Name: byCard(), Title: "The bank", Currencies: payment.Currencies(),
		Terms: bank.Terms{Any: true}, PageLife: 20 * time.Minute, Status: true, Refunds: true}
}

// Open takes every order, unless OpenErr is set.
func (b *Bank) Open(_ context.Context, o bank.Order) (bank.Session, error) {
	if b.Opening != nil {
		b.Opening(o)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opened = append(b.opened, o)
	if b.OpenErr != nil {
		return bank.Session{}, b.OpenErr
	}
	id := strconv.Itoa(777 + len(b.opened))
	return bank.Session{Handle: bank.Handle{OrderID: id, Private: "SESSION-" + id,
		Account: bank.Account{Merchant: "M", Environment: "test"}},
		RedirectURL: "https://bank.example/pay?ORDERID=" + id, ExpiresAt: o.Now.Add(20 * time.Minute)}, nil
}

// Status gives what Says said, or StatusErr.
func (b *Bank) Status(context.Context, bank.Handle) (bank.Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.report.State == "" {
		return bank.Report{State: payment.BankOpen, Word: "CREATED"}, b.StatusErr
	}
	return b.report, b.StatusErr
}

// Read proves nothing: what it says is a hint.
func (b *Bank) Read(bank.Message) (bank.Reading, error) { return bank.Reading{}, b.CallbackErr }

// Refund adds the amount to the total that Status tells from then on, unless RefundErr is set.
func (b *Bank) Refund(_ context.Context, r bank.Refund) (id string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refund = append(b.refund, r)
	if b.RefundErr != nil {
		return "", b.RefundErr
	}
	total := r.Returned + r.Amount.Minor
	b.report.Refunded = payment.Said(total)
	return b.report.RefundID, nil
}

// Refunds are the refunds that were asked for.
func (b *Bank) Refunds() []bank.Refund {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refund
}
