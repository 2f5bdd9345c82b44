package bitrix24_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"kassa/shared/bitrix24"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// course is one payment on its way through refunds, reviews and tries to tell the portal.
type course struct {
	payment.Payment
	t   *testing.T
	rng *rand.Rand
	now time.Time
}

// does applies an event; one that the payment has no room for is none.
func (c *course) does(e payment.Event) {
	if next, err := payment.Apply(c.Payment, e, c.now); err == nil {
		c.Payment = next
	}
}

// tells does one run of Notify.
func (c *course) tells(portal bitrix24.Portal) {
	answers := map[int64]delivery.Answer{}
	for _, d := range c.Deliveries {
		if d.Due(c.now) {
			answers[d.Sequence], _ = portal.Tell(c.t.Context(), origin, c.Payment)
		}
	}
	c.does(payment.DeliveryOutcome{Answers: answers})
}

// TestProvenMoneyIsAlwaysTold, and once, whatever refunds were begun, refused, never sent or lost around it.
func TestProvenMoneyIsAlwaysTold(t *testing.T) {
	for seed := range uint64(200) {
		sim, portal := open(t)
		c := course{t: t, rng: rand.New(rand.NewPCG(seed, 2)), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
		handle := payment.Handle{OrderID: "828", Private: "s", Account: payment.Account{Merchant: "m", Environment: "test"}}
		c.Payment = payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("by", origin.Ref()), Attempt: 1},
			Shop: "by", OrderRef: origin.Ref(),
			Bank: "kapital", Amount: paid().Amount, Metadata: origin.Metadata(), Notify: true}, c.now, c.now.Add(time.Minute))
		c.does(payment.OpeningDone{Handle: handle, RedirectURL: "https://bank.example/", ExpiresAt: c.now.Add(time.Hour)})
		taken := payment.Money{Minor: 15000 + c.rng.Int64N(2), Currency: payment.BYN}
		c.does(payment.Statement{Handle: handle, Report: payment.Report{State: payment.BankApproved, Amount: taken,
			Word: "WORD"}})
		for n := range 12 {
			id := fmt.Sprint("rf_", c.rng.IntN(3))
			switch c.rng.IntN(5) {
			case 0:
				c.does(payment.RefundIntent{ID: id, Amount: []int64{c.Refundable(), 1}[c.rng.IntN(2)], By: "shop:k1",
					Until: c.now.Add(time.Minute), Owner: "o"})
			case 1, 2:
				c.does(payment.RefundAnswer{ID: id, Owner: "o", Answer: []payment.Answer{payment.AnswerRefused,
					payment.AnswerUnsent}[c.rng.IntN(2)]})
			case 3:
				c.tells(portal)
			case 4:
				c.now = c.now.Add(time.Duration(n) * time.Minute)
			}
		}
		for _, id := range []string{"rf_0", "rf_1", "rf_2"} { // all that is under way was refused
			c.does(payment.RefundAnswer{ID: id, Owner: "o", Answer: payment.AnswerRefused})
		}
		c.does(payment.Ruling{How: payment.ResolveAcceptCaptured, By: "operator:x", Why: "a penny too much"})
		for range 10 {
			c.now = c.now.Add(24 * time.Hour)
			c.tells(portal)
		}
		if got := sim.Payment(11).Marked; got != 1 || len(c.Reviews) > 0 {
			t.Fatalf("seed %d: marked %d times: %+v", seed, got, c.Payment)
		}
	}
}
