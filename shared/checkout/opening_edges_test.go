package checkout_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// A bank that the shop names and has no settings for is a wrong field, and nothing is on record.
func TestABankWithoutSettingsIsAFieldError(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		o := order("A", 15000)
		o.Bank = "kartapokupok"
		_, err := c.svc.Initiate(t.Context(), o)
		e, ok := errors.AsType[*payment.Error](err)
		if !ok || e.Kind != payment.Invalid || !slices.Equal(pointers(e.Fields), []string{"/bank unknown_bank"}) {
			t.Errorf("%v", err)
		}
		if _, err := c.reload(payment.ID{Order: payment.OrderKey("demo", "A"), Attempt: 1}); payment.KindOf(
			err) != payment.NotFound {
			t.Errorf("on record is %v", err)
		}
	})
}

// How soon the bank is asked goes by how long its page lives, also where the opening's answer never came.
func TestAnOpeningIsDueByThePagesLife(t *testing.T) {
	for life, due := range map[time.Duration]time.Duration{0: 3 * time.Minute, 24 * time.Hour: time.Minute} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.svc.Banks = banks{profiled{c.bank, bank.Profile{PageLife: life, Currencies: []payment.Currency{payment.AZN}}}}
			c.opens(payment.Uncertain)
			began := time.Now()
			if _, err := c.svc.Initiate(t.Context(), order("A", 15000)); payment.KindOf(err) != payment.Uncertain {
				t.Fatal(err)
			}
			if got := c.stored("A", 1).DueAt.Sub(began); got != due {
				t.Errorf("a page that lives %s is due after %s, want %s", life, got, due)
			}
		})
	}
}

// pageless is a bank whose answer has no page.
type pageless struct{ *teller }

func (b pageless) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	session, err := b.teller.Open(ctx, o)
	session.RedirectURL = ""
	return session, err
}

// What no customer can be sent to is a fault of ours that is told as such.
func TestAnOpeningWithoutAPageIsAFault(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.svc.Banks = banks{pageless{c.bank}}
		got, err := c.svc.Initiate(t.Context(), order("A", 15000))
		if payment.KindOf(err) != payment.Internal || err == nil {
			t.Errorf("%+v, %v", got, err)
		}
		c.is("A", 1, payment.Created)
	})
}

// Whoever opens so slowly that another has opened meanwhile answers with the other's page: one page is live.
func TestASlowOpenerAnswersWithTheOthersPage(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		var winner checkout.InitiateResult
		c.bank.before = func(context.Context, string, string) (err error) {
			c.bank.before = nil
			c.advance(36 * time.Second)
			if winner, err = c.svc.Initiate(t.Context(), order("A", 15000)); err != nil || winner.Replayed {
				t.Errorf("%+v, %v", winner, err)
			}
			return nil
		}
		got, err := c.svc.Initiate(t.Context(), order("A", 15000))
		if err != nil || !got.Replayed || got.Payment.RedirectURL != winner.Payment.RedirectURL ||
			len(c.bank.references()) != 2 {
			t.Errorf("%+v, %v, the other's is %s", got, err, winner.Payment.RedirectURL)
		}
	})
}

// The same when the other is faster in beginning what nobody has finished: the repeat finds its page.
func TestARepeatThatIsOvertakenFindsTheOthersPage(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.opens(payment.Unavailable)
		_, _ = c.svc.Initiate(t.Context(), order("A", 15000))
		c.bank.before = nil
		c.advance(time.Minute)
		c.once(memory.Save, 1, func() { c.open("A") })
		got, err := c.svc.Initiate(t.Context(), order("A", 15000))
		if err != nil || !got.Replayed || got.Payment.Status != payment.Pending || len(c.bank.references()) != 1 {
			t.Errorf("%+v, %v, opened at the bank: %v", got, err, c.bank.references())
		}
	})
}

