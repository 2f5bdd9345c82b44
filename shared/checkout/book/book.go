// Package book lists a shop's payments by day: for its API, and for the staff's command and console.
//
// The order is that of the store's index: days of the last visible change, in UTC, the newest first, and within a day
// what was created last. For a list of today that is the order of creation; of a day gone by what has changed since
// comes first. Reading a hundred payments of one day takes eight queries of the index and one reading of the items.
package book

import (
	"context"
	"slices"
	"strings"
	"time"

	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// Store lists days of a shop's book and reads what they name; see the package dynamo, whose errors these are.
type Store interface {
	Book(ctx context.Context, part payment.BookPart) ([]payment.BookEntry, error)
	Several(ctx context.Context, ids []payment.ID) (found []payment.Payment, unreadable []error, err error)
	Summaries(ctx context.Context, ids []payment.ID) (found []payment.Summary, unreadable []error, err error)
}

// Query says which payments of a shop are wanted.
type Query struct {
	Shop      string
	From, To  time.Time // from then on, and before
	Changed   bool      // by their last visible change; else by their creation
	Statuses  []payment.Status
	Bank      string
	RefPrefix string
	Least     int64 // of the order's amount, minor units; 0 = any
	Most      int64 // likewise
	Review    *bool // whether a person must look; nil = either
	Late      *bool
	Overpaid  *bool
}

// at is when the payment counts for the query.
func (q Query) at(p payment.Payment) time.Time {
	if q.Changed {
		return p.ChangedAt()
	}
	return p.CreatedAt
}

// Wants tells whether a payment is among those that the query asks for. The index may be a moment old, so it is always
// asked of what was read.
func (q Query) Wants(p payment.Payment) bool {
	is := func(wanted *bool, is bool) bool { return wanted == nil || *wanted == is }
	at := q.at(p)
	return p.Shop == q.Shop && !at.Before(q.From) && at.Before(q.To) &&
		(len(q.Statuses) == 0 || slices.Contains(q.Statuses, p.Status)) &&
		(q.Bank == "" || q.Bank == p.Bank) && strings.HasPrefix(p.OrderRef, q.RefPrefix) &&
		p.Amount.Minor >= q.Least && (q.Most == 0 || p.Amount.Minor <= q.Most) &&
		is(q.Review, len(p.Reviews) > 0) && is(q.Late, p.Late) && is(q.Overpaid, p.Overpaid)
}

// Place is where reading goes on: a UTC day, behind an entry of it. The zero Place is the beginning.
type Place struct {
	Day    time.Time
	Behind payment.BookEntry
}

// Bounds of one page: how many days it goes through, and how many payments it looks at.
const (
	mostDays = 32
	mostRead = 1000
	batch    = 100 // payments that are read at once, at least, where some may not be wanted
)

// skew is how far clocks may be apart: another function may already live in tomorrow.
const skew = 10 * time.Minute

// Page is what was found, where to go on, and why some could not be read.
type Page struct {
	Payments   []payment.Payment
	Next       Place // zero at the end
	Unreadable []error
}

// Read gives at most limit payments from a place on. There may be fewer, and more behind: reading is bounded.
func Read(ctx context.Context, s Store, q Query, from Place, limit int, now time.Time) (page Page, err error) {
	q.RefPrefix = field.Ref(q.RefPrefix)
	at, first, read := q.begin(from, now), day(q.From), 0
	for days := 0; !at.Day.Before(first); {
		if len(page.Payments) == limit || read >= mostRead || days >= mostDays {
			page.Next = at
			return page, nil
		}
		wanted := limit - len(page.Payments)
		if q.filters() {
			wanted = max(wanted, batch)
		}
		entries, err := s.Book(ctx, q.part(at, wanted))
		if err != nil {
			return Page{}, err
		}
		found, unreadable, err := several(ctx, s, entries)
		if err != nil {
			return Page{}, err
		}
		page.Unreadable = append(page.Unreadable, unreadable...)
		read += len(entries)
		for i, e := range entries {
			at.Behind = e
			if p, there := found[e.ID]; there && q.Wants(p) {
				page.Payments = append(page.Payments, p)
			}
			if len(page.Payments) == limit && i < len(entries)-1 {
				page.Next = at
				return page, nil
			}
		}
		if len(entries) < wanted {
			at = Place{Day: at.Day.AddDate(0, 0, -1)}
			days++
		}
	}
	return page, nil
}

// day is the beginning of a moment's UTC day.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// begin is where the list begins: what was created long ago may have changed today.
func (q Query) begin(from Place, now time.Time) Place {
	if !from.Day.IsZero() {
		return from
	}
	last := now.Add(skew)
	if q.Changed && q.To.Before(last) {
		last = q.To.Add(-time.Nanosecond)
	}
	return Place{Day: day(last)}
}

// part is what to read of the index. What changed on a day was created on it or before.
func (q Query) part(at Place, limit int) payment.BookPart {
	part := payment.BookPart{Shop: q.Shop, Day: at.Day, Behind: at.Behind, Limit: limit}
	if !q.Changed {
		part.Since, part.Until = q.From, q.To
	}
	return part
}

// filters tells whether less than all of what the index lists is wanted.
func (q Query) filters() bool {
	return len(q.Statuses) > 0 || q.Bank != "" || q.RefPrefix != "" || q.Least > 0 || q.Most > 0 ||
		q.Review != nil || q.Late != nil || q.Overpaid != nil
}

func several(ctx context.Context, s Store, entries []payment.BookEntry) (found map[payment.ID]payment.Payment,
	unreadable []error, err error) {
	ids := make([]payment.ID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}
	all, unreadable, err := s.Several(ctx, ids)
	found = make(map[payment.ID]payment.Payment, len(all))
	for _, p := range all {
		found[p.ID] = p
	}
	return found, unreadable, err
}
