package payment

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// What recovery does with what it reads, a quarter of an hour after the owner's deadline and then day by day.
func TestRecoveryReadsUntilItKnows(t *testing.T) {
	none, whole := totalling(BankApproved, 0), totalling(BankApproved, ours)
	none.Operations = []Operation{}
	other, desk := totalling(BankApproved, 700), totalling(BankApproved, 700, 700)
	silent, busy, foreign := approved(), totalling(BankRefunding, 0), totalling(BankApproved, ours)
	foreign.Amount = Money{testAmount, BYN}
	for _, c := range []struct {
		name   string
		read   []Report
		status RefundStatus
		back   int64
		review bool
	}{
		{"done", []Report{whole}, RefundSucceeded, ours, false},
		{"once not done", []Report{none}, RefundUnknown, 0, false},
		{"twice not done", []Report{none, none}, RefundFailed, 0, false},
		{"not done, then done", []Report{none, whole}, RefundSucceeded, ours, false},
		{"not done, then the desk", []Report{none, desk}, RefundUnknown, 0, false},
		{"twice the desk", []Report{desk, desk}, RefundFailed, 700, false},
		{"moved by what nobody lists", []Report{other}, RefundUnknown, 0, true},
		{"moved by what nobody lists, for ever", []Report{other, other, other}, RefundUnknown, 0, true},
		{"no total", []Report{silent, silent, silent}, RefundUnknown, 0, true},
		{"reviewed, then done", []Report{silent, whole}, RefundSucceeded, ours, false},
		{"reviewed, then twice not done", []Report{other, none, none}, RefundFailed, 0, false},
		{"the bank is at it", []Report{busy, busy, busy}, RefundUnknown, 0, true},
		{"the bank was at it", []Report{none, busy, none}, RefundUnknown, 0, true},
		{"the bank was at it and did not", []Report{busy, none, none}, RefundFailed, 0, false},
		{"another currency", []Report{foreign, foreign}, RefundUnknown, 0, true},
		{"more than was captured", []Report{totalling(BankApproved, testAmount+700, ours, testAmount+700-ours)},
			RefundSucceeded, testAmount, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := lostRefund(t, ours, none)
			for i, report := range c.read {
				p = apply(t, p, reported(report), until.Add(recoverAfter+time.Duration(i)*bankDay))
			}
			if r := p.Refunds[0]; r.Status != c.status || p.Refunded != c.back || p.InReview(ReviewRefund) != c.review {
				t.Errorf("the refund is %s, refunded %d, reviews %v", r.Status, p.Refunded, p.Reviews)
			}
			if held := p.Reserved() == ours; held != (c.status == RefundUnknown) {
				t.Errorf("reserved %d", p.Reserved())
			}
		})
	}
}

// Where nobody can be asked, a human is called as soon as the refund's owner is gone.
func TestARefundThatNobodyCanBeAskedAbout(t *testing.T) {
	at := until.Add(15 * time.Minute)
	p := lostRefund(t, ours, totalling(BankApproved, 0))
	if got := apply(t, p, Silence{Unsupported: true}, at.Add(-time.Millisecond)); len(got.Reviews) != 0 {
		t.Errorf("a millisecond early: reviews %v", got.Reviews)
	}
	got := apply(t, p, Silence{Unsupported: true}, at)
	if !slices.Equal(got.Reviews, []Review{ReviewRefund}) || got.Reserved() != ours {
		t.Errorf("reviews %v, reserved %d", got.Reviews, got.Reserved())
	}
}

// A human is called a day after the owner's deadline when the bank says nothing, or is at it for ever.
func TestAHumanLooksAtARefundThatHangs(t *testing.T) {
	at := until.Add(24 * time.Hour)
	for _, e := range []Event{Silence{}, reported(Report{State: BankUnknown}),
		reported(Report{State: BankProcessing}), reported(totalling(BankRefunding, 0))} {
		p := lostRefund(t, ours, totalling(BankApproved, 0))
		if got := apply(t, p, e, at.Add(-time.Millisecond)); len(got.Reviews) != 0 {
			t.Errorf("%+v a millisecond early: reviews %v", e, got.Reviews)
		}
		got := apply(t, p, e, at)
		if !slices.Equal(got.Reviews, []Review{ReviewRefund}) || got.Reserved() != ours {
			t.Errorf("%+v: reviews %v, reserved %d", e, got.Reviews, got.Reserved())
		}
	}
}

// After a failure the same key may try again, for the same amount; it is then the same refund, begun anew.
func TestAFailedRefundMayBeTriedAgain(t *testing.T) {
	first := RefundIntent{Amount: ours, Base: pointer(totalling(BankApproved, 0)), Reason: "broken"}
	p := refundingPayment(t, early, first)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused, Code: "076"}, early)
	again := owned(RefundIntent{Amount: ours, Reason: "broken"}, late)
	refuse(t, p, owned(RefundIntent{Amount: ours + 1}, late), late, Invalid, "idempotency_key_reused")
	refuse(t, p, owned(RefundIntent{Amount: ours, All: true}, late), late, Invalid, "idempotency_key_reused")
	p = apply(t, p, again, late)
	want := Refund{ID: "rf_one", Amount: ours, Reason: "broken", Origin: OriginShop, Status: RefundBegun, By: "shop:k1",
		RequestedAt: late, Until: late.Add(30 * time.Second), BaseListed: -1, Code: "076", SettledAt: early}
	if len(p.Refunds) != 1 || p.Refunds[0] != want {
		t.Fatalf("the refunds are %+v, want only %+v", p.Refunds, want)
	}
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, late)
	wantWhats(t, p, 3, "refund_requested", "refund_failed", "refund_succeeded")
	refuse(t, p, again, late, Invalid, "idempotency_key_reused")
}

