package ledger

import (
	"fmt"
	"regexp"
	"time"
)

// Rules are the switches of an application's life. The zero value is what the
// brief describes, and where it is silent what comparable banks do.
type Rules struct {
	// NoPartial refuses a refund of less than the whole amount.
	NoPartial bool `json:"no_partial"`
	// NoRepeat refuses a second refund of the same application.
	NoRepeat bool `json:"no_repeat"`
	// RefundDays is how many days after the approval a refund passes; zero
	// sets no limit. The bank's desk knows no limit.
	RefundDays int `json:"refund_days"`
	// LifetimeDays is how long an application stays open; zero means 30.
	LifetimeDays int `json:"lifetime_days"`
	// NeverExpire leaves open applications open.
	NeverExpire bool `json:"never_expire"`
	// ExpiredWord is what the partner reads of an application whose time is
	// over; empty means CANCELLED.
	ExpiredWord string `json:"expired_word"`
	// PartialWord is what the partner reads after a partial refund; empty
	// means that it stays APPROVED.
	PartialWord string `json:"partial_word"`
	// HideDesk keeps refunds by the bank's desk out of the list of refunds;
	// the total counts them.
	HideDesk bool `json:"hide_desk"`
	// UniqueRef refuses an order_ref that the partner has used before.
	UniqueRef bool `json:"unique_ref"`
}

// defaultLifetime of an application, in days, as comparable banks have it.
const defaultLifetime = 30

var statusWord = regexp.MustCompile(`^[A-Za-z_-]{0,40}$`)

// Validate names the first switch that has no meaning.
func (r Rules) Validate() error {
	if r.RefundDays < 0 || r.RefundDays > 3650 || r.LifetimeDays < 0 || r.LifetimeDays > 3650 {
		return fmt.Errorf("refund_days and lifetime_days are numbers of days from 0 to 3650")
	}
	if !statusWord.MatchString(r.ExpiredWord) || !statusWord.MatchString(r.PartialWord) {
		return fmt.Errorf("expired_word and partial_word are words of letters, - and _")
	}
	return nil
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// ends is the moment from which an open application is over.
func (a *Application) ends(r Rules) time.Time {
	if r.LifetimeDays == 0 {
		return a.Created.Add(days(defaultLifetime))
	}
	return a.Created.Add(days(r.LifetimeDays))
}
