package payment

import (
	"slices"
	"testing"
	"time"
)

// bare is a signed message that money went back, without a figure.
func bare(id string) NoticeArrival {
	e := gaveBack(0, id)
	e.Report.Refunded = Sum{}
	return e
}

// A signed message about money of another currency moves none of ours, by its signature alone or beside the bank's
// answer.
func TestASignedRefundOfAnotherCurrencyIsReviewed(t *testing.T) {
	foreign := gaveBack(4000, "b1")
	foreign.Report.Amount = Money{testAmount, BYN}
	own := gaveBack(4000, "b1")
	own.Report.Amount = Money{testAmount, AZN}
	settles := map[string]Event{"by its signature": NoticeTrust{}, "by the bank's silence": reported(approved()),
		"by another total": reported(totalling(BankRefunded, 3000))}
	for name, settle := range settles {
		p := apply(t, apply(t, paidPayment(t), foreign, early), settle, early)
		if name == "by another total" {
			if p.Refunded != 3000 || !slices.Equal(p.Reviews, []Review{ReviewCurrency}) || len(p.Notices) != 0 {
				t.Errorf("%s: refunded %d, reviews %v, kept %v", name, p.Refunded, p.Reviews, p.Notices)
			}
			continue
		}
		if p.Refunded != 0 || !slices.Equal(p.Reviews, []Review{ReviewCurrency, ReviewRefund}) || len(p.Notices) != 0 {
			t.Errorf("%s, another: refunded %d, reviews %v, kept %v", name, p.Refunded, p.Reviews, p.Notices)
		}
		p = apply(t, apply(t, paidPayment(t), own, early), settle, early)
		if p.Refunded != 4000 || len(p.Reviews) != 0 || len(p.Notices) != 0 {
			t.Errorf("%s, ours: refunded %d, reviews %v, kept %v", name, p.Refunded, p.Reviews, p.Notices)
		}
	}
}

// A signed message that the bank's answer does not confirm, about a payment whose money is in another currency, is left
// to a person.
func TestASignedRefundBesideForeignMoneyIsKept(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), gaveBack(4000, "b1"), early)
	p = apply(t, p, reported(Report{State: BankApproved, Word: "APPROVED", Amount: Money{testAmount, BYN}}), early)
	if p.Status != Pending || len(p.Notices) != 1 || !p.InReview(ReviewCurrency) {
		t.Errorf("%s, kept %v, reviews %v", p.Status, p.Notices, p.Reviews)
	}
}

// What the bank signs about a refund that has no name yet names it: the next message of that name tells nothing new,
// and another one does.
func TestASignedNameSticks(t *testing.T) {
	for name, settle := range map[string]Event{"by its signature": NoticeTrust{},
		"beside an answer": reported(approved())} {
		p := refundingPayment(t, early, RefundIntent{Amount: 5000})
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
		p = apply(t, apply(t, p, bare("b1"), early), settle, early)
		if p.Refunds[0].BankRefundID != "b1" || len(p.Reviews) != 0 {
			t.Fatalf("%s: %+v, reviews %v", name, p.Refunds, p.Reviews)
		}
		if again := apply(t, apply(t, p, bare("b1"), late), settle, late); again.Sequence != p.Sequence ||
			len(again.Notices) != 0 {
			t.Errorf("%s, once more: %v, kept %v", name, whats(again, len(p.History)), again.Notices)
		}
		if other := apply(t, apply(t, p, bare("b2"), late), NoticeTrust{}, late); !other.InReview(ReviewRefund) {
			t.Errorf("%s: another refund of which nobody says how much: reviews %v", name, other.Reviews)
		}
	}
}

// Where everything went back, no message can mean more: it needs no name and no figure.
func TestNothingMoreGoesBackThanEverything(t *testing.T) {
	p := apply(t, paidPayment(t), gaveBack(testAmount, "b1"), early)
	p = apply(t, p, NoticeTrust{}, early)
	if next := apply(t, apply(t, p, bare("b2"), late), NoticeTrust{}, late); next.Sequence != p.Sequence ||
		p.Refunded != testAmount {
		t.Errorf("refunded %d, %v", p.Refunded, whats(next, len(p.History)))
	}
}

// A message about another refund, while one of ours is in flight, says nothing about ours: it is kept until ours has
// ended, and books then what it states.
func TestAKnownNameIsAnotherRefund(t *testing.T) {
	p := apply(t, apply(t, paidPayment(t), gaveBack(1000, "b1"), early), NoticeTrust{}, early)
	p = apply(t, p, owned(RefundIntent{Amount: 5000}, early), early)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	p = apply(t, apply(t, p, gaveBack(6000, "b1"), late), NoticeTrust{}, late)
	if p.InFlight() == nil || len(p.Notices) != 1 || !p.InReview(ReviewRefund) {
		t.Fatalf("kept %v, reviews %v, %+v", p.Notices, p.Reviews, p.Refunds)
	}
	p = apply(t, p, decision(ResolveRefundNotDone, "rf_one"), late)
	p = apply(t, p, NoticeTrust{}, late)
	if p.Refunded != 6000 || len(p.Notices) != 0 {
		t.Errorf("refunded %d, kept %v", p.Refunded, p.Notices)
	}
}

