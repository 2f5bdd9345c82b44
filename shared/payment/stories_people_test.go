package payment

import (
	"slices"
	"testing"
	"time"
)

// person is one who has looked into the bank's portal, which shows what is true, and decides about one review. False
// when there is nothing to decide, or not yet.
func (w *world) person() bool {
	p := w.p
	if len(p.Reviews) == 0 || len(w.bank.queue) > 0 { // the portal shows what the bank is still at
		return false
	}
	e := Ruling{How: ResolveDismiss, Review: p.Reviews[w.rng.IntN(len(p.Reviews))], By: ByOperator("ann"), Why: "looked"}
	unpaid := w.bank.taken == 0 && w.bank.state != BankProcessing || w.bank.currency != AZN
	r, more := p.InFlight(), w.bank.truth()-p.Refunded
	switch {
	case e.Review == ReviewStatus && !p.Status.Money() && !unpaid:
		return false
	case e.Review == ReviewAmount:
		e.How = ResolveAcceptCaptured
	case e.Review == ReviewRefund && r != nil && w.bank.times(r.ID) > 0:
		e.How, e.Refund = ResolveRefundDone, r.ID
	case e.Review == ReviewRefund && r != nil:
		e.How, e.Refund = ResolveRefundNotDone, r.ID
	case e.Review == ReviewRefund && more > 0 && p.Refundable() > 0:
		e.How, e.Amount = ResolveRefundDone, more
	}
	w.ruled = true
	err := w.apply(e, w.now)
	w.ruled = false
	if err != nil && CodeOf(err) != "refund_in_progress" {
		w.fail("a person's decision is refused: "+err.Error(), e)
	}
	return err == nil
}

// sign lets the bank sign how the payment stands, with the figures or without, and post that.
func (w *world) sign() {
	r, answered := w.bank.report(w.now)
	if !answered || r.State == BankUnknown {
		return
	}
	r.Operations = nil
	if w.rng.IntN(2) == 0 {
		r.Refunded = Sum{}
		if r.State == BankApproved && len(w.bank.given) > 0 {
			r.State = BankRefunded
		}
	}
	if last := len(w.bank.given) - 1; w.bank.ids && r.State.gaveBack() && last >= 0 {
		r.RefundID = "b-" + w.bank.given[last].id
	}
	w.post = append(w.post, NoticeArrival{Handle: w.p.Handle, Report: r})
}

// deliver brings what was posted, in any order, and some of it once more.
func (w *world) deliver() {
	for len(w.post) > 0 && w.rng.IntN(3) > 0 {
		i := w.rng.IntN(len(w.post))
		e := w.post[i]
		if w.rng.IntN(4) > 0 {
			w.post = slices.Delete(w.post, i, i+1)
		}
		if w.apply(e, w.now); len(w.p.Notices) > 0 {
			w.ask()
		}
	}
}

// TestStoriesWithPeople tells stories in which the bank also signs messages and a person decides about reviews, in any
// order: each decision that the record calls for is taken, none of them is called for again and again, and at the end
// the record is what the bank did.
func TestStoriesWithPeople(t *testing.T) {
	decided := 0
	for seed := range uint64(500) {
		w := newWorld(t, seed)
		for range 40 {
			w.step()
			if w.rng.IntN(6) == 0 {
				w.sign()
			}
			w.deliver()
			if w.rng.IntN(3) == 0 && w.person() {
				decided++
			}
		}
		for w.settle(); len(w.bank.queue) > 0; w.bank.live(w.now) {
			w.now = w.now.Add(24 * time.Hour)
		}
		for range 30 {
			if w.settle(); w.person() {
				decided++
			}
			w.now = w.now.Add(6 * time.Hour)
		}
		waits := !w.p.Status.Money() && w.bank.state == BankProcessing // and nobody can say how it ends
		if len(w.p.Reviews) > 0 && !waits {
			w.fail("a review comes again however often a person looks", nil)
		}
		w.ended(map[string]int{})
	}
	if decided < 500 {
		t.Errorf("only %d decisions in all: the test does not see enough of them", decided)
	}
}