// A whole refund that failed may be tried again as a whole one, for what is left by then.
func TestAWholeRefundIsComparedAsAll(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: testAmount, All: true})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, early)
	p = apply(t, p, reported(totalling(BankApproved, 4000)), late)
	refuse(t, p, owned(RefundIntent{Amount: p.Refundable()}, late), late, Invalid, "idempotency_key_reused")
	p = apply(t, p, owned(RefundIntent{Amount: p.Refundable(), All: true}, late), late)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, late)
	if p.Status != Refunded || p.Refunded != testAmount || p.Refundable() != 0 {
		t.Errorf("%s, refunded %d, left %d", p.Status, p.Refunded, p.Refundable())
	}
}

func TestTheBudgetOfRefunds(t *testing.T) {
	refuse(t, pendingPayment(t, 1), owned(RefundIntent{Amount: 1}, early), early, Standing, "payment_not_paid")
	p := paidPayment(t)
	for _, amount := range []int64{testAmount + 1, 0, -1, -1 << 63, 1<<63 - 1} {
		refuse(t, p, owned(RefundIntent{Amount: amount}, early), early, Invalid, "refund_exceeds_captured")
	}
	p = apply(t, p, owned(RefundIntent{Amount: testAmount}, early), early)
	if p.Refundable() != 0 || p.Reserved() != testAmount || p.Refunded != 0 {
		t.Errorf("left %d, reserved %d, refunded %d", p.Refundable(), p.Reserved(), p.Refunded)
	}
	refuse(t, p, owned(RefundIntent{ID: "rf_two", Amount: 1}, early), early, Standing, "refund_in_progress")
	refuse(t, p, owned(RefundIntent{Amount: testAmount}, early), early, Standing, "refund_in_progress")
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
	refuse(t, p, owned(RefundIntent{ID: "rf_two", Amount: 1}, early), early, Invalid, "refund_exceeds_captured")
	refuse(t, p, RefundAnswer{ID: "rf_none", Answer: AnswerDone}, early, Internal, "")

	less := apply(t, pendingPayment(t, 1), reported(Report{State: BankApproved, Amount: Money{100, AZN}}), early)
	refuse(t, less, owned(RefundIntent{Amount: 101}, early), early, Invalid, "refund_exceeds_captured")
	if apply(t, less, owned(RefundIntent{Amount: 100}, early), early).Reserved() != 100 {
		t.Error("a refund works on the amount that was asked, not on what was captured")
	}
}

// The shop gets fifty refunds. The bank's own have ten entries of their own, of which the last grows when its desk
// gives back more.
func TestRefundsAreBounded(t *testing.T) {
	p := paidPayment(t)
	for i := range MaxRefunds {
		id := fmt.Sprintf("rf_%d", i)
		p = apply(t, p, owned(RefundIntent{ID: id, Amount: 100}, early), early)
		p = apply(t, p, RefundAnswer{ID: id, Answer: AnswerDone}, early)
	}
	refuse(t, p, owned(RefundIntent{ID: "rf_more", Amount: 100}, early), early, Standing, "too_many_refunds")
	for i := range MaxDeskRefunds + 5 {
		p = apply(t, p, reported(totalling(BankApproved, 5000+int64(i+1)*10)), early)
	}
	last := p.Refunds[len(p.Refunds)-1]
	if len(p.Refunds) != MaxRefunds+MaxDeskRefunds || last.Origin != OriginBank || last.Amount != 60 ||
		p.Refunded != 5150 {
		t.Errorf("%d refunds, the last %+v, refunded %d", len(p.Refunds), last, p.Refunded)
	}
	refuse(t, p, owned(RefundIntent{ID: "rf_more", Amount: 100}, early), early, Standing, "too_many_refunds")
}

// A yes to a refund that is on record as failed is a contradiction: nothing moves, and a human looks.
func TestAYesAfterAFailureIsReviewed(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: ours})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, early)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
	if !p.InReview(ReviewRefund) || p.Refunded != 0 || p.Refunds[0].Status != RefundFailed {
		t.Errorf("reviews %v, refunded %d, the refund %s", p.Reviews, p.Refunded, p.Refunds[0].Status)
	}
	refuse(t, p, owned(RefundIntent{ID: "rf_two", Amount: ours}, early), early, Standing, "refund_under_review")
	p = apply(t, p, decision(ResolveDismiss), late)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: ours}, late), late)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerDone}, late)
	n := p.Sequence
	if p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerDone}, early); p.Sequence != n || p.Refunded != ours {
		t.Errorf("the same yes twice: sequence %d, refunded %d", p.Sequence, p.Refunded)
	}
}
