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
	Summaries(ctx context.Context, ids []payment.ID, part payment.Part) (found []payment.Summary, unreadable []error,
		err error)
}

// Query says which payments of a shop are wanted.
type Query struct {
	Shop      string
	From, To  time.Time // from then on, and before
	Changed   bool      // by their last visible change; else by their creation
	Statuses  []payment.Status
	Bank      string
	RefPrefix string
	Number    string // that the payment goes by, see payment.Summary; "" = any
	Least     int64  // of the order's amount, minor units; 0 = any
	Most      int64  // likewise
	Review    *bool  // whether a person must look; nil = either
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
	at := q.at(p)
	return p.Shop == q.Shop && !at.Before(q.From) && at.Before(q.To) && q.fits(p.Summary())
}

// fits tells whether the filters let a payment through, of whichever shop and day.
func (q Query) fits(s payment.Summary) bool {
	is := func(wanted *bool, is bool) bool { return wanted == nil || *wanted == is }
	return (len(q.Statuses) == 0 || slices.Contains(q.Statuses, s.Status)) &&
		(q.Bank == "" || q.Bank == s.Bank) && strings.HasPrefix(s.OrderRef, q.RefPrefix) &&
		(q.Number == "" || s.Known(q.Number)) &&
		s.Amount.Minor >= q.Least && (q.Most == 0 || s.Amount.Minor <= q.Most) &&
		is(q.Review, len(s.Reviews) > 0) && is(q.Late, s.Late) && is(q.Overpaid, s.Overpaid)
}

// looksAt is the part of summaries that the filters look at; false where there are none, and all of what the index
// lists is wanted.
func (q Query) looksAt() (part payment.Part, filters bool) {
	if len(q.Statuses) > 0 || q.Bank != "" || q.RefPrefix != "" || q.Least > 0 || q.Most > 0 || q.Review != nil ||
		q.Late != nil || q.Overpaid != nil {
		return payment.Whole, true
	}
	return payment.Numbers, q.Number != ""
}

// sift leaves of some payments those that the filters let through, which takes a fifth of reading them.
func (q Query) sift(ctx context.Context, s Store, ids []payment.ID) (left []payment.ID, unreadable []error, err error) {
	part, filters := q.looksAt()
	if !filters || len(ids) == 0 {
		return ids, nil, nil
	}
	all, unreadable, err := s.Summaries(ctx, ids, part)
	for _, summary := range all {
		if q.fits(summary) {
			left = append(left, summary.ID)
		}
	}
	return left, unreadable, err
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
	batch    = 100 // payments that are looked at first where some may not be wanted; then three times as many, and so on
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
	at, first, read, look := q.begin(from, now), day(q.From), 0, batch
	part, filters := q.looksAt()
	if part == payment.Numbers { // few go by one
		look = mostRead
	}
	for days := 0; !at.Day.Before(first); {
		if len(page.Payments) == limit || read >= mostRead || days >= mostDays {
			page.Next = at
			return page, nil
		}
		missing := limit - len(page.Payments)
		wanted := missing
		if filters {
			wanted, look = max(missing, min(look, mostRead-read)), 3*look
		}
		entries, err := s.Book(ctx, q.part(at, wanted))
		if err != nil {
			return Page{}, err
		}
		over := len(entries) < wanted
		found, looked, err := q.several(ctx, s, entries, missing, &page)
		if err != nil {
			return Page{}, err
		}
		page.Payments, read = append(page.Payments, found...), read+looked
		if looked > 0 {
			at.Behind = entries[looked-1]
		}
		if over && looked == len(entries) {
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

// several reads what the query wants of entries, at most so many, and tells how many of the entries it has looked at.
// What cannot be read the page says.
func (q Query) several(ctx context.Context, s Store, entries []payment.BookEntry, most int, page *Page) (
	found []payment.Payment, looked int, err error) {
	ids, unreadable, err := q.sift(ctx, s, listing{entries: entries}.ids())
	if looked = len(entries); err == nil && len(ids) > most {
		ids = ids[:most]
		looked = 1 + slices.IndexFunc(entries, func(e payment.BookEntry) bool { return e.ID == ids[most-1] })
	}
	if page.Unreadable = append(page.Unreadable, unreadable...); err != nil || len(ids) == 0 {
		return nil, looked, err
	}
	all, unreadable, err := s.Several(ctx, ids)
	page.Unreadable = append(page.Unreadable, unreadable...)
	return slices.DeleteFunc(all, func(p payment.Payment) bool { return !q.Wants(p) }), looked, err
}
