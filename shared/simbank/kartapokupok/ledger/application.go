// Package ledger keeps the simulated bank's books: the applications for
// instalments, what the shop was paid, what was given back, and the rules by
// which an application may change.
//
// It knows no JSON of the partner API and no HTTP. Amounts are int64 minor units
// (kopecks). Every method that depends on time takes it as a value, and every
// refusal is a [Refusal], so that a rule is read in one place. Of the customer
// nothing is kept.
package ledger

import (
	"fmt"
	"time"

	"kassa/shared/simbank/book"
)

// Status words exactly as the bank spells them (brief, "Status Model"). Expired
// is the books' own: the partner reads [Rules.ExpiredWord] instead.
const (
	Pending   = "PENDING"
	Approved  = "APPROVED"
	Rejected  = "REJECTED"
	Cancelled = "CANCELLED"
	Refunded  = "REFUNDED"
	Expired   = "EXPIRED"
)

// Application is one application in the bank's books.
type Application struct {
	Session   string `json:"session"` // the session_id: 32 lower-case hex digits
	Key       string `json:"key"`     // opens the customer's page, and nothing else
	Number    int64  `json:"number"`  // counts the applications
	Partner   string `json:"partner"`
	Reference string `json:"reference"` // order_ref
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"` // "BYN"
	Term      int    `json:"term"`     // months
	Items     []Item `json:"items"`

	SuccessURL  string `json:"success_url"`
	FailURL     string `json:"fail_url"`
	CallbackURL string `json:"callback_url"`

	Status  string    `json:"status"`
	Later   bool      `json:"later,omitzero"` // the customer put the decision off
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	// Paid is when the bank approved and paid the shop.
	Paid time.Time `json:"paid,omitzero"`

	Charged  int64      `json:"charged"`  // paid to the shop at approval
	Returned int64      `json:"returned"` // given back so far, cumulative
	Refunds  []GiveBack `json:"refunds,omitempty"`
	Notices  []Callback `json:"notices,omitempty"`
}

// Item is one line of the order; Price is per piece.
type Item struct {
	Name     string `json:"name"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
	Price    int64  `json:"price"`
}

// GiveBack is one refund, in the order of happening.
type GiveBack struct {
	ID     string    `json:"refund_id"`
	Amount int64     `json:"amount"`
	At     time.Time `json:"at"`
	// Desk says that the bank did it by itself, without the shop's call.
	Desk bool `json:"desk,omitzero"`
	// Hidden keeps it out of the list that the status call answers.
	Hidden bool `json:"hidden,omitzero"`
}

// Refusal is a definite "no": Code is the "error" of the partner API's answer, Why its
// "message".
type Refusal = book.Refusal

// Codes of refusals. The brief names none; these are the simulator's own.
const (
	CodeState     = "wrong_state"      // the application stands otherwise
	CodeAmount    = "amount_too_large" // more than is left
	CodePartial   = "partial_refund_not_allowed"
	CodeRepeated  = "repeated_refund_not_allowed"
	CodeWindow    = "refund_window_over"
	CodeDuplicate = "order_ref_taken"
)

func refuse(code, format string, args ...any) error {
	return Refusal{Code: code, Why: fmt.Sprintf(format, args...)}
}

// Open reports whether the customer can still decide.
func (a *Application) Open() bool { return a.Status == Pending }

// Left is what can still be given back.
func (a *Application) Left() int64 { return a.Charged - a.Returned }

// GivenBack is the refund of an id; nothing where there is none.
func (a *Application) GivenBack(id string) GiveBack {
	for _, g := range a.Refunds {
		if g.ID == id {
			return g
		}
	}
	return GiveBack{}
}

// Word is the status as the partner reads it under the rules.
func (a *Application) Word(r Rules) string {
	switch {
	case a.Status == Expired && r.ExpiredWord == "":
		return Cancelled
	case a.Status == Expired:
		return r.ExpiredWord
	case a.Status == Approved && a.Returned > 0 && r.PartialWord != "":
		return r.PartialWord
	}
	return a.Status
}

func (a *Application) become(status string, now time.Time) {
	a.Status, a.Updated = status, now
}
