package checkout_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// turnstile lets one worker go on at a time: each stops at every call of the store and of the bank until it is picked.
type turnstile struct {
	picked int           // who goes on
	turn   []chan bool   // by worker
	halted chan bool     // whoever went on has stopped: at a call, or, if false, for good
	ticks  time.Duration // one for every turn
}

// halt is what a worker does before each call.
func (s *turnstile) halt() {
	me := s.picked
	s.halted <- true
	<-s.turn[me]
}

// run lets the workers go on in the order of the path, of those that are not done; where the path ends, the first of
// them. It gives the whole path and how many there were to pick from at each step.
func (s *turnstile) run(path []int, workers []func()) (taken, width []int) {
	s.halted, s.turn = make(chan bool), make([]chan bool, len(workers))
	var left []int
	for i, work := range workers {
		s.turn[i] = make(chan bool)
		left = append(left, i)
		go func() {
			<-s.turn[i]
			work()
			s.halted <- false
		}()
	}
	for len(left) > 0 {
		at := 0
		if step := len(taken); step < len(path) {
			at = path[step]
		}
		taken, width = append(taken, at), append(width, len(left))
		s.picked = left[at]
		s.ticks += time.Millisecond
		s.turn[s.picked] <- true
		if !<-s.halted {
			left = slices.Delete(left, at, at+1)
		}
	}
	return taken, width
}

// next is the path to take after this one, nil when all were taken.
func next(taken, width []int) []int {
	for i := len(taken) - 1; i >= 0; i-- {
		if taken[i]+1 < width[i] {
			return append(slices.Clone(taken[:i]), taken[i]+1)
		}
	}
	return nil
}

// worker is a request about an attempt of order A, or a run of the sweep, that comes at the same time as another.
type worker struct {
	name    string
	attempt int
	act     func(ctx context.Context, c *counter, p payment.Payment)
}

// everyOrder plays a scene anew for every order in which the workers' calls can follow each other, and gives how many
// there are.
func everyOrder(t *testing.T, scene func(c *counter), workers []worker, verdict func(c *counter, when string)) (
	runs int) {
	t.Helper()
	var names []string
	alike := true
	for _, w := range workers {
		names = append(names, w.name)
		alike = alike && w.name == names[0]
	}
	inBubble(t, func(t *testing.T, _ *counter) {
		for path := []int{}; path != nil; runs++ {
			c, s := newCounter(t), &turnstile{}
			c.svc.Now = func() time.Time { return time.Now().Add(s.ticks) }
			scene(c)
			var work []func()
			for _, w := range workers {
				p := c.stored("A", w.attempt)
				work = append(work, func() { w.act(t.Context(), c, p) })
			}
			c.stopAt(s)
			taken, width := s.run(path, work)
			c.store.Before, c.bank.before = nil, nil
			verdict(c, fmt.Sprintf("%s, in the order %d", strings.Join(names, " and "), taken))
			path = next(taken, width)
			if sampled && runs > 40 {
				break
			}
			if alike && len(path) > 0 && path[0] > 0 {
				break // of two that are alike it does not matter who comes first: from here on it is all the same again
			}
		}
	})
	return runs
}

// stopAt makes every call of the store and of the bank a place where another may go on. The to-do lists are left out:
// their sixteen readings change nothing.
func (c *counter) stopAt(s *turnstile) {
	c.store.Before = func(op memory.Op, _ payment.ID) error {
		if op != memory.Due {
			s.halt()
		}
		return nil
	}
	c.bank.before = func(context.Context, string, string) error { s.halt(); return nil }
}

// everybody is who may come about a payment at any time.
func everybody() []worker {
	refund := func(key string) worker {
		return worker{"refund " + key, 1, func(ctx context.Context, c *counter, p payment.Payment) {
			_ = c.refund(ctx, p, key)
		}}
	}
	return []worker{
		{"callback", 1, func(ctx context.Context, c *counter, p payment.Payment) { _, _ = c.callback(ctx, p) }},
		{"poll", 1, func(ctx context.Context, c *counter, p payment.Payment) { _, _ = c.poll(ctx, p) }},
		{"sweep", 1, func(ctx context.Context, c *counter, _ payment.Payment) { _, _ = c.svc.Sweep(ctx) }},
		{"repeat", 1, func(ctx context.Context, c *counter, _ payment.Payment) {
			_, _ = c.svc.Initiate(ctx, order("A", 15000))
		}},
		{"cancel", 1, func(ctx context.Context, c *counter, p payment.Payment) {
			_, _ = c.svc.Cancel(ctx, p.ID, "demo", "shop:k1")
		}},
		refund("k1"), refund("k2"),
	}
}

// The scenes: the bank has taken the money and nobody knows; it is paid; a refund was done and its answer lost; a
// refund's owner was killed before the bank heard of it.
func approved(c *counter) {
	c.open("A")
	c.bank.approve("A")
	c.advance(4 * time.Minute)
}

func paid(c *counter) {
	approved(c)
	_, _ = c.callback(c.t.Context(), c.stored("A", 1))
	c.is("A", 1, payment.Paid)
	c.advance(time.Minute)
}

