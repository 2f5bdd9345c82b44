package payment

import (
	"fmt"
	"testing"
	"time"
)

// What the bank signs while a refund of ours is in flight, and that is more than that refund, is kept: it was forgotten
// when the refund was settled, and what the desk gave back with it, where the bank has no question to ask.
func TestASignedTotalOutlivesTheRefundInFlight(t *testing.T) {
	lost := apply(t, refundingPayment(t, early, RefundIntent{Amount: 5000}),
		RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	for name, c := range map[string]struct {
		first NoticeArrival
		end   Event
		want  int64
	}{
		"done by a signed total": {gaveBack(8000, ""), gaveBack(5000, ""), 8000},
		"done by a person":       {gaveBack(8000, "b1"), decision(ResolveRefundDone, "rf_one"), 8000},
		"not done":               {gaveBack(3000, ""), decision(ResolveRefundNotDone, "rf_one"), 3000},
	} {
		p := apply(t, apply(t, lost, c.first, late), NoticeTrust{}, late)
		if p.Refunded != 0 || p.Reserved() != 5000 || !p.InReview(ReviewRefund) {
			t.Fatalf("%s: refunded %d, held %d, reviews %v", name, p.Refunded, p.Reserved(), p.Reviews)
		}
		for range 3 { // asking in vain calls for nobody else
			p = apply(t, p, Silence{Unsupported: true}, late.Add(30*time.Hour))
		}
		if len(p.Reviews) != 1 {
			t.Errorf("%s: reviews %v", name, p.Reviews)
		}
		at := late.Add(31 * time.Hour)
		p = apply(t, p, c.end, at)
		p = apply(t, p, NoticeTrust{}, at.Add(time.Minute))
		if p.Refunded != c.want || len(p.Notices) != 0 || len(p.Reviews) != 0 || p.InFlight() != nil {
			t.Errorf("%s: refunded %d, want %d, kept %v, reviews %v", name, p.Refunded, c.want, p.Notices, p.Reviews)
		}
	}
}

// A message that names a refund and no amount does not make ours done: it may be a small one of the desk's, and what is
// called given back stays so for ever.
func TestAnIDWithoutATotalProvesNoRefund(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: testAmount, All: true})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	n := gaveBack(0, "b9")
	n.Report.Refunded = Sum{}
	p = apply(t, apply(t, p, n, late), NoticeTrust{}, late)
	if p.Refunded != 0 || p.InFlight() == nil || !p.InReview(ReviewRefund) {
		t.Fatalf("refunded %d, reviews %v, %+v", p.Refunded, p.Reviews, p.Refunds)
	}
	p = apply(t, p, decision(ResolveRefundDone, "rf_one"), late.Add(time.Hour))
	p = apply(t, p, NoticeTrust{}, late.Add(2*time.Hour))
	if p.Refunded != testAmount || len(p.Reviews) != 0 || len(p.Notices) != 0 {
		t.Errorf("decided: refunded %d, reviews %v, kept %v", p.Refunded, p.Reviews, p.Notices)
	}
}

// Something on the way repeats a request, and the bank refuses the repetition: where it has signed that something went
// back meanwhile, its no is none. The shop was told that the refund had failed, and it stayed failed for good.
func TestARefusalBesideASignedWordIsNoNo(t *testing.T) {
	for name, n := range map[string]NoticeArrival{"an id": gaveBack(0, "b9"), "no more than the word": gaveBack(0, ""),
		"another total": gaveBack(7000, "")} {
		if n.Report.Refunded.Minor == 0 {
			n.Report.Refunded = Sum{}
		}
		p := refundingPayment(t, early, RefundIntent{Amount: 5000})
		p = apply(t, apply(t, p, n, early), NoticeTrust{}, early)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused, Code: "409"}, early)
		if r := p.Refunds[0]; r.Status != RefundUnknown || !p.InReview(ReviewRefund) || p.Reserved() != 5000 {
			t.Errorf("%s: it is %s, reviews %v", name, r.Status, p.Reviews)
		}
		p = apply(t, p, decision(ResolveRefundDone, "rf_one"), late)
		if p.Refunded != 5000 || p.InFlight() != nil {
			t.Errorf("%s, decided: refunded %d, %+v", name, p.Refunded, p.Refunds)
		}
	}
}

