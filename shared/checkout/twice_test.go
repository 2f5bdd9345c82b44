package checkout_test

import (
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// rivals are two attempts to pay an order: the last of them is heard to be paid now, the other was a time before or
// after that, and it is on record already.
type rivals struct {
	last, twice int // attempts; the second is what was paid twice, which is to be given back
	other       time.Duration
}

// Of two attempts that were paid the first keeps the order, whichever of them is saved last; at the same moment, that
// which was begun first. Whoever hears the alarm finds one line about the one that is too much, and one about each that
// was paid after its end.
func TestTheFirstPaidKeepsTheOrder(t *testing.T) {
	for _, r := range []rivals{{1, 1, -time.Hour}, {1, 2, 0}, {1, 2, time.Hour}, {2, 2, -time.Hour}, {2, 2, 0},
		{2, 1, time.Hour}} {
		inBubble(t, func(t *testing.T, c *counter) {
			first := c.open("A")
			c.cancel(first)
			second := c.open("A")
			last, other := first, second
			if r.last == 2 {
				last, other = second, first
			}
			refs := []string{"A", "A/2.1"}
			c.bank.approve(refs[other.ID.Attempt-1])
			if _, err := c.callback(t.Context(), other); err != nil {
				t.Fatal(err)
			}
			c.advance(time.Minute)
			stands := c.is("A", other.ID.Attempt, payment.Paid)
			stands.PaidAt = time.Now().UTC().Add(r.other)
			c.seed(stands)
			c.logs.Reset()
			c.bank.approve(refs[r.last-1])
			got, err := c.callback(t.Context(), last)
			if err != nil || got.ID != last.ID || got.Overpaid != (r.twice == r.last) || got.SiblingsDue {
				t.Errorf("%+v: %s is overpaid %t, %v", r, got.ID, got.Overpaid, err)
			}
			for attempt := 1; attempt <= 2; attempt++ {
				if p := c.is("A", attempt, payment.Paid); p.Overpaid != (attempt == r.twice) {
					t.Errorf("%+v: attempt %d is overpaid %t", r, attempt, p.Overpaid)
				}
			}
			c.tells(r, "an order is paid twice", c.stored("A", r.twice))
			if r.last == 1 { // it had ended
				c.tells(r, "a payment was paid after it had ended", first)
			} else if strings.Contains(c.logs.String(), "after it had ended") {
				t.Errorf("%+v: %s", r, c.logs)
			}
		})
	}
}

// tells wants one line that says this, and of whom.
func (c *counter) tells(when any, what string, p payment.Payment) {
	c.t.Helper()
	found := 0
	for line := range strings.Lines(c.logs.String()) {
		if !strings.Contains(line, what) {
			continue
		}
		found++
		for _, word := range []string{"level=WARN", "payment_id=" + p.ID.String(), "shop=demo", "order_ref=A"} {
			if !strings.Contains(line, word) {
				c.t.Errorf("%+v: no %q in %s", when, word, line)
			}
		}
	}
	if found != 1 {
		c.t.Errorf("%+v: %d lines say that %s:\n%s", when, found, what, c.logs)
	}
}

// One that is paid late and alone is not called paid twice.
func TestOneThatIsPaidLateIsNotPaidTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.cancel(p)
		c.bank.approve("A")
		got, err := c.callback(t.Context(), p)
		if err != nil || !got.Late || got.Overpaid || strings.Contains(c.logs.String(), "paid twice") {
			t.Errorf("late %t, overpaid %t, %v: %s", got.Late, got.Overpaid, err, c.logs)
		}
		c.tells("late", "a payment was paid after it had ended", p)
	})
}
