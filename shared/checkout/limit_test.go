package checkout_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
)

const dayLimit = 12000

// paid is a payment of 150.00 that the bank has taken.
func (c *counter) paid(ref string) payment.Payment {
	c.t.Helper()
	p := c.open(ref)
	c.bank.approve(ref)
	c.advance(6 * time.Second)
	p, err := c.callback(c.t.Context(), p)
	if err != nil || p.Status != payment.Paid {
		c.t.Fatal(p.Status, err)
	}
	return p
}

// limited asks for 50.00 back under the daily limit.
func (c *counter) limited(p payment.Payment, key string) error {
	_, err := c.svc.Refund(c.within(25*time.Second), checkout.RefundOrder{ID: p.ID, Shop: p.Shop, By: "shop:k1", Key: key,
		Amount: 5000, DayLimit: dayLimit})
	return err
}

// used is the day's count, past the hooks of the store.
func (c *counter) used() allowance.Usage {
	c.t.Helper()
	before, after := c.store.Before, c.store.After
	c.store.Before, c.store.After = nil, nil
	defer func() { c.store.Before, c.store.After = before, after }()
	u, err := c.store.Used(c.t.Context(), allowance.ID{Shop: "demo", Currency: "AZN"})
	if err != nil {
		c.t.Fatal(err)
	}
	return u
}

func TestADayHasItsLimitOfRefunds(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) { // the bubble's clock begins at 2000-01-01 00:00 UTC, 04:00 in Baku
		a, b, third := c.paid("A"), c.paid("B"), c.paid("C")
		for _, p := range []payment.Payment{a, b, a} { // the last is a repeat, and counts no more
			if err := c.limited(p, "k"); err != nil {
				t.Fatal(err)
			}
		}
		e := c.wants(c.limited(third, "k"), payment.Standing, "refund_limit_reached", third.ID)
		if midnight := time.Date(2000, 1, 1, 20, 0, 0, 0, time.UTC); e.RetryAfter != time.Until(midnight) {
			t.Errorf("try again in %s", e.RetryAfter)
		}
		for _, word := range []string{"120.00 AZN", "20.00 AZN", "2000-01-02T00:00:00+04:00"} {
			if !strings.Contains(e.Message, word) {
				t.Errorf("%q does not say %s", e.Message, word)
			}
		}
		if u := c.used(); u.Sum != 10000 || c.bank.account("C").returned != 0 || len(c.stored("C", 1).Refunds) != 0 {
			t.Errorf("%+v, %+v", u, c.stored("C", 1).Refunds)
		}
		if err := c.refund(t.Context(), third, "desk"); err != nil { // by who has no limit, and does not count
			t.Error(err)
		}
		c.advance(e.RetryAfter)
		if err := c.limited(third, "k"); err != nil || c.used().Sum != 5000 {
			t.Errorf("on the next day: %v, %+v", err, c.used())
		}
		_, err := c.svc.Refund(t.Context(), checkout.RefundOrder{ID: a.ID, Shop: "demo", Key: "all", DayLimit: 9999})
		if e := c.wants(err, payment.Standing, "refund_limit_reached", a.ID); e.RetryAfter != 0 {
			t.Errorf("what never fits is told to come again: %v", e)
		}
	})
}

// A shop without a limit makes no call more than before.
func TestNoLimitCostsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		c.store.Before = func(op memory.Op, _ payment.ID) error {
			if op == memory.Used || op == memory.Use {
				t.Errorf("%s is called", op)
			}
			return nil
		}
		if err := c.refund(t.Context(), p, "k"); err != nil {
			t.Error(err)
		}
	})
}

// A definite no gives the amount back; an unknown end keeps it.
func TestOnlyWhatFailedIsGivenBackToTheDay(t *testing.T) {
	for kind, left := range map[payment.Kind]int64{payment.Refused: 0, payment.Unavailable: 0, payment.Uncertain: 5000} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.paid("A")
			c.bank.before = func(_ context.Context, call, _ string) error {
				if call == "refund" {
					return &payment.Error{Kind: kind, Code: "no"}
				}
				return nil
			}
			err := c.limited(p, "k")
			if (err == nil) != (kind == payment.Uncertain) || c.used().Sum != left {
				t.Errorf("%s: %v, %+v", kind, err, c.used())
			}
			c.bank.before = nil
			if err := c.limited(p, "k"); err != nil || c.used().Sum != 5000 {
				t.Errorf("%s, again: %v, %+v", kind, err, c.used())
			}
		})
	}
}

// A refund that could not be put on record was not sent, and counts no more.
func TestWhatIsNotOnRecordIsGivenBackToTheDay(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		for _, key := range []string{"k1", "k2", "k3"} {
			c.store.Before = func(op memory.Op, _ payment.ID) error {
				if op != memory.Save {
					return nil
				}
				c.store.Before = nil
				return unavailable()
			}
			if err := c.limited(p, key); payment.KindOf(err) != payment.Unavailable || c.used().Sum != 0 {
				t.Errorf("%s: %v, %+v", key, err, c.used())
			}
		}
		if err := c.limited(p, "k4"); err != nil || c.used().Sum != 5000 {
			t.Errorf("when it can: %v, %+v", err, c.used())
		}
	})
}

