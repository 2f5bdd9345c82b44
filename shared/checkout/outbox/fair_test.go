package outbox_test

import (
	"context"
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

// TestNoShardIsAlwaysTheLast: a shop that answers slowly always has more to hear than one run has time for. Another shop, whose payment
// is in any other shard, is told within some minutes all the same.
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
		if _, err := b.Run(waning{t.Context(), func() time.Duration { b.mu.Lock(); defer b.mu.Unlock(); return left }}); err != nil {
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
		p, err = payment.Apply(p, payment.Redelivered{Sequences: []int64{3, 4}}, b.now)
	}
	if err == nil {
		_, err = b.store.Save(t.Context(), p)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestALongListOfADeadShop: thousands of payments of a shop that is down stand before one of a shop that is well. It is told in the
// first run, and none of the others is read in vain but those that were tried.
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
