// Package people is what operators, the people of a deployment, do about payments: they see what is under review,
// decide about it, and have messages go to the shop again. It asks no bank.
package people

import (
	"context"
	"errors"
	"slices"
	"time"

	"kassa/shared/checkout/saving"
	"kassa/shared/payment"
)

// Store is what is needed of the store of payments; see the package dynamo.
type Store interface {
	saving.Store
	UnderReview(ctx context.Context, shard int, now time.Time, limit int) ([]payment.ID, error)
}

// Operator works on the payments of a store.
type Operator struct {
	Store Store
	Now   func() time.Time
}

// Resolve records what a person has decided and gives the payment as it is then. Invalid without a name or a reason;
// Standing when there is nothing that could be decided so, or whoever asked the bank may still be at work.
func (o Operator) Resolve(ctx context.Context, id payment.ID, e payment.Ruling) (payment.Payment, error) {
	return o.change(ctx, id, e)
}

// Redeliver puts messages to the shop into its outbox again, by their sequences; none means all that are dead or would
// wait for over a minute, as when the shop itself asks. They go out within a minute or two, under the ids that they
// always had. Invalid when an entry is none that shops are told of.
func (o Operator) Redeliver(ctx context.Context, id payment.ID, sequences []int64) (payment.Payment, error) {
	return o.change(ctx, id, payment.Redelivery{Sequences: sequences})
}

// UnderReview gives the payments that people must look at, the longest waiting first within each shard, at most limit
// of each. Payments that cannot be read are told in the error, beside those that can.
func (o Operator) UnderReview(ctx context.Context, limit int) (found []payment.Payment, err error) {
	for shard := range payment.Shards {
		ids, listErr := o.Store.UnderReview(ctx, shard, o.Now(), limit)
		err = errors.Join(err, listErr)
		for _, id := range ids {
			p, loadErr := o.Store.Load(ctx, id)
			err = errors.Join(err, loadErr)
			if loadErr == nil && len(p.Reviews) > 0 { // the list may be a moment old
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b payment.Payment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return found, err
}

func (o Operator) change(ctx context.Context, id payment.ID, e payment.Event) (payment.Payment, error) {
	now := o.Now()
	p, err := o.Store.Load(ctx, id)
	if err != nil {
		return payment.Payment{}, err
	}
	return saving.Change(ctx, o.Store, p, saving.All(now, e))
}
