package ledger

import (
	"errors"
	"fmt"
	"time"

	"kassa/shared/simbank/kapital"
)

// Rules are the switches of the bank's behaviour. The zero value is what is known
// of the bank, and where nothing is what harms a shop least.
type Rules struct {
	// LifetimeMinutes is how long an order waits for its customer, by the bank's
	// clock; zero means a day. The real time is not published.
	LifetimeMinutes int `json:"lifetime_minutes"`
	// AcceptExpired takes a payment although the order has expired.
	AcceptExpired bool `json:"accept_expired"`
	// Tries is how many declined tries end an order; zero means three. With one the
	// first decline is Declined, with more the order stays Preparing until then.
	Tries int `json:"tries"`
	// CutOff is the Baku time of day, "HH:MM", after which the day's operations
	// cannot be voided any more. Empty means midnight.
	CutOff kapital.CutOff `json:"cut_off"`
	// RefundSameDay says which refunds pass on the day of the payment: "" all,
	// "partial" all but the first of the whole amount, or "none".
	RefundSameDay string `json:"refund_same_day"`
	// StateCode is the errorCode of a refusal for the order's state; empty means
	// InvalidOrderState.
	StateCode string `json:"state_code"`
	// PartStatus is the status of a payment that was given back in part; empty
	// leaves FullyPaid.
	PartStatus string `json:"part_status"`
	// CloseAfterHours ends all dealings with a paid order (status Closed) that long
	// after its payment; zero never does.
	CloseAfterHours int `json:"close_after_hours"`
}

// Validate names the first switch that has no meaning.
func (r Rules) Validate() error {
	if err := r.CutOff.Validate(); err != nil {
		return err
	}
	switch r.RefundSameDay {
	case "", "partial", "none":
	default:
		return fmt.Errorf(`refund_same_day is %.40q; use "", "partial" or "none"`, r.RefundSameDay)
	}
	if r.LifetimeMinutes < 0 || r.Tries < 0 || r.CloseAfterHours < 0 {
		return errors.New("lifetime_minutes, tries and close_after_hours must not be negative")
	}
	return nil
}

func (r Rules) wrongState(format string, args ...any) error {
	code := r.StateCode
	if code == "" {
		code = InvalidState
	}
	return Refusal{Code: code, Why: fmt.Sprintf(format, args...)}
}

// Look is what time does to an order, when somebody looks at it: an unpaid one
// expires, a paid one is closed.
func (o *Order) Look(now time.Time, r Rules) {
	lifetime := time.Duration(r.LifetimeMinutes) * time.Minute
	if lifetime == 0 {
		lifetime = 24 * time.Hour
	}
	if o.Status == Preparing && now.Sub(o.Created) >= lifetime {
		o.Challenge = false
		o.become(Expired, "", now)
	}
	age := time.Duration(r.CloseAfterHours) * time.Hour
	if age > 0 && o.Status == FullyPaid && now.Sub(o.Paid) >= age {
		o.become(Closed, "", now)
	}
}
