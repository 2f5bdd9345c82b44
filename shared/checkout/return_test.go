package checkout_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// questions counts the status questions from now on, and notes when each was put.
func (c *counter) questions() *[]time.Time {
	var mu sync.Mutex
	at := &[]time.Time{}
	c.bank.before = func(_ context.Context, call, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		if call == "status" {
			*at = append(*at, time.Now())
		}
		return nil
	}
	return at
}

// A customer who returns within five seconds of a question learns how the payment stands in that very request, whoever
// asked before: the same order repeated, the page that polls, a return of before.
func TestAReturnWaitsForItsTurn(t *testing.T) {
	for name, ask := range map[string]func(*counter, payment.Payment) error{
		"repeat": func(c *counter, _ payment.Payment) error {
			_, err := c.svc.Initiate(c.t.Context(), order("A", 15000))
			return err
		},
		"poll":   func(c *counter, p payment.Payment) error { _, err := c.poll(c.t.Context(), p); return err },
		"return": func(c *counter, p payment.Payment) error { _, err := c.callback(c.t.Context(), p); return err },
	} {
		for _, later := range []time.Duration{0, time.Second, 4999 * time.Millisecond, 5 * time.Second} {
			inBubble(t, func(t *testing.T, c *counter) {
				p := c.open("A")
				if err := ask(c, p); err != nil {
					t.Fatal(err)
				}
				c.bank.approve("A")
				c.advance(later)
				asked, came := c.questions(), time.Now()
				p, err := c.callback(c.within(29*time.Second), p)
				if err != nil || p.Status != payment.Paid || len(*asked) != 1 {
					t.Fatalf("%s, %s after: %s, %v, asked %d times", name, later, p.Status, err, len(*asked))
				}
				if waited := (*asked)[0].Sub(came); waited != 5*time.Second-later || !p.AskNext.IsZero() {
					t.Errorf("%s, %s after: it waited %s, and another question is promised for %s", name, later, waited, p.AskNext)
				}
			})
		}
	}
}

// On an old payment others ask once a minute; those who return still learn it within five seconds.
func TestAReturnToAnOldPaymentWaitsNoLonger(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.advance(3 * time.Hour)
		for _, later := range []time.Duration{2 * time.Second, 20 * time.Second} {
			if _, err := c.poll(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			c.advance(later)
			came := time.Now()
			if _, err := c.callback(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(came); waited != max(0, 5*time.Second-later) {
				t.Errorf("%s after a question it waited %s", later, waited)
			}
			c.advance(2 * time.Minute)
		}
	})
}

// A flood of returns and polls costs one question in five seconds, and one of them alone waits: the others are told at
// once that it is being asked, and when to come again.
func TestAFloodOfReturnsHasOneWaiter(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		asked, came := c.questions(), time.Now()
		var mu sync.Mutex
		waited, soon := 0, 0
		flood := func() {
			var group sync.WaitGroup
			for range 100 {
				group.Go(func() {
					began := time.Now()
					_, err := c.callback(t.Context(), p)
					mu.Lock()
					defer mu.Unlock()
					if time.Since(began) > 0 {
						waited++
					}
					if payment.CodeOf(err) == "asked_soon" {
						soon++
					} else if err != nil {
						t.Error(err)
					}
				})
				group.Go(func() { _, _ = c.poll(t.Context(), p) })
			}
			group.Wait()
		}
		flood()
		if waited != 1 || soon < 90 || len(*asked) != 2 || !(*asked)[1].Equal(came.Add(5*time.Second)) {
			t.Errorf("%d waited, %d were told to come again, asked at %v", waited, soon, *asked)
		}
		for range 20 {
			flood()
		}
		for i, at := range *asked {
			if i > 0 && at.Sub((*asked)[i-1]) < 5*time.Second {
				t.Errorf("asked at %s and %s", (*asked)[i-1], at)
			}
		}
	})
}

