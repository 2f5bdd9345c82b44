package checkout_test

import (
	"context"
	"testing"
	"time"

	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// TestNobodyPaysBesideASignedApproval: what the bank has signed is being confirmed, and as long as it is, the order
// has no further page to pay on.
func TestNobodyPaysBesideASignedApproval(t *testing.T) {
	b := newPartner(t, nil, nil)
	p := b.open()
	_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "APPROVED"})
	b.must(err)
	other := b.order()
	other.Term, other.Supersede = 6, true
	_, cancelErr := b.svc.Cancel(t.Context(), p.ID, "demo", "shop:k1")
	_, otherErr := b.svc.Initiate(t.Context(), other)
	for _, err := range []error{cancelErr, otherErr} {
		if payment.CodeOf(err) != "payment_in_progress" {
			t.Errorf("approved by signature, and called open: %v", err)
		}
	}
	b.stands("nobody cancels it", payment.Pending, false)
	if again, err := b.svc.Initiate(t.Context(), b.order()); err != nil || again.Payment.ID != p.ID || !again.Replayed {
		t.Errorf("its own page: %+v, %v", again, err)
	}

	b = newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "early_paid" }, nil)
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "create", Kind: "cut_after", Count: 1}))
	_, lostErr := b.svc.Initiate(t.Context(), b.order())
	_, againErr := b.svc.Initiate(t.Context(), b.order())
	if payment.KindOf(lostErr) != payment.Uncertain || payment.CodeOf(againErr) != "payment_in_progress" {
		t.Errorf("approved by signature, and the opening's answer was lost: %v, and then %v", lostErr, againErr)
	}

	b = newPartner(t, nil, nil)
	p = b.open()
	if _, err := b.svc.Cancel(t.Context(), p.ID, "demo", "shop:k1"); err != nil {
		t.Fatal(err)
	}
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "status", Kind: "http_500", Count: -1}))
	b.advance(time.Minute)
	b.must(b.sim.Approve(b.session()))
	if _, err := b.svc.Initiate(t.Context(), b.order()); payment.CodeOf(err) != "payment_in_progress" {
		t.Errorf("approved by signature after it was cancelled, and the bank does not answer: %v", err)
	}
	b.sim.ClearFaults()
	b.advance(time.Hour)
	b.sweep()
	b.stands("and answers", payment.Paid, true)
	if p := b.read(); p.ID.Attempt != 1 || p.Overpaid {
		t.Errorf("attempt %d, overpaid %t", p.ID.Attempt, p.Overpaid)
	}
}

// TestASignedApprovalThatIsNeverConfirmed is a person's after a day, whoever asks for what, and is over when that
// person has looked.
func TestASignedApprovalThatIsNeverConfirmed(t *testing.T) {
	b := newPartner(t, nil, nil)
	p := b.open()
	_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "APPROVED"})
	b.must(err)
	b.advance(25 * time.Hour)
	b.sweep()
	b.stands("a day later", payment.Pending, false, payment.ReviewStatus)
	_, cancelErr := b.svc.Cancel(t.Context(), p.ID, "demo", "shop:k1")
	_, openErr := b.svc.Initiate(t.Context(), b.order())
	for _, err := range []error{cancelErr, openErr} {
		if payment.CodeOf(err) != "order_under_review" {
			t.Errorf("to come again will not help: %v", err)
		}
	}
	looked, err := payment.Apply(b.read(), payment.Ruling{How: payment.ResolveDismiss, Review: payment.ReviewStatus,
		By: payment.ByOperator("ada"), Why: "the bank took nothing"}, b.now())
	b.must(err)
	_, err = b.store.Save(t.Context(), looked)
	b.must(err)
	if _, err := b.svc.Cancel(t.Context(), p.ID, "demo", "shop:k1"); err != nil {
		t.Errorf("a person has looked: %v", err)
	}
	if got, err := b.svc.Initiate(t.Context(), b.order()); err != nil || got.Payment.ID.Attempt != 2 {
		t.Errorf("and it is paid anew: attempt %d, %v", got.Payment.ID.Attempt, err)
	}
}
