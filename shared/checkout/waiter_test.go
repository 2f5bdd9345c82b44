package checkout_test

import (
	"context"
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// become lets events happen to order A, as other requests would have made them.
func (c *counter) become(events ...payment.Event) {
	c.t.Helper()
	p := c.stored("A", 1)
	for _, e := range events {
		var err error
		if p, err = payment.Apply(p, e, time.Now()); err != nil {
			c.t.Fatal(err)
		}
	}
	c.seed(p)
}

// meanwhile lets something happen each time that whoever waits has waited for a while, and counts that.
func (c *counter) meanwhile(happen func(waits int)) *int {
	waits := new(int)
	c.svc.Wait = func(_ context.Context, d time.Duration) bool {
		*waits++
		c.advance(d)
		happen(*waits)
		return true
	}
	return waits
}

// waiter is somebody who comes back so long after a question that was put for another. Others are at work meanwhile.
type waiter struct {
	after  time.Duration
	others func(c *counter) *int // how often he waits is counted
	waits  int
	took   time.Duration
	again  time.Duration // when he is told to come again; 0 = he is told how the payment stands
}

func waiters() map[string]waiter {
	nothing := func(c *counter) *int { return c.meanwhile(func(int) {}) }
	own, promise := payment.Question{Promised: true}, payment.QuestionPromise{}
	return map[string]waiter{
		"at the last moment": {5*time.Second - 1, nothing, 1, 1, 0},
		"another asks just now": {4500 * time.Millisecond, func(c *counter) *int {
			return c.meanwhile(func(int) { c.become(own) })
		}, 1, 500 * time.Millisecond, time.Second},
		"another asks just now, and a third waits": {4500 * time.Millisecond, func(c *counter) *int {
			return c.meanwhile(func(int) {
				c.once(memory.Save, 1, func() { c.become(own, promise) })
			})
		}, 1, 500 * time.Millisecond, 6 * time.Second},
		"others are always first": {2 * time.Second, func(c *counter) *int {
			return c.meanwhile(func(int) {
				p := c.stored("A", 1)
				p.AskNext = time.Now().UTC().Add(3 * time.Second)
				c.seed(p)
			})
		}, 8, 8 * time.Second, 4 * time.Second},
		"another is told while he comes": {time.Second, func(c *counter) *int {
			c.once(memory.Save, 1, func() {
				p := c.stored("A", 1)
				c.become(payment.Statement{Handle: p.Handle, Report: payment.Report{State: payment.BankApproved,
					Word: "APPROVED"}})
			})
			return c.meanwhile(func(int) {})
		}, 0, 0, 0},
	}
}

// Whoever waits for his turn hears how the payment stands, or that another is at it and when to come again: he is never
// told what stood there before, and does not wait behind the next one.
func TestWhatAWaiterIsTold(t *testing.T) {
	for name, w := range waiters() {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			if _, err := c.poll(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			c.bank.approve("A")
			c.advance(w.after)
			waits, came := w.others(c), time.Now()
			got, err := c.callback(c.within(29*time.Second), p)
			if got.ID != p.ID || *waits != w.waits || time.Since(came) != w.took {
				t.Errorf("%s: %s, who waited %d times, for %s", name, got.ID, *waits, time.Since(came))
			}
			if w.again > 0 {
				if e := c.wants(err, payment.Standing, "asked_soon", p.ID); e.RetryAfter != w.again {
					t.Errorf("%s: to come again after %s", name, e.RetryAfter)
				}
			} else if err != nil || got.Status != payment.Paid || !got.AskNext.IsZero() {
				t.Errorf("%s: %s, %v, and another question is promised for %s", name, got.Status, err, got.AskNext)
			}
		})
	}
}