// What fails on the way to a further page is told, with its reason, and nothing is opened on top of it.
func TestWhatFailsBeforeAnOpeningIsTold(t *testing.T) {
	unopened := func(c *counter) {
		c.opens(payment.Unavailable)
		_, _ = c.svc.Initiate(c.t.Context(), order("A", 15000))
		c.bank.before = nil
		c.advance(time.Minute)
	}
	for name, before := range map[string]func(c *counter, o *checkout.Order){
		"the attempts cannot be read": func(c *counter, _ *checkout.Order) { c.open("A"); c.breaks(memory.Attempts, 1) },
		"a new attempt cannot be made": func(c *counter, _ *checkout.Order) {
			c.cancel(c.open("A"))
			c.breaks(memory.Create, 2)
		},
		"the start cannot be saved": func(c *counter, _ *checkout.Order) { unopened(c); c.breaks(memory.Save, 1) },
		"the other cannot be cancelled": func(c *counter, o *checkout.Order) {
			c.open("A")
			o.Supersede, o.Amount.Minor = true, 16000
			c.deaf("A")
		},
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			o := order("A", 15000)
			before(c, &o)
			opened := len(c.bank.references())
			if got, err := c.svc.Initiate(c.within(25*time.Second), o); payment.CodeOf(err) != "down" ||
				len(c.bank.references()) != opened {
				t.Errorf("%s: %+v, %v, opened at the bank: %v", name, got, err, c.bank.references())
			}
		})
	}
}

// A lease that cannot be given back is told: until it ends nobody opens the order.
func TestALeaseThatIsKeptIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.opens(payment.Uncertain)
		c.breaks(memory.Save, 1)
		_, err := c.svc.Initiate(c.within(25*time.Second), order("A", 15000))
		line := `msg="a lease could not be given back; it ends by itself" payment_id=` + c.stored("A", 1).ID.String()
		if payment.KindOf(err) != payment.Uncertain || !strings.Contains(c.logs.String(), line) {
			t.Errorf("%v: %s", err, c.logs)
		}
	})
}

// Where the table cannot be read once a further attempt is made, nothing was sent: that attempt is opened when it can,
// and no other is used up.
func TestAnAttemptThatCouldNotBeReadIsOpenedLater(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.cancel(c.open("A"))
		c.breaks(memory.Attempts, 2)
		if _, err := c.svc.Initiate(c.within(25*time.Second), order("A", 15000)); payment.KindOf(err) != payment.Unavailable {
			t.Fatal(err)
		}
		c.is("A", 2, payment.Created)
		c.store.Before = nil
		opened, err := c.svc.Initiate(t.Context(), order("A", 15000))
		if p := opened.Payment; err != nil || p.ID.Attempt != 2 || p.Status != payment.Pending {
			t.Errorf("attempt %d is %s, %v", p.ID.Attempt, p.Status, err)
		}
	})
}

// The hundredth attempt is the last that is made.
func TestTheLastAttempt(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.cancel(c.open("A"))
		last := c.stored("A", 1)
		last.ID.Attempt, last.Rev = payment.MaxAttempts-1, ""
		if _, err := c.store.Create(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		got, err := c.svc.Initiate(t.Context(), order("A", 15000))
		if err != nil || got.Payment.ID.Attempt != payment.MaxAttempts || got.Payment.Status != payment.Pending {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// The first attempt is paid and wholly given back while a second one is being made: that is not a debt again.
func TestGivenBackWhileTheNextAttemptIsMade(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		first := c.open("A")
		c.cancel(first)
		c.advance(time.Minute)
		c.once(memory.Create, 2, func() {
			c.bank.says("A", payment.Report{State: payment.BankReturned, Word: "REVERSED"})
			if p, err := c.callback(t.Context(), first); err != nil || p.Status != payment.Refunded {
				t.Fatal(p.Status, err)
			}
		})
		_, err := c.svc.Initiate(t.Context(), order("A", 15000))
		c.wants(err, payment.Standing, "order_refunded", first.ID)
		c.is("A", 2, payment.Cancelled)
		if refs := c.bank.references(); len(refs) != 1 {
			t.Errorf("opened at the bank: %q", refs)
		}
	})
}

// A payment is cancelled when the bank has answered, and not when it began to be asked.
func TestACancellationHasItsOwnTime(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.before = func(context.Context, string, string) error { c.advance(7 * time.Second); return nil }
		c.cancel(p)
		if p := c.is("A", 1, payment.Cancelled); !p.EndedAt.Equal(time.Now()) {
			t.Errorf("ended at %s, and it is %s", p.EndedAt, time.Now())
		}
	})
}