// While one waits for its turn, another's question is answered: it is told at once.
func TestAWaiterHearsWhatOthersHear(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.approve("A")
		// a slow bank
		c.bank.after = func(context.Context, string, string) error { c.advance(1500 * time.Millisecond); return nil }
		var group sync.WaitGroup
		group.Go(func() { _, _ = c.poll(t.Context(), p) })
		c.advance(time.Millisecond)
		began := time.Now()
		got, err := c.callback(t.Context(), p)
		if err != nil || got.Status != payment.Paid || time.Since(began) > 2*time.Second {
			t.Errorf("%s, %v after %s", got.Status, err, time.Since(began))
		}
		group.Wait()
	})
}

// A request that has no time to wait, or is cut off while it waits, leaves its promise to the sweep.
func TestAPromiseIsKeptByTheSweep(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		if _, err := c.poll(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		c.bank.approve("A")
		if _, err := c.callback(c.within(8*time.Second), p); payment.CodeOf(err) != "asked_soon" {
			t.Fatal(err)
		}
		if p = c.is("A", 1, payment.Pending); p.DueAt.After(time.Now().Add(10 * time.Second)) {
			t.Errorf("it is due at %s", p.DueAt)
		}
		c.advance(11 * time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 1, Asked: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		c.is("A", 1, payment.Paid)
	})
}

// Another may come at the very moment at which the waiting one is about to ask, and ask in its place: that one is told
// that it is being asked, and not how the payment stood before.
func TestAWaiterWhoseTurnIsTakenIsNotToldPending(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		if _, err := c.poll(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		c.bank.approve("A")
		c.bank.after = func(context.Context, string, string) error { c.advance(time.Second); return nil }
		var group sync.WaitGroup
		var taken atomic.Bool
		turn := time.Now().Add(5 * time.Second)
		c.store.Before = func(op memory.Op, _ payment.ID) error {
			if op == memory.Save && !time.Now().Before(turn) && taken.CompareAndSwap(false, true) {
				group.Go(func() {
					if got, err := c.callback(c.within(29*time.Second), p); err != nil || got.Status != payment.Paid {
						t.Errorf("the other: %s, %v", got.Status, err)
					}
				})
				c.advance(time.Millisecond)
			}
			return nil
		}
		if got, err := c.callback(c.within(29*time.Second), p); payment.CodeOf(err) != "asked_soon" {
			t.Errorf("%s, %v", got.Status, err)
		}
		group.Wait()
		c.is("A", 1, payment.Paid)
	})
}

// An end that the bank has stated is no reason to wait for another answer.
func TestAReturnToAStatedEndIsAnsweredAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.says("A", payment.Report{State: payment.BankDeclined, Word: "DECLINED"})
		if _, err := c.poll(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if got, err := c.callback(t.Context(), p); err != nil || got.Status != payment.Declined || time.Since(began) != 0 {
			t.Errorf("%s, %v after %s", got.Status, err, time.Since(began))
		}
	})
}

// A bank may let a customer pay whose page it has just called expired. Her return is then the only news there is: it is
// asked about within five seconds, if not by this request, then by the sweep.
func TestAReturnToAStatedEndIsAskedAboutAllTheSame(t *testing.T) {
	for _, later := range []time.Duration{time.Second, 6 * time.Second} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.advance(3 * time.Hour) // others ask about it once a minute
			c.bank.says("A", payment.Report{State: payment.BankExpired, Word: "EXPIRED"})
			if _, err := c.poll(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			c.is("A", 1, payment.Expired)
			c.bank.approve("A")
			c.advance(later)
			began := time.Now()
			if _, err := c.callback(t.Context(), p); err != nil || time.Since(began) != 0 {
				t.Errorf("%v after %s", err, time.Since(began))
			}
			c.advance(time.Minute)
			c.sweep()
			if p = c.is("A", 1, payment.Paid); !p.Late {
				t.Errorf("%s after its end it is not called late", later)
			}
		})
	}
}
