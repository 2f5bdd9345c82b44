package checkout_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// A bank call ends after twenty seconds, and three seconds before the invocation does.
func TestBankCallsAreBounded(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{
		0: 20 * time.Second, time.Minute: 20 * time.Second, 23 * time.Second: 20 * time.Second,
		10 * time.Second: 7 * time.Second,
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			invocation := func() context.Context {
				if left == 0 {
					return t.Context() // a caller without a deadline
				}
				return c.within(left)
			}
			calls := map[string]int{}
			c.bank.before = func(ctx context.Context, call, _ string) error {
				calls[call]++
				if end, ok := ctx.Deadline(); !ok || time.Until(end) != want {
					t.Errorf("%s to go: %s may take %s, want %s", left, call, time.Until(end), want)
				}
				return nil
			}
			opened, err := c.svc.Initiate(invocation(), order("A", 15000))
			if err != nil {
				t.Fatal(err)
			}
			c.bank.approve("A")
			if _, err := c.callback(invocation(), opened.Payment); err != nil {
				t.Fatal(err)
			}
			if err := c.refund(invocation(), opened.Payment, "k1"); err != nil {
				t.Fatal(err)
			}
			if calls["open"] != 1 || calls["status"] < 2 || calls["refund"] != 1 {
				t.Errorf("%v", calls)
			}
		})
	}
}

// deafStore lets the saves fail after the first few.
func (c *counter) deafStore(after int) {
	c.store.Before = func(op memory.Op, _ payment.ID) error {
		if op != memory.Save {
			return nil
		}
		if after--; after < 0 {
			return unavailable()
		}
		return nil
	}
}

// Whoever cannot save what the bank said tries until there is just time to say so, and says so. Repeating makes
// everything right.
func TestStoreThatTakesNoSave(t *testing.T) {
	for name, c := range map[string]struct {
		saves int           // that are taken before
		tried time.Duration // at least, before it is given up
		act   func(c *counter, ctx context.Context, p payment.Payment) error
	}{
		"initiate": {0, 4 * time.Second, func(c *counter, ctx context.Context, _ payment.Payment) error {
			_, err := c.svc.Initiate(ctx, order("B", 15000))
			return err
		}},
		"callback": {1, 4 * time.Second, func(c *counter, ctx context.Context, p payment.Payment) error {
			_, err := c.callback(ctx, p)
			return err
		}},
		"callback, not even the claim": {0, 0, func(c *counter, ctx context.Context, p payment.Payment) error {
			_, err := c.callback(ctx, p)
			return err
		}},
		"refund": {3, 4 * time.Second, func(c *counter, ctx context.Context, p payment.Payment) error {
			_, err := c.callback(ctx, p)
			if err != nil {
				return err
			}
			return c.refund(ctx, p, "k1")
		}},
		"refund, not even the intent": {2, 0, func(c *counter, ctx context.Context, p payment.Payment) error {
			_, err := c.callback(ctx, p)
			if err != nil {
				return err
			}
			return c.refund(ctx, p, "k1")
		}},
	} {
		inBubble(t, func(t *testing.T, w *counter) {
			p := w.open("A")
			w.bank.approve("A")
			w.advance(time.Minute)
			w.deafStore(c.saves)
			ctx, began := w.within(6*time.Second), time.Now()
			err := c.act(w, ctx, p)
			if payment.KindOf(err) != payment.Unavailable || ctx.Err() != nil || time.Since(began) < c.tried ||
				time.Since(began) > 5*time.Second+time.Millisecond {
				t.Errorf("%s: %v after %s, %v", name, err, time.Since(began), ctx.Err())
			}
			w.store.Before = nil
			w.makeRight(name)
		})
	}
}

