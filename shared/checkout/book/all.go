// Going through all of a query: for a sheet, a search, a sum. What waits for the table is done side by side, some days
// and some hundreds of payments ahead, so the memory is that of a few blocks; of each payment that was passed only a
// number of 8 bytes is kept.

package book

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"
	"time"

	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// Bounds of what is under way at once.
const (
	ahead  = 4      // days whose entries are read, and blocks whose payments are
	block  = 1000   // payments
	listed = 10_000 // entries of a day: what is read of the index at once
)

// All goes through everything that a query asks for, in the order of Read; what has changed meanwhile, and so left a
// day that was still to come, is looked for at the end, and nothing comes twice. What cannot be read comes as an error
// with no payment, and hides no other; with any other error it ends.
func All(ctx context.Context, s Store, q Query, now time.Time) iter.Seq2[payment.Payment, error] {
	return Find(ctx, s, q, now, func(int) {})
}

// Find is All for a query that finds few: looked hears now and then, and at the end, how many payments it has looked
// at.
func Find(ctx context.Context, s Store, q Query, now time.Time, looked func(payments int)) iter.Seq2[payment.Payment,
	error] {
	q.RefPrefix = field.Ref(q.RefPrefix)
	read := func(ctx context.Context, ids []payment.ID) ([]payment.Payment, []error, error) {
		left, unreadable, err := q.sift(ctx, s, ids)
		if err != nil || len(left) == 0 {
			return nil, unreadable, err
		}
		found, more, err := s.Several(ctx, left)
		return slices.DeleteFunc(found, func(p payment.Payment) bool { return !q.Wants(p) }), append(unreadable, more...), err
	}
	return through(ctx, s, q, now, read, looked)
}

// Sums goes through the sums of all payments of a shop that were created in the query's days, which is all that it
// takes of the query.
func Sums(ctx context.Context, s Store, q Query, now time.Time) iter.Seq2[payment.Summary, error] {
	q = Query{Shop: q.Shop, From: q.From, To: q.To}
	return through(ctx, s, q, now, func(ctx context.Context, ids []payment.ID) ([]payment.Summary, []error, error) {
		return s.Summaries(ctx, ids, payment.Sums)
	}, func(int) {})
}

// part is what was read of one block.
type part[T any] struct {
	found      []T
	unreadable []error
	looked     int   // payments
	err        error // nothing could be read
}

// through goes through what is read of all payments that the index lists for a query. An error comes alone.
func through[T any](ctx context.Context, s Store, q Query, now time.Time,
	read func(context.Context, []payment.ID) ([]T, []error, error), looked func(payments int)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // of what was read ahead of somebody who has seen enough
		var none T
		parts := inOrder(q.blocks(ctx, s, now), func(l listing) (p part[T]) {
			if p.err = l.err; p.err == nil {
				p.looked = len(l.entries)
				p.found, p.unreadable, p.err = read(ctx, l.ids())
			}
			return p
		})
		seen := 0
		for p := range parts {
			before := seen
			if seen += p.looked; seen/block > before/block {
				looked(seen)
			}
			for _, one := range p.found {
				if !yield(one, nil) {
					return
				}
			}
			for _, err := range p.unreadable {
				if !yield(none, err) {
					return
				}
			}
			if p.err != nil && !yield(none, p.err) {
				return
			}
		}
		looked(seen)
	}
}

// listing is what the index lists of a day, or a part of that.
type listing struct {
	part    payment.BookPart
	entries []payment.BookEntry
	err     error
}

func (l listing) ids() []payment.ID {
	ids := make([]payment.ID, len(l.entries))
	for i, e := range l.entries {
		ids[i] = e.ID
	}
	return ids
}

// blocks goes through the entries that the index lists for a query, each once. An error ends it.
func (q Query) blocks(ctx context.Context, s Store, now time.Time) iter.Seq[listing] {
	list := func(part payment.BookPart) listing {
		entries, err := s.Book(ctx, part)
		return listing{part, entries, err}
	}
	return func(yield func(listing) bool) {
		passed, seed := map[uint64]bool{}, maphash.MakeSeed()
		again := func(e payment.BookEntry) bool {
			id := maphash.Comparable(seed, e.ID)
			defer func() { passed[id] = true }()
			return passed[id]
		}
		// the whole of a day, of which the beginning is read
		whole := func(l listing) bool {
			for {
				more := len(l.entries) == listed
				if more {
					l.part.Behind = l.entries[listed-1]
				}
				for some := range slices.Chunk(slices.DeleteFunc(l.entries, again), block) {
					if !yield(listing{entries: some}) {
						return false
					}
				}
				if l.err != nil && !yield(l) || !more {
					return l.err == nil
				}
				l = list(l.part)
			}
		}
		for l := range inOrder(q.parts(now), list) {
			if !whole(l) {
				return
			}
		}
		for _, part := range q.today(now) {
			if !whole(list(part)) {
				return
			}
		}
	}
}

// parts are the days of a query in the order of Read.
func (q Query) parts(now time.Time) iter.Seq[payment.BookPart] {
	return func(yield func(payment.BookPart) bool) {
		for at := q.begin(Place{}, now).Day; !at.Before(day(q.From)); at = at.AddDate(0, 0, -1) {
			if !yield(q.part(Place{Day: at}, listed)) {
				return
			}
		}
	}
}

// today is where a payment goes that changes while the days are read. It was read first, so it comes once more at the
// end, with the day that may have begun meanwhile; not for a query of changes that ended before.
func (q Query) today(now time.Time) []payment.BookPart {
	from := q.begin(Place{}, now).Day
	if from.Before(day(now.Add(skew))) || from.Before(day(q.From)) {
		return nil
	}
	return []payment.BookPart{q.part(Place{Day: from}, listed), q.part(Place{Day: from.AddDate(0, 0, 1)}, listed)}
}

// inOrder does the same with many, a few at a time, and gives what comes of each in their order.
func inOrder[A, B any](all iter.Seq[A], do func(A) B) iter.Seq[B] {
	return func(yield func(B) bool) {
		var running []chan B
		for a := range all {
			done := make(chan B, 1) // nobody may come for it
			go func() { done <- do(a) }()
			if running = append(running, done); len(running) < ahead {
				continue
			}
			if !yield(<-running[0]) {
				return
			}
			running = running[1:]
		}
		for _, done := range running {
			if !yield(<-done) {
				return
			}
		}
	}
}
