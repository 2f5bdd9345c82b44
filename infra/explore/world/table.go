package world

import (
	"context"
	"iter"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// table is the store as Kassa sees it. Whoever wrote last wakes the stream.
type table struct {
	*memory.Store
	w *World
}

// tableSlow is how long the table's client waits for an answer, with its repetitions.
const tableSlow = 3 * time.Second

// through makes one call of the table.
func through[T any](t *table, call string, id payment.ID, work func() (T, error)) (got T, err error) {
	got, err = met(t, t.w.pass("table "+call), id, work)
	t.w.hears(got, err)
	return got, err
}

// met makes a call that meets a fault.
func met[T any](t *table, kind Kind, id payment.ID, work func() (T, error)) (none T, err error) {
	switch kind {
	case Refused, Killed:
		return none, away()
	case Lost:
		_, _ = work()
		return none, away()
	case Slow:
		_, _ = work()
		time.Sleep(tableSlow) //nolint:forbidigo // nobody waits: the clock of a bubble leaps
		return none, away()
	case Done:
		_, _ = work()
		t.w.kill()
		return none, away()
	case Own:
		made, err := work()
		if err != nil {
			return made, err
		}
		t.stranger(id)
		return work()
	case Conflict:
		t.stranger(id)
	}
	return work()
}

// stranger saves a version on top of what stands there.
func (t *table) stranger(id payment.ID) {
	if p, err := t.Store.Load(context.Background(), id); err == nil {
		p.Stamp = "STRANGE" // one more of these in its Rev names another version
		_, _ = t.Store.Save(context.Background(), p)
		t.count()
	}
}

// count makes every version another one for two workers.
func (t *table) count() {
	if t.w.turns != nil {
		t.w.turns.writes++
	}
}

// Load reads a payment.
func (t *table) Load(ctx context.Context, id payment.ID) (payment.Payment, error) {
	return through(t, "load", id, func() (payment.Payment, error) { return t.Store.Load(ctx, id) })
}

// Attempts reads all payments of an order.
func (t *table) Attempts(ctx context.Context, order string) ([]payment.Payment, error) {
	return through(t, "attempts", payment.ID{}, func() ([]payment.Payment, error) { return t.Store.Attempts(ctx, order) })
}

// Create writes a new payment.
func (t *table) Create(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return through(t, "create", p.ID, func() (payment.Payment, error) { return t.wrote(t.Store.Create(ctx, p)) })
}

// Save replaces a version.
func (t *table) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return through(t, "save", p.ID, func() (payment.Payment, error) { return t.wrote(t.Store.Save(ctx, p)) })
}

// wrote puts the record of a write into the stream, if it wakes whoever tells the shop.
func (t *table) wrote(p payment.Payment, err error) (payment.Payment, error) {
	if err == nil {
		t.count()
	}
	if err == nil && !delivery.NeverTried(p.Deliveries).IsZero() {
		t.w.stream = append(t.w.stream, p.ID)
	}
	return p, err
}

// Due goes through the bank's to-do list.
func (t *table) Due(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return t.list("due", shard, t.Store.Due(ctx, shard, now))
}

// Outbox goes through the shops' to-do list.
func (t *table) Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return t.list("outbox", shard, t.Store.Outbox(ctx, shard, now))
}

// list is the reading of one shard. All but the order's own are empty, and are not counted.
func (t *table) list(call string, shard int,
	entries iter.Seq2[payment.ListEntry, error]) iter.Seq2[payment.ListEntry, error] {
	if shard != t.w.shard {
		return entries
	}
	return func(yield func(payment.ListEntry, error) bool) {
		met := t.w.pass("table " + call)
		heard := func(e payment.ListEntry, err error) bool {
			t.w.hears(e.ID.Attempt, err)
			return yield(e, err)
		}
		switch met {
		case Refused, Killed:
			heard(payment.ListEntry{}, away())
		case Missing:
		case Extra:
			for _, p := range t.w.attempts() {
				if !heard(payment.ListEntry{ID: p.ID, Shop: p.Shop, Bank: p.Bank}, nil) {
					return
				}
			}
		default:
			entries(heard)
		}
	}
}
