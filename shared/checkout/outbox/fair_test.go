package outbox_test

import (
	"context"
	"iter"
	"strconv"
	"sync"
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// waning is an invocation whose time runs down while shops are told.
type waning struct {
	context.Context
	left func() time.Duration
}

func (w waning) Deadline() (time.Time, bool) { return time.Now().Add(w.left()), true }

// TestARunWithoutTimeReadsNothingMore: a long list must not keep a run from ending by itself.
func TestARunWithoutTimeReadsNothingMore(t *testing.T) {
	b := newBench()
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	for n := range 40 {
		b.wake(t, b.paid(t, "az", strconv.Itoa(n)))
	}
	b.now = b.now.Add(time.Hour)
	loads := 0
	b.store.Before = func(op memory.Op, _ payment.ID) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if op == memory.Load {
			loads++
		}
		return nil
	}
	b.sent = nil
	counts, err := b.Run(waning{t.Context(), func() time.Duration { return 19 * time.Second }})
	if err != nil || counts.Skipped != 40 || loads != 0 {
		t.Errorf("%v: %+v, %d payments were read", err, counts, loads)
	}
	b.wantSent(t)
}

// TestNoShardIsAlwaysTheLast: a shop that answers slowly always has more to hear than one run has time for. Another
// shop, whose payment is in any other shard, is told within some minutes all the same.
func TestNoShardIsAlwaysTheLast(t *testing.T) {
	b := newBench()
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	shops := map[payment.ID]string{}
	for n := range 640 {
		shop := []string{"slow", "quick"}[min(n%32, 1)^1]
		id := b.paid(t, shop, strconv.Itoa(n))
		shops[id] = shop
		b.wake(t, id)
	}
	left := time.Duration(0)
	b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if p.Shop == "slow" {
			left -= time.Second // eight at once, eight seconds each
		} else {
			delete(shops, p.ID)
		}
		return yes, nil
	}
	for range payment.Shards {
		for id, shop := range shops {
			if shop == "slow" {
				b.again(t, id)
			}
		}
		b.now = b.now.Add(time.Minute)
		left = 2 * time.Minute
		if _, err := b.Run(waning{t.Context(), func() time.Duration {
			b.mu.Lock()
			defer b.mu.Unlock()
			return left
		}}); err != nil {
			t.Fatal(err)
		}
	}
	for id, shop := range shops {
		if shop == "quick" {
			t.Errorf("%s in shard %d was not told for %d minutes", id, id.Shard(), payment.Shards)
		}
	}
}

// again has all of a payment's messages sent once more.
func (b *bench) again(t *testing.T, id payment.ID) {
	t.Helper()
	p, err := b.store.Load(t.Context(), id)
	if err == nil {
		p, err = payment.Apply(p, payment.Redelivery{Sequences: []int64{3, 4}}, b.now)
	}
	if err == nil {
		_, err = b.store.Save(t.Context(), p)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestALongListOfADeadShop: thousands of payments of a shop that is down stand before one of a shop that is well. It is
// told in the first run, and none of the others is read in vain but those that were tried.
func TestALongListOfADeadShop(t *testing.T) {
	b := newBench()
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	for n := range 3000 {
		b.wake(t, b.paid(t, "dead", strconv.Itoa(n)))
	}
	b.now = b.now.Add(10 * time.Second)
	well := b.paid(t, "well", "1")
	b.wake(t, well)
	b.now = b.now.Add(time.Hour)
	loads := 0
	b.store.Before = func(op memory.Op, _ payment.ID) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if op == memory.Load {
			loads++
		}
		return nil
	}
	b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
		if p.Shop == "well" {
			return yes, nil
		}
		return no, nil
	}
	counts := b.run(t)
	b.want(t, well, "delivered 200", "delivered 200")
	if counts.Delivered != 2 || counts.Failed > 2*(enough+workers) || loads > 50 {
		t.Errorf("%+v, %d payments were read", counts, loads)
	}
}

const enough, workers = 3, 8 // of the outbox

// TestASlowShopDoesNotTakeAllTurns: while seven messages of a shop hang, another is told.
func TestASlowShopDoesNotTakeAllTurns(t *testing.T) {
	b := newBench()
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	for n := range 100 {
		b.wake(t, b.paid(t, "slow", strconv.Itoa(n)))
	}
	quick := b.paid(t, "quick", "1")
	b.wake(t, quick)
	b.now = b.now.Add(time.Hour)
	told := make(chan struct{})
	var once sync.Once
	b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
		if p.Shop == "quick" {
			once.Do(func() { close(told) })
		} else {
			<-told // until the quick one was told: for ever, if all turns are the slow one's
		}
		return yes, nil
	}
	b.run(t)
	b.want(t, quick, "delivered 200", "delivered 200")
}

// TestNoPaymentOfASlowShopWaitsForEver: it always has more to hear than one run has time for, and each of its payments
// has its turn.
func TestNoPaymentOfASlowShopWaitsForEver(t *testing.T) {
	b := newBench()
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	waiting, ids := map[payment.ID]bool{}, []payment.ID{}
	for n := range 400 {
		ids = append(ids, b.paid(t, "slow", strconv.Itoa(n)))
		waiting[ids[n]] = true
		b.wake(t, ids[n])
	}
	left := time.Duration(0)
	b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		left -= time.Second
		delete(waiting, p.ID)
		return yes, nil
	}
	const minutes = 3 * payment.Shards
	for range minutes {
		for _, id := range ids {
			b.again(t, id)
		}
		b.now = b.now.Add(time.Minute)
		left = 2 * time.Minute
		if _, err := b.Run(waning{t.Context(), func() time.Duration {
			b.mu.Lock()
			defer b.mu.Unlock()
			return left
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(waiting) > 0 {
		t.Errorf("%d of 400 payments were not told for %d minutes", len(waiting), minutes)
	}
}

// slowLists is a store whose lists take their time to be read.
type slowLists struct {
	*memory.Store
	spend func(shard int)
}

func (s slowLists) Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return func(yield func(payment.ListEntry, error) bool) {
		for w, err := range s.Store.Outbox(ctx, shard, now) {
			if s.spend(shard); !yield(w, err) {
				return
			}
		}
	}
}

// TestALongListLeavesTimeToReadTheOthers: one shard's takes minutes to be read, and the payments of all others are told
// in the same run.
func TestALongListLeavesTimeToReadTheOthers(t *testing.T) {
	for slow := range payment.Shards {
		b := newBench()
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
		well := map[payment.ID]bool{}
		for n := range 320 {
			id := b.paid(t, strconv.Itoa(n), "1")
			well[id] = id.Shard() != slow
			b.wake(t, id)
		}
		b.now = b.now.Add(time.Hour)
		left := 2 * time.Minute
		b.Store = slowLists{b.store, func(shard int) {
			if shard == slow {
				left -= 20 * time.Second
			}
		}}
		b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			delete(well, p.ID)
			return yes, nil
		}
		if _, err := b.Run(waning{t.Context(), func() time.Duration { return left }}); err != nil {
			t.Fatal(err)
		}
		for id, other := range well {
			if other {
				t.Errorf("shard %d is long: %s in shard %d was not told", slow, id, id.Shard())
			}
		}
	}
}
