// Package delivery follows what is told to a shop: one Delivery for each entry of a payment's history that is
// announced, from the moment it is recorded until the shop has taken it or nobody tries any more. It is pure, as the
// payment is.
//
//	new ------> delivered                 the shop took it
//	 |  \-----> retry --> ... --> dead    it did not, as often as the schedule has steps; or it said "gone"
//	 \--------> retry                     nobody tried yet: the shop was just failing, or the stream's record was lost
//
// A delivery that is dead or delivered is tried again only when a person asks for it.
package delivery

import "time"

// State is how far a delivery is.
type State string

// The states.
const (
	New       State = "new"       // never tried: the table's stream wakes whoever tries it
	Retry     State = "retry"     // in the outbox, due at At
	Delivered State = "delivered" // the shop took it at At
	Dead      State = "dead"      // given up at At; Code says why
)

// Delivery is the way of one history entry to the shop.
type Delivery struct {
	Sequence int64 // the entry's
	State    State
	Tries    int       // how often it was sent
	At       time.Time // new: since when; retry: when next; delivered, dead: when that was
	Code     string    // what the last try came to: an HTTP status such as "503", or a word such as "timeout"
}

// Answer is how a shop reacted to one try.
type Answer struct {
	Accepted   bool          // it took the message
	Gone       bool          // it never wants it, and need not be tried again
	Code       string        // what a Delivery keeps as Code
	RetryAfter time.Duration // how long it asked to be left alone; zero = not said
}

// waits are the pauses after each failed try. Source: the example schedule of Standard Webhooks 1.0.0, its second step
// a minute because the outbox is looked through once a minute. The tenth try is the last, a little over three days
// after the first.
func waits() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
		14 * time.Hour,
		20 * time.Hour, 24 * time.Hour}
}

// longest bounds what a shop may ask for by Retry-After.
const longest = 24 * time.Hour

// Open says whether the shop has still to be told.
func (d Delivery) Open() bool { return d.State == New || d.State == Retry }

// NextTry is when it is tried next; zero while its first try is under way, and when nobody tries any more.
func (d Delivery) NextTry() (at time.Time) {
	if d.State == Retry {
		at = d.At
	}
	return at
}

// Due says whether it is to be tried at now.
func (d Delivery) Due(now time.Time) bool {
	return d.State == New || d.State == Retry && !d.At.After(now)
}

// Tried is d after a try that came to a. One that was delivered stays so, whatever a second sender heard; one that
// nobody tries any more is delivered all the same when a late answer says so.
func (d Delivery) Tried(a Answer, now time.Time) Delivery {
	if d.State == Delivered || d.State == Dead && !a.Accepted {
		return d
	}
	d.Tries++
	d.Code = a.Code
	steps := waits()
	switch {
	case a.Accepted:
		d.State, d.At = Delivered, now
	case a.Gone || d.Tries > len(steps):
		d.State, d.At = Dead, now
	default:
		d.State, d.At = Retry, now.Add(max(steps[d.Tries-1], min(a.RetryAfter, longest)))
	}
	return d
}

// Shelved is d put into the outbox for at, if it was never tried. That is no try.
func (d Delivery) Shelved(at time.Time) Delivery {
	if d.State == New {
		d.State, d.At = Retry, at
	}
	return d
}

// soon is how long what is to be tried anyway is left alone: the outbox is looked through once a minute.
const soon = time.Minute

// Waits says whether d would have to wait for its next try.
func (d Delivery) Waits(now time.Time) bool { return d.State == Retry && d.At.After(now.Add(soon)) }

// Again is d to be tried from the start at now, because a person asked for it.
func (d Delivery) Again(now time.Time) Delivery {
	return Delivery{Sequence: d.Sequence, State: Retry, At: now}
}

// NeverTried is since when the oldest of the list waits for its first try; zero when none does.
func NeverTried(list []Delivery) time.Time { return earliest(list, New) }

// Next is when the first of the list in the outbox is due; zero when the outbox holds none.
func Next(list []Delivery) time.Time { return earliest(list, Retry) }

// GivenUp is when the last of the list was given up; zero when none was.
func GivenUp(list []Delivery) (at time.Time) {
	for _, d := range list {
		if d.State == Dead && d.At.After(at) {
			at = d.At
		}
	}
	return at
}

func earliest(list []Delivery, s State) (at time.Time) {
	for _, d := range list {
		if d.State == s && (at.IsZero() || d.At.Before(at)) {
			at = d.At
		}
	}
	return at
}
