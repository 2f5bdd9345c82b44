package checkout_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// profiled is a teller's bank for a shop with settings of its own.
type profiled struct {
	*teller
	profile bank.Profile
}

func (b profiled) Profile() bank.Profile { return b.profile }

// A refund that the shop's settings do not let through is told with what is wrong in them, and is not on record.
func TestNoRefundByBrokenSettings(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		c.svc.Banks = banks{profiled{c.bank, bank.Profile{Refunds: true, Broken: map[bank.Operation]error{
			bank.OpRefund: &payment.Error{Kind: payment.Misconfigured, Message: "The key is missing."}}}}}
		if _, err := c.give(p, "k1", 5000); payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%v", err)
		}
		if got := c.stored("A", 1); len(got.Refunds) > 0 || c.bank.account("A").returned != 0 {
			t.Errorf("%+v", got.Refunds)
		}
	})
}

// Whoever reads the log hears of each refund that the bank did not confirm, with how it stands by now, and of no other;
// and a bank that said no is not asked how it went.
func TestTheLogTellsOfWhatABankDidNotConfirm(t *testing.T) {
	const line = "the bank did not confirm a refund"
	for kind, want := range map[payment.Kind]string{payment.Refused: "status=failed", payment.Uncertain: ""} {
		inBubble(t, func(t *testing.T, c *counter) {
			p, asked := c.paid("A"), 0
			c.bank.after = func(_ context.Context, call, _ string) error {
				if call == "refund" {
					return &payment.Error{Kind: kind, BankCode: "05"}
				}
				asked++
				return nil
			}
			_, err := c.give(p, "k1", 5000)
			if (err == nil) != (kind == payment.Uncertain) || (asked == 1) != (kind == payment.Refused) {
				t.Errorf("%s: %v, asked %d times", kind, err, asked)
			}
			if log := c.logs.String(); strings.Contains(log, line) != (want != "") || !strings.Contains(log, want) {
				t.Errorf("%s: %s", kind, log)
			}
		})
	}
}

// interrupted lets the answer to the save of an intent be lost, and somebody make something of the payment before that
// is looked up.
func (c *counter) interrupted(change func(payment.Payment, payment.Refund) (payment.Payment, error)) {
	c.store.After = func(op memory.Op, _ payment.ID) error {
		if op != memory.Save {
			return nil
		}
		c.store.After = nil
		p := c.stored("A", 1)
		next, err := change(p, *p.InFlight())
		if err != nil {
			c.t.Error(err)
		}
		c.seed(next)
		return checkout.ErrConflict
	}
}

// An intent of one's own that others have brought on since is not sent: it is not for its owner to say any more what
// becomes of it.
func TestOnesOwnIntentThatIsNoLongerOpenIsNotSent(t *testing.T) {
	for bankID, want := range map[string]payment.RefundStatus{"": payment.RefundUnknown, "R1": payment.RefundSucceeded} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.paid("A")
			c.interrupted(func(p payment.Payment, r payment.Refund) (payment.Payment, error) {
				return payment.Apply(p, payment.RefundAnswer{ID: r.ID, Owner: r.Owner, Answer: payment.AnswerLost,
					RefundID: bankID}, time.Now())
			})
			got, err := c.give(p, "k1", 5000)
			if err != nil || !got.Replayed || got.Refund.Status != want || len(c.bank.account("A").done) > 0 {
				t.Errorf("%s: %+v, %v; the bank did %v", want, got, err, c.bank.account("A").done)
			}
		})
	}
}

// What the bank says to an intent that was known again is told as of any other.
func TestARefusalOfOnesOwnIntentIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		c.refunds(payment.Refused)
		c.interrupted(func(p payment.Payment, _ payment.Refund) (payment.Payment, error) {
			p.BankCode = "001"
			return p, nil
		})
		if _, err := c.give(p, "k1", 5000); payment.KindOf(err) != payment.Refused || err == nil {
			t.Errorf("%v", err)
		}
	})
}

// repeated asks for the refund once more while the bank has it, after something has happened, and gives what that is
// answered. The bank was not reached by the first, and is by the second.
func (c *counter) repeated(p payment.Payment, happen func()) (again checkout.RefundResult, err error) {
	c.bank.before = func(_ context.Context, call, _ string) error {
		if call != "refund" {
			return nil
		}
		c.bank.before = nil
		happen()
		again, err = c.give(p, "k1", 5000)
		c.store.Before = nil
		return unavailable()
	}
	_, _ = c.give(p, "k1", 5000)
	return again, err
}

