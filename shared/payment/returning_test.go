package payment

import (
	"slices"
	"testing"
	"time"
)

// returning is a bank's total beside which it lists money on its way back.
func returning(state State, refunded int64, operations ...int64) Report {
	r := totalling(state, refunded, operations...)
	r.Returning = true
	return r
}

// TestNothingFailsWhileTheBankHasSomethingOnItsWay: however often and far apart its total is read without the refund in
// flight. What the total shows counts all the same, and once the bank has decided, two readings do.
func TestNothingFailsWhileTheBankHasSomethingOnItsWay(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost, Reading: pointer(returning(BankApproved, 0))}, early)
	at := early.Add(time.Hour)
	for ; at.Before(early.Add(10 * bankDay)); at = at.Add(25 * time.Hour) {
		p = apply(t, p, reported(returning(BankApproved, 0)), at)
	}
	if r := p.InFlight(); r == nil || !slices.Equal(p.Reviews, []Review{ReviewRefund}) {
		t.Fatalf("after ten days: %+v, reviews %v", p.Refunds, p.Reviews)
	}
	for name, r := range map[string]Report{"alone": totalling(BankRefunded, 5000),
		"beside another": returning(BankRefunded, 5000)} {
		if done := apply(t, p, reported(r), at); done.Refunds[0].Status != RefundSucceeded || done.Refunded != 5000 {
			t.Errorf("shown %s: %+v", name, done.Refunds)
		}
	}
	none := reported(totalling(BankApproved, 0))
	p = apply(t, apply(t, p, none, at), none, at.Add(bankDay))
	if r := p.Refunds[0]; r.Status != RefundFailed || !r.unproven() || len(p.Reviews) != 0 {
		t.Errorf("decided against: %+v, reviews %v", r, p.Reviews)
	}
}

// TestNothingIsSentBesideMoneyOnItsWay: nobody knows how much will have gone back. It passes by itself when the bank
// has decided, and one that stands there for good is a person's to judge, once.
func TestNothingIsSentBesideMoneyOnItsWay(t *testing.T) {
	intent := owned(RefundIntent{ID: "rf_two", Amount: 1000}, late)
	shown := apply(t, paidPayment(t), reported(returning(BankApproved, 0)), early)
	if !slices.Equal(shown.Reviews, []Review{ReviewRefund}) || nextDue(shown).IsZero() {
		t.Errorf("reviews %v, due %s", shown.Reviews, nextDue(shown))
	}
	refuse(t, shown, intent, late, Standing, "refund_under_review")
	for name, c := range map[string]struct {
		then     Event
		refunded int64
	}{
		"the bank has done it":     {reported(totalling(BankRefunded, 4000)), 4000},
		"the bank has not done it": {reported(totalling(BankApproved, 0)), 0},
		"a person has looked":      {Ruling{How: ResolveDismiss, By: ByOperator("ada"), Why: "an old one"}, 0},
	} {
		p := apply(t, shown, c.then, late)
		if p.Refunded != c.refunded || len(p.Reviews) != 0 {
			t.Errorf("%s: refunded %d, reviews %v", name, p.Refunded, p.Reviews)
		}
		p = apply(t, p, reported(returning(BankApproved, c.refunded)), late)
		if name == "a person has looked" {
			apply(t, p, intent, late)
		} else if !p.InReview(ReviewRefund) {
			t.Errorf("%s, and then another: reviews %v", name, p.Reviews)
		}
	}
	if whole := apply(t, paidPayment(t), reported(returning(BankReturned, testAmount)), early); len(whole.Reviews) != 0 {
		t.Errorf("nothing more can go back: reviews %v", whole.Reviews)
	}
	first := apply(t, pendingPayment(t, 1), reported(returning(BankApproved, 0)), early)
	if first.Status != Paid || !first.InReview(ReviewRefund) {
		t.Errorf("first seen so: %s, reviews %v", first.Status, first.Reviews)
	}
}
