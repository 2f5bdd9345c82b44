package boottest

import (
	"context"
	"strconv"
	"sync"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// Bank is a bank that does as it is told. It is also the finder of itself, under the names kapital and kartapokupok.
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

// Asked is how many status questions came.
func (b *Bank) Asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

// Opened are the orders that came.
func (b *Bank) Opened() []bank.Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened
}

// Bank finds the bank.
func (b *Bank) Bank(_ context.Context, _, name string) (bank.Bank, error) {
	if name != "kapital" && name != "kartapokupok" {
		return nil, &payment.Error{Kind: payment.NotFound}
	}
	return b, nil
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
	return bank.Session{Handle: bank.Handle{OrderID: id, Secret: "SESSION-" + id, Merchant: "M", Environment: "test"},
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

// Callback proves nothing, as Kapital's does.
func (b *Bank) Callback(bank.Callback) (bank.Notice, error) { return bank.Notice{}, b.CallbackErr }

// Refund adds the amount to the total that Status tells from then on, unless RefundErr is set.
func (b *Bank) Refund(_ context.Context, r bank.Refund) (bank.Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refund = append(b.refund, r)
	if b.RefundErr != nil {
		return bank.Report{}, b.RefundErr
	}
	total := r.Returned + r.Amount.Minor
	b.report.Refunded = &total
	return b.report, nil
}

// Refunds are the refunds that were asked for.
func (b *Bank) Refunds() []bank.Refund {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refund
}