// The bank has signed that something went back, its own total lags, and nobody knows how much it was: it may be the
// refund that seemed lost, and nothing more is sent meanwhile.
func TestNoRefundBesideASignedWordThatIsNotExplained(t *testing.T) {
	p, at := lapsedRefund(t)
	n := gaveBack(0, "")
	n.Report.Refunded = Sum{}
	p = apply(t, apply(t, p, n, at), reported(totalling(BankApproved, 0)), at)
	refuse(t, p, owned(RefundIntent{ID: "rf_two", Amount: ours}, at), at, Standing, "refund_in_progress")
	p = apply(t, p, reported(totalling(BankRefunded, ours)), at.Add(time.Hour))
	if p.Refunds[0].Status != RefundSucceeded || len(p.Notices) != 0 {
		t.Errorf("%+v, kept %v", p.Refunds, p.Notices)
	}
	apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: ours}, at.Add(time.Hour)), at.Add(time.Hour))
}

// What a person finds to have gone back is, as in a total of the bank's, a refund of ours that seemed lost before it is
// the desk's.
func TestAPersonFindsARefundThatSeemedLost(t *testing.T) {
	for amount, desk := range map[int64]int{ours: 0, ours + 1000: 1} {
		p, at := lapsedRefund(t)
		p.review(at, ReviewRefund)
		e := decision(ResolveRefundDone)
		e.Amount = amount
		p = apply(t, p, e, at)
		if r := p.Refunds[0]; r.Status != RefundSucceeded || p.Refunded != amount || len(p.Refunds) != 1+desk ||
			len(p.Reviews) != 0 {
			t.Errorf("%d: refunded %d, reviews %v, %+v", amount, p.Refunded, p.Reviews, p.Refunds)
		}
	}
}

// A bank that signs what nobody understands, and answers, again and again, does not fill the history: what happens to
// the money is still told, and a person is called.
func TestAReviewThatComesAndGoesFillsNoHistory(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, Reading: pointer(totalling(BankApproved, 0))}, early)
	at := late
	for range 300 {
		p = apply(t, p, unclear(testHandle.OrderID), at)
		p = apply(t, p, reported(totalling(BankApproved, 0)), at.Add(time.Minute))
		at = at.Add(time.Hour)
	}
	if !p.InReview(ReviewStatus) {
		t.Errorf("nobody is called: %d entries, reviews %v", len(p.History), p.Reviews)
	}
	p = apply(t, p, reported(totalling(BankApproved, 6000)), at)
	p = apply(t, p, reported(totalling(BankApproved, 5000)), at.Add(time.Minute))
	if p.Refunded != 5000 || p.InFlight() != nil {
		t.Errorf("refunded %d, in flight %v", p.Refunded, p.InFlight())
	}
	for _, reason := range p.Reviews {
		e := decision(ResolveDismiss)
		e.Review = reason
		p = apply(t, p, e, at.Add(time.Hour))
	}
}

// However many refunds seemed lost and whatever the desk did meanwhile, the history has room for all of them to turn up
// at once.
func TestAllThatSeemedLostMayTurnUpAtOnce(t *testing.T) {
	p, at := paidPayment(t), early
	for i := range MaxRefunds {
		p = apply(t, p, owned(RefundIntent{ID: fmt.Sprint("rf_", i), Amount: 100,
			Base: pointer(totalling(BankApproved, 0))}, at), at)
		p = apply(t, p, RefundAnswer{ID: fmt.Sprint("rf_", i), Owner: p.Refunds[i].Owner, Answer: AnswerLost}, at)
		for range 2 {
			at = at.Add(25 * time.Hour)
			p = apply(t, p, reported(totalling(BankApproved, 0)), at)
		}
	}
	var total int64
	for !p.InReview(ReviewRefund) { // by a cent each, so that it is none of ours, until there is no room left
		total++
		p = apply(t, p, reported(totalling(BankApproved, total)), at)
	}
	total = p.Refunded + 100*MaxRefunds
	p = apply(t, p, reported(totalling(BankApproved, total)), at)
	if p.Refunded != total {
		t.Errorf("%d refunded of %d with %d entries", p.Refunded, total, len(p.History))
	}
}