// Once the session is known, what was kept before belongs to it or to a stranger: ours stays, money of a stranger's
// calls a person, and so does money of a session that will never be known.
func TestWhatCameBeforeTheSessionIsSorted(t *testing.T) {
	foreign := NoticeArrival{Handle: Handle{OrderID: "another"}, Report: approved()}
	ours := NoticeArrival{Handle: testHandle, Report: approved()}
	idle := NoticeArrival{Handle: Handle{OrderID: "another"}, Report: Report{State: BankDeclined, Word: "REJECTED"}}
	created := createdPayment(1)
	at := start.Add(time.Second)
	for name, c := range map[string]struct {
		said    []NoticeArrival
		kept    int
		session bool
	}{
		"ours":                       {[]NoticeArrival{ours}, 1, false},
		"a stranger's yes":           {[]NoticeArrival{foreign}, 0, true},
		"a stranger's no":            {[]NoticeArrival{idle}, 0, false},
		"both":                       {[]NoticeArrival{foreign, ours}, 1, true},
		"what nobody understands":    {[]NoticeArrival{unclear("")}, 1, false},
		"of a stranger's, and is so": {[]NoticeArrival{unclear("another")}, 0, true},
	} {
		p := created
		for _, e := range c.said {
			p = apply(t, p, e, at)
		}
		opened := apply(t, p, openedEvent(), start.Add(openedIn))
		if len(opened.Notices) != c.kept || opened.InReview(ReviewSession) != c.session {
			t.Errorf("%s, opened: kept %v, reviews %v", name, opened.Notices, opened.Reviews)
		}
	}
	// Never opened: neither is ours to settle, and both that speak of money are seen. A handle without an id is nobody's.
	refused := apply(t, apply(t, created, ours, at), OpeningRefusal{Code: "10"}, at)
	if len(refused.Notices) != 0 || !refused.InReview(ReviewSession) {
		t.Errorf("refused: kept %v, reviews %v", refused.Notices, refused.Reviews)
	}
	nameless := apply(t, apply(t, created, unclear(""), at), OpeningRefusal{Code: "10"}, at)
	if len(nameless.Notices) != 0 || !nameless.InReview(ReviewSession) {
		t.Errorf("refused, nameless: kept %v, reviews %v", nameless.Notices, nameless.Reviews)
	}
}

// A notice of before the opening is saved waits until its opener is gone by any clock, a later one a minute.
func TestANoticeWaitsForItsOpener(t *testing.T) {
	at := start.Add(time.Second)
	p := createdPayment(1)
	p.Notify, p.DueAt = false, time.Time{} // nothing else waits
	for _, lease := range []time.Duration{30 * time.Second, 5 * time.Minute} {
		p.Lease = start.Add(lease)
		if due := apply(t, p, unclear(""), at).DueAt; !due.Equal(p.Lease.Add(recoverAfter)) {
			t.Errorf("a lease of %s: due %v after it came", lease, due.Sub(at))
		}
	}
	freed := apply(t, apply(t, p, unclear(""), at), OpeningLoss{}, at)
	if !freed.DueAt.Equal(at.Add(time.Minute)) || len(freed.Notices) != 1 {
		t.Errorf("a lease that was given back: due %v after it came, kept %v", freed.DueAt.Sub(at), freed.Notices)
	}
	p = paidPayment(t)
	p.Lease = start.Add(time.Hour)
	if due := apply(t, p, unclear(""), early).DueAt; !due.Equal(early.Add(time.Minute)) {
		t.Errorf("a paid payment: due %v after it came", due.Sub(early))
	}
}

// A review "status" that has another cause than the message outlives an answer that is no yes, and what is known of the
// money ends it only where a message of that kind raised it.
func TestAnAnswerEndsOnlyItsOwnDoubt(t *testing.T) {
	p := paidPayment(t)
	p.review(early, ReviewStatus)
	p = apply(t, p, unknownWord(), early)
	if next := apply(t, p, reported(totalling(BankApproved, 0)), late); !next.InReview(ReviewStatus) ||
		len(next.Notices) != 0 {
		t.Errorf("an unknown word, answered: kept %v, reviews %v", next.Notices, next.Reviews)
	}
	foreign := apply(t, pendingPayment(t, 1), unclear(""), early)
	foreign = apply(t, foreign, reported(Report{State: BankApproved, Word: "APPROVED", Amount: Money{testAmount, BYN}}),
		early)
	if !foreign.InReview(ReviewStatus) || foreign.Status != Pending {
		t.Errorf("a yes in another currency: %s, reviews %v", foreign.Status, foreign.Reviews)
	}
}