// makeRight repeats everything as shops, customers and the sweep do, and compares the books.
func (c *counter) makeRight(name string) {
	c.t.Helper()
	p := c.stored("A", 1)
	for range 4 {
		c.advance(20 * time.Minute)
		c.sweep()
		if _, err := c.callback(c.t.Context(), p); err != nil {
			c.t.Errorf("%s: callback: %v", name, err)
		}
		if err := c.refund(c.t.Context(), p, "k1"); err != nil && payment.CodeOf(err) != "refund_in_progress" {
			c.t.Errorf("%s: refund: %v", name, err)
		}
		if opened, err := c.svc.Initiate(c.within(10*time.Second), order("B", 15000)); err != nil ||
			opened.Payment.Status != payment.Pending {
			c.t.Errorf("%s: initiate: %+v, %v", name, opened, err)
		}
	}
	p = c.stored("A", 1)
	if p.Status != payment.PartiallyRefunded || p.Refunded != 5000 || c.bank.account("A").returned != 5000 ||
		len(p.Reviews) > 0 {
		c.t.Errorf("%s: refunded %d, the bank returned %d: %+v", name, p.Refunded, c.bank.account("A").returned, p)
	}
}

// A lease ends five seconds after the invocation that holds it, and a refund's owner has gone when its invocation has,
// however much of it was spent before.
func TestLeasesEndWithTheInvocation(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.open("A")
		began := time.Now()
		c.bank.before = func(_ context.Context, call, ref string) error {
			switch call {
			case "status":
				c.advance(4 * time.Second) // the first page is asked about before it is superseded
			case "open":
				if lease := c.stored("A", 2).Lease; ref != "A/2.1" || !lease.Equal(began.Add(35*time.Second)) {
					t.Errorf("%s: the lease runs for %s", ref, lease.Sub(began))
				}
			}
			return nil
		}
		o := order("A", 20000)
		o.Supersede = true
		if opened, err := c.svc.Initiate(c.within(30*time.Second), o); err != nil || time.Since(began) < 4*time.Second {
			t.Fatal(opened, err)
		}
	})
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.approve("A")
		if _, err := c.callback(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		c.bank.before = func(_ context.Context, call, _ string) error {
			if call == "status" {
				c.advance(4 * time.Second)
			} else if until := c.stored("A", 1).Refunds[0].Until; !until.Equal(began.Add(30 * time.Second)) {
				t.Errorf("the refund's owner has %s", until.Sub(began))
			}
			return nil
		}
		if err := c.refund(c.within(30*time.Second), p, "k1"); err != nil {
			t.Fatal(err)
		}
	})
}

// An opening that nobody finished is taken over with a lease of its own.
func TestTakenOverOpeningHasItsOwnLease(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.bank.before = func(context.Context, string, string) error { return unavailable() }
		if _, err := c.svc.Initiate(t.Context(), order("A", 15000)); err == nil {
			t.Fatal("opened")
		}
		c.advance(time.Minute)
		began := time.Now()
		c.bank.before = func(context.Context, string, string) error {
			if p := c.stored("A", 1); !p.Lease.Equal(began.Add(15*time.Second)) || p.Openings != 2 {
				t.Errorf("opening %d has a lease for %s", p.Openings, p.Lease.Sub(began))
			}
			return nil
		}
		if _, err := c.svc.Initiate(c.within(10*time.Second), order("A", 15000)); err != nil {
			t.Fatal(err)
		}
	})
}

// brokenBanks is a shop whose bank settings cannot be used.
type brokenBanks struct{}

func (brokenBanks) With(context.Context, string, string, func(bank.Bank) error) error {
	return &payment.Error{Kind: payment.Misconfigured, Message: "merchant_id is missing"}
}

// A customer who polls sees what is on record when the bank's settings are broken; the operator finds why in the log.
func TestPollTellsTheLogOfBrokenSettings(t *testing.T) {
	for name, found := range map[string]checkout.Banks{"broken": brokenBanks{}, "gone": noBanks{}} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.svc.Banks = found
			c.advance(time.Minute)
			if got, err := c.poll(t.Context(), p); err != nil || got.Status != payment.Pending {
				t.Errorf("%s: %s, %v", name, got.Status, err)
			}
			line := c.logs.String()
			if !strings.Contains(line, "payment_id="+p.ID.String()) || !strings.Contains(line, "kind=misconfigured") ||
				!strings.Contains(line, "level=WARN") {
				t.Errorf("%s: log %q", name, line)
			}
		})
	}
}