// While the first request gives its claim back, the same key comes again and succeeds: its money stays counted.
func TestTheSameKeyMeanwhileStaysCounted(t *testing.T) {
	for at := 1; at <= 2; at++ { // before the record is read, and before the count is written
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.paid("A")
			calls := 0
			c.bank.before = func(_ context.Context, call, _ string) error {
				if call != "refund" {
					return nil
				}
				c.bank.before = nil
				c.store.Before = func(op memory.Op, _ payment.ID) error {
					if op == memory.Used || op == memory.Use {
						calls++
					}
					if (op == memory.Used || op == memory.Use) && calls == at {
						c.store.Before = nil
						if err := c.limited(p, "k"); err != nil {
							t.Error(err)
						}
					}
					return nil
				}
				return &payment.Error{Kind: payment.Refused, Code: "no"}
			}
			if err := c.limited(p, "k"); err == nil {
				t.Error("the bank's no is lost")
			}
			if c.bank.account("A").returned != 5000 || c.used().Sum != 5000 || calls != at {
				t.Errorf("%d: given back %d, %+v", at, c.bank.account("A").returned, c.used())
			}
		})
	}
}

// TestRacesNeverPassTheLimit: 20 payments are refunded at once, two of which fit.
func TestRacesNeverPassTheLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		var payments []payment.Payment
		for i := range 20 {
			payments = append(payments, c.paid(fmt.Sprint("P", i)))
		}
		errs := make([]error, len(payments))
		var all sync.WaitGroup
		for i, p := range payments {
			all.Go(func() { errs[i] = c.limited(p, "k") })
		}
		all.Wait()
		done, returned := 0, int64(0)
		for i, err := range errs {
			returned += c.bank.account(fmt.Sprint("P", i)).returned
			if err == nil {
				done++
			} else if payment.CodeOf(err) != "refund_limit_reached" {
				t.Error(err)
			}
		}
		if done != 2 || returned != 10000 || c.used().Sum != 10000 {
			t.Errorf("%d refunds, %d given back, %+v", done, returned, c.used())
		}
	})
}

// TestEveryCrashLeavesTheLimitWhole breaks each store call of a limited refund in each way: what may have gone back is
// counted, and the same key again counts once.
func TestEveryCrashLeavesTheLimitWhole(t *testing.T) {
	points := 0
	for _, how := range []string{"refused", "lost", "killed before", "killed after"} {
		for at, hit := 1, true; hit; at++ {
			inBubble(t, func(t *testing.T, c *counter) {
				p := c.paid("A")
				n := 0
				fault := func(memory.Op, payment.ID) error {
					if n++; n != at {
						return nil
					}
					c.store.Before, c.store.After = nil, nil
					if strings.HasPrefix(how, "killed") {
						panic(errCrash)
					}
					return unavailable()
				}
				if how == "refused" || how == "killed before" {
					c.store.Before = fault
				} else {
					c.store.After = fault
				}
				func() {
					defer func() {
						if r := recover(); r != nil && r != any(errCrash) {
							panic(r)
						}
					}()
					_ = c.limited(p, "k")
				}()
				hit = c.store.Before == nil && c.store.After == nil
				c.store.Before, c.store.After = nil, nil
				if !hit {
					return
				}
				points++
				if u, back := c.used(), c.bank.account("A").returned; u.Sum < back || u.Sum > 5000 {
					t.Errorf("%s %d: given back %d, counted %+v", how, at, back, u)
				}
				c.advance(time.Minute) // the first one's deadline is over
				c.sweep()
				if err := c.limited(p, "k"); err != nil && payment.CodeOf(err) != "refund_in_progress" {
					t.Errorf("%s %d, again: %v", how, at, err)
				}
				if u, back := c.used(), c.bank.account("A").returned; u.Sum < back || u.Sum > 5000 || back > 5000 {
					t.Errorf("%s %d, again: given back %d, counted %+v", how, at, back, u)
				}
			})
		}
	}
	if points < 16 {
		t.Errorf("only %d points", points)
	}
}

// A count that cannot be written stops the refund before the bank hears of it.
func TestNothingIsRefundedUncounted(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		c.store.Before = func(op memory.Op, _ payment.ID) error {
			if op == memory.Use {
				return payment.ErrConflict
			}
			return nil
		}
		if err := c.limited(p, "k"); payment.KindOf(err) != payment.Unavailable || errors.Is(err, checkout.ErrConflict) {
			t.Error(err)
		}
		if c.bank.account("A").returned != 0 || len(c.stored("A", 1).Refunds) != 0 {
			t.Error("given back uncounted")
		}
	})
}
