package ledger

import (
	"net/http"
	"time"
)

// Callback is one message that the bank owes the shop. It says how things stood
// when it was written, so that notices sent out of order stay true to their time.
type Callback struct {
	Number   int       `json:"number"` // counts the notices of one application from 1
	Word     string    `json:"status"`
	RefundID string    `json:"refund_id,omitempty"`
	Returned int64     `json:"refunded_amount,omitempty"` // given back in all, as of this notice
	At       time.Time `json:"at"`

	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	HTTP     int    `json:"http"` // the shop's last answer; zero where it could not be reached
}

// States of a notice.
const (
	Waiting   = "waiting"   // still to be sent, or to be sent again
	Delivered = "delivered" // the shop answered 2xx
	Declined  = "declined"  // the shop answered 3xx or 4xx: a repeat would not help
	GivenUp   = "given_up"  // MaxAttempts without an answer, or with 5xx
	Dropped   = "dropped"   // a switch let it fall
)

// MaxAttempts bounds how often a notice is sent while the shop answers 5xx or
// cannot be reached.
const MaxAttempts = 5

func (a *Application) note(n Callback) {
	n.Number, n.State = len(a.Notices)+1, Waiting
	a.Notices = append(a.Notices, n)
}

// Due lists the notices that are still to be sent, oldest first.
func (a *Application) Due() []Callback {
	var due []Callback
	for _, n := range a.Notices {
		if n.State == Waiting {
			due = append(due, n)
		}
	}
	return due
}

// Sent books one attempt and the shop's answer to it.
func (a *Application) Sent(number, status int) {
	a.edit(number, func(n *Callback) {
		n.Attempts++
		n.HTTP = status
		switch {
		case status/100 == 2:
			n.State = Delivered
		case n.State != Waiting: // a twin was settled before
		case status != 0 && status < http.StatusInternalServerError:
			n.State = Declined
		case n.Attempts >= MaxAttempts:
			n.State = GivenUp
		}
	})
}

// Drop lets a notice fall unsent.
func (a *Application) Drop(number int) {
	a.edit(number, func(n *Callback) { n.State = Dropped })
}

// edit changes a copy, so that those who read the application before keep what
// they read.
func (a *Application) edit(number int, change func(*Callback)) {
	if number < 1 || number > len(a.Notices) {
		return
	}
	a.Notices = append([]Callback(nil), a.Notices...)
	change(&a.Notices[number-1])
}
