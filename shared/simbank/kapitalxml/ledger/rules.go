package ledger

import (
	"fmt"
	"time"

	"kassa/shared/simbank/kapital"
)

// Rules are the switches of the bank's behaviour. The zero value is what
// is known of the bank.
type Rules struct {
	// CutOff is the Baku time of day, "HH:MM", after which the day counts as
	// cleared: a Reverse is refused. Empty means midnight.
	CutOff kapital.CutOff `json:"cut_off"`
	// RefundSameDay says which refunds pass before clearing: "partial" (also
	// the meaning of empty: everything but the first refund of the whole
	// amount, which is what Reverse is for), "all" or "none".
	RefundSameDay string `json:"refund_same_day"`
	// RefundChecks is the number of status questions during which a refund
	// stays ON-REFUND before the total grows; zero settles at once.
	RefundChecks int `json:"refund_checks"`
	// RefundFails lets every accepted refund end without moving money.
	RefundFails bool `json:"refund_fails"`
	// LockChecks is the number of status questions after which an ON-LOCK
	// order is approved by itself; zero leaves it to the desk.
	LockChecks int `json:"lock_checks"`
	// AcceptExpired takes a payment although the order has expired.
	AcceptExpired bool `json:"accept_expired"`
	// NeverExpire leaves unpaid orders as they are when their time is over.
	NeverExpire bool `json:"never_expire"`
	// HideDesk keeps what the desk does out of the merchant's list of operations.
	HideDesk bool `json:"hide_desk"`
}

// Validate names the first switch that has no meaning.
func (r Rules) Validate() error {
	if err := r.CutOff.Validate(); err != nil {
		return err
	}
	switch r.RefundSameDay {
	case "", "partial", "all", "none":
	default:
		return fmt.Errorf(`refund_same_day is %q; use "partial", "all" or "none"`, r.RefundSameDay)
	}
	if r.RefundChecks < 0 || r.LockChecks < 0 {
		return fmt.Errorf("refund_checks and lock_checks must not be negative")
	}
	return nil
}

// Overdue reports whether the order's time to be paid is over.
func (o *Order) Overdue(now time.Time) bool {
	return o.Lifetime > 0 && now.Sub(o.Created) >= o.Lifetime
}

// Expire ends an unpaid order whose time is over. The gateway does it when the order is
// looked at, not by a timer.
func (o *Order) Expire(now time.Time, r Rules) {
	if r.NeverExpire || o.Final() || !o.Overdue(now) {
		return
	}
	o.Challenge = false
	o.become(Expired, now)
}

// Poll is what a status question does to an order: it expires, or the running
// authorisation or refund comes one step nearer to its end.
func (o *Order) Poll(now time.Time, r Rules) {
	o.Expire(now, r)
	if o.ChecksLeft == 0 || (o.Status != OnLock && o.Status != OnRefund) {
		return
	}
	o.ChecksLeft--
	if o.ChecksLeft > 0 {
		return
	}
	if o.Status == OnLock {
		o.approve(now, "001")
		return
	}
	o.endRefund(now, r)
}
