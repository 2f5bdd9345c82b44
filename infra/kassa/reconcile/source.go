package reconcile

import (
	"context"
	"maps"
	"slices"
	"time"

	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// perRead is how many entries of the book are read at once.
const perRead = 500

// FromBook reads a shop's book. A payment stands there on the day of its last change, so that what changed in a time is
// among the entries of its days and of all days since. One that changes meanwhile moves to today, which comes last: it
// is seen twice, and not missed.
func FromBook(s book.Store, now func() time.Time) Source {
	return func(ctx context.Context, shop string, from, until time.Time) ([]payment.Payment, []error, error) {
		found, unreadable := map[payment.ID]payment.Payment{}, []error(nil)
		for day := from.UTC().Truncate(24 * time.Hour); !day.After(now()); day = day.Add(24 * time.Hour) {
			part := payment.BookPart{Shop: shop, Day: day, Until: until, Limit: perRead}
			for more := true; more; {
				entries, err := s.Book(ctx, part)
				if err != nil {
					return nil, nil, err
				}
				ids := make([]payment.ID, len(entries))
				for i, e := range entries {
					ids[i] = e.ID
				}
				payments, broken, err := s.Several(ctx, ids)
				if err != nil {
					return nil, nil, err
				}
				unreadable = append(unreadable, broken...)
				for _, p := range payments {
					if changed(p, from, until) {
						found[p.ID] = p
					}
				}
				if more = len(entries) == perRead; more {
					part.Behind = entries[perRead-1]
				}
			}
		}
		return slices.Collect(maps.Values(found)), unreadable, nil
	}
}

// changed says whether anything visible happened to a payment in a time, by its history: that its entry of the book is
// of a later day says nothing about an earlier one.
func changed(p payment.Payment, from, until time.Time) bool {
	return slices.ContainsFunc(p.History, func(e payment.Entry) bool { return !e.At.Before(from) && e.At.Before(until) })
}
