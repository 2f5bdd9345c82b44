package scale

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// TestHowFarItGoes: what the template and the code set carries 150 payments a second, and nothing but parameters,
// quotas and a second shop stands between that and 10,000.
func TestHowFarItGoes(t *testing.T) {
	all, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	h, b := house(t), BlendOf(all, Mix())
	limits := h.Limits(b)
	for _, l := range limits {
		switch {
		case l.Default <= 150:
			t.Errorf("%s holds up to %.0f payments a second", l.What, l.Default)
		case l.Default < goal && strings.Contains(l.Turn, "shared/"):
			t.Errorf("%s: it takes a change of the code", l.What)
		case l.Then != 0 && l.Then < goal:
			t.Errorf("%s: even then it holds up to %.0f", l.What, l.Then)
		}
	}
	c := h.sweep(b, h.DueShards(b, goal)).Course(goal * b.Asks)
	if asked := float64(c.Asked); c.Left > 0 || asked < goal*b.Asks*60-1 || c.All > 120 {
		t.Errorf("at 10,000 payments a second: %+v", c)
	}
	page, err := os.ReadFile(thePage)
	sweep := fmt.Sprintf("keeps pace up to %s,", about(h.sweep(b, h.Shards).Most()/b.Asks))
	first := fmt.Sprintf("**The first limit** is %s, at some %s payments a second", limits[0].What,
		about(limits[0].Default))
	queries := h.MostShards + payment.Shards // of the sweep and of the outbox, each half a unit
	rest := fmt.Sprintf("`DueShards` at %d makes it %d, %.2f a month", h.MostShards, queries,
		float64(queries)/2*monthRuns/million*readUnit.Dollar)
	for _, want := range []string{sweep, first, rest} {
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("docs/scale.md does not say %q, %v", want, err)
		}
	}
}

// TestTheSimulatedSweepIsTheRealOne: at a rate that it keeps pace with and at one that it does not, the code of the
// sweep itself asks about as many payments of one shard in five minutes as the simulation says, and leaves as many.
func TestTheSimulatedSweepIsTheRealOne(t *testing.T) {
	rates := []float64{0.5, 20, 44, 55}
	if testing.Short() { // with the race detector
		rates = rates[:2]
	}
	for _, perSecond := range rates {
		const ask = 300 * time.Millisecond
		simulated := Sweep{Shards: 1, Kept: 32, Ask: ask.Seconds(), Every: ask.Seconds() / 16}
		want := simulated.Course(perSecond)
		synctest.Test(t, func(t *testing.T) {
			asked, left := swept(t, perSecond, ask)
			if far(asked, want.Asked) || far(left, want.Left) {
				t.Errorf("%g a second: %d asked about and %d left, simulated %+v", perSecond, asked, left, want)
			}
		})
	}
}

// far says that two counts are more than three percent apart, and more than a few.
func far(a, b int) bool {
	return math.Abs(float64(a-b)) > max(5, 0.03*float64(max(a, b)))
}

// swept runs the sweep for five minutes, and counts what it asked and left in the fifth.
func swept(t *testing.T, perSecond float64, ask time.Duration) (asked, left int) {
	store, slow := &memory.Store{}, &slow{takes: ask}
	service := &checkout.Service{Store: store, Banks: slow, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	began := time.Now()
	for n, ref := 0, 0; ; ref++ {
		due := began.Add(time.Duration(float64(n) / perSecond * float64(time.Second)))
		if due.After(began.Add(5 * time.Minute)) {
			break
		}
		if idOf(ref).Shard() != 0 {
			continue
		}
		if _, err := store.Create(t.Context(), waiting(t, ref, due)); err != nil {
			t.Fatal(err)
		}
		n++
	}
	var runs sync.WaitGroup
	var mu sync.Mutex
	run := func(sweep func(ctx context.Context) (checkout.SweepCounts, error)) {
		runs.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			got, err := sweep(ctx)
			mu.Lock()
			defer mu.Unlock()
			if asked, left = asked+got.Asked, left+got.Left; err != nil {
				t.Error(err)
			}
		})
	}
	service.HandOn = func(_ context.Context, shard int) error {
		run(func(ctx context.Context) (checkout.SweepCounts, error) { return service.SweepShard(ctx, shard) })
		return nil
	}
	for range 5 {
		time.Sleep(time.Minute)
		mu.Lock()
		asked, left = 0, 0
		mu.Unlock()
		run(service.Sweep)
	}
	runs.Wait()
	return asked, left
}

func idOf(n int) payment.ID {
	return payment.ID{Order: payment.OrderKey("shop", strconv.Itoa(n)), Attempt: 1}
}

// waiting is a payment about whose page the bank is first asked at a time.
func waiting(t *testing.T, n int, due time.Time) payment.Payment {
	t.Helper()
	opened, ref := due.Add(-3*time.Minute), strconv.Itoa(n)
	p := payment.New(payment.Draft{ID: idOf(n), Shop: "shop", OrderRef: ref, Bank: "bank",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, CallbackToken: "CALLBACK",
		ClientToken: "CLIENT", PageLife: 20 * time.Minute}, opened, opened.Add(time.Minute))
	p, err := payment.Apply(p, payment.OpeningDone{Handle: payment.Handle{OrderID: ref},
		RedirectURL: "https://bank.example", ExpiresAt: opened.Add(20 * time.Minute)}, opened)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// slow is a bank that takes its time to say that nobody has paid yet.
type slow struct {
	bank.Bank
	takes time.Duration
}

func (s *slow) With(_ context.Context, _, _ string, call func(bank.Bank) error) error { return call(s) }

func (s *slow) Status(context.Context, bank.Handle) (bank.Report, error) {
	time.Sleep(s.takes)
	return bank.Report{State: payment.BankOpen, Word: "CREATED"}, nil
}
