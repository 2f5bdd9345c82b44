package town

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"kassa/infra/explore/world"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// table is the store as Kassa sees it. Whoever wrote last wakes the stream.
type table struct {
	*memory.Store
	t *Town
}

// tableSlow is how long the table's client waits for an answer, with its repetitions.
const tableSlow = 3 * time.Second

// away is the error of the table, or of whoever waits for one that was killed.
func away() error {
	return &payment.Error{Kind: payment.Unavailable, Code: "store_unavailable", Message: "The store does not answer."}
}

// through makes one call of the table.
func through[T any](ctx context.Context, t *table, call string, id payment.ID, work func() (T, error)) (T, error) {
	var none T
	about := id.Order
	if id.Attempt > 0 {
		about = id.String()
	}
	switch t.t.pass(ctx, "table "+call, about) {
	case world.Refused, world.Killed:
		return none, away()
	case world.Lost:
		_, _ = work()
		return none, away()
	case world.Slow:
		_, _ = work()
		time.Sleep(tableSlow) //nolint:forbidigo // nobody waits: the clock of a bubble leaps
		t.t.arrive(ctx, "back", about)
		return none, away()
	case world.Done:
		_, _ = work()
		invocationOf(ctx).kill()
		return none, away()
	case world.Own:
		made, err := work()
		if err != nil {
			return made, err
		}
		t.stranger(id)
		return work()
	case world.Conflict:
		t.stranger(id)
	}
	return work()
}

// stranger saves a version on top of what stands there.
func (t *table) stranger(id payment.ID) {
	if p, err := t.Store.Load(context.Background(), id); err == nil {
		p.Stamp = "STRANGE" // one more of these in its Rev names another version
		_, _ = t.Store.Save(context.Background(), p)
	}
}

// Load reads a payment.
func (t *table) Load(ctx context.Context, id payment.ID) (payment.Payment, error) {
	return through(ctx, t, "load", id, func() (payment.Payment, error) { return t.Store.Load(ctx, id) })
}

// Attempts reads all payments of an order.
func (t *table) Attempts(ctx context.Context, order string) ([]payment.Payment, error) {
	return through(ctx, t, "attempts", payment.ID{Order: order}, func() ([]payment.Payment, error) {
		return t.Store.Attempts(ctx, order)
	})
}

// Create writes a new payment.
func (t *table) Create(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return through(ctx, t, "create", p.ID, func() (payment.Payment, error) { return t.wrote(t.Store.Create(ctx, p)) })
}

// Save replaces a version.
func (t *table) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return through(ctx, t, "save", p.ID, func() (payment.Payment, error) { return t.wrote(t.Store.Save(ctx, p)) })
}

// wrote puts the record of a write into the stream, if it wakes whoever tells the shop.
func (t *table) wrote(p payment.Payment, err error) (payment.Payment, error) {
	if err != nil {
		return p, err
	}
	o := t.t.known[p.ID.Order]
	t.t.moved[o] = true
	if shard := p.ID.Shard(); !slices.Contains(t.t.shards[shard], o) {
		t.t.shards[shard] = append(t.t.shards[shard], o)
	}
	t.t.dates[p.ID] = dates{p.DueAt, delivery.Next(p.Deliveries)}
	if p.Handle.OrderID != "" {
		o.place.orders[p.Handle.OrderID] = o
	}
	if !delivery.NeverTried(p.Deliveries).IsZero() {
		t.t.stream = append(t.t.stream, p.ID)
	}
	return p, nil
}

// Due goes through the bank's to-do list.
func (t *table) Due(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return t.list(ctx, "due", shard, t.Store.Due(ctx, shard, now))
}

// Outbox goes through the shops' to-do list.
func (t *table) Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return t.list(ctx, "outbox", shard, t.Store.Outbox(ctx, shard, now))
}

// list is the reading of one shard. Those that hold no payment of the town's are not counted.
func (t *table) list(ctx context.Context, call string, shard int,
	entries iter.Seq2[payment.ListEntry, error]) iter.Seq2[payment.ListEntry, error] {
	if t.t.quiet || len(t.t.shards[shard]) == 0 {
		return entries
	}
	return func(yield func(payment.ListEntry, error) bool) {
		switch t.t.pass(ctx, "table "+call, strconv.Itoa(shard)) {
		case world.Refused, world.Killed:
			yield(payment.ListEntry{}, away())
		case world.Missing:
		case world.Extra:
			for _, o := range t.t.shards[shard] {
				for _, p := range t.t.attempts(o) {
					if !yield(payment.ListEntry{ID: p.ID, Shop: p.Shop, Bank: p.Bank}, nil) {
						return
					}
				}
			}
		default:
			entries(yield)
		}
	}
}
