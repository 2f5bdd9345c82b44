package checkout_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// kept is how much of one shard a run does beside all others.
const kept = 32

// handsOn lets the sweep hand shards on, and remembers which.
func (c *counter) handsOn(answer error) *[]int {
	var asked []int
	c.svc.HandOn = func(_ context.Context, shard int) error {
		asked = append(asked, shard)
		return answer
	}
	return &asked
}

// TestAShardThatIsTooMuchIsHandedOn to somebody else, and the others are looked after as ever. The run for that shard
// does all that waits there, and hands nothing on.
func TestAShardThatIsTooMuchIsHandedOn(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.openRow("demo", kept)
		c.open("elsewhere-1") // in shard 11
		handed := c.handsOn(nil)
		c.advance(dueAt + time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: kept + 1, Asked: kept + 1}); got != want ||
			len(*handed) > 0 {
			t.Errorf("as much as it can do: %+v, want %+v; handed on %v", got, want, *handed)
		}
	})
	inBubble(t, func(t *testing.T, c *counter) {
		c.openRow("demo", kept+1)
		c.open("elsewhere-1")
		handed := c.handsOn(nil)
		c.advance(dueAt + time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 1, Asked: 1, HandedOn: 1}); got != want ||
			!slices.Equal(*handed, []int{0}) {
			t.Errorf("%+v, want %+v; handed on %v", got, want, *handed)
		}
		swept, err := c.svc.SweepShard(c.within(time.Minute), 0)
		if want := (checkout.SweepCounts{Looked: kept + 1, Asked: kept + 1}); err != nil || swept != want ||
			len(*handed) != 1 {
			t.Errorf("%+v, want %+v, %v; handed on %v", swept, want, err, *handed)
		}
	})
}

// TestWhatNobodyTakesIsNotLeft: where shards cannot be handed on, the run does what it has time for, asks nobody a
// second time, and says so.
func TestWhatNobodyTakesIsNotLeft(t *testing.T) {
	for kind, level := range map[payment.Kind]string{payment.Misconfigured: "ERROR", payment.Unavailable: "WARN"} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.openRow("demo", 2*kept)
			for n := range 64 * kept {
				if ref := fmt.Sprintf("any-%d", n); n%2 == 0 {
					c.open(ref)
				}
			}
			handed := c.handsOn(&payment.Error{Kind: kind, Message: "nobody is there"})
			c.advance(dueAt + 2*time.Minute)
			if got := c.sweep(); got.Looked != 34*kept || got.Asked != 34*kept || got.HandedOn != 0 || len(*handed) != 1 {
				t.Errorf("%+v, asked for %v", got, *handed)
			}
			if !strings.Contains(c.logs.String(), "level="+level+` msg="what is due cannot be handed on`) {
				t.Errorf("%v: %s", kind, c.logs)
			}
		})
	}
}

// TestAListThatBreaksOffIsDoneAsFarAsItWasRead, and the run says that it was not all.
func TestAListThatBreaksOffIsDoneAsFarAsItWasRead(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.openRow("demo", kept)
		c.svc.Store = breaking{c.store}
		handed := c.handsOn(nil)
		c.advance(dueAt + time.Minute)
		got, err := c.svc.Sweep(c.within(time.Minute))
		if payment.KindOf(err) != payment.Unavailable || got.Asked != kept || len(*handed) > 0 {
			t.Errorf("%+v, %v; handed on %v", got, err, *handed)
		}
	})
}

// breaking is a store whose lists end in an error.
type breaking struct{ *memory.Store }

func (b breaking) Due(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return func(yield func(payment.ListEntry, error) bool) {
		for e, err := range b.Store.Due(ctx, shard, now) {
			if !yield(e, err) {
				return
			}
		}
		yield(payment.ListEntry{}, &payment.Error{Kind: payment.Unavailable, Cause: errors.New("cut off")})
	}
}

