package payment

import (
	"testing"
	"time"
)

const refundAt = 10 * time.Minute // after start the refunds of these tests are asked for

// until is the deadline of their owner.
var until = start.Add(refundAt + 30*time.Second)

func lostRefund(t testing.TB, amount int64, base Report) Payment {
	t.Helper()
	p := refundingPayment(t, start.Add(refundAt), RefundRequested{Amount: amount, Base: &base})
	return apply(t, p, RefundAnswered{ID: "rf_one", Answer: AnswerLost}, until)
}

func TestARefundInFlightIsLookedAtForAMonth(t *testing.T) {
	p := lostRefund(t, 5000, totalling(BankApproved, 0))
	asked := 0
	for at := p.DueAt; !at.IsZero(); at = p.DueAt {
		if at.Before(p.AskedAt) {
			t.Fatalf("due at %v, before it was last asked about at %v", at, p.AskedAt)
		}
		p = apply(t, p, Asking{}, at)
		p = apply(t, p, Unanswered{}, at)
		if asked++; asked > 100 {
			t.Fatal("it is asked about for ever")
		}
	}
	if last := p.AskedAt.Sub(until); last != 30*24*time.Hour {
		t.Errorf("the last question was put %v after the owner's deadline, want 30 days", last)
	}
	if !p.InReview(ReviewRefund) || p.Reserved() != 5000 {
		t.Errorf("reviews %v, reserved %d: nobody looks, or the reservation is gone", p.Reviews, p.Reserved())
	}
}

// A bank that is away for a day is asked again: one reading is no proof, so the second must follow.
func TestARefundIsSettledWhenTheBankComesBackAfterADay(t *testing.T) {
	p := lostRefund(t, 5000, totalling(BankApproved, 0))
	day := until.Add(24 * time.Hour)
	for at := p.DueAt; at.Before(day); at = p.DueAt {
		p = apply(t, apply(t, p, Asking{}, at), Unanswered{}, at)
	}
	for range 2 {
		at := p.DueAt
		if at.IsZero() {
			t.Fatal("a refund is in flight and nothing is due")
		}
		p = apply(t, apply(t, p, Asking{}, at), reported(totalling(BankApproved, 0)), at)
	}
	if r := p.Refunds[0]; r.Status != RefundFailed {
		t.Errorf("after two equal readings the refund is %s", r.Status)
	}
}
