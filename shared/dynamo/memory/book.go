package memory

import (
	"context"
	"slices"
	"time"

	"kassa/shared/payment"
)

// Book gives the entries of a part of a shop's book, newest created first.
func (s *Store) Book(ctx context.Context, part payment.BookPart) ([]payment.BookEntry, error) {
	return call(ctx, s, Book, payment.ID{}, func() (found []payment.BookEntry, err error) {
		day := part.Day.UTC().Format(time.DateOnly)
		for id, p := range s.payments {
			e := payment.BookEntry{CreatedAt: p.CreatedAt, ID: id}
			behind := part.Behind.ID.Attempt == 0 || part.Behind.Compare(e) < 0
			within := !p.CreatedAt.Before(part.Since) && (part.Until.IsZero() || p.CreatedAt.Before(part.Until))
			if p.Shop == part.Shop && p.ChangedAt().UTC().Format(time.DateOnly) == day && within && behind {
				found = append(found, e)
			}
		}
		slices.SortFunc(found, payment.BookEntry.Compare)
		return found[:max(0, min(len(found), part.Limit))], nil
	})
}

// Several reads payments in the order of their ids, without those that are not there.
func (s *Store) Several(ctx context.Context, ids []payment.ID) (found []payment.Payment, unreadable []error,
	err error) {
	found, err = call(ctx, s, Several, payment.ID{}, func() (found []payment.Payment, err error) {
		for _, id := range ids {
			if p, stands := s.payments[id]; stands {
				found = append(found, clone(*p))
			}
		}
		return found, nil
	})
	return found, nil, err
}

// Summaries reads parts of summaries in the order of their ids, without those that are not there.
func (s *Store) Summaries(ctx context.Context, ids []payment.ID, part payment.Part) (found []payment.Summary,
	unreadable []error, err error) {
	all, unreadable, err := s.Several(ctx, ids)
	for _, p := range all {
		found = append(found, p.Summary().Only(part))
	}
	return found, unreadable, err
}
