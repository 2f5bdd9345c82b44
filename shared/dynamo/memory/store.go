// Package memory is a store of payments in a map, for tests of use cases. It keeps the same promises as the store on
// DynamoDB, and passes the same suite; its hooks stand for everything that can go wrong between a use case and its
// store.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
	"kassa/shared/payment/delivery"
)

// Op names a call of the store.
type Op string

// The calls.
const (
	Create   Op = "create"
	Load     Op = "load"
	Attempts Op = "attempts"
	Save     Op = "save"
	Due      Op = "due"
	Outbox   Op = "outbox"
	Review   Op = "review"
	Untold   Op = "untold"
	Used     Op = "used"
	Use      Op = "use"
	Book     Op = "book"
	Several  Op = "several"
)

// Store is a store of payments. The zero value is empty and ready. It may be used concurrently; set the hooks before.
type Store struct {
	// Before, if set, is asked before each call: an error it gives is the call's, and nothing is done. It may call the
	// store itself, to play somebody who was faster, and it may panic, to play a crash. Of Attempts it sees the order and
	// attempt 0, of the lists and of what shops have used nothing.
	Before func(op Op, id payment.ID) error

	// After, if set, is asked after each call that did its work: an error it gives is the call's, and the work stays done.
	// That is how a lost answer looks.
	After func(op Op, id payment.ID) error

	DueShards int // as the store on DynamoDB has them; 0 is payment.Shards

	mu       sync.Mutex
	payments map[payment.ID]*payment.Payment // none is ever written into
	used     map[allowance.ID]allowance.Usage
	revs     int
}

// Mark remembers how the store stands and gives a function that puts it back so, however often.
func (s *Store) Mark() (back func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	payments, used, revs := maps.Clone(s.payments), maps.Clone(s.used), s.revs // what they refer to is never written into
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.payments, s.used, s.revs = maps.Clone(payments), maps.Clone(used), revs
	}
}

// Create writes a new payment, or gives the one that stands there and payment.ErrConflict.
func (s *Store) Create(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return s.write(ctx, Create, p, func(_ payment.Payment, stands bool) bool { return !stands })
}

// Save replaces the version that p was read as, or gives the one that stands there and payment.ErrConflict.
func (s *Store) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return s.write(ctx, Save, p, func(standing payment.Payment, stands bool) bool {
		return stands && standing.Rev == p.Rev
	})
}

func (s *Store) write(ctx context.Context, op Op, p payment.Payment,
	allowed func(standing payment.Payment, stands bool) bool) (payment.Payment, error) {
	return call(ctx, s, op, p.ID, func() (payment.Payment, error) {
		if err := p.Check(); err != nil {
			return payment.Payment{}, err
		}
		var standing payment.Payment
		at, stands := s.payments[p.ID]
		if stands {
			standing = *at
		}
		if !allowed(standing, stands) {
			return clone(standing), payment.ErrConflict
		}
		s.revs++
		p = p.Stamped(fmt.Sprintf("%07d", s.revs))
		if s.payments == nil {
			s.payments = map[payment.ID]*payment.Payment{}
		}
		kept := clone(p)
		s.payments[p.ID] = &kept
		return p, nil
	})
}

// Load reads one payment. NotFound when there is none.
func (s *Store) Load(ctx context.Context, id payment.ID) (payment.Payment, error) {
	return call(ctx, s, Load, id, func() (payment.Payment, error) {
		p, stands := s.payments[id]
		if !stands {
			return payment.Payment{}, &payment.Error{Kind: payment.NotFound, Message: "There is no such payment."}
		}
		return clone(*p), nil
	})
}

// Attempts reads all payments of an order, oldest first; none is no error.
func (s *Store) Attempts(ctx context.Context, order string) ([]payment.Payment, error) {
	return call(ctx, s, Attempts, payment.ID{Order: order}, func() (found []payment.Payment, err error) {
		for id, p := range s.payments {
			if id.Order == order {
				found = append(found, clone(*p))
			}
		}
		slices.SortFunc(found, func(a, b payment.Payment) int { return cmp.Compare(a.ID.Attempt, b.ID.Attempt) })
		return found, nil
	})
}

// Due goes through all in one shard of the bank's to-do list that are due at now, the longest waiting first.
func (s *Store) Due(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return s.waiting(ctx, Due, shard, now, func(p *payment.Payment) time.Time { return p.DueAt })
}

// Outbox goes through all in one shard of the shops' to-do list that have a delivery to be retried at now, the longest
// waiting first.
func (s *Store) Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return s.waiting(ctx, Outbox, shard, now, func(p *payment.Payment) time.Time { return delivery.Next(p.Deliveries) })
}

