// Package ledger keeps the simulated bank's books: the orders, every operation on
// them, and the rules by which an order may change.
//
// It knows no JSON of the wire and no HTTP. Amounts are int64 minor units (qepik).
// Every method that depends on time takes it as a value, and every refusal is a
// [Refusal] with the gateway's errorCode, so that a rule is read in one place.
package ledger

import (
	"fmt"
	"strconv"
	"time"

	"kassa/shared/simbank/book"
	"kassa/shared/simbank/kapital"
)

// Order statuses as the bank's table names them. How they are spelt on the wire is a
// switch.
const (
	Preparing  = "Preparing"
	FullyPaid  = "FullyPaid"
	Authorized = "Authorized"
	PartPaid   = "PartPaid"
	Closed     = "Closed"
	Refunded   = "Refunded"
	Voided     = "Voided"
	Cancelled  = "Cancelled"
	Declined   = "Declined"
	Rejected   = "Rejected"
	Expired    = "Expired"
)

// Statuses lists them all.
func Statuses() []string {
	return []string{Preparing, FullyPaid, Authorized, PartPaid, Closed, Refunded, Voided, Cancelled, Declined, Rejected,
		Expired}
}

// Purchase is the only order type of this terminal.
const Purchase = "Order_SMS"

// Order is one order in the bank's books. Amounts are minor units.
type Order struct {
	ID       int64  `json:"id"`
	Password string `json:"password"` // opens the page: 12 of [a-z0-9]
	Secret   string `json:"secret"`   // six digits, of no use to a shop
	Type     string `json:"type"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"` // alpha, "AZN"
	Language string `json:"language"` // "az", "en" or "ru"

	Title       string `json:"title,omitempty"`
	Description string `json:"description"`
	RedirectURL string `json:"redirect_url"`
	Reference   string `json:"reference,omitempty"` // ridByMerchant
	Taksit      int    `json:"taksit,omitzero"`     // months, from the description

	Status   string    `json:"status"`
	Previous string    `json:"previous,omitempty"`
	By       string    `json:"by,omitempty"` // login that brought the status about
	Created  time.Time `json:"created"`
	Finished time.Time `json:"finished,omitzero"`
	Paid     time.Time `json:"paid,omitzero"`

	// Held is reserved and not taken; Charged was taken, Refunded and Undone went
	// back: through refunds, and through voids.
	Held     int64 `json:"held"`
	Charged  int64 `json:"charged"`
	Refunded int64 `json:"refunded"`
	Undone   int64 `json:"undone"`

	// Card is what may be kept of a card. The number itself is never stored.
	Card kapital.Trace `json:"card"`
	// Challenge says that a 3-D Secure code is awaited.
	Challenge bool `json:"challenge,omitzero"`
	// Tries counts the declined tries on the page.
	Tries int `json:"tries,omitzero"`

	Trans []Tran `json:"trans,omitempty"`
}

// Tran is one operation of an order, also one that failed.
type Tran struct {
	ActionID string    `json:"action_id"` // YYMMDD-HHMMSScc-serial=, UTC
	RID      string    `json:"rid"`       // empty where processing never numbered it
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"`   // the wire's description: Purchase, Refund or Purchase - Void
	Type     string    `json:"type"`   // Purchase or Refund
	Amount   int64     `json:"amount"` // always positive
	Clear    int64     `json:"clear"`  // signed: positive takes, negative gives back, zero moved nothing
	Approval string    `json:"approval,omitempty"`
	Result   string    `json:"result"`  // pmoResultCode
	Billing  string    `json:"billing"` // "Normal" where it counts
	Void     bool      `json:"void,omitzero"`
	// Desk says that the bank did it by itself.
	Desk bool `json:"desk,omitzero"`
}

// Refusal is a definite "no" with the wire's errorCode.
type Refusal = book.Refusal

// Codes of refusals.
const (
	InvalidAmount = "InvalidAmt"
	InvalidState  = "InvalidOrderState"
	InvalidTran   = "InvalidTran"
)

// Final reports whether no customer can pay the order any more.
func (o *Order) Final() bool { return o.Status != Preparing }

// GivenBack is everything that returned to the customer, in minor units.
func (o *Order) GivenBack() int64 { return o.Refunded + o.Undone }

// Left is what can still be given back, in minor units.
func (o *Order) Left() int64 { return o.Charged - o.GivenBack() }

func (o *Order) become(status, by string, now time.Time) {
	if o.Status == status {
		return
	}
	o.Previous, o.Status, o.By = o.Status, status, by
	o.Finished = now
}

// enter adds an operation and gives it the ids that the bank would.
func (o *Order) enter(t Tran, now time.Time) Tran {
	serial := o.ID*1000 + int64(len(o.Trans)) + 1
	utc := now.UTC()
	t.At = now
	t.ActionID = fmt.Sprintf("%s%02d-%06s=", utc.Format("060102-150405"), utc.Nanosecond()/1e7,
		strconv.FormatInt(serial, 36))
	if t.Billing == "Normal" {
		t.RID = strconv.FormatInt(serial, 10)
		t.Approval = fmt.Sprintf("%06d", (serial*7919)%1000000)
	}
	o.Trans = append(o.Trans, t)
	return t
}

// Last is the newest operation.
func (o *Order) Last() Tran {
	if len(o.Trans) == 0 {
		return Tran{}
	}
	return o.Trans[len(o.Trans)-1]
}