// Whoever has as much time as waiting, asking and saving need waits; whoever has less is told at once to come again. A
// bank's server that has brought what is signed need not: it is kept, and asked about in a moment.
func TestWhoHasNoTimeToWait(t *testing.T) {
	enough := 13 * time.Second // five until its turn, five to ask, and three to save
	for left, want := range map[time.Duration]string{enough: "", enough - time.Millisecond: "asked_soon"} {
		for _, proven := range []bool{false, true} {
			inBubble(t, func(t *testing.T, c *counter) {
				p := c.open("A")
				if _, err := c.poll(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				c.bank.approve("A")
				code := want
				if proven {
					c.speaks(rechecked(p), nil)
					code = "" // what is kept is asked about
				}
				came := time.Now()
				got, err := c.callback(c.within(left), p)
				if payment.CodeOf(err) != code || (code == "") != (err == nil) || got.ID != p.ID {
					t.Errorf("%s left, signed %t: %s, %v", left, proven, got.ID, err)
				}
				if waits := time.Since(came) > 0; waits != (want == "") || (got.Status == payment.Paid) != waits {
					t.Errorf("%s left, signed %t: %s after %s", left, proven, got.Status, time.Since(came))
				}
				if kept := c.stored("A", 1); proven && want != "" && (len(kept.Notices) != 1 || kept.AskNext.IsZero()) {
					t.Errorf("%s left: kept %v, asked about at %s", left, kept.Notices, kept.AskNext)
				}
			})
		}
	}
}

// A bank that is silent is not heard of as if it had been asked by another: its server must call again.
func TestASilentBankIsNoAnswer(t *testing.T) {
	for name, before := range map[string]func(c *counter, p payment.Payment){
		"at once":           func(c *counter, _ payment.Payment) { c.advance(time.Minute) },
		"after waiting":     func(c *counter, p payment.Payment) { _, _ = c.poll(c.t.Context(), p) },
		"after a known end": func(c *counter, p payment.Payment) { c.declines(p); c.advance(time.Minute) },
	} {
		for kind, told := range map[payment.Kind]bool{payment.Unavailable: true, payment.Misconfigured: true,
			payment.Unsupported: false} { // there is nobody to be asked, now and later
			inBubble(t, func(t *testing.T, c *counter) {
				p := c.open("A")
				before(c, p)
				c.fails("status", kind)
				got, err := c.callback(c.within(29*time.Second), p)
				if (err != nil) != told || told && payment.KindOf(err) != kind || got.ID != p.ID {
					t.Errorf("%s, %s: %s, %v", name, kind, got.ID, err)
				}
			})
		}
	}
}

// Why a bank has refused may stand in the message alone that the customer brings. It is noted where the bank has stated
// that end, whoever had asked.
func TestAReasonIsKeptThoughAnotherHasAsked(t *testing.T) {
	for name, before := range map[string]func(c *counter, p payment.Payment){
		"too early to ask": func(c *counter, p payment.Payment) { c.declines(p); c.advance(time.Second) },
		"asked at once":    func(c *counter, p payment.Payment) { c.declines(p); c.advance(time.Minute) },
		"another's answer": func(c *counter, p payment.Payment) {
			_, _ = c.poll(c.t.Context(), p)
			c.advance(4 * time.Second)
			c.meanwhile(func(int) {
				c.become(payment.Question{Promised: true}, payment.Statement{Handle: p.Handle,
					Report: payment.Report{State: payment.BankDeclined, Word: "DECLINED"}})
			})
		},
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			before(c, p)
			c.speaks(because(p), nil)
			got, err := c.callback(c.within(29*time.Second), p)
			want := payment.Decline{Code: "051", Hint: payment.HintFunds}
			if kept := c.is("A", 1, payment.Declined); err != nil || got.Decline != want || kept.Decline != want {
				t.Errorf("%s: told %v, kept %v, %v", name, got.Decline, kept.Decline, err)
			}
		})
	}
}

// Whoever comes back to an end that the bank has stated, and may ask just now, hears the answer himself.
func TestAReturnToAnOldEndHearsTheAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.advance(3 * time.Hour) // others ask once a minute now
		c.declines(p)
		c.advance(6 * time.Second)
		c.bank.approve("A")
		if got, err := c.callback(t.Context(), p); err != nil || got.Status != payment.Paid || !got.AskNext.IsZero() {
			t.Errorf("%s, %v, and another question is promised for %s", got.Status, err, got.AskNext)
		}
	})
}