// TestEveryKeyOfTheListIsLookedAt, however many there are, and each once.
func TestEveryKeyOfTheListIsLookedAt(t *testing.T) {
	for _, shards := range []int{0, 16, 64, 512} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.store.DueShards, c.svc.DueShards = shards, shards
			var handed atomic.Int64
			for n := range 600 {
				c.open(fmt.Sprintf("o%d", n))
			}
			if shards > 64 { // each keeps one
				c.svc.HandOn = func(ctx context.Context, shard int) error {
					swept, err := c.svc.SweepShard(ctx, shard)
					handed.Add(int64(swept.Asked))
					return err
				}
			}
			var mu sync.Mutex
			lists := 0
			c.store.Before = func(op memory.Op, _ payment.ID) error {
				mu.Lock()
				defer mu.Unlock()
				if op == memory.Due {
					lists++
				}
				return nil
			}
			c.advance(dueAt + time.Second)
			got := c.sweep()
			if want := max(shards, payment.Shards) + got.HandedOn; lists != want {
				t.Errorf("%d lists of %d were read", lists, want)
			}
			if asked := got.Asked + int(handed.Load()); asked != 600 || (got.HandedOn > 0) != (shards > 64) {
				t.Errorf("%d shards: %+v, and %d asked about by others", shards, got, handed.Load())
			}
		})
	}
}

// silent are banks that take 300 ms for each answer, which is that nobody has paid yet, and count the questions by the
// order's number.
type silent struct {
	bank.Bank
	mu    sync.Mutex
	asked map[string]int
	last  map[string]time.Time // by shop, which the handle names
}

func (s *silent) With(_ context.Context, _, _ string, call func(bank.Bank) error) error {
	return call(s)
}

func (s *silent) Status(_ context.Context, h bank.Handle) (bank.Report, error) {
	time.Sleep(300 * time.Millisecond)
	shop, _, _ := strings.Cut(h.OrderID, "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[h.OrderID]++
	s.last[shop] = time.Now()
	return bank.Report{State: payment.BankOpen, Word: "CREATED"}, nil
}

// whole is of how many payments was asked.
func (s *silent) whole() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// lastOf is when a shop's payments were last asked about.
func (s *silent) lastOf(shop string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[shop]
}

// burst is 100,000 payments that become due in the same second: of one shop, but for some of small ones.
func (c *counter) burst(all, shops, each int) {
	c.t.Helper()
	model := c.open("model")
	for n := range all {
		p, shop := model, "flood"
		if n >= all-shops*each {
			shop = "small-" + strconv.Itoa(n%shops)
		}
		p.OrderRef, p.Shop, p.Rev = strconv.Itoa(n), shop, ""
		p.ID.Order = payment.OrderKey(shop, p.OrderRef)
		p.Handle.OrderID = shop + "/" + p.OrderRef
		if _, err := c.store.Create(c.t.Context(), p); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestABurstIsWorkedOff: 100,000 payments are due at once, and the schedule starts each minute's run twice. Each is
// asked about once, within four minutes, by two runs a shard and minute; small shops are not behind the large one.
func TestABurstIsWorkedOff(t *testing.T) {
	t.Parallel()
	all, most := 100_000, 4
	if sampled {
		all, most = 10_000, 1
	}
	const shops, each = 20, 10
	inBubble(t, func(t *testing.T, c *counter) {
		banks := &silent{asked: map[string]int{}, last: map[string]time.Time{}}
		c.burst(all, shops, each)
		c.svc.Banks = banks
		var runs sync.WaitGroup
		var mu sync.Mutex
		total, started := checkout.SweepCounts{}, 0
		run := func(sweep func(ctx context.Context) (checkout.SweepCounts, error)) {
			runs.Go(func() {
				got, err := sweep(c.within(time.Minute))
				mu.Lock()
				defer mu.Unlock()
				started++
				total.Asked += got.Asked
				if err != nil || got.Failed > 0 {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		c.svc.HandOn = func(_ context.Context, shard int) error {
			run(func(ctx context.Context) (checkout.SweepCounts, error) { return c.svc.SweepShard(ctx, shard) })
			return nil
		}
		c.advance(dueAt + time.Second)
		began := time.Now()
		minutes := 0
		for ; banks.whole() <= all && minutes < most; minutes++ {
			run(c.svc.Sweep)
			run(c.svc.Sweep)
			c.advance(time.Until(began.Add(time.Duration(minutes+1) * time.Minute)))
			if minutes == 0 {
				for i := range shops {
					if at := banks.lastOf("small-" + strconv.Itoa(i)); at.IsZero() || at.Sub(began) > 30*time.Second {
						t.Errorf("a small shop waits until %s behind a large one", at)
					}
				}
			}
		}
		runs.Wait()
		for order, n := range banks.asked {
			if n != 1 {
				t.Fatalf("%s was asked about %d times", order, n)
			}
		}
		if len(banks.asked) != all+1 || started < 2*16 {
			t.Errorf("after %d minutes and %d runs %d of %d were asked about", minutes, started, len(banks.asked), all+1)
		}
	})
}
