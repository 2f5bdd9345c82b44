// Package allowance counts what a shop asks to be given back through its API keys on a day, for shops that have set a
// limit to it. It is pure: who keeps the count, and when, is the use case's and the store's. Amounts are whole minor
// units of one currency.
//
// What is counted may at worst be too much, never too little: a refund is claimed before it is on record, and given up
// only by the one who claimed it, once the record says that it failed or is not there.
package allowance

import (
	"errors"
	"slices"
	"time"
)

// Remembered is how many of a day's refunds are known one by one. Older ones stay in the sum for good: repeated, they
// count again, which is rather too much than too little.
const Remembered = 64

// ID names a count: what one shop gives back in one currency.
type ID struct{ Shop, Currency string }

// String is the count's key in a table: a shop's id holds no underscore.
func (id ID) String() string { return "lim_" + id.Shop + "_" + id.Currency }

// Usage is what of a day's allowance is used. The zero value but for its ID is that of a shop that has never given
// anything back.
type Usage struct {
	ID     ID
	Rev    string // version that it was read as; "" when it was never written
	Day    int64  // days since 1970-01-01 in the zone of the currency's country
	Sum    int64  // of that day, Claims among it
	Claims []Claim
	Extra  any // what a store has read and does not know; carried through
}

// Claim is one refund that counts.
type Claim struct {
	Refund string // its id
	Owner  string // random, of the request that claimed it last: no other gives it up
	Amount int64
}

// Take counts a claim on a day under a limit. A refund counts once: claimed again it has a new owner, and the amount
// that is asked for now. When it does not fit, nothing changes, and left is what would have. A day never ends twice: a
// clock that is late counts on the day that others have begun.
func (u Usage) Take(c Claim, day, limit int64) (next Usage, left int64, ok bool) {
	next = u
	if day > u.Day {
		next.Day, next.Sum, next.Claims = day, 0, nil
	}
	sum := next.Sum
	i := next.find(c.Refund)
	if i >= 0 {
		sum -= next.Claims[i].Amount
	}
	left = max(0, limit-sum)
	if c.Amount > left {
		return u, left, false
	}
	next.Sum, next.Claims = sum+c.Amount, slices.Clone(next.Claims)
	if i >= 0 {
		next.Claims = slices.Delete(next.Claims, i, i+1)
	}
	next.Claims = append(next.Claims, c)
	next.Claims = next.Claims[max(0, len(next.Claims)-Remembered):]
	return next, left - c.Amount, true
}

// Holds says whether a claim counts just as it is.
func (u Usage) Holds(c Claim, day int64) bool { return u.Day >= day && slices.Contains(u.Claims, c) }

// GiveUp takes a claim back; false when it is not there any more, or somebody else's by now.
func (u Usage) GiveUp(c Claim) (next Usage, ok bool) {
	i := u.find(c.Refund)
	if i < 0 || u.Claims[i].Owner != c.Owner {
		return u, false
	}
	next = u
	next.Sum -= u.Claims[i].Amount
	next.Claims = slices.Delete(slices.Clone(u.Claims), i, i+1)
	return next, true
}

func (u Usage) find(refund string) int {
	return slices.IndexFunc(u.Claims, func(c Claim) bool { return c.Refund == refund })
}

// Check finds what cannot be: a store asks before each write and after each read.
func (u Usage) Check() error {
	var sum int64
	for i, c := range u.Claims {
		if c.Refund == "" || c.Owner == "" || c.Amount <= 0 || u.find(c.Refund) != i {
			return errors.New("allowance: a claim is empty, negative or stands twice")
		}
		sum += c.Amount
	}
	if u.ID.Shop == "" || u.ID.Currency == "" || u.Sum < sum || len(u.Claims) > Remembered {
		return errors.New("allowance: the sum is less than its claims, or there are too many")
	}
	return nil
}

// Zone is where a currency's days begin: Baku is UTC+4, Minsk UTC+3, neither with a summer time. Any other has UTC's.
func Zone(currency string) *time.Location {
	switch currency {
	case "AZN":
		return time.FixedZone("", 4*60*60)
	case "BYN":
		return time.FixedZone("", 3*60*60)
	}
	return time.UTC
}

// Day is the day of a currency's country at now, and when the next begins.
func Day(currency string, now time.Time) (day int64, next time.Time) {
	here := now.In(Zone(currency))
	_, offset := here.Zone()
	const length = 24 * 60 * 60 // seconds
	seconds := now.Unix() + int64(offset)
	day = seconds / length // no clock of ours stands before 1970
	return day, time.Unix((day+1)*length-int64(offset), 0).In(here.Location())
}