func (s *Store) waiting(ctx context.Context, op Op, shard int, now time.Time,
	at func(*payment.Payment) time.Time) iter.Seq2[payment.ListEntry, error] {
	return func(yield func(payment.ListEntry, error) bool) {
		ids, err := s.listed(ctx, op, shard, now, math.MaxInt, at)
		if err != nil {
			yield(payment.ListEntry{}, err)
			return
		}
		for _, id := range ids {
			s.mu.Lock()
			w := payment.ListEntry{ID: id, Shop: s.payments[id].Shop}
			if op == Due {
				w.Bank = s.payments[id].Bank
			}
			s.mu.Unlock()
			if !yield(w, nil) {
				return
			}
		}
	}
}

// UnderReview gives those in one shard of people's to-do list that are under review, as Due does; in the order of their
// creation.
func (s *Store) UnderReview(ctx context.Context, shard int, now time.Time, limit int) ([]payment.ID, error) {
	return s.listed(ctx, Review, shard, now, limit, func(p *payment.Payment) (since time.Time) {
		if len(p.Reviews) > 0 {
			since = p.CreatedAt
		}
		return since
	})
}

// Used reads what of a shop's allowance is used.
func (s *Store) Used(ctx context.Context, id allowance.ID) (allowance.Usage, error) {
	return call(ctx, s, Used, payment.ID{}, func() (allowance.Usage, error) {
		u := s.used[id]
		u.ID, u.Claims = id, slices.Clone(u.Claims)
		return u, nil
	})
}

// Use replaces the version that u was read as, or gives the one that stands there and payment.ErrConflict.
func (s *Store) Use(ctx context.Context, u allowance.Usage) (allowance.Usage, error) {
	return call(ctx, s, Use, payment.ID{}, func() (allowance.Usage, error) {
		if err := u.Check(); err != nil {
			return allowance.Usage{}, &payment.Error{Kind: payment.Internal, Cause: err}
		}
		if standing := s.used[u.ID]; standing.Rev != u.Rev {
			standing.ID, standing.Claims = u.ID, slices.Clone(standing.Claims)
			return standing, payment.ErrConflict
		}
		if s.used == nil {
			s.used = map[allowance.ID]allowance.Usage{}
		}
		s.revs++
		u.Rev, u.Claims = strconv.Itoa(s.revs), slices.Clone(u.Claims)
		s.used[u.ID] = u
		return u, nil
	})
}

func (s *Store) listed(ctx context.Context, op Op, shard int, now time.Time, limit int,
	at func(*payment.Payment) time.Time) ([]payment.ID, error) {
	return call(ctx, s, op, payment.ID{}, func() ([]payment.ID, error) {
		type entry struct {
			at time.Time
			id payment.ID
		}
		var found []entry
		shards := payment.Shards
		if op == Due && s.DueShards > 0 {
			shards = s.DueShards
		}
		for id, p := range s.payments {
			if id.ShardOf(shards) != shard {
				continue
			}
			if due := at(p); !due.IsZero() && !due.After(now.Truncate(time.Second)) {
				found = append(found, entry{due, id})
			}
		}
		slices.SortFunc(found, func(a, b entry) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id.Order, b.id.Order), cmp.Compare(a.id.Attempt, b.id.Attempt))
		})
		ids := make([]payment.ID, min(limit, len(found)))
		for i := range ids {
			ids[i] = found[i].id
		}
		return ids, nil
	})
}

// call does the work of one call under the lock, between the hooks, which run outside it.
func call[T any](ctx context.Context, s *Store, op Op, id payment.ID, work func() (T, error)) (none T, err error) {
	if err := ctx.Err(); err != nil {
		return none, &payment.Error{Kind: payment.Unavailable, Message: "The caller has gone.", Cause: err}
	}
	if s.Before != nil {
		if err := s.Before(op, id); err != nil {
			return none, err
		}
	}
	s.mu.Lock()
	result, err := work()
	s.mu.Unlock()
	if err == nil && s.After != nil {
		if err := s.After(op, id); err != nil {
			return none, err
		}
	}
	return result, err
}

// clone copies a payment with all that it refers to, so that no caller holds a piece of what is stored. Extra is of
// another store and never changed.
func clone(p payment.Payment) payment.Payment {
	p.Metadata = maps.Clone(p.Metadata)
	p.Reviews = slices.Clone(p.Reviews)
	p.Refunds = slices.Clone(p.Refunds)
	p.History = slices.Clone(p.History)
	p.Notices = slices.Clone(p.Notices)
	p.Deliveries = slices.Clone(p.Deliveries)
	p.Resolutions = slices.Clone(p.Resolutions)
	return p
}