// Each of several signed totals counts, where the bank's answer states none.
func TestSeveralSignedTotalsCountBesideASilentAnswer(t *testing.T) {
	p := apply(t, apply(t, paidPayment(t), gaveBack(1000, "b1"), early), gaveBack(4000, "b2"), early)
	if p = apply(t, p, reported(approved()), early); p.Refunded != 4000 || len(p.Refunds) != 2 || len(p.Notices) != 0 {
		t.Errorf("refunded %d, kept %v, %+v", p.Refunded, p.Notices, p.Refunds)
	}
}

// A refund that the bank has said yes to is the one that a message without a figure tells of; a figure that does not
// fit tells of more.
func TestASignedWordProvesWhatTheBankSaidYesTo(t *testing.T) {
	for name, c := range map[string]struct {
		answer Answer
		signed NoticeArrival
		want   RefundStatus
	}{
		"a yes, no figure":              {AnswerDone, bare("b1"), RefundSucceeded},
		"a yes, its figure":             {AnswerDone, gaveBack(5000, "b1"), RefundSucceeded},
		"a yes, another figure":         {AnswerDone, gaveBack(2000, "b1"), RefundUnknown},
		"a lost answer, no figure":      {AnswerLost, bare("b1"), RefundUnknown},
		"a lost answer, its figure":     {AnswerLost, gaveBack(5000, "b1"), RefundSucceeded},
		"a lost answer, another figure": {AnswerLost, gaveBack(5001, "b1"), RefundUnknown},
		"a lost answer, called all of it": {AnswerLost,
			NoticeArrival{Handle: testHandle, Report: Report{State: BankReturned, Word: "REFUNDED"}}, RefundUnknown},
	} {
		p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: c.answer}, early)
		p = apply(t, apply(t, p, c.signed, early), NoticeTrust{}, early)
		if r := p.Refunds[0]; r.Status != c.want || (len(p.Notices) == 0) != (c.want == RefundSucceeded) {
			t.Errorf("%s: %s, kept %v", name, r.Status, p.Notices)
		}
	}
}

// A signed yes is confirmed by an answer of money, whatever that adds; it is nothing beside it.
func TestASignedYesIsAnsweredByMoney(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), NoticeArrival{Handle: testHandle, Report: approved()}, early)
	p = apply(t, p, reported(Report{State: BankRefunding, Word: "REFUNDING"}), early)
	if len(p.Notices) != 0 || p.Status != Pending {
		t.Errorf("kept %v, %s", p.Notices, p.Status)
	}
	p = apply(t, pendingPayment(t, 1), gaveBack(4000, "b1"), early)
	if p = apply(t, p, reported(Report{State: BankUnknown, Word: "SETTLED"}), early); len(p.Notices) != 1 ||
		p.Status != Pending {
		t.Errorf("a word that is not known answers it: kept %v, %s", p.Notices, p.Status)
	}
}

// TestWhatWasSignedAndAnsweredLateCallsNobody: the bank signs an end of a payment that is paid, a word that nobody
// knows, or that its desk gave something back, and is silent for days when it is asked about it. Once it says how the
// payment stands, nobody need look.
func TestWhatWasSignedAndAnsweredLateCallsNobody(t *testing.T) {
	for _, signed := range []NoticeArrival{unknownWord(), gaveBack(4000, "b1"),
		{Handle: testHandle, Report: Report{State: BankExpired, Word: "EXPIRED"}}} {
		p := apply(t, paidPayment(t), signed, early)
		p = apply(t, p, Silence{}, early.Add(stuckAfter))
		if len(p.Notices) != 1 || !slices.Equal(p.Reviews, []Review{ReviewStatus}) {
			t.Fatalf("%s: kept %v, reviews %v", signed.Report.Word, p.Notices, p.Reviews)
		}
		p = apply(t, p, reported(totalling(BankApproved, signed.Report.Refunded.Minor)), early.Add(stuckAfter+time.Hour))
		if len(p.Notices) > 0 || len(p.Reviews) > 0 {
			t.Errorf("%s, answered: kept %v, reviews %v", signed.Report.Word, p.Notices, p.Reviews)
		}
	}
}

// TestOnePersonIsCalledForARefundOfWhichTheBankSaysNothing: the bank has signed that money went back while a refund is
// in flight, and is silent for days. Whoever looks at the refund sees both.
func TestOnePersonIsCalledForARefundOfWhichTheBankSaysNothing(t *testing.T) {
	p := apply(t, refundingPayment(t, early, RefundIntent{Amount: 5000}), gaveBack(4000, "b1"), early)
	if p = apply(t, p, Silence{}, early.Add(2*stuckAfter)); !slices.Equal(p.Reviews, []Review{ReviewRefund}) {
		t.Errorf("reviews %v", p.Reviews)
	}
}
