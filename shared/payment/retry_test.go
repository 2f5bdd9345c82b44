package payment

import (
	"slices"
	"testing"
	"time"
)

// The code of a refusal is that of the last one; a try of which nothing was sent says nothing about it.
func TestTheLastRefusalIsTheOneThatIsTold(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: ours})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused, Code: "076"}, early)
	for _, c := range []struct {
		answer Answer
		code   string
		want   string
	}{{AnswerUnsent, "", "076"}, {AnswerRefused, "077", "077"}, {AnswerUnsent, "000", "077"}} {
		p = apply(t, p, owned(RefundIntent{Amount: ours}, late), late)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: c.answer, Code: c.code}, late)
		if r := p.Refunds[0]; r.Status != RefundFailed || r.Code != c.want {
			t.Errorf("%s %q: %s with code %q, want %q", c.answer, c.code, r.Status, r.Code, c.want)
		}
	}
}

// A no and then a yes to the same try: a person must look, whoever says so.
func TestAYesAfterANoIsReviewed(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: ours, Owner: "o"})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Owner: "o", Answer: AnswerRefused}, early)
	if next := apply(t, p, RefundAnswer{ID: "rf_one", Owner: "o", Answer: AnswerRefused},
		early); next.Sequence != p.Sequence {
		t.Errorf("the same no again: %v", whats(next, len(p.History)))
	}
	if next := apply(t, p, RefundAnswer{ID: "rf_one", Owner: "o", Answer: AnswerDone},
		early); !slices.Equal(next.Reviews, []Review{ReviewRefund}) {
		t.Errorf("reviews %v", next.Reviews)
	}
	if next := apply(t, p, RefundAnswer{ID: "rf_one", Owner: "other", Answer: AnswerDone},
		early); next.Sequence != p.Sequence {
		t.Errorf("of another try: %v", whats(next, len(p.History)))
	}
}

// A lost refund of everything that is left is done when the total shows it: there is just room for it.
func TestALostRefundOfAllIsBelieved(t *testing.T) {
	p, at := lostRefund(t, testAmount, totalling(BankApproved, 0)), until.Add(recoverAfter)
	for range 2 {
		p = apply(t, p, reported(totalling(BankApproved, 0)), at)
		at = at.Add(bankDay)
	}
	p = apply(t, p, reported(totalling(BankReturned, testAmount)), at)
	if p.Status != Refunded || len(p.Refunds) != 1 || len(p.Reviews) != 0 {
		t.Errorf("%s, %+v, reviews %v", p.Status, p.Refunds, p.Reviews)
	}
}

// What is kept and says no more than is on record keeps no refund waiting. What nobody understands may be about money
// that went back.
func TestOnlyMoneyThatIsNotExplainedKeepsRefundsWaiting(t *testing.T) {
	one := apply(t, paidPayment(t), reported(totalling(BankApproved, 1000)), early)
	for name, c := range map[string]struct {
		p    Payment
		kept NoticeArrival
		want string
	}{
		"what nobody understands": {paidPayment(t), unclear(testHandle.OrderID), "refund_under_review"},
		"what is on record":       {one, gaveBack(1000, ""), ""},
		"more than that":          {one, gaveBack(1001, ""), "refund_in_progress"},
	} {
		p := apply(t, c.p, c.kept, early)
		if len(p.Notices) != 1 {
			t.Fatalf("%s: kept %v", name, p.Notices)
		}
		next, err := Apply(p, owned(RefundIntent{Amount: ours}, early), early)
		if c.want != CodeOf(err) {
			t.Errorf("%s: in flight %v, %v", name, next.InFlight(), err)
		}
	}
}

// What a person has found out about one refund lets no other be tried again; and what a person calls not done and the
// bank then shows is that refund, also where its owner was cut off without a word.
func TestADecisionIsAboutItsRefundAlone(t *testing.T) {
	p, at := lapsedRefund(t)
	p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 700, Base: pointer(totalling(BankApproved, 0))}, at), at)
	at = at.Add(time.Hour)
	p = apply(t, p, decision(ResolveRefundNotDone, "rf_two"), at)
	refuse(t, p, owned(RefundIntent{Amount: ours}, at), at, Standing, "refund_unconfirmed")
	p = apply(t, p, reported(totalling(BankApproved, 700)), at)
	if r, _ := p.FindRefund("rf_two"); r.Status != RefundSucceeded || len(p.Refunds) != 2 {
		t.Errorf("shown by the bank, rf_two is %s, %+v", r.Status, p.Refunds)
	}
}

// A person may find all that is left to have gone back, and no more.
func TestAPersonFindsEverythingGivenBack(t *testing.T) {
	p := paidPayment(t)
	p.review(early, ReviewRefund)
	e := decision(ResolveRefundDone)
	e.Amount = testAmount + 1
	refuse(t, p, e, early, Standing, "nothing_to_resolve")
	e.Amount = testAmount
	if p = apply(t, p, e, early); p.Status != Refunded || len(p.Reviews) != 0 {
		t.Errorf("%s, reviews %v", p.Status, p.Reviews)
	}
}

// A person who has dismissed one review has not dismissed another.
func TestADismissalIsAboutItsReviewAlone(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), unclear(""), early)
	p = apply(t, p, decision(ResolveDismiss), early)
	p = apply(t, p, reported(Report{State: BankApproved, Amount: Money{testAmount, BYN}}), early)
	if !p.InReview(ReviewCurrency) {
		t.Errorf("reviews %v", p.Reviews)
	}
}

// A yes that comes when there is no room for its refund any more cannot be booked: a person must look.
func TestAYesThatHasNoRoomIsReviewed(t *testing.T) {
	p, at := lapsedRefund(t)
	for total := int64(4000); total <= 12000; total += 4000 { // each less than ours, so the desk's
		p = apply(t, p, reported(totalling(BankApproved, total)), at)
	}
	p = apply(t, p, RefundAnswer{ID: "rf_one", Owner: p.Refunds[0].Owner, Answer: AnswerDone}, at)
	if p.Refunded != 12000 || p.Refunds[0].Status != RefundFailed || !p.InReview(ReviewRefund) {
		t.Errorf("refunded %d, reviews %v, %+v", p.Refunded, p.Reviews, p.Refunds)
	}
}
