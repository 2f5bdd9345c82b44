package checkout_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// A run for one shard says that it could not read all of it, as a run for all does.
func TestAShardThatBreaksOffIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.openRow("demo", 2)
		c.svc.Store = breaking{c.store}
		c.advance(dueAt + time.Second)
		got, err := c.svc.SweepShard(c.within(time.Minute), 0)
		if payment.KindOf(err) != payment.Unavailable || err == nil || got.Asked != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// As many shards as one reader can look at are read one after the other, and of more that many beside each other.
func TestHowManyReadTheList(t *testing.T) {
	for shards, want := range map[int]int{16: 1, 64: 4} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.store.DueShards, c.svc.DueShards = shards, shards
			c.handsOn(nil)
			var mu sync.Mutex
			at, most := 0, 0
			reading := func(n int) {
				mu.Lock()
				defer mu.Unlock()
				at += n
				most = max(most, at)
			}
			c.store.Before = func(op memory.Op, _ payment.ID) error {
				if op == memory.Due {
					reading(1)
					c.advance(time.Millisecond)
					reading(-1)
				}
				return nil
			}
			c.sweep()
			if most != want {
				t.Errorf("of %d shards %d are read at once, want %d", shards, most, want)
			}
		})
	}
}

// A run's share of one of very many shards is one payment: what more waits there is handed on.
func TestTheSmallestShareOfAShard(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		const shards = 512
		c.store.DueShards, c.svc.DueShards = shards, shards
		c.svc.HandOn = func(context.Context, int) error { return nil }
		waiting := map[int]int{}
		for n := range 100 {
			waiting[c.open(fmt.Sprintf("o%d", n)).ID.ShardOf(shards)]++
		}
		want := checkout.SweepCounts{}
		for _, n := range waiting {
			if n > 1 {
				want.HandedOn++
			} else {
				want.Looked, want.Asked = want.Looked+1, want.Asked+1
			}
		}
		c.advance(dueAt + time.Second)
		if got := c.sweep(); got != want || want.HandedOn == 0 {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// A payment is begun in the last moment in which there is time for it.
func TestTheLastMomentOfASweep(t *testing.T) {
	for left, want := range map[time.Duration]int{8*time.Second - 1: 0, 8 * time.Second: 1} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.openRow("demo", 1)
			c.advance(dueAt + time.Second)
			if got, err := c.svc.Sweep(c.within(left)); err != nil || got.Looked != want {
				t.Errorf("with %s to go: %+v, %v", left, got, err)
			}
		})
	}
}

// A bank that says nothing for five seconds is not asked again in the run, and one that says so sooner is twice more.
func TestHowLongABankMayHang(t *testing.T) {
	for silent, want := range map[time.Duration]int{5*time.Second - 1: 3, 5 * time.Second: 1} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.openRow("demo", 5)
			c.advance(dueAt + time.Second)
			c.bank.before = func(context.Context, string, string) error { c.advance(silent); return unavailable() }
			if got := c.sweep(); got.Asked != want || got.Skipped != 5-want {
				t.Errorf("after %s: %+v", silent, got)
			}
		})
	}
}

// lag is the figure that a run of d tells.
func (c *counter) lag(d time.Duration) int64 {
	c.t.Helper()
	ctx, tally := metric.Begin(c.within(d))
	if _, err := c.svc.Sweep(ctx); err != nil {
		c.t.Fatal(err)
	}
	return figures(c.t, tally)[metric.SweepLag]
}

// The lag is of what still waits: an entry of the list that is no longer true is none, nor is one that is not due yet.
func TestWhatIsSettledDoesNotLag(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.approve("A")
		c.advance(dueAt + 10*time.Second)
		c.once(memory.Load, 1, func() {
			if _, err := c.callback(t.Context(), p); err != nil {
				t.Error(err)
			}
		})
		if got := c.lag(time.Minute); got != 0 || !c.is("A", 1, payment.Paid).DueAt.IsZero() {
			t.Errorf("%d seconds", got)
		}
	})
}

// One that waited for its turn until there was no time left is measured, too: here the longest waiting, whose shard is
// read last.
func TestWhoWaitedForNothingIsMeasured(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		const older, younger = 20 * time.Minute, 10 * time.Minute
		first := int(time.Now().Add(older).Unix() / 60 % checkout.Shards)
		inShardOf := func(shard int) string {
			for n := 0; ; n++ {
				ref := fmt.Sprintf("o%d", n)
				if (payment.ID{Order: payment.OrderKey("demo", ref)}).Shard() == shard {
					return ref
				}
			}
		}
		c.open(inShardOf((first + 1) % checkout.Shards))
		c.advance(older - younger)
		asked := inShardOf(first)
		c.open(asked)
		c.advance(younger)
		c.bank.before = func(_ context.Context, _, ref string) error {
			if ref != asked {
				t.Errorf("%s is asked about", ref)
			}
			c.advance(3 * time.Second)
			return nil
		}
		if got, want := c.lag(10*time.Second), int64((older-dueAt)/time.Second); got != want {
			t.Errorf("%d seconds, want %d", got, want)
		}
	})
}

// What cannot be saved is not done: the run counts it as failed, whether the bank was asked or nobody.
func TestWhatASweepCannotSaveHasFailed(t *testing.T) {
	for name, before := range map[string]func(c *counter){
		"a question": func(c *counter) { c.open("A") },
		"an end": func(c *counter) {
			c.opens(payment.Unavailable)
			_, _ = c.svc.Initiate(c.t.Context(), order("A", 15000))
			c.bank.before = nil
		},
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			before(c)
			c.advance(time.Hour)
			c.breaks(memory.Save, 1)
			if got, want := c.sweep(), (checkout.SweepCounts{Looked: 1, Failed: 1}); got != want {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		})
	}
}
