// Package bank is the seam between Kassa and a bank. A bank is one folder below this one that fulfils Bank, one line in
// boot/banks.go and one secret; everything a bank does in its own way stays in its folder.
package bank

import (
	"context"
	"errors"
	"net/url"
	"time"

	"kassa/shared/payment"
)

// Handle is how the bank knows a payment.
type Handle = payment.Handle

// Account is whose an order is.
type Account = payment.Account

// Report is what the bank states about one handle.
type Report = payment.Report

// ErrNoOrder is the cause of an error of Status where the bank answers that it does not find the order. It proves
// nothing about money, since an order may be another terminal's; for people it is more than silence.
var ErrNoOrder = errors.New("the bank finds no such order")

// ErrNoCall is the cause of an Unsupported error of Status where it is the bank's server that knows no such question,
// and not the settings. A server that is being put up anew says so for a moment, too.
var ErrNoCall = errors.New("the bank's server knows no such question")

// Bank is what every bank must be able to do. An implementation is made for one shop, holds no payment and may be used
// by several invocations at once. All errors are *payment.Error of the kinds named at each method.
type Bank interface {
	// Profile says what the bank is and can, and what a shop must bring. It asks nobody.
	Profile() Profile

	// Open registers the order at the bank and gives the page to send the customer to.
	//
	// Refused: the bank said a definite no. Uncertain: the order may exist at the bank, but no customer has seen its
	// page, so opening again is safe. Unavailable: nothing was sent. Misconfigured: a setting is wrong; no customer has
	// a page that could be paid. The message of a Refused error is safe for the shop. What Profile().Examine finds
	// wrong is Refused.
	Open(ctx context.Context, o Order) (Session, error)

	// Status asks the bank about our own handle. Its report is proof for that handle and no other: an answer that names
	// another order is an error. It never moves money and may be asked any number of times.
	//
	// Unsupported: this bank has no such question, see ErrNoCall. Unavailable: no answer, or none that can be read;
	// nothing is known.
	// Misconfigured: a setting is wrong, or the handle was opened under another account.
	Status(ctx context.Context, h Handle) (Report, error)

	// Read reads a message that came to our callback address, whoever sent it, and says what it proves. It is pure:
	// no clock but c.Now, no network.
	//
	// Malformed: it cannot be read, and nothing proves who sent it; the bank is asked all the same. Forged: a signature
	// is demanded and is missing or wrong.
	Read(c Message) (Reading, error)

	// Refund gives r.Amount back once. The caller has saved its intent and reads the bank's total before and after.
	//
	// No error: the bank definitely did it; id is its own of the refund, where it gives one. Refused: a definite no,
	// nothing moved; with a Code it is ours, by a rule of the bank's, and nothing was sent. Uncertain: it may have
	// happened; an id beside it is the bank's of what it has taken and not called done. Unavailable, Misconfigured,
	// Unsupported: nothing was sent.
	Refund(ctx context.Context, r Refund) (id string, err error)
}

// Message is a message as it came to /{payment}/{token}/return or /notify. Header names are lower-case; Body is the
// exact bytes, base64 undone; Handle is ours, zero while the opening is not saved yet.
type Message struct {
	Method  string
	Query   url.Values
	Header  map[string]string
	Body    []byte
	Browser bool // it came to /return
	Handle  Handle
	Now     time.Time
}

// Reading is what a callback message says and what of it is proven.
type Reading struct {
	Proven  bool   // a verified bank signature over the exact bytes: Report may be applied to Handle
	Handle  Handle // the order the message is about, as far as it says
	Report  Report // meaningful only when Proven
	Recheck bool   // Status must agree before it counts

	// Unclear says why a proven message is not understood, in words that are safe to log; "" = it is. Then the report
	// has no more than BankUnknown, the bank's word, and the total or the id of a refund, each where it could be read;
	// without an order id the message is about the payment whose address it came to.
	Unclear string
	// what an unproven message claims, for the log alone: ids and status words, never card or customer data
	Claims []Claim
}

// Claim is one named word of an unproven message.
type Claim struct{ Name, Value string }

// Claim notes a word for the log, where the message has it.
func (n *Reading) Claim(name, value string) {
	if value != "" {
		n.Claims = append(n.Claims, Claim{Name: name, Value: value})
	}
}

// Refund is one order to give money back.
type Refund struct {
	Handle   Handle
	ID       string // our refund id
	Amount   payment.Money
	Captured int64     // what was taken, minor units
	Returned int64     // what is known to have gone back before, minor units
	PaidAt   time.Time // when the payment was found paid
	Reason   string
	Now      time.Time
}

// Whole says whether this gives everything back at once.
func (r Refund) Whole() bool { return r.Returned == 0 && r.Amount.Minor == r.Captured }

// ShownBy says whether a bank that has just refused this shows it as done or under way: then something on the way
// repeated our request, and the refusal was for the repetition. Where nothing had gone back before, money that went
// back without a figure can be this.
func (r Refund) ShownBy(now Report) bool {
	switch {
	case now.State == payment.BankRefunding:
		return true // nothing was, when the caller looked before
	case now.Refunded.Said:
		return now.Refunded.Minor >= r.Returned+r.Amount.Minor // the desk may have given back besides
	case now.State == payment.BankRefunded:
		return r.Returned == 0
	}
	return r.Whole() && now.State == payment.BankReturned
}
