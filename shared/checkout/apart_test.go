package checkout_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// apart is the use cases on a machine whose clock is ahead of the others' by so much.
func (c *counter) apart(ahead time.Duration) *counter {
	other, svc := *c, *c.svc
	now := svc.Now
	svc.Now = func() time.Time { return now().Add(ahead) }
	other.svc = &svc
	return &other
}

// Whose clock the last question or promise was noted by, a customer who returns waits for five seconds of her own, and
// for as much again where the one who has promised to ask was cut off.
func TestAReturnGoesByOneClock(t *testing.T) {
	for _, ahead := range []time.Duration{-3 * time.Minute, -3 * time.Second, -50 * time.Millisecond,
		50 * time.Millisecond, 3 * time.Minute, time.Hour} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			if _, err := c.apart(ahead).poll(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			c.bank.approve("A")
			came := time.Now()
			got, err := c.callback(c.within(29*time.Second), p)
			most := 5*time.Second + max(0, min(ahead, time.Second))
			if waited := time.Since(came); err != nil || got.Status != payment.Paid || waited > most {
				t.Errorf("asked by a clock %s ahead: %s after %s, %v", ahead, got.Status, waited, err)
			}
		})
		inBubble(t, func(t *testing.T, c *counter) {
			p, other := c.open("A"), c.apart(ahead)
			if _, err := other.poll(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			c.bank.approve("A")
			if _, err := other.callback(c.within(8*time.Second), p); payment.CodeOf(err) != "asked_soon" {
				t.Fatal(err)
			}
			came := time.Now()
			got, err := payment.Payment{}, error(nil)
			for range 3 { // the page comes again by itself
				got, err = c.callback(c.within(29*time.Second), p)
				var e *payment.Error
				if errors.As(err, &e) && time.Since(came) < time.Minute {
					c.advance(e.RetryAfter)
				}
			}
			if waited := time.Since(came); err != nil || got.Status != payment.Paid || waited > 12*time.Second {
				t.Errorf("promised by a clock %s ahead: %s after %s, %v", ahead, got.Status, waited, err)
			}
		})
	}
}

// A flood of returns costs a question in five seconds by each clock, and no more, though each of them overtakes what
// was promised by the other.
func TestAFloodOfReturnsByTwoClocks(t *testing.T) {
	for _, ahead := range []time.Duration{50 * time.Millisecond, 3 * time.Second, 3 * time.Minute} {
		inBubble(t, func(t *testing.T, c *counter) {
			p, asked := c.open("A"), c.questions()
			var group sync.WaitGroup
			for range 300 {
				for _, by := range []*counter{c, c.apart(ahead)} {
					group.Go(func() { _, _ = by.callback(by.within(29*time.Second), p) })
					time.Sleep(50 * time.Millisecond)
				}
			}
			group.Wait()
			if n := len(*asked); n < 5 || n > 14 {
				t.Errorf("by clocks %s apart the bank was asked %d times in 30 seconds", ahead, n)
			}
		})
	}
}

// An answer to a question of before the money is no regress, whatever the clocks of those who asked say.
func TestAnOlderAnswerIsNoRegressByAnyClock(t *testing.T) {
	for _, ahead := range []time.Duration{-3 * time.Minute, 0, 3 * time.Minute} {
		for name, ask := range map[string]func(*counter, payment.Payment) error{
			"poll": func(c *counter, p payment.Payment) error { _, err := c.poll(c.t.Context(), p); return err },
			"cancel": func(c *counter, p payment.Payment) error {
				_, err := c.svc.Cancel(c.t.Context(), p.ID, "demo", "shop:k1")
				if payment.CodeOf(err) == "order_already_paid" {
					return nil
				}
				return err
			},
		} {
			inBubble(t, func(t *testing.T, c *counter) {
				p := c.open("A")
				c.advance(time.Minute)
				first := true
				c.bank.after = func(_ context.Context, call, _ string) error {
					if call == "status" && first { // its answer is on the way for long
						first = false
						c.bank.approve("A")
						c.advance(6 * time.Second)
						if got, err := c.callback(c.within(29*time.Second), p); err != nil || got.Status != payment.Paid {
							t.Errorf("%s, %v", got.Status, err)
						}
					}
					return nil
				}
				if err := ask(c.apart(ahead), p); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if p := c.stored("A", 1); p.Status != payment.Paid || len(p.Reviews) != 0 {
					t.Errorf("%s asked by a clock %s ahead: %s, reviews %v", name, ahead, p.Status, p.Reviews)
				}
			})
		}
	}
}

// What the bank has signed before it answered the opening waits for the opener, also where a sweep's clock is ahead of
// the opener's.
func TestASweepWaitsForTheOpenerByAnyClock(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "early_paid" }, noStatusCall)
	fast, swept := *b.svc, false
	fast.Now = func() time.Time { return b.now().Add(3 * time.Minute) }
	b.store.After = func(op memory.Op, _ payment.ID) error {
		if op == memory.Save && !swept { // the signed message
			swept = true
			_, err := fast.Sweep(t.Context())
			return err
		}
		return nil
	}
	b.called(payment.Paid)
	b.stands("approved inside the opening", payment.Paid, false)
}
