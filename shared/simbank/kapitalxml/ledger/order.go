// Package ledger keeps the simulated bank's books: the orders, what was
// charged, what was given back, and the rules by which an order may change.
//
// It knows no XML and no HTTP. Amounts are int64 minor units (qepik). Every
// method that depends on time takes it as a value, and every refusal is a
// [Refusal] with the bank's code, so that a rule is read in one place.
package ledger

import (
	"strconv"
	"time"

	"kassa/shared/simbank/book"
	"kassa/shared/simbank/kapital"
)

// Order statuses exactly as the gateway spells them.
const (
	Created         = "CREATED"
	OnPayment       = "ON-PAYMENT"
	OnLock          = "ON-LOCK"
	Approved        = "APPROVED"
	PreAuthApproved = "PREAUTH-APPROVED"
	Canceled        = "CANCELED"
	Declined        = "DECLINED"
	Expired         = "EXPIRED"
	Failed          = "ERROR"
	OnRefund        = "ON-REFUND"
	Refunded        = "REFUNDED"
	Reversed        = "REVERSED"
)

// Order types that the simulator knows.
const (
	Purchase = "Purchase"
	PreAuth  = "PreAuth"
)

// Order is one order in the bank's books. Amounts are minor units.
type Order struct {
	ID          int64  `json:"id"`
	Session     string `json:"session"` // 32 upper-case hex digits
	Merchant    string `json:"merchant"`
	Type        string `json:"type"`
	Amount      int64  `json:"amount"`
	Currency    string `json:"currency"` // numeric ISO 4217, "944"
	Language    string `json:"language"` // "AZ", "RU" or "EN"
	Description string `json:"description"`
	ApproveURL  string `json:"approve_url"`
	CancelURL   string `json:"cancel_url"`
	DeclineURL  string `json:"decline_url"`
	// Lifetime is OrderExpirationPeriod; zero or less means that the order never expires.
	Lifetime time.Duration `json:"lifetime"`

	Status  string    `json:"status"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Paid    time.Time `json:"paid,omitzero"`
	// RefundedAt is when money last went back through a refund.
	RefundedAt time.Time `json:"refunded_at,omitzero"`

	// Held is reserved by a PreAuth; Charged was really taken.
	Held     int64 `json:"held"`
	Charged  int64 `json:"charged"`
	Refunded int64 `json:"refunded"` // cumulative, through refunds
	Reversed int64 `json:"reversed"` // through a reversal, all or nothing

	// Card is what may be kept of a card: masked number, brand and the name of
	// the authorisation. The number itself is never stored.
	Card     kapital.Trace `json:"card"`
	Code     string        `json:"code"` // three-digit ResponseCode of the last authorisation
	Approval string        `json:"approval"`
	TwoID    string        `json:"two_id"`

	// Challenge says that a 3-D Secure code is awaited.
	Challenge bool `json:"challenge,omitzero"`
	// ChecksLeft counts the status questions until a lock or a running refund
	// settles by itself; zero means that only the desk settles it.
	ChecksLeft int `json:"checks_left,omitzero"`
	// Pending is the refund that runs while the status is ON-REFUND.
	Pending int64 `json:"pending,omitzero"`

	Operations []Operation `json:"operations,omitempty"`
}

// Operation is one movement on an order, in the order of happening.
type Operation struct {
	ID       int64     `json:"id"`
	Kind     string    `json:"kind"`   // Purchase, PreAuth, Completion, Reverse or Refund
	Amount   int64     `json:"amount"` // minor units, always positive
	At       time.Time `json:"at"`
	Approval string    `json:"approval"`
	// Desk says that the bank did it by itself, without the merchant's call.
	Desk bool `json:"desk,omitzero"`
	// Hidden keeps a desk operation out of the merchant's list of operations.
	Hidden bool `json:"hidden,omitzero"`
}

// Refusal is a definite "no" with the two-digit Response/Status of the wire.
type Refusal = book.Refusal

// Status codes of refusals.
const (
	NotAllowed = "10"
	BadFormat  = "30"
	BadOp      = "54"
	SystemFail = "96"
)

func refuse(why string) error { return Refusal{Code: BadFormat, Why: why} }

// Final reports whether no customer can pay the order any more.
func (o *Order) Final() bool {
	switch o.Status {
	case Created, OnPayment, OnLock:
		return false
	}
	return true
}

// GivenBack is everything that returned to the customer, in minor units.
func (o *Order) GivenBack() int64 { return o.Refunded + o.Reversed }

func (o *Order) record(op Operation, now time.Time) {
	op.ID = o.ID*1000 + int64(len(o.Operations)) + 1
	op.At = now
	op.Approval = o.Approval
	o.Operations = append(o.Operations, op)
}

func (o *Order) become(status string, now time.Time) {
	o.Status = status
	o.Updated = now
}

// approvalOf derives a six-digit approval code from the order, so that a run
// can be repeated and compared.
func approvalOf(id int64) string {
	digits := strconv.FormatInt(100000+(id*7919)%900000, 10)
	return digits + " A"
}
