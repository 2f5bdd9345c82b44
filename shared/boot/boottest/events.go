package boottest

import (
	"context"
	"sync/atomic"

	"kassa/shared/api"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// Create puts a payment on record as it is.
func (b *Bench) Create(p payment.Payment) payment.Payment {
	b.t.Helper()
	p, err := b.Store.Create(context.Background(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// Happens lets events happen at once to the payment on record.
func (b *Bench) Happens(id payment.ID, all ...payment.Event) payment.Payment {
	b.t.Helper()
	ctx := context.Background()
	p, err := b.Store.Load(ctx, id)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range all {
		next, err := payment.Apply(p, e, b.clock())
		if err == nil {
			p, err = b.Store.Save(ctx, next)
		}
		if err != nil {
			b.t.Fatalf("%T: %v", e, err)
		}
	}
	return p
}

// Contend makes somebody else save each payment right before anybody can, from now on.
func (b *Bench) Contend() {
	var busy atomic.Bool
	b.Store.Before = func(op memory.Op, id payment.ID) error {
		if op != memory.Save || !busy.CompareAndSwap(false, true) {
			return nil
		}
		defer busy.Store(false)
		p, err := b.Store.Load(context.Background(), id)
		if err == nil {
			_, err = b.Store.Save(context.Background(), p)
		}
		return err
	}
}

// Broken makes everything that looks up a shop fail like this.
func (b *Bench) Broken(err error) { b.Keys = brokenKeys{err} }

type brokenKeys struct{ err error }

func (k brokenKeys) Shop(context.Context, api.Key) (api.Shop, error) { return api.Shop{}, k.err }