// A repeat that cannot put on record that somebody hears of the refund says so: he would never hear how it ends.
func TestARepeatThatIsNotOnRecordIsNotAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		got, err := c.repeated(c.paid("A"), func() { c.breaks(memory.Save, 1) })
		if payment.KindOf(err) != payment.Unavailable || err == nil {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// A refund of which nothing was sent goes away while it is asked for once more: the repeat is a new try.
func TestARepeatOfWhatIsGoneMeanwhileIsANewTry(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		got, err := c.repeated(p, func() {
			c.once(memory.Save, 1, func() {
				p := c.stored("A", 1)
				unsent := payment.RefundAnswer{ID: p.InFlight().ID, Owner: p.InFlight().Owner, Answer: payment.AnswerUnsent}
				next, err := payment.Apply(p, unsent, time.Now())
				if err != nil || len(next.Refunds) > 0 {
					t.Fatal(next.Refunds, err)
				}
				c.seed(next)
			})
		})
		if err != nil || got.Replayed || got.Refund.Status != payment.RefundSucceeded ||
			c.bank.account("A").returned != 5000 {
			t.Errorf("%+v, %v, the bank gave back %d", got, err, c.bank.account("A").returned)
		}
	})
}

// The daily limit keeps a refund counted of which it is not known whether it is on record: here because all of its
// saves were overtaken, and the table cannot be read any more.
func TestADoubtKeepsARefundCounted(t *testing.T) {
	loads := 0
	for _, last := range []bool{false, true} {
		inBubble(t, func(t *testing.T, c *counter) {
			p, reads := c.paid("A"), 0
			var faster func(op memory.Op, id payment.ID) error
			faster = func(op memory.Op, _ payment.ID) error {
				switch op {
				case memory.Save:
					c.store.Before = nil
					c.seed(c.stored("A", 1))
					c.store.Before = faster
				case memory.Load:
					if reads++; last && reads == loads {
						return unavailable()
					}
				}
				return nil
			}
			c.store.Before = faster
			err := c.limited(p, "k1")
			c.wants(err, payment.Standing, "conflict", p.ID)
			if loads = max(loads, reads); (c.used().Sum == 5000) != last {
				t.Errorf("the last reading fails: %v; counted are %d", last, c.used().Sum)
			}
		})
	}
}

// A refund that the bank has refused is on record, and counts no more against the day.
func TestARefusedRefundIsNotCounted(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		c.refunds(payment.Refused)
		err := c.limited(p, "k1")
		if r := c.stored("A", 1).Refunds; payment.CodeOf(err) != "refund_refused" || c.used().Sum != 0 || len(r) != 1 {
			t.Errorf("%v, counted are %d, on record %+v", err, c.used().Sum, r)
		}
	})
}

// An intent whose save failed is taken back: also that of a new try under a key whose refund has failed, where the
// record shows the old one; and nothing is written where somebody else's save has closed its way already.
func TestAnIntentOfASecondTryThatArrivesTooLate(t *testing.T) {
	for _, overtaken := range []bool{false, true} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.paid("A")
			c.refunds(payment.Refused)
			_, _ = c.give(p, "k1", 5000)
			c.bank.before = nil
			before, others := c.stored("A", 1), ""
			c.store.Before = func(op memory.Op, _ payment.ID) error {
				if op != memory.Save {
					return nil
				}
				if c.store.Before = nil; overtaken {
					c.seed(c.stored("A", 1))
					others = c.stored("A", 1).Rev
				}
				return unavailable()
			}
			if _, err := c.give(p, "k1", 5000); payment.KindOf(err) != payment.Unavailable || err == nil {
				t.Fatal(err)
			}
			if now := c.stored("A", 1).Rev; overtaken && now != others {
				t.Errorf("it was saved once more: %s, before %s", now, others)
			}
			intent := payment.RefundIntent{ID: payment.RefundID(p.ID, "k1"), Amount: 5000}
			late, err := payment.Apply(before, intent, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.store.Save(t.Context(), late); !errors.Is(err, checkout.ErrConflict) {
				t.Errorf("overtaken %v: the late write counts: %v", overtaken, err)
			}
		})
	}
}

// A release that does not come through is told: the refund may stand there, and is recovered later.
func TestAReleaseThatFailsIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.paid("A")
		c.breaks(memory.Save, 1)
		_, err := c.give(p, "k1", 5000)
		line := "could not be released; it is recovered later\" payment_id=" + p.ID.String() + " refund="
		if payment.KindOf(err) != payment.Unavailable || !strings.Contains(c.logs.String(), line) {
			t.Errorf("%v: %s", err, c.logs)
		}
	})
}
