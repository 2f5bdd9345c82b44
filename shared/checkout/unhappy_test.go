package checkout_test

import (
	"context"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// speaker is a bank whose messages mean what the test wants.
type speaker struct {
	*teller
	reading bank.Reading
	unread  error
	came    bank.Message
}

func (s *speaker) Read(m bank.Message) (bank.Reading, error) {
	s.came = m
	return s.reading, s.unread
}

// speaks lets the counter's bank read messages so.
func (c *counter) speaks(r bank.Reading, unread error) *speaker {
	s := &speaker{teller: c.bank, reading: r, unread: unread}
	c.svc.Banks = banks{s}
	return s
}

// signed is an approval of p that the bank has signed.
func signed(p payment.Payment) bank.Reading {
	return bank.Reading{Proven: true, Handle: p.Handle, Report: payment.Report{State: payment.BankApproved,
		Word: "APPROVED"}}
}

// rechecked is one that the bank must confirm.
func rechecked(p payment.Payment) bank.Reading {
	r := signed(p)
	r.Recheck = true
	return r
}

// because says why the bank has refused p, and proves nothing.
func because(p payment.Payment) bank.Reading {
	return bank.Reading{Handle: p.Handle, Report: payment.Report{State: payment.BankDeclined, Code: "051",
		Hint: payment.HintFunds}}
}

// declines lets the bank end p without a reason.
func (c *counter) declines(p payment.Payment) {
	c.t.Helper()
	c.bank.says(p.OrderRef, payment.Report{State: payment.BankDeclined, Word: "DECLINED"})
	if _, err := c.poll(c.t.Context(), p); err != nil {
		c.t.Fatal(err)
	}
	c.is(p.OrderRef, 1, payment.Declined)
}

// second gives the order another attempt, which is paid, and lets the first be paid before that one was.
func (c *counter) second(p payment.Payment) {
	c.t.Helper()
	c.cancel(p)
	other := c.open("A")
	c.bank.approve("A/2.1")
	if _, err := c.callback(c.t.Context(), other); err != nil {
		c.t.Fatal(err)
	}
	other = c.is("A", 2, payment.Paid)
	other.PaidAt = other.PaidAt.Add(time.Hour) // the first will be heard of before it, and saved after it
	c.seed(other)
	c.advance(time.Minute)
}

// comesBack is a request about an attempt that the bank has approved, or is about to decline, and how it stands then.
type comesBack struct {
	before func(c *counter, p payment.Payment)
	poll   bool
	ends   payment.Status
	again  bool // nobody asks by himself about an end that the bank has stated: whoever is told of the failure calls again
}

func comings() map[string]comesBack {
	soon := func(c *counter, p payment.Payment) { _, _ = c.poll(c.t.Context(), p) }
	later := func(c *counter, _ payment.Payment) { c.advance(time.Minute) }
	return map[string]comesBack{
		"a poll":         {later, true, payment.Paid, false},
		"a return":       {later, false, payment.Paid, false},
		"one that waits": {soon, false, payment.Paid, false},
		"paid after an end": {func(c *counter, p payment.Payment) {
			c.declines(p)
			c.advance(time.Minute)
		}, false, payment.Paid, true},
		"soon after an end": {func(c *counter, p payment.Payment) {
			c.declines(p)
			c.speaks(because(p), nil)
		}, false, payment.Declined, false},
		"paid twice": {(*counter).second, false, payment.Paid, false},
		"signed": {func(c *counter, p payment.Payment) {
			later(c, p)
			c.speaks(rechecked(p), nil)
		}, false, payment.Paid, false},
		"signed, and waits": {func(c *counter, p payment.Payment) {
			soon(c, p)
			c.speaks(rechecked(p), nil)
		}, false, payment.Paid, false},
		"signed, which is enough": {func(c *counter, p payment.Payment) {
			later(c, p)
			c.speaks(signed(p), nil)
		}, false, payment.Paid, false},
		"signed, which is enough, and paid twice": {func(c *counter, p payment.Payment) {
			c.second(p)
			c.speaks(signed(p), nil)
		}, false, payment.Paid, false},
	}
}

// breaksFrom lets the store fail from its nth call on, 0 for never: all calls, or that one alone, however often it is
// made. It gives how many calls there were.
func (c *counter) breaksFrom(nth int, all bool) *int {
	n := new(int)
	var broken memory.Op
	var of payment.ID
	c.store.Before = func(op memory.Op, id payment.ID) error {
		if *n++; *n == nth {
			broken, of = op, id
		}
		if nth > 0 && *n >= nth && (all || op == broken && id == of) {
			return unavailable()
		}
		return nil
	}
	return n
}

// run plays the request while the store fails, and gives how many calls of the store that made.
func (b comesBack) run(c *counter, nth int, all bool) (payment.Payment, int, error) {
	p := c.open("A")
	b.before(c, p)
	if b.ends == payment.Paid {
		c.bank.approve("A")
	}
	calls := c.breaksFrom(nth, all)
	act := c.callback
	if b.poll {
		act = c.poll
	}
	got, err := act(c.within(29*time.Second), p)
	c.store.Before = nil
	return got, *calls, err
}

// Whichever call of the store fails, whoever has come hears that, a browser can be sent back to its shop, and the sweep
// finds what was not done.
func TestNoFailureOfTheStoreIsKeptQuiet(t *testing.T) {
	for name, b := range comings() {
		calls := 0
		inBubble(t, func(_ *testing.T, c *counter) {
			var got payment.Payment
			var err error
			got, calls, err = b.run(c, 0, false)
			if p := c.is("A", 1, b.ends); err != nil || got.ID != p.ID || got.Status != b.ends {
				t.Errorf("%s: %s %s, %v", name, got.ID, got.Status, err)
			}
		})
		for nth := 2; nth <= calls; nth++ { // the first reads the payment
			for _, all := range []bool{true, false} {
				inBubble(t, func(t *testing.T, c *counter) {
					got, _, err := b.run(c, nth, all)
					p := c.stored("A", 1)
					if payment.KindOf(err) != payment.Unavailable || !b.poll && got.ID != p.ID {
						t.Errorf("%s, call %d of %d, all that follow %t: %q, %v", name, nth, calls, all, got.ID, err)
					}
					b.mended(c, name)
				})
			}
		}
	}
}

// mended lets the sweep come by for a while.
func (b comesBack) mended(c *counter, name string) {
	for range 15 { // it is asked about an end that the bank has not stated after ten minutes
		c.advance(time.Minute)
		c.sweep()
	}
	if b.again {
		if _, err := c.callback(c.t.Context(), c.stored("A", 1)); err != nil {
			c.t.Errorf("%s, again: %v", name, err)
		}
	}
	p := c.is("A", 1, b.ends)
	other, err := c.reload(payment.ID{Order: p.ID.Order, Attempt: 2})
	if p.Overpaid || p.SiblingsDue || err == nil && !other.Overpaid {
		c.t.Errorf("%s: the first is overpaid %t and due %t, the second overpaid %t", name, p.Overpaid, p.SiblingsDue,
			other.Overpaid)
	}
}

// What a bank has begun for a question ends with it, however much of the call's time is left.
func TestACallsTimeIsOverWithTheCall(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.advance(time.Minute)
		var call context.Context
		c.bank.before = func(ctx context.Context, _, _ string) error {
			call = ctx
			return ctx.Err()
		}
		if _, err := c.poll(t.Context(), p); err != nil || call.Err() == nil {
			t.Errorf("%v, %v", err, call.Err())
		}
	})
}
