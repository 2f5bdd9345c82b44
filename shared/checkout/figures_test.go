package checkout_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/dynamo/memory"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// figures reads what a tally would put on a line.
func figures(t *testing.T, tally *metric.Tally) map[metric.Name]int64 {
	t.Helper()
	var line strings.Builder
	slog.New(slog.NewJSONHandler(&line, nil)).Info("", tally.Attrs(time.Time{}, "test")...)
	var all map[string]any
	if err := json.Unmarshal([]byte(line.String()), &all); err != nil {
		t.Fatal(err)
	}
	found := map[metric.Name]int64{}
	for _, m := range metric.All() {
		if n, ok := all[string(m.Name)].(float64); ok && n != 0 {
			found[m.Name] = int64(n)
		}
	}
	return found
}

func (c *counter) counts(tally *metric.Tally, want map[metric.Name]int64) {
	c.t.Helper()
	if got := figures(c.t, tally); !maps.Equal(got, want) {
		c.t.Errorf("figures %v, want %v", got, want)
	}
}

// life is a payment that is paid twice over by hasty callers and then partly given back, with a bank that once does not
// tell.
func (c *counter) life(ctx context.Context) {
	c.t.Helper()
	opened, err := c.svc.Initiate(ctx, order("A", 15000))
	if err != nil { // the first save is the creation: then the shop asks again
		c.advance(time.Minute)
		if opened, err = c.svc.Initiate(ctx, order("A", 15000)); err != nil {
			c.t.Fatal(err)
		}
	}
	c.bank.approve("A")
	c.advance(6 * time.Second)
	for range 3 {
		_, _ = c.callback(ctx, opened.Payment) // what fails is tried again
		_, _ = c.poll(ctx, opened.Payment)
		c.advance(6 * time.Second)
	}
	c.bank.after = func(_ context.Context, call, _ string) error {
		if call == "refund" {
			c.bank.after = func(context.Context, string, string) error { return unavailable() }
			return &payment.Error{Kind: payment.Uncertain, Message: "lost"}
		}
		return nil
	}
	_ = c.refund(ctx, opened.Payment, "k1")
	c.bank.after = nil
	for range 4 {
		_ = c.refund(ctx, opened.Payment, "k1")
		c.advance(20 * time.Minute)
		if _, err := c.svc.Sweep(ctx); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestEveryChangeIsCountedOnce, wherever one save fails: before it was done, or with its answer lost afterwards.
func TestEveryChangeIsCountedOnce(t *testing.T) {
	for at := range 12 {
		for _, lost := range []bool{false, true} {
			inBubble(t, func(t *testing.T, c *counter) {
				var saves atomic.Int64
				fail := func(op memory.Op, _ payment.ID) error {
					if op == memory.Save && saves.Add(1)-1 == int64(at) {
						return unavailable()
					}
					return nil
				}
				if c.store.Before = fail; lost {
					c.store.Before, c.store.After = nil, fail
				}
				ctx, tally := metric.Begin(c.t.Context())
				c.life(ctx)
				c.store.Before, c.store.After = nil, nil
				p := c.stored("A", 1)
				want := map[metric.Name]int64{metric.PaymentsOpened: 1, metric.PaymentsPaid: 1}
				for name, what := range map[metric.Name]string{metric.RefundsSucceeded: "refund_succeeded",
					metric.RefundsFailed: "refund_failed",
					metric.RefundUnknown: "refund_unknown"} {
					if n := count(p, what); n > 0 {
						want[name] = int64(n)
					}
				}
				if count(p, "paid") != 1 || p.Refunded != 5000 {
					t.Fatalf("save %d, lost %v: %+v", at, lost, p.History)
				}
				got := figures(t, tally)
				delete(got, metric.SweepLag)
				if !maps.Equal(got, want) {
					t.Errorf("save %d, lost %v: figures %v, want %v\n%v", at, lost, got, want, p.History)
				}
			})
		}
	}
}

// TestOnlyOneOfManyCounts: many hear at once that a payment is paid, and one has saved it.
func TestOnlyOneOfManyCounts(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.says("A", payment.Report{State: payment.BankCancelled, Word: "CANCELED"})
		ctx, tally := metric.Begin(t.Context())
		if _, err := c.poll(ctx, p); err != nil {
			t.Fatal(err)
		}
		c.counts(tally, map[metric.Name]int64{metric.PaymentsCancelled: 1})
		c.bank.approve("A")
		ctx, tally = metric.Begin(t.Context())
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { _, _ = c.callback(ctx, p) })
		}
		group.Wait()
		c.advance(20 * time.Minute)
		_, _ = c.callback(ctx, p)
		if c.stored("A", 1).Status != payment.Paid {
			t.Fatal("it is not paid")
		}
		c.counts(tally, map[metric.Name]int64{metric.PaymentsPaid: 1, metric.PaymentsLate: 1})
	})
}

// TestWhatASweepFindsLate is told in seconds beyond its time, also where there was no time to look at it.
func TestWhatASweepFindsLate(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.open("A")
		c.advance(dueAt + 90*time.Second + 5*time.Millisecond)
		for _, left := range []time.Duration{7 * time.Second, time.Minute} {
			ctx, tally := metric.Begin(c.within(left))
			if _, err := c.svc.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			c.counts(tally, map[metric.Name]int64{metric.SweepLag: 90})
		}
		ctx, tally := metric.Begin(c.within(time.Minute))
		if _, err := c.svc.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		c.counts(tally, map[metric.Name]int64{})
	})
}

// TestWhatOnlyAPersonCanMendIsAnError: a payment that cannot be read is loud, in every run; a bank that does not answer
// is not.
func TestWhatOnlyAPersonCanMendIsAnError(t *testing.T) {
	for kind, want := range map[payment.Kind]string{payment.Internal: "level=ERROR", payment.Misconfigured: "level=ERROR",
		payment.Unavailable: "level=WARN"} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.open("A")
			c.advance(dueAt + time.Second)
			c.bank.before = func(context.Context, string, string) error { return &payment.Error{Kind: kind, Message: "no"} }
			c.sweep()
			if !strings.Contains(c.logs.String(), want+` msg="the sweep could not finish`) {
				t.Errorf("%s:\n%s", kind, c.logs)
			}
		})
	}
}

// refusing is a teller whose messages fail as they are told to.
type refusing struct {
	*teller
	kind payment.Kind
}

func (b refusing) Read(bank.Message) (bank.Reading, error) {
	return bank.Reading{}, &payment.Error{Kind: b.kind}
}

// TestRejectedCallbacks are the forged ones at a payment's own address; strangers and what cannot be read are none.
func TestRejectedCallbacks(t *testing.T) {
	for kind, rejected := range map[payment.Kind]int64{payment.Forged: 1, payment.Malformed: 0} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.svc.Banks = banks{refusing{c.bank, kind}}
			ctx, tally := metric.Begin(t.Context())
			_, err := c.svc.Read(ctx, p.ID, p.CallbackToken, bank.Message{Method: "POST"})
			if (err == nil) != (rejected == 0) || err != nil && payment.KindOf(err) != kind {
				t.Fatal(err)
			}
			_, err = c.svc.Read(ctx, p.ID, "another", bank.Message{Method: "POST"})
			if payment.KindOf(err) != payment.NotFound {
				t.Fatal(err)
			}
			if got := figures(t, tally)[metric.CallbackRejected]; got != rejected {
				t.Errorf("%s: %d rejected", kind, got)
			}
		})
	}
}
