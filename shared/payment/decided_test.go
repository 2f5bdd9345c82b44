package payment

import (
	"testing"
	"time"
)

// TestADismissedMessageIsDismissed: the bank has signed that money went back, and for days its own total says that none
// did. Somebody who has asked the bank must be able to end that: the shop's refunds wait for it.
func TestADismissedMessageIsDismissed(t *testing.T) {
	p := apply(t, paidPayment(t), NoticeArrival{Handle: testHandle, Report: totalling(BankRefunded, 5000)}, early)
	day := early.Add(25 * time.Hour)
	p = apply(t, p, reported(totalling(BankApproved, 0)), day)
	if !p.InReview(ReviewRefund) {
		t.Fatalf("reviews %v", p.Reviews)
	}
	p = apply(t, p, decision(ResolveDismiss), day)
	next := day.Add(24 * time.Hour)
	p = apply(t, p, reported(totalling(BankApproved, 0)), next)
	if len(p.Reviews) != 0 || len(p.Notices) != 0 {
		t.Errorf("a day later: reviews %v, notices %v", p.Reviews, p.Notices)
	}
	p = apply(t, p, owned(RefundIntent{Amount: 100}, next), next)
	if p.InFlight() == nil {
		t.Error("no refund is in flight")
	}
}

// TestADismissalForgetsNothingYoung: what came a moment ago may still be confirmed.
func TestADismissalForgetsNothingYoung(t *testing.T) {
	p := paidPayment(t)
	p.review(early, ReviewRefund)
	p = apply(t, p, NoticeArrival{Handle: testHandle, Report: totalling(BankRefunded, 5000)}, early)
	if p = apply(t, p, decision(ResolveDismiss), early.Add(time.Hour)); len(p.Notices) != 1 || len(p.Reviews) != 0 {
		t.Errorf("reviews %v, notices %v", p.Reviews, p.Notices)
	}
}

// TestADecisionIsAboutTheRefundThatWasLookedAt: while a person asks the bank about one refund, it is settled and the
// shop begins another. The answer about the first must not release, or book, the second.
func TestADecisionIsAboutTheRefundThatWasLookedAt(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{ID: "rf_one", Amount: 3000})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 5000}, early), early)
	p = apply(t, p, RefundAnswer{ID: "rf_two", Answer: AnswerLost}, early)
	at := early.Add(time.Hour)
	for _, how := range []RulingKind{ResolveRefundDone, ResolveRefundNotDone} {
		e := decision(how)
		e.Refund = "rf_one"
		refuse(t, p, e, at, Standing, "nothing_to_resolve")
		e.Refund = "rf_two"
		if after := apply(t, p, e, at); after.InFlight() != nil {
			t.Errorf("%s: still in flight", how)
		}
	}
}

// TestAPartOfARefund: the bank gave back less than it was asked for. The refund is done with that part, no repeat of
// its key gives back more, and the rest may be asked for under another.
func TestAPartOfARefund(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: 5000})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	p.review(early, ReviewRefund)
	e := decision(ResolveRefundDone, "rf_one")
	for _, amount := range []int64{-1, 5000, 5001} {
		e.Amount = amount
		refuse(t, p, e, late, Standing, "nothing_to_resolve")
	}
	e.Amount = 2000
	not := e
	not.How = ResolveRefundNotDone
	refuse(t, p, not, late, Standing, "nothing_to_resolve")
	p = apply(t, p, e, late)
	if p.Refunded != 2000 || p.Refundable() != testAmount-2000 || len(p.Reviews) != 0 || len(p.Refunds) != 1 ||
		p.Refunds[0].Status != RefundSucceeded {
		t.Fatalf("%+v", p)
	}
	later := late.Add(time.Hour)
	p = apply(t, p, reported(totalling(BankApproved, 2000)), later)
	if p.Refunded != 2000 {
		t.Errorf("booked twice: %d", p.Refunded)
	}
	refuse(t, p, owned(RefundIntent{ID: "rf_one", Amount: 5000}, later), later, Standing, "refund_done_meanwhile")
	refuse(t, p, owned(RefundIntent{ID: "rf_one", Amount: 1000}, later), later, Invalid, "idempotency_key_reused")
	refuse(t, p, owned(RefundIntent{ID: "rf_one", Amount: 2000}, later), later, Invalid, "idempotency_key_reused")
	refuse(t, p, owned(RefundIntent{ID: "rf_one", Amount: 5000, All: true}, later), later, Invalid,
		"idempotency_key_reused")
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 3000}, later), later)
	if p.Reserved() != 3000 {
		t.Errorf("reserved %d", p.Reserved())
	}
}

