package checkout_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

// clouded is a bank whose next answer about an order is another one.
type clouded struct {
	bank.Bank
	next *payment.Report
	sent int
}

func (c *clouded) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	if r := c.next; r != nil {
		c.next = nil
		return *r, nil
	}
	return c.Bank.Status(ctx, h)
}

func (c *clouded) Refund(ctx context.Context, r bank.Refund) (string, error) {
	c.sent++
	return c.Bank.Refund(ctx, r)
}

// TestNoRefundBesideAWordThatSaysNothing: where the bank's word leaves open how the payment stands, its total is not
// known, and its yes to the refund would be believed though nothing of it is ever done. Nothing is sent then.
func TestNoRefundBesideAWordThatSaysNothing(t *testing.T) {
	for state, code := range map[payment.State]string{
		payment.BankUnknown:    "bank_unavailable",
		payment.BankProcessing: "bank_unavailable",
		payment.BankOpen:       "refund_under_review",
		payment.BankDeclined:   "refund_under_review",
		payment.BankExpired:    "refund_under_review",
	} {
		word := payment.Report{State: state, Word: strings.ToUpper(string(state))}
		w := newWorld(t, nil)
		_, err := w.svc.Initiate(t.Context(), order("A", 15000))
		w.must(err)
		p := w.stored("A")
		w.must(w.sim.Approve(p.Handle.OrderID))
		w.advance(10 * time.Second)
		_, err = w.come("A", true, nil)
		w.must(err)
		w.must(w.sim.Set(func(s *kapitalxml.Settings) { s.RefundFails, s.RefundSameDay = true, "all" }))
		c := &clouded{Bank: w.svc.Banks.(banks).b, next: &word}
		w.svc.Banks = banks{c}
		w.advance(26 * time.Hour)
		refund := func() (payment.RefundStatus, error) {
			r, err := w.svc.Refund(t.Context(), checkout.RefundOrder{ID: p.ID, Shop: "demo", By: "shop:k1", Key: "k",
				Amount: 5000})
			return r.Refund.Status, err
		}
		_, err = refund()
		named := err != nil && strings.Contains(err.Error(), "the log of errors names")
		if payment.CodeOf(err) != code || named != (state == payment.BankUnknown) || c.sent != 0 {
			t.Errorf("%s: %v, sent %d times", word.Word, err, c.sent)
		}
		w.advance(time.Minute)
		if status, _ := refund(); status == payment.RefundSucceeded || c.sent != 1 {
			t.Errorf("%s, and then the truth: %s, sent %d times", word.Word, status, c.sent)
		}
	}
}
