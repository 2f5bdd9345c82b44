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

// Counts are numbers of payments. Paid are those of which the bank took money, whatever went back since; Refunded is
// how many of them gave some of it back, and Open how many may still be paid.
type Counts struct{ Opened, Paid, Declined, Cancelled, Expired, Open, Returned int }

// Conversion is how many of a hundred that were opened were paid, rounded down: 100 means all of them.
func (c Counts) Conversion() int { return 100 * c.Paid / max(1, c.Opened) }

func (c *Counts) add(p payment.Payment) {
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
}

// Day is one day's.
type Day struct {
	From  time.Time // its midnight, in the zone whose day it is
	Lines []Line    // by bank, then currency
	All   Counts
	Hours []Counts // by the hour of the creation: 24, as no zone here changes its clocks

	Unreadable []error // why some payments are not among them
	at         time.Time
}

// Days adds days up and keeps those gone by for a while. It may serve several requests at once.
type Days struct {
	Store book.Store
	Now   func() time.Time

	mu   sync.Mutex
	kept map[key]Day
}

type key struct {
	shop string
	from int64 // seconds
}

// keep is how long a day gone by is taken as it was added up: the columns beside the day that somebody looks at.
const keep = time.Minute

// atOnce is how many days are read at a time.
const atOnce = 4

// Of adds one day up anew, from its midnight in a zone.
func (d *Days) Of(ctx context.Context, shop string, from time.Time) (Day, error) {
	q := book.Query{Shop: shop, From: from, To: from.AddDate(0, 0, 1)}
	day, lines := Day{From: from, Hours: make([]Counts, 24), at: d.Now()}, map[[2]string]*Line{}
	for p, err := range book.All(ctx, d.Store, q, d.Now()) {
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
	if d.kept == nil {
		d.kept = map[key]Day{}
	}
	for k, old := range d.kept { // so that a console that runs for weeks holds no more than it shows
		if day.at.Sub(old.at) > keep {
			delete(d.kept, k)
		}
	}
	d.kept[key{shop, from.Unix()}] = day
	return day, nil
}

// Before gives the n days before a day, the oldest first, some of them as they were up to a minute ago.
func (d *Days) Before(ctx context.Context, shop string, day time.Time, n int) ([]Day, error) {
	found, wrong := make([]Day, n), make([]error, n)
	var all sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i := range n {
		from := day.AddDate(0, 0, i-n)
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			d.mu.Lock()
			kept, there := d.kept[key{shop, from.Unix()}]
			d.mu.Unlock()
			if there && d.Now().Sub(kept.at) < keep {
				found[i] = kept
				return
			}
			found[i], wrong[i] = d.Of(ctx, shop, from)
		})
	}
	all.Wait()
	return found, cmp.Or(wrong...)
}
