package checkout_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// once lets something happen before the next call of this kind for this attempt; the store is free of hooks while it
// does.
func (c *counter) once(at memory.Op, attempt int, happen func()) {
	c.store.Before = func(op memory.Op, id payment.ID) error {
		if op == at && id.Attempt == attempt {
			c.store.Before = nil
			happen()
		}
		return nil
	}
}

// seed puts a payment on record as no event in this package can make it.
func (c *counter) seed(p payment.Payment) {
	c.t.Helper()
	if _, err := c.store.Save(context.Background(), p); err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) cancel(p payment.Payment) {
	c.t.Helper()
	if _, err := c.svc.Cancel(c.t.Context(), p.ID, p.Shop, "shop:k1"); err != nil {
		c.t.Fatal(err)
	}
}

// What the bank says to the opening of a further attempt is told as of the first one, and an attempt that is opened is
// no replay.
func TestAFurtherAttemptIsToldHowItsOpeningWent(t *testing.T) {
	for kind, ends := range map[payment.Kind]payment.Status{payment.Refused: payment.Declined,
		payment.Unavailable: payment.Created, payment.Uncertain: payment.Created} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.cancel(c.open("A"))
			c.bank.before = func(_ context.Context, call, _ string) error {
				if call == "open" {
					return &payment.Error{Kind: kind, BankCode: "10"}
				}
				return nil
			}
			if _, err := c.svc.Initiate(t.Context(), order("A", 15000)); payment.KindOf(err) != kind || err == nil {
				t.Errorf("%s is told as %v", kind, err)
			}
			c.is("A", 2, ends)
			c.bank.before = nil
			opened, err := c.svc.Initiate(t.Context(), order("A", 15000))
			if err != nil || opened.Replayed || opened.Payment.Status != payment.Pending {
				t.Errorf("%s, and again: %+v, %v", kind, opened, err)
			}
		})
	}
}

// The first attempt is paid while a second one is being made: the second ends unopened, and nothing more is opened at
// the bank.
func TestPaidWhileTheNextAttemptIsMade(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		first := c.open("A")
		c.cancel(first)
		c.advance(time.Minute)
		c.once(memory.Create, 2, func() {
			c.bank.approve("A")
			if p, err := c.callback(t.Context(), first); err != nil || p.Status != payment.Paid {
				t.Fatal(p.Status, err)
			}
		})
		_, err := c.svc.Initiate(t.Context(), order("A", 15000))
		c.wants(err, payment.Standing, "order_already_paid", first.ID)
		if p := c.is("A", 2, payment.Cancelled); p.History[len(p.History)-1].By != "kassa" || !p.DueAt.IsZero() {
			t.Errorf("%+v", p)
		}
		if refs := c.bank.references(); len(refs) != 1 {
			t.Errorf("opened at the bank: %q", refs)
		}
	})
}

// A doubt about any attempt closes the order, also after that attempt ended; once money is on record it is no doubt any
// more.
func TestDoubtsCloseAnOrder(t *testing.T) {
	for _, reason := range allReviews() {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.cancel(p)
			doubted := c.stored("A", 1)
			doubted.Reviews = []payment.Review{reason}
			c.seed(doubted)
			for _, o := range []checkout.Order{order("A", 15000), order("A", 20000)} {
				_, err := c.svc.Initiate(t.Context(), o)
				c.wants(err, payment.Standing, "order_under_review", p.ID)
			}
			if refs := c.bank.references(); len(refs) != 1 {
				t.Errorf("%s: opened at the bank: %q", reason, refs)
			}
		})
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.bank.approve("A")
			c.advance(time.Minute)
			_, paidErr := c.callback(t.Context(), p)
			_, refundErr := c.svc.Refund(t.Context(), checkout.RefundOrder{ID: p.ID, Shop: "demo", Key: "k"})
			if paidErr != nil || refundErr != nil {
				t.Fatal(paidErr, refundErr)
			}
			refunded := c.is("A", 1, payment.Refunded)
			refunded.Reviews = []payment.Review{reason}
			c.seed(refunded)
			again := order("A", 15000)
			again.Reopen = true
			if opened, err := c.svc.Initiate(t.Context(), again); err != nil || opened.Payment.ID.Attempt != 2 {
				t.Errorf("%s: %+v, %v", reason, opened, err)
			}
		})
	}
}