// TestADismissedCurrencyStaysDismissed: the bank says each time again what somebody has already settled with it.
func TestADismissedCurrencyStaysDismissed(t *testing.T) {
	foreign := reported(Report{State: BankApproved, Amount: Money{testAmount, BYN}})
	p := apply(t, apply(t, pendingPayment(t, 1), foreign, early), decision(ResolveDismiss), early)
	p = apply(t, p, foreign, early.Add(time.Hour))
	if len(p.Reviews) != 0 || p.Captured != 0 {
		t.Errorf("%+v", p)
	}
}

// TestADismissalSaysNothingOfWhatTheBankSignsLater: somebody has looked at a payment whose bank does not answer. Days
// later the bank signs that it was paid, and confirms it never: somebody must look again, once.
func TestADismissalSaysNothingOfWhatTheBankSignsLater(t *testing.T) {
	at := start.Add(cardEnd + 25*time.Hour)
	p := apply(t, apply(t, pendingPayment(t, 1), Silence{}, at), decision(ResolveDismiss), at)
	signed := at.Add(24 * time.Hour)
	p = apply(t, p, NoticeArrival{Handle: testHandle, Report: approved()}, signed)
	if p = apply(t, p, Silence{}, signed.Add(23*time.Hour)); len(p.Reviews) != 0 {
		t.Errorf("too early: reviews %v", p.Reviews)
	}
	for day := range 5 {
		at = signed.Add(time.Duration(day+1) * 24 * time.Hour)
		if p = apply(t, p, Silence{}, at); p.InReview(ReviewStatus) != (day == 0) {
			t.Fatalf("day %d: reviews %v", day, p.Reviews)
		}
		if day == 0 {
			p = apply(t, p, decision(ResolveDismiss), at)
		}
	}
}

// TestADecisionSettlesTheMessageThatCalledForIt: the bank has signed that money went back, its total never says so, and
// a person books it. From then on that message tells nothing new: its review came back daily.
func TestADecisionSettlesTheMessageThatCalledForIt(t *testing.T) {
	desk := decision(ResolveRefundDone)
	desk.Amount = 5000
	ours := apply(t, refundingPayment(t, early, RefundIntent{Amount: 5000}),
		RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	for name, c := range map[string]struct {
		p Payment
		e Ruling
	}{"at the desk": {paidPayment(t), desk}, "in flight": {ours, decision(ResolveRefundDone, "rf_one")}} {
		p := apply(t, c.p, NoticeArrival{Handle: testHandle, Report: totalling(BankRefunded, 5000)}, early)
		day := early.Add(25 * time.Hour)
		p = apply(t, p, reported(totalling(BankApproved, 0)), day)
		p = apply(t, p, c.e, day)
		p = apply(t, p, reported(totalling(BankApproved, 0)), day.Add(24*time.Hour))
		if len(p.Reviews) != 0 || len(p.Notices) != 0 || p.Refunded != 5000 || !p.DueAt.IsZero() {
			t.Errorf("%s: reviews %v, notices %v, refunded %d, due %v", name, p.Reviews, p.Notices, p.Refunded, p.DueAt)
		}
	}
}