func lost(c *counter) {
	paid(c)
	c.bank.after = func(_ context.Context, call, _ string) error {
		if c.stored("A", 1).InFlight() == nil {
			return nil
		}
		return &payment.Error{Kind: payment.Uncertain, Message: "The answer to " + call + " was lost."}
	}
	_ = c.refund(c.t.Context(), c.stored("A", 1), "k1")
	c.bank.after = nil
	c.inFlight(payment.RefundUnknown)
	c.advance(16 * time.Minute)
}

func cutOff(c *counter) {
	paid(c)
	c.bank.before = func(_ context.Context, call, _ string) error {
		if call == "refund" {
			panic(errCrash)
		}
		return nil
	}
	func() {
		defer func() { _ = recover() }()
		_ = c.refund(c.t.Context(), c.stored("A", 1), "k1")
	}()
	c.bank.before = nil
	c.advance(16 * time.Minute)
	c.sweep()
	c.inFlight(payment.RefundBegun)
	c.advance(16 * time.Minute)
}

// inFlight checks that a scene got as far as it should.
func (c *counter) inFlight(want payment.RefundStatus) {
	c.t.Helper()
	if r := c.stored("A", 1).InFlight(); r == nil || r.Status != want {
		c.t.Fatalf("the refund in flight is %+v, want %s", r, want)
	}
}

// Whoever meets whom at whatever call: it is paid once, and each refund's key moves money at the bank once, after
// everybody has asked again until all is settled.
func TestEveryInterleavingOfTwo(t *testing.T) {
	t.Parallel()
	var total atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d interleavings", total.Load())
		if total.Load() < 1000 {
			t.Errorf("only %d interleavings: two requests have more calls than that", total.Load())
		}
	})
	for name, scene := range map[string]func(c *counter){"approved": approved, "paid": paid, "lost": lost,
		"cut off": cutOff} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := everybody()
			for i, one := range all {
				for _, other := range all[i:] {
					n := everyOrder(t, scene, []worker{one, other}, func(c *counter, when string) { c.onceEach(name + ": " + when) })
					total.Add(int64(n))
				}
			}
		})
	}
}

// onceEach settles what is open and compares the books.
func (c *counter) onceEach(when string) {
	c.t.Helper()
	anew := map[string]bool{}
	for _, pause := range []time.Duration{20 * time.Minute, 20 * time.Minute, 20 * time.Minute, 25 * time.Hour,
		25 * time.Hour, 20 * time.Minute} {
		p := c.stored("A", 1)
		if p.Refunded == 10000 {
			break
		}
		c.advance(pause)
		_, _ = c.svc.Sweep(c.t.Context())
		_, _ = c.callback(c.t.Context(), p)
		for _, key := range []string{"k1", "k2"} {
			if payment.CodeOf(c.refund(c.t.Context(), p, key)) == "refund_unconfirmed" { // given up, so the shop makes a new key
				anew[key] = true
				_ = c.refund(c.t.Context(), p, key+", anew")
			}
		}
	}
	p, a := c.stored("A", 1), c.bank.account("A")
	want := map[string]int{}
	for _, key := range []string{"k1", "k2"} {
		if anew[key] {
			key += ", anew"
		}
		want[payment.RefundID(p.ID, key)] = 1
	}
	if count(p, "paid") != 1 || p.Late || len(p.Reviews) > 0 || p.Status != payment.PartiallyRefunded ||
		p.Refunded != 10000 || !maps.Equal(a.done, want) {
		c.t.Fatalf("%s: %s, refunded %d; the bank gave back %d by %v; %v", when, p.Status, p.Refunded, a.returned, a.done,
			p.History)
	}
	if refs := c.bank.references(); len(refs) != 1 {
		c.t.Fatalf("%s: opened at the bank: %q", when, refs)
	}
}

// Two attempts of an order are found paid at the same time. Whoever saves first, and whoever looks at the other last:
// the later one is overpaid, and only that one.
func TestTwoAttemptsPaidAtOnce(t *testing.T) {
	t.Parallel()
	var workers []worker
	for n := 1; n <= 2; n++ {
		workers = append(workers,
			worker{fmt.Sprintf("callback %d", n), n, func(ctx context.Context, c *counter, p payment.Payment) {
				if _, err := c.callback(ctx, p); err != nil {
					c.t.Error(err)
				}
			}})
	}
	first := [3]int{}
	total := everyOrder(t, func(c *counter) {
		c.cancel(c.open("A"))
		c.open("A")
		c.bank.approve("A")
		c.bank.approve("A/2.1")
		c.advance(time.Minute)
	}, workers, func(c *counter, when string) {
		one, two := c.is("A", 1, payment.Paid), c.is("A", 2, payment.Paid)
		earlier, later := one, two
		if two.PaidAt.Before(one.PaidAt) {
			earlier, later = two, one
		}
		first[earlier.ID.Attempt]++
		if earlier.Overpaid || !later.Overpaid || earlier.SiblingsDue || later.SiblingsDue || count(later, "overpaid") != 1 {
			t.Fatalf("%s: %d was paid %s after %d; overpaid %t and %t", when, later.ID.Attempt, later.PaidAt.Sub(earlier.PaidAt),
				earlier.ID.Attempt, later.Overpaid, earlier.Overpaid)
		}
	})
	t.Logf("%d interleavings, each attempt paid first in %d and %d of them", total, first[1], first[2])
	if !sampled && (first[1] == 0 || first[2] == 0) {
		t.Error("one of them was always first")
	}
}