func allReviews() []payment.Review {
	return []payment.Review{payment.ReviewAmount, payment.ReviewCurrency, payment.ReviewSession, payment.ReviewStatus,
		payment.ReviewRegress,
		payment.ReviewRefund}
}

// However an order stands, it is answered with what to do: order_busy is for a moment in which others keep changing it,
// and for nothing that a repeat would find again.
func TestNoOrderIsBusyForEver(t *testing.T) {
	bring := map[payment.Status]func(*counter, payment.Payment){
		payment.Pending:   func(*counter, payment.Payment) {},
		payment.Cancelled: func(c *counter, p payment.Payment) { c.cancel(p) },
		payment.Declined: func(c *counter, _ payment.Payment) {
			c.bank.says("A", payment.Report{State: payment.BankDeclined})
		},
		payment.Expired: func(c *counter, _ payment.Payment) {
			c.bank.says("A", payment.Report{State: payment.BankExpired})
		},
		payment.Paid: func(c *counter, _ payment.Payment) { c.bank.approve("A") },
		payment.Refunded: func(c *counter, _ payment.Payment) {
			c.bank.says("A", payment.Report{State: payment.BankReturned})
		},
	}
	for status, prepare := range bring {
		for _, reason := range append(allReviews(), "") {
			for _, how := range []func(*checkout.Order){func(*checkout.Order) {}, func(o *checkout.Order) {
				o.Supersede, o.Amount.Minor = true, 20000
			},
				func(o *checkout.Order) { o.Reopen = true }} {
				inBubble(t, func(t *testing.T, c *counter) {
					p := c.open("A")
					prepare(c, p)
					c.advance(time.Minute)
					if _, err := c.callback(t.Context(), p); err != nil {
						t.Fatal(err)
					}
					if p = c.is("A", 1, status); reason != "" {
						p.Reviews = []payment.Review{reason}
						c.seed(p)
					}
					o := order("A", 15000)
					how(&o)
					if _, err := c.svc.Initiate(t.Context(), o); err != nil && payment.KindOf(err) != payment.Standing {
						t.Errorf("%s under review %q: %v", status, reason, err)
					}
				})
			}
		}
	}
}

// What was paid and given back is not paid anew by a page that is loaded again, also when the newest attempt has ended
// otherwise; a shop that means it says so.
func TestWhatWasGivenBackIsNotPaidAnew(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		first := c.open("A")
		c.bank.says("A", payment.Report{State: payment.BankReturned, Word: "REVERSED"})
		c.advance(time.Minute)
		if p, err := c.callback(t.Context(), first); err != nil || p.Status != payment.Refunded {
			t.Fatal(p.Status, err)
		}
		_, err := c.svc.Initiate(t.Context(), order("A", 15000))
		c.wants(err, payment.Standing, "order_refunded", first.ID)
		reopen := order("A", 15000)
		reopen.Reopen = true
		opened, err := c.svc.Initiate(t.Context(), reopen)
		if err != nil || opened.Payment.ID.Attempt != 2 || opened.Replayed {
			t.Fatalf("%+v, %v", opened, err)
		}
		if again, err := c.svc.Initiate(t.Context(), order("A", 15000)); err != nil ||
			again.Payment.ID != opened.Payment.ID || !again.Replayed {
			t.Errorf("its live attempt is not found again: %+v, %v", again, err)
		}
		c.cancel(opened.Payment)
		_, err = c.svc.Initiate(t.Context(), order("A", 15000))
		c.wants(err, payment.Standing, "order_refunded", first.ID)
	})
}

