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
