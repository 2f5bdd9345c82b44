package checkout_test

import (
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// unproven are refunds by these keys, 50.00 by the first and 10.00 less by each other, whose answers were lost, and
// which the bank's total has not shown for a day: they count as failed.
func (c *counter) unproven(keys ...string) payment.Payment {
	c.t.Helper()
	p := c.paid("A")
	for i, key := range keys {
		c.refunds(payment.Uncertain)
		if _, err := c.give(p, key, 5000-int64(i)*1000); err != nil {
			c.t.Fatal(err)
		}
		c.bank.before = nil
		for range 60 {
			c.advance(time.Hour)
			c.sweep()
		}
		if r := c.stored("A", 1).Refunds[i]; r.Status != payment.RefundFailed {
			c.t.Fatalf("%+v", r)
		}
	}
	return p
}

// turnsUp lets the bank's total grow after all.
func (c *counter) turnsUp(amount int64) {
	c.bank.mu.Lock()
	defer c.bank.mu.Unlock()
	for _, a := range c.bank.accounts {
		a.returned += amount
	}
}

// A refund that seemed lost turns out to be done when the next one is asked for: whoever repeats it hears that, whoever
// asks for another decides anew, and nothing is sent. What is told is on record, or it is not told.
func TestARefundThatTurnsUpIsFoundByTheNext(t *testing.T) {
	for name, is := range map[string]struct {
		lost   []string
		key    string
		amount int64
		broken bool
		code   string
	}{
		"a repeat":                       {[]string{"k1"}, "k1", 5000, false, ""},
		"a repeat that is not saved":     {[]string{"k1"}, "k1", 5000, true, "down"},
		"another":                        {[]string{"k1"}, "k2", 5000, false, "refund_done_meanwhile"},
		"another that is not saved":      {[]string{"k1"}, "k2", 5000, true, "down"},
		"more than is left":              {[]string{"k1"}, "k2", 15000, false, "refund_exceeds_captured"},
		"a repeat of what is still lost": {[]string{"k1", "k2"}, "k2", 4000, false, "refund_done_meanwhile"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *counter) {
				p := c.unproven(is.lost...)
				c.turnsUp(5000)
				if is.broken {
					c.breaks(memory.Save, 1)
				}
				got, err := c.give(p, is.key, is.amount)
				c.store.Before = nil
				if payment.CodeOf(err) != is.code || (err == nil) != (is.code == "") || len(c.bank.account("A").done) > 0 {
					t.Errorf("%+v, %v; the bank did %v", got, err, c.bank.account("A").done)
				}
				if r := got.Refund; err == nil && (!got.Replayed || r.Status != payment.RefundSucceeded || r.Amount != 5000) {
					t.Errorf("%+v", got)
				}
				if p := c.stored("A", 1); (p.Refunded == 5000) == is.broken {
					t.Errorf("on record are %d", p.Refunded)
				}
			})
		})
	}
}

// crowded is a payment whose history takes nothing more, as reviews that come and go make it.
func (c *counter) crowded(p payment.Payment) {
	c.t.Helper()
	for len(p.History) < payment.MaxHistory {
		p.Sequence++
		p.History = append(p.History, payment.Entry{Sequence: p.Sequence, At: p.CreatedAt, What: "review:status",
			By: "kassa"})
	}
	c.seed(p)
}

// What the bank says and the record cannot take is a fault of ours, whoever asked, and told as one.
func TestWhatTheRecordCannotTakeIsAFault(t *testing.T) {
	for name, act := range map[string]func(c *counter) error{
		"refund": func(c *counter) error {
			c.paid("A")
			p := c.stored("A", 1)
			p.Reviews = []payment.Review{payment.ReviewRefund}
			c.crowded(p)
			c.bank.says("A", payment.Report{State: payment.BankApproved, Word: "APPROVED",
				Amount: payment.Money{Minor: 20000, Currency: payment.AZN}})
			_, err := c.give(p, "k1", 5000)
			return err
		},
		"cancel": func(c *counter) error {
			p := c.open("A")
			c.crowded(c.stored("A", 1))
			c.bank.approve("A")
			_, err := c.svc.Cancel(c.t.Context(), p.ID, p.Shop, "shop:k1")
			return err
		},
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			if err := act(c); payment.KindOf(err) != payment.Internal || err == nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}
