// Package tally adds up days of a shop for people who look at a screen: what became of the payments that were opened on
// a day, by bank and currency, and in which hour. The sums are those of `kassa totals`: a payment counts on the day of
// its creation, with what the bank took and gave back until now.
package tally

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// Line is what became of a bank's payments in one currency. Amounts are its minor units.
type Line struct {
	Bank     string
	Currency payment.Currency
	Counts
	Captured, Refunded int64
}

// Net is what is left with the shop.
func (l Line) Net() int64 { return l.Captured - l.Refunded }

// Counts are numbers of payments. Paid are those of which the bank took money, whatever went back since; Returned is
// how many of them gave some of it back, Open how many may still be paid, and Twice how many hold money for an order
// that another attempt had paid before.
type Counts struct{ Opened, Paid, Declined, Cancelled, Expired, Open, Returned, Twice int }

// Conversion is how many of a hundred that were opened were paid, rounded down: 100 means all of them.
func (c Counts) Conversion() int { return 100 * c.Paid / max(1, c.Opened) }

func (c *Counts) add(p payment.Summary) {
	c.Opened++
	switch {
	case p.Captured > 0:
		c.Paid++
	case p.Status == payment.Declined:
		c.Declined++
	case p.Status == payment.Cancelled:
		c.Cancelled++
	case p.Status == payment.Expired:
		c.Expired++
	default:
		c.Open++
	}
	if p.Refunded > 0 {
		c.Returned++
	}
	if p.Overpaid && p.Refunded < p.Captured {
		c.Twice++
	}
}

// Day is one day's.
type Day struct {
	From  time.Time // its midnight, in the zone whose day it is
	Lines []Line    // by bank, then currency
	All   Counts
	Hours []Counts  // by the hour of the creation: 24, as no zone here changes its clocks
	At    time.Time // when it began to be added up; zero = it is still being read

	Unreadable []error // why some payments are not among them
}

// Days adds days up and keeps them for a while. It may serve several requests at once.
type Days struct {
	store book.Store
	now   func() time.Time
	turns chan struct{} // of days that nobody waits for

	mu      sync.Mutex
	kept    map[key]Day
	reading map[key]chan struct{} // closed when that is over
}

// New makes one. It reads nothing.
func New(store book.Store, now func() time.Time) *Days {
	return &Days{store: store, now: now, turns: make(chan struct{}, 2), kept: map[key]Day{},
		reading: map[key]chan struct{}{}}
}

type key struct {
	shop string
	from int64 // seconds
}

// The columns beside the day that somebody looks at: how long they are shown as they once were while they are read
// anew, how long a page waits for that, and how long reading one may take.
const (
	keep     = 10 * time.Minute
	patience = 700 * time.Millisecond
	longest  = 2 * time.Minute
)

// Before adds the n days before a day up anew, the oldest first: what was paid on a day that is over may be given back
// now. A week of a large shop takes long to read, and nobody looks at a blank page for it: days that are not there soon
// are read on, and come until then as they were, or with a zero At.
func (d *Days) Before(ctx context.Context, shop string, day time.Time, n int) []Day {
	enough := time.NewTimer(patience)
	defer enough.Stop()
	found, over := make([]Day, n), make([]chan struct{}, n)
	for i := range n {
		found[i].From = day.AddDate(0, 0, i-n)
		over[i] = d.begin(ctx, shop, found[i].From)
	}
	for i, done := range over {
		select {
		case <-done:
		case <-ctx.Done():
		case <-enough.C:
			enough.Reset(0) // nor for the next ones
		}
		if known, there := d.known(key{shop, found[i].From.Unix()}); there {
			found[i] = known
		}
	}
	return found
}

// begin has a day read by somebody, and gives what is closed when that is over. What goes wrong is tried again by
// whoever asks next.
func (d *Days) begin(ctx context.Context, shop string, from time.Time) chan struct{} {
	k, done := key{shop, from.Unix()}, make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reading[k] != nil {
		return d.reading[k]
	}
	d.reading[k] = done
	go func() {
		d.turns <- struct{}{}
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
		_, _ = d.Of(bounded, shop, from)
		cancel()
		<-d.turns
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.reading, k)
		close(done)
	}()
	return done
}

func (d *Days) known(k key) (Day, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	day, there := d.kept[k]
	return day, there && d.now().Sub(day.At) < keep
}

// Of adds one day up anew, from its midnight in a zone. A payment that cannot be read hides no other; an error is of
// all of them.
func (d *Days) Of(ctx context.Context, shop string, from time.Time) (Day, error) {
	q := book.Query{Shop: shop, From: from, To: from.AddDate(0, 0, 1)}
	day, lines := Day{From: from, Hours: make([]Counts, 24), At: d.now()}, map[[2]string]*Line{}
	for p, err := range book.Sums(ctx, d.store, q, d.now()) {
		switch kind := payment.KindOf(err); {
		case err != nil && (kind == payment.Unavailable || kind == payment.Misconfigured || ctx.Err() != nil):
			return day, err
		case err != nil:
			day.Unreadable = append(day.Unreadable, err)
			continue
		}
		name := [2]string{p.Bank, string(p.Amount.Currency)}
		if lines[name] == nil {
			lines[name] = &Line{Bank: p.Bank, Currency: p.Amount.Currency}
		}
		l := lines[name]
		l.add(p)
		l.Captured, l.Refunded = l.Captured+p.Captured, l.Refunded+p.Refunded
		day.All.add(p)
		day.Hours[p.CreatedAt.In(from.Location()).Hour()].add(p)
	}
	for _, l := range lines {
		day.Lines = append(day.Lines, *l)
	}
	slices.SortFunc(day.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Bank, b.Bank), cmp.Compare(a.Currency, b.Currency))
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	for k, old := range d.kept { // so that a console that runs for weeks holds no more than it shows
		if day.At.Sub(old.At) > keep {
			delete(d.kept, k)
		}
	}
	if k := (key{shop, from.Unix()}); !day.At.Before(d.kept[k].At) { // another may have begun later and ended sooner
		d.kept[k] = day
	}
	return day, nil
}