// The attempt after one that ended is a new one, and told as such.
func TestTheNextAttemptIsNoReplay(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.cancel(c.open("A"))
		asked := c.questions()
		opened, err := c.svc.Initiate(t.Context(), order("A", 15000))
		if err != nil || opened.Replayed || opened.Payment.ID.Attempt != 2 || len(*asked) != 0 {
			t.Errorf("%+v, %v, asked %d times", opened, err, len(*asked))
		}
	})
}

// A refused opening that cannot be saved is no answer: the shop asks again, and finds it refused then.
func TestARefusalThatIsNotSavedIsNotTold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.bank.before = func(_ context.Context, call, _ string) error {
			c.store.Before = func(op memory.Op, _ payment.ID) error {
				if op == memory.Save {
					return unavailable()
				}
				return nil
			}
			return &payment.Error{Kind: payment.Refused, BankCode: "10", Message: "The bank says no."}
		}
		if opened, err := c.svc.Initiate(c.within(10*time.Second), order("A", 15000)); payment.KindOf(
			err) != payment.Unavailable {
			t.Errorf("%+v, %v", opened, err)
		}
		c.is("A", 1, payment.Created)
	})
}

// A page is only handed out again after the bank was asked: when its answer raises a doubt there is no page.
func TestRepeatThatFindsADoubt(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.says("A", payment.Report{State: payment.BankApproved, Word: "APPROVED",
			Amount: payment.Money{Minor: 15000, Currency: payment.BYN}})
		c.advance(time.Minute)
		_, err := c.svc.Initiate(t.Context(), order("A", 15000))
		c.wants(err, payment.Standing, "order_under_review", p.ID)
		if !c.is("A", 1, payment.Pending).InReview(payment.ReviewCurrency) || len(c.bank.references()) != 1 {
			t.Errorf("%+v", c.stored("A", 1))
		}
	})
}

// A hundred attempts are enough; the error names the last.
func TestTooManyAttempts(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.cancel(c.open("A"))
		last := c.stored("A", 1)
		last.ID.Attempt, last.Rev = payment.MaxAttempts, ""
		if _, err := c.store.Create(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		_, err := c.svc.Initiate(t.Context(), order("A", 15000))
		c.wants(err, payment.Standing, "too_many_attempts", last.ID)
	})
}

// Who is overtaken at every save is told so, with the payment that is meant and when to come again.
func TestAlwaysOvertaken(t *testing.T) {
	for name, act := range map[string]func(c *counter, p payment.Payment) error{
		"poll":   func(c *counter, p payment.Payment) error { _, err := c.poll(c.t.Context(), p); return err },
		"refund": func(c *counter, p payment.Payment) error { return c.refund(c.t.Context(), p, "k1") },
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			if name == "refund" {
				c.bank.approve("A")
				if _, err := c.callback(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
			overtaken := 0
			var faster func(op memory.Op, id payment.ID) error
			faster = func(op memory.Op, _ payment.ID) error {
				if op == memory.Save {
					overtaken++
					c.store.Before = nil
					c.seed(c.stored("A", 1))
					c.store.Before = faster
				}
				return nil
			}
			c.store.Before = faster
			c.advance(time.Minute)
			e := c.wants(act(c, p), payment.Standing, "conflict", p.ID)
			if e.RetryAfter != time.Second || overtaken < 2 || overtaken > 20 {
				t.Errorf("%s: again after %s, overtaken %d times", name, e.RetryAfter, overtaken)
			}
			if c.bank.account("A").returned != 0 {
				t.Errorf("%s: money went back without an intent on record", name)
			}
		})
	}
}