// An earlier version called a lost refund failed after two readings minutes apart, and noted no answer. Its key sends
// nothing again, and a total that shows it is believed.
func TestARefundThatAnEarlierVersionGaveUpIsUnproven(t *testing.T) {
	p, at := lapsedRefund(t)
	p.Refunds[0].Answer, p.Refunds[0].Owner = "", ""
	again := owned(RefundIntent{Amount: ours}, at)
	refuse(t, p, again, at, Standing, "refund_unconfirmed")
	p = apply(t, p, reported(totalling(BankApproved, ours)), at)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || len(p.Refunds) != 1 {
		t.Errorf("%+v", p.Refunds)
	}
}

// A definite yes that comes late, to a refund that was called lost by then, makes it done.
func TestALateYesSettlesWhatSeemedLost(t *testing.T) {
	p, at := lapsedRefund(t)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Owner: p.Refunds[0].Owner, Answer: AnswerDone}, at)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || p.Refunded != ours || len(p.Reviews) != 0 {
		t.Errorf("refunded %d, reviews %v, %+v", p.Refunded, p.Reviews, p.Refunds)
	}
}

// A review has two reasons: the refund in flight, and a signed message in another currency. A decision about the refund
// ended both, and the next refund was sent although nobody knew what had gone back.
func TestAForeignMessageOutlivesTheRefundInFlight(t *testing.T) {
	for _, how := range []RulingKind{ResolveRefundNotDone, ResolveRefundDone} {
		p := apply(t, refundingPayment(t, early, RefundIntent{Amount: 5000}),
			RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
		n := gaveBack(9000, "")
		n.Report.Amount = Money{9000, BYN}
		p = apply(t, apply(t, p, n, late), NoticeTrust{}, late)
		p = apply(t, p, decision(how, "rf_one"), late)
		refuse(t, p, owned(RefundIntent{ID: "rf_two", Amount: 1000}, late), late, Standing, "refund_in_progress")
		p = apply(t, p, NoticeTrust{}, late.Add(time.Minute))
		if !p.InReview(ReviewRefund) || !p.InReview(ReviewCurrency) || len(p.Notices) != 0 {
			t.Errorf("%s: reviews %v, kept %v", how, p.Reviews, p.Notices)
		}
	}
}

// A signed word that money is going back just now may state more than the refund of ours that is in flight: its total
// was forgotten, where the bank has no question to ask.
func TestATotalBesideMoneyOnItsWayIsKept(t *testing.T) {
	for total, doubt := range map[int64]bool{5000: false, 9000: true, 3000: true} {
		p := refundingPayment(t, early, RefundIntent{Amount: 5000})
		n := gaveBack(total, "")
		n.Report.State = BankRefunding
		p = apply(t, apply(t, p, n, early), NoticeTrust{}, early)
		if p.InReview(ReviewStatus) != doubt || len(p.Notices) != 1 {
			t.Errorf("%d: reviews %v, kept %v", total, p.Reviews, p.Notices)
		}
	}
}

// A signed message that was set aside for a refund in flight outlives it where a person ends the refund: nobody asks
// the bank any more by then, so one who has looked at the refund is called for the message too.
func TestAPersonsWordOnARefundLeavesNoMessageBehind(t *testing.T) {
	other, foreign := gaveBack(4000, "b9"), gaveBack(4000, "b1")
	foreign.Report.Amount = Money{testAmount, BYN}
	for name, e := range map[string]NoticeArrival{"another total": other, "foreign": foreign} {
		for _, how := range []RulingKind{ResolveRefundDone, ResolveRefundNotDone} {
			for _, after := range []time.Duration{time.Hour, 31 * 24 * time.Hour} {
				p := refundingPayment(t, early, RefundIntent{Amount: 1000})
				p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
				p = apply(t, apply(t, p, e, early), NoticeTrust{}, early)
				at := early.Add(after)
				p = apply(t, p, Question{}, at) // that was not answered
				p = apply(t, p, Ruling{How: how, Refund: "rf_one", By: ByOperator("a"), Why: "says the bank"}, at)
				if !p.DueAt.IsZero() {
					continue
				}
				if !p.InReview(ReviewRefund) {
					t.Fatalf("%s, %s after %s: kept %v, reviews %v", name, how, after, p.Notices, p.Reviews)
				}
				p = apply(t, p, Ruling{How: ResolveDismiss, Review: ReviewRefund, By: ByOperator("a"), Why: "looked"}, at)
				if p = apply(t, p, owned(RefundIntent{ID: "rf_two", Amount: 500}, at), at); p.InFlight() == nil {
					t.Errorf("%s, %s after %s: no refund", name, how, after)
				}
			}
		}
	}
}
