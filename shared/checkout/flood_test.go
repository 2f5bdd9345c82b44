package checkout_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// A customer who comes back after she has paid is told so, at once or when her page has come again, whoever else asks,
// repeats, polls and sweeps at the same time, however slow bank and table are, and whatever the bank has answered to
// questions of before. Each question to the bank is five seconds after the one before.
func TestFloodsOfReturns(t *testing.T) {
	for seed := range uint64(500) {
		inBubble(t, func(t *testing.T, c *counter) {
			f := flood{counter: c, draw: rand.New(rand.NewPCG(seed, 1))}
			f.run(t, seed)
		})
	}
}

// flood is what happens around one payment, by chance.
type flood struct {
	*counter
	mu    sync.Mutex
	draw  *rand.Rand
	asked []time.Time
}

// upTo is a time below a limit, in whole milliseconds.
func (f *flood) upTo(limit time.Duration) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Duration(f.draw.Int64N(max(1, limit.Milliseconds()))) * time.Millisecond
}

func (f *flood) one(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.draw.IntN(n)
}

func (f *flood) run(t *testing.T, seed uint64) {
	p := f.open("A")
	time.Sleep([]time.Duration{0, 10 * time.Minute, 40 * time.Minute}[f.one(3)]) // the page ends meanwhile, or does not
	cancelled := f.one(4) == 0
	if cancelled {
		if _, err := f.svc.Cancel(t.Context(), p.ID, p.Shop, "shop:k1"); err != nil {
			t.Fatal(err)
		}
	}
	bank, table := time.Duration(f.one(3))*time.Second, time.Duration(f.one(3))*400*time.Millisecond
	f.slow(bank, table)
	paid := f.upTo(9 * time.Second)
	var group sync.WaitGroup
	group.Go(func() { time.Sleep(paid); f.bank.approve("A") })
	for range f.one(14) {
		at, what := f.upTo(14*time.Second), f.one(4)
		group.Go(func() { time.Sleep(at); f.other(what, p, cancelled) })
	}
	back := paid + f.upTo(3*time.Second)
	group.Go(func() { time.Sleep(back); f.comeBack(t, seed, p) })
	group.Wait()
	for i := 1; i < len(f.asked) && table == 0; i++ {
		if apart := f.asked[i].Sub(f.asked[i-1]); apart < 5*time.Second {
			t.Errorf("seed %d: the bank is asked again after %s", seed, apart)
		}
	}
}

// slow makes bank and table take up to so long.
func (f *flood) slow(bank, table time.Duration) {
	f.bank.before = func(_ context.Context, call, order string) error {
		if call == "status" && order == "A" {
			f.mu.Lock()
			f.asked = append(f.asked, time.Now())
			f.mu.Unlock()
		}
		time.Sleep(f.upTo(bank))
		return nil
	}
	f.bank.after = func(context.Context, string, string) error { time.Sleep(f.upTo(bank)); return nil }
	f.store.Before = func(memory.Op, payment.ID) error { time.Sleep(f.upTo(table)); return nil }
}

// other is somebody else who asks, and whom nothing is promised.
func (f *flood) other(what int, p payment.Payment, cancelled bool) {
	ctx := f.within(29 * time.Second)
	switch {
	case what == 0 && !cancelled:
		_, _ = f.svc.Initiate(ctx, order("A", 15000))
	case what == 1:
		_, _ = f.poll(ctx, p)
	case what == 2:
		_, _ = f.callback(ctx, p)
	case what == 3:
		_, _ = f.svc.Sweep(f.within(50 * time.Second))
	}
}

// comeBack is the customer, whose page comes again while she is told that the bank is being asked.
func (f *flood) comeBack(t *testing.T, seed uint64, p payment.Payment) {
	for range 10 {
		got, err := f.callback(f.within(29*time.Second), p)
		if payment.CodeOf(err) != "asked_soon" {
			if err != nil || got.Status != payment.Paid {
				t.Errorf("seed %d: who has paid is told %s, %v", seed, got.Status, err)
			}
			return
		}
		time.Sleep(2 * time.Second)
	}
	t.Errorf("seed %d: she is never told", seed)
}