// While an opener may be at work nobody cancels and nobody opens: come again in a second, or, when it seems to be cut
// off, when its lease ends.
func TestNobodyCancelsWhatIsBeingOpened(t *testing.T) {
	for spent, again := range map[time.Duration]time.Duration{
		0: time.Second, 5 * time.Second: time.Second, 6 * time.Second: 29 * time.Second, 15 * time.Second: 20 * time.Second,
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.bank.before = func(_ context.Context, call, _ string) error {
				if call != "open" {
					return nil
				}
				c.bank.before = nil
				c.advance(spent)
				id := c.stored("A", 1).ID
				_, cancelErr := c.svc.Cancel(t.Context(), id, "demo", "shop:k1")
				_, repeatErr := c.svc.Initiate(t.Context(), order("A", 15000))
				for _, err := range []error{cancelErr, repeatErr} {
					if e := c.wants(err, payment.Standing, "payment_in_progress", id); e.RetryAfter != again {
						t.Errorf("after %s: again after %s, want %s", spent, e.RetryAfter, again)
					}
				}
				return nil
			}
			if opened, err := c.svc.Initiate(c.within(30*time.Second), order("A", 15000)); err != nil ||
				opened.Payment.Status != payment.Pending {
				t.Errorf("%+v, %v", opened, err)
			}
		})
	}
}

// What the bank is at, or says in a word that nobody knows, is not cancelled.
func TestNobodyCancelsWhatTheBankLeavesOpen(t *testing.T) {
	for state, code := range map[payment.State]string{
		payment.BankUnknown: "payment_in_progress", "": "payment_in_progress", "NEW": "payment_in_progress",
		payment.BankProcessing: "payment_in_progress", payment.BankRefunding: "payment_in_progress",
		payment.BankApproved: "order_already_paid",
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.bank.says("A", payment.Report{State: state, Word: "SOMETHING"})
			_, err := c.svc.Cancel(t.Context(), p.ID, "demo", "shop:k1")
			e := c.wants(err, payment.Standing, code, p.ID)
			if slices.Contains([]payment.Status{payment.Cancelled, payment.Expired}, c.stored("A", 1).Status) {
				t.Errorf("%q: it was ended", state)
			}
			if (e.RetryAfter == 5*time.Second) != (code == "payment_in_progress") {
				t.Errorf("%q: again after %s", state, e.RetryAfter)
			}
		})
	}
}

// The bank knows our first opening by the shop's number alone, and each further one by a number of its own.
func TestReferencesAreUnique(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		lost := true
		c.bank.after = func(_ context.Context, call, _ string) error {
			if lost && call == "open" {
				lost = false
				return &payment.Error{Kind: payment.Uncertain, Message: "The answer was lost."}
			}
			return nil
		}
		if _, err := c.svc.Initiate(t.Context(), order("A", 15000)); payment.KindOf(err) != payment.Uncertain {
			t.Fatal(err)
		}
		c.cancel(c.open("A"))
		c.open("A")
		if got, want := c.bank.references(), []string{"A", "A/1.2", "A/2.1"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// A bank that states amounts which cannot be has given no answer, whoever asked: the shop is told to come again, and
// nothing changes.
func TestImpossibleAmountsAreNoAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		paid, open := c.open("A"), c.open("B")
		c.bank.approve("A")
		if _, err := c.callback(t.Context(), paid); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
		before := c.stored("A", 1)
		c.bank.says("A", payment.Report{State: payment.BankApproved,
			Amount: payment.Money{Minor: -1, Currency: payment.AZN}})
		c.bank.says("B", payment.Report{State: payment.BankApproved,
			Amount: payment.Money{Minor: -1, Currency: payment.AZN}})
		if err := c.refund(t.Context(), paid, "r1"); payment.KindOf(err) != payment.Unavailable ||
			payment.CodeOf(err) != "bank_unavailable" {
			t.Errorf("refund: %v", err)
		}
		if _, err := c.svc.Cancel(t.Context(), open.ID, open.Shop, "shop:k1"); payment.KindOf(err) != payment.Unavailable ||
			payment.CodeOf(err) != "bank_unavailable" {
			t.Errorf("cancel: %v", err)
		}
		if p, err := c.poll(t.Context(), open); err != nil || p.Status != payment.Pending {
			t.Errorf("poll: %s, %v", p.Status, err)
		}
		if after := c.stored("A", 1); after.Sequence != before.Sequence || after.Refunded != 0 {
			t.Errorf("%+v", after)
		}
	})
}
