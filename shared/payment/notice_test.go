package payment

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func gaveBack(total int64, id string) NoticeArrival {
	return NoticeArrival{Handle: testHandle, Report: Report{State: BankRefunded, Word: "REFUNDED", Refunded: Said(total),
		RefundID: id}}
}

func gaveBackUnsaid(id string) NoticeArrival {
	n := gaveBack(0, id)
	n.Report.Refunded = Sum{}
	return n
}

// The desk's message comes while ours is being sent, and our own message then tells a total that holds both: the desk's
// part is booked, though the message names a refund that is known.
func TestATotalBesideAKnownRefundIsBooked(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: 5000})
	p = apply(t, apply(t, p, gaveBack(2000, "desk"), early), NoticeTrust{}, early)
	if len(p.Notices) != 1 || p.Reserved() != 5000 || p.Refunded != 0 {
		t.Fatalf("the desk's message: refunded %d, reserved %d, kept %v", p.Refunded, p.Reserved(), p.Notices)
	}
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "ours"}, early)
	p = apply(t, apply(t, p, gaveBack(7000, "ours"), early), NoticeTrust{}, early)
	if p.Refunded != 7000 || p.Refunds[len(p.Refunds)-1].Origin != OriginBank {
		t.Errorf("refunded %d of 7000, %+v", p.Refunded, p.Refunds)
	}
	again := apply(t, apply(t, p, gaveBack(7000, "ours"), late), NoticeTrust{}, late)
	if again.Sequence != p.Sequence || again.Refunded != 7000 {
		t.Errorf("heard twice: refunded %d, sequence %d after %d", again.Refunded, again.Sequence, p.Sequence)
	}
}

// More messages about money than there is room for: a human is called at once, and nothing else changes.
func TestMessagesBeyondTheRoomAreReviewed(t *testing.T) {
	p := paidPayment(t)
	for i := range MaxNotices + 1 {
		if p.InReview(ReviewRefund) {
			t.Fatalf("a human is called after %d messages", i)
		}
		p = apply(t, p, gaveBack(int64(100*(i+1)), fmt.Sprint("desk", i)), early)
	}
	if !p.InReview(ReviewRefund) || len(p.Notices) != MaxNotices || p.Refunded != 0 {
		t.Errorf("%d kept, refunded %d, reviews %v", len(p.Notices), p.Refunded, p.Reviews)
	}
	if last := p.Notices[MaxNotices-1].Refunded.Minor; last != 100*(MaxNotices+1) {
		t.Errorf("the last that is kept tells of %d", last)
	}
	if first := p.Notices[0].Refunded.Minor; first != 100 {
		t.Errorf("the first that is kept tells of %d", first)
	}
}

// What may be about money, and has no room beside money that is on record, may be about money that went back.
func TestAnUnclearMessageWithoutRoomMayBeAboutARefund(t *testing.T) {
	for name, c := range map[string]struct {
		p    Payment
		more NoticeArrival
		want []Review
	}{
		"unclear, paid":   {paidPayment(t), unclear("828"), []Review{ReviewStatus, ReviewRefund}},
		"unclear, unpaid": {pendingPayment(t, 1), unclear("828"), []Review{ReviewStatus}},
		"unknown, paid":   {paidPayment(t), unknownWord(), []Review{ReviewStatus}},
	} {
		for i := range MaxNotices {
			c.p = apply(t, c.p, gaveBack(int64(100*(i+1)), ""), early)
		}
		if p := apply(t, c.p, c.more, early); !slices.Equal(p.Reviews, c.want) {
			t.Errorf("%s: reviews %v, want %v", name, p.Reviews, c.want)
		}
	}
}

func unclear(session string) NoticeArrival {
	return NoticeArrival{Handle: Handle{OrderID: session}, Report: Report{State: BankUnclear, Word: "APPROVED"}}
}

func unknownWord() NoticeArrival {
	return NoticeArrival{Handle: testHandle, Report: Report{State: BankUnknown, Word: "SETTLED"}}
}

// What the bank signed and nobody understands is kept and due, with a session that can be read and without; figures
// that cannot be are the same to us.
func TestWhatIsNotUnderstoodIsKept(t *testing.T) {
	impossible := NoticeArrival{Handle: testHandle, Report: Report{State: BankApproved, Word: "APPROVED",
		Amount: Money{0, AZN}}}
	for name, e := range map[string]NoticeArrival{"named": unclear(testHandle.OrderID), "nameless": unclear(""),
		"impossible": impossible} {
		for _, p := range []Payment{createdPayment(1), pendingPayment(t, 1), paidPayment(t)} {
			next, soon := apply(t, p, e, early), early.Add(time.Minute)
			if p.Status == Created {
				soon = p.Lease.Add(recoverAfter) // the bank can be asked when its opener has ended
			}
			if len(next.Notices) != 1 || next.Notices[0].State != BankUnclear || !next.InReview(ReviewStatus) ||
				next.Status != p.Status || next.DueAt.After(soon) {
				t.Errorf("%s, %s: kept %+v, reviews %v, due %s", name, p.Status, next.Notices, next.Reviews, next.DueAt)
			}
		}
	}
	p := apply(t, pendingPayment(t, 1), unknownWord(), early)
	if len(p.Notices) != 1 || len(p.Reviews) != 0 || p.DueAt.After(early.Add(time.Minute)) {
		t.Errorf("an unknown word: kept %+v, reviews %v, due %s", p.Notices, p.Reviews, p.DueAt)
	}
	if p = apply(t, pendingPayment(t, 1), unclear("another"), early); len(p.Notices) != 0 || !p.InReview(ReviewSession) {
		t.Errorf("about another session: kept %+v, reviews %v", p.Notices, p.Reviews)
	}
}

// Only the bank's yes answers what may have been one: until then the payment neither ends nor lapses, whatever else the
// bank says.
func TestOnlyMoneyAnswersWhatMayBeMoney(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), unclear(""), early)
	for _, r := range []Report{{State: BankOpen}, {State: BankDeclined}, {State: BankExpired}, {State: BankProcessing},
		{State: BankUnknown}} {
		if next := apply(t, p, reported(r), late); next.Status != Pending || len(next.Notices) != 1 ||
			!next.InReview(ReviewStatus) {
			t.Errorf("%s: %s, kept %v, reviews %v", r.State, next.Status, next.Notices, next.Reviews)
		}
	}
	if next := apply(t, p, Silence{Unsupported: true}, late); next.Status != Pending || len(next.Notices) != 1 {
		t.Errorf("a bank without a question: %s, kept %v", next.Status, next.Notices)
	}
	if next := apply(t, p, reported(approved()), late); next.Status != Paid || len(next.Notices) != 0 ||
		len(next.Reviews) != 0 || next.DueAt.IsZero() == next.SiblingsDue {
		t.Errorf("the bank's yes: %s, kept %v, reviews %v, due %s", next.Status, next.Notices, next.Reviews, next.DueAt)
	}
	signed := apply(t, p, NoticeArrival{Handle: testHandle, Report: approved()}, early)
	if next := apply(t, signed, NoticeTrust{}, early); next.Status != Paid || len(next.Notices) != 0 ||
		len(next.Reviews) != 0 {
		t.Errorf("its signed yes: %s, kept %v, reviews %v", next.Status, next.Notices, next.Reviews)
	}
	refused := apply(t, p, NoticeArrival{Handle: testHandle, Report: Report{State: BankDeclined, Word: "REJECTED"}}, early)
	if next := apply(t, refused, NoticeTrust{}, early); next.Status != Declined || len(next.Notices) != 1 ||
		!next.InReview(ReviewStatus) {
		t.Errorf("its signed no: %s, kept %v, reviews %v", next.Status, next.Notices, next.Reviews)
	}
	looked := apply(t, p, Ruling{How: ResolveDismiss, By: ByOperator("aysel"), Why: "the desk knows of no loan"}, early)
	if next := apply(t, looked, reported(Report{State: BankDeclined}), late); len(looked.Notices) != 0 ||
		next.Status != Declined {
		t.Errorf("after a person looked: kept %v, %s", looked.Notices, next.Status)
	}
}

// A refund that nobody can read is no reason to call paid money unpaid; the bank's own account of the money answers it.
func TestAnUnclearMessageAboutMoneyIsAnsweredByTheTotals(t *testing.T) {
	p := apply(t, paidPayment(t), unclear(testHandle.OrderID), early)
	if next := apply(t, p, Silence{Unsupported: true}, late); len(next.Notices) != 1 || !next.InReview(ReviewStatus) ||
		next.Refunded != 0 {
		t.Errorf("unanswered: kept %v, reviews %v", next.Notices, next.Reviews)
	}
	if next := apply(t, p, reported(Report{State: BankRefunding}), late); len(next.Notices) != 1 {
		t.Error("an answer that is not the last word ends the doubt")
	}
	if next := apply(t, p, reported(Report{State: BankUnknown}), late); len(next.Notices) != 1 {
		t.Errorf("an unknown answer: kept %v", next.Notices)
	}
	lags := apply(t, p, reported(totalling(BankApproved, 0)), early.Add(time.Minute))
	if len(lags.Notices) != 1 || !lags.InReview(ReviewStatus) || lags.DueAt.IsZero() {
		t.Errorf("a total that has not grown ends the doubt: kept %v, reviews %v, due %s", lags.Notices, lags.Reviews,
			lags.DueAt)
	}
	lags = apply(t, lags, reported(totalling(BankApproved, 0)), late)
	if lags.InReview(ReviewRefund) || len(lags.Notices) != 1 {
		t.Errorf("it keeps refunds waiting: kept %v, reviews %v", lags.Notices, lags.Reviews)
	}
	looked := apply(t, lags, decision(ResolveDismiss), late)
	if looked = apply(t, looked, reported(totalling(BankApproved, 0)), late); len(looked.Notices) != 0 ||
		len(looked.Reviews) != 0 {
		t.Errorf("after a person looked: kept %v, reviews %v", looked.Notices, looked.Reviews)
	}
	p = lags
	next := apply(t, p, reported(totalling(BankApproved, 4000)), late)
	if next.Refunded != 4000 || len(next.Notices) != 0 || len(next.Reviews) != 0 {
		t.Errorf("refunded %d, kept %v, reviews %v", next.Refunded, next.Notices, next.Reviews)
	}
	whole := apply(t, paidPayment(t), reported(totalling(BankReturned, testAmount)), early)
	whole = apply(t, apply(t, whole, unclear(testHandle.OrderID), early), reported(totalling(BankReturned, testAmount)),
		early)
	if len(whole.Notices) != 0 || len(whole.Reviews) != 0 {
		t.Errorf("where nothing more can go back: kept %v, reviews %v", whole.Notices, whole.Reviews)
	}
}

// One that is answered ends the call for a person for itself alone: while another keeps refunds waiting, the call
// stays.
func TestAnAnsweredMessageEndsNoOthersCall(t *testing.T) {
	signed := func(r Report) NoticeArrival { return NoticeArrival{Handle: testHandle, Report: r} }
	for name, other := range map[string]NoticeArrival{
		"more":    signed(Report{State: BankRefunding, Word: "REFUNDING", Refunded: Said(testAmount), RefundID: "b4"}),
		"foreign": signed(Report{State: BankUnclear, Word: "ODD", Amount: Money{testAmount, BYN}}),
	} {
		p := apply(t, apply(t, paidPayment(t), unclear(testHandle.OrderID), early), other, early)
		p = apply(t, p, reported(totalling(BankRefunded, 4000)), late)
		if p.Refunded != 4000 || len(p.Notices) != 1 || !p.InReview(ReviewStatus) {
			t.Errorf("%s: refunded %d, kept %v, reviews %v", name, p.Refunded, p.Notices, p.Reviews)
		}
		refuse(t, p, owned(RefundIntent{Amount: 1000}, late), late, Standing, "refund_under_review")
		if p = apply(t, p, decision(ResolveDismiss), late); len(p.Notices) != 0 {
			t.Errorf("%s, after a person looked: kept %v", name, p.Notices)
		}
	}
}

// A message that kept a payment from its end is looked at when nobody asks the bank any more: it ends all the same.
func TestAPersonsLookLetsAPaymentLapse(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), unclear(testHandle.OrderID), early)
	at := early.Add(40 * 24 * time.Hour)
	p = apply(t, apply(t, p, Question{}, at), Silence{Unsupported: true}, at)
	if p.Status != Pending || !p.DueAt.IsZero() {
		t.Fatalf("%s, due %s", p.Status, p.DueAt)
	}
	p = apply(t, p, decision(ResolveDismiss), at.Add(time.Hour))
	at = p.DueAt
	if Due(p, at) != AskBank {
		t.Fatal("nobody looks at it any more")
	}
	if p = apply(t, apply(t, p, Question{}, at), Silence{Unsupported: true}, at); p.Status != Expired {
		t.Errorf("it is %s", p.Status)
	}
}

// A message is due in a minute also beside one that nobody has answered for a month: it is no older for that.
func TestAFreshMessageIsDueBesideAnOldOne(t *testing.T) {
	for _, p := range []Payment{pendingPayment(t, 1), paidPayment(t)} {
		p = apply(t, p, unclear(testHandle.OrderID), early)
		at := early.Add(31 * 24 * time.Hour)
		p = apply(t, apply(t, p, Question{}, at), Silence{}, at)
		if p = apply(t, p, gaveBack(4000, "b1"), at.Add(time.Hour)); p.DueAt.IsZero() ||
			p.DueAt.After(at.Add(time.Hour+time.Minute)) {
			t.Errorf("%s: kept %v, due %s", p.Status, p.Notices, p.DueAt)
		}
	}
}

// An unknown word is what a status answer with such a word is: reported, and answered by the next that is known. Where
// nobody can be asked, it stays until the bank says more; a day later a person is called.
func TestAnUnknownWordIsAnsweredByAKnownOne(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), unknownWord(), early)
	for state, want := range map[State]Status{BankOpen: Pending, BankDeclined: Declined, BankApproved: Paid} {
		if next := apply(t, p, reported(Report{State: state}), early); next.Status != want || len(next.Notices) != 0 ||
			len(next.Reviews) != 0 {
			t.Errorf("%s: %s, kept %v, reviews %v", state, next.Status, next.Notices, next.Reviews)
		}
	}
	p = apply(t, p, Silence{Unsupported: true}, early)
	if called := apply(t, p, Silence{Unsupported: true}, late); called.Status != Pending ||
		!called.InReview(ReviewStatus) || len(called.Notices) != 1 {
		t.Errorf("nobody to ask: %s, reviews %v, kept %v", called.Status, called.Reviews, called.Notices)
	}
	p = apply(t, p, NoticeArrival{Handle: testHandle, Report: Report{State: BankDeclined, Word: "REJECTED"}}, early)
	if p = apply(t, p, NoticeTrust{}, early); p.Status != Declined || len(p.Notices) != 0 {
		t.Errorf("its next signed word: %s, kept %v", p.Status, p.Notices)
	}
}

// What is understood is worth more than what is not, when there is no room for both.
func TestRoomIsMadeForWhatIsUnderstood(t *testing.T) {
	p := pendingPayment(t, 1)
	for i := range MaxNotices {
		e := unknownWord()
		e.Report.Word = fmt.Sprint("WORD-", i)
		p = apply(t, p, e, early)
	}
	p = apply(t, p, NoticeArrival{Handle: testHandle, Report: Report{State: BankDeclined, Word: "REJECTED"}}, early)
	if len(p.Notices) != MaxNotices || p.Notices[MaxNotices-1].State != BankDeclined ||
		!slices.Equal(p.Reviews, []Review{ReviewStatus}) {
		t.Errorf("kept %+v, reviews %v", p.Notices, p.Reviews)
	}
	again := unknownWord()
	again.Report.Word = "ANOTHER"
	if next := apply(t, p, again, early); len(next.Notices) != MaxNotices ||
		next.Notices[MaxNotices-1].State != BankDeclined {
		t.Errorf("what is not understood pushed out what is: %+v", next.Notices)
	}
}

// What has no room is not forgotten without a word: a person is called, whatever it was.
func TestWhatHasNoRoomCallsAPerson(t *testing.T) {
	word := unknownWord()
	word.Report.Word = "ANOTHER"
	for name, c := range map[string]struct {
		kept func(i int) NoticeArrival
		more NoticeArrival
		want Review
	}{
		"one more word": {func(i int) NoticeArrival {
			e := unknownWord()
			e.Report.Word = fmt.Sprint("WORD-", i)
			return e
		}, word, ReviewStatus},
		"a no beside money": {func(i int) NoticeArrival { return gaveBack(int64(100*(i+1)), "") },
			NoticeArrival{Handle: testHandle, Report: Report{State: BankDeclined, Word: "REJECTED"}}, ReviewStatus},
		"a word beside money": {func(i int) NoticeArrival { return gaveBack(int64(100*(i+1)), "") }, word, ReviewStatus},
		"money beside more of it": {func(i int) NoticeArrival {
			return gaveBack(int64(100*(i+1)), "")
		}, gaveBack(900, ""), ReviewRefund},
	} {
		p := pendingPayment(t, 1)
		for i := range MaxNotices {
			p = apply(t, p, c.kept(i), early)
		}
		if len(p.Reviews) != 0 {
			t.Fatalf("%s: reviews %v while there is room", name, p.Reviews)
		}
		if p = apply(t, p, c.more, early); !slices.Equal(p.Reviews, []Review{c.want}) || len(p.Notices) != MaxNotices {
			t.Errorf("%s: kept %v, reviews %v, want %s", name, p.Notices, p.Reviews, c.want)
		}
	}
}

// A message of before the money is no contradiction of it, however late it is settled.
func TestASignedNoFromBeforeTheMoneyIsNoRegress(t *testing.T) {
	no := NoticeArrival{Handle: testHandle, Report: Report{State: BankDeclined, Word: "REJECTED"}}
	p := apply(t, pendingPayment(t, 1), no, start.Add(time.Minute))
	p.Status, p.Captured, p.PaidAt = Paid, testAmount, early
	if next := apply(t, p, NoticeTrust{}, late); len(next.Reviews) != 0 {
		t.Errorf("reviews %v", next.Reviews)
	}
	p = apply(t, paidPayment(t), no, early)
	if next := apply(t, p, NoticeTrust{}, late); !next.InReview(ReviewRegress) {
		t.Error("a no of after the money is no regress")
	}
}

// A signed message about money that went back proves that it was taken: first heard of so, the payment is paid, and
// what went back is booked in the same step.
func TestASignedRefundOfAnUnpaidPaymentPaysAndBooks(t *testing.T) {
	p := apply(t, apply(t, pendingPayment(t, 1), gaveBack(4000, "desk"), early), NoticeTrust{}, early)
	if p.Status != PartiallyRefunded || p.Captured != testAmount || p.Refunded != 4000 || len(p.Refunds) != 1 ||
		p.Refunds[0].BankRefundID != "desk" {
		t.Errorf("%s, captured %d, refunded %d, %+v", p.Status, p.Captured, p.Refunded, p.Refunds)
	}
}

// The id under which the bank signed that a refund was done is kept with that refund, so that the same message is known
// again.
func TestASignedRefundInFlightIsKnownAgain(t *testing.T) {
	p := refundingPayment(t, early, RefundIntent{Amount: 5000})
	p = apply(t, apply(t, p, gaveBack(5000, "ours"), early), NoticeTrust{}, early)
	if r := p.Refunds[0]; r.Status != RefundSucceeded || r.BankRefundID != "ours" || p.InReview(ReviewRefund) {
		t.Fatalf("%+v, reviews %v", r, p.Reviews)
	}
	nameless := gaveBack(0, "ours")
	nameless.Report.Refunded = Sum{}
	again := apply(t, apply(t, p, nameless, late), NoticeTrust{}, late)
	if again.Sequence != p.Sequence {
		t.Errorf("its id, told again without a total: %v", whats(again, len(p.History)))
	}
}

// Without a total and without an id nobody can tell whose refund it is: the one in flight stays so, and a person is
// called.
func TestASignedRefundThatNamesNothingSettlesNothing(t *testing.T) {
	bare := gaveBack(0, "")
	bare.Report.Refunded = Sum{}
	p := refundingPayment(t, early, RefundIntent{Amount: 5000})
	p = apply(t, apply(t, p, bare, early), NoticeTrust{}, early)
	if len(p.Notices) != 1 || len(p.Reviews) != 0 {
		t.Errorf("while its asker is at work: kept %v, reviews %v", p.Notices, p.Reviews)
	}
	p = apply(t, p, NoticeTrust{}, late)
	if p.InFlight() == nil || p.Refunded != 0 || !p.InReview(ReviewRefund) {
		t.Errorf("refunded %d, reviews %v, %+v", p.Refunded, p.Reviews, p.Refunds)
	}
}

// What the bank signs of money whose return is on record already, all of it or by that refund's own name, is settled:
// an answer that nobody understands, or none, keeps no refund waiting and calls nobody for it.
func TestASignedRefundThatIsOnRecordWaitsForNothing(t *testing.T) {
	part := refundingPayment(t, early, RefundIntent{Amount: 1000})
	part = apply(t, part, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "R1"}, early)
	whole := refundingPayment(t, early, RefundIntent{Amount: testAmount, All: true})
	whole = apply(t, whole, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
	for name, c := range map[string]struct {
		p    Payment
		told NoticeArrival
	}{
		"its name and total":        {part, gaveBack(1000, "R1")},
		"its total":                 {part, gaveBack(1000, "")},
		"its name":                  {part, gaveBackUnsaid("R1")},
		"all of it":                 {whole, gaveBackUnsaid("")},
		"all of it, under its name": {whole, gaveBack(testAmount, "R1")},
		"an earlier part of all":    {whole, gaveBack(1000, "R0")},
	} {
		p := apply(t, c.p, c.told, early)
		for day := range 3 {
			at := early.Add(time.Duration(day) * bankDay)
			p = apply(t, apply(t, p, reported(Report{State: BankUnknown, Word: "ARCHIVED"}), at), Silence{}, at)
		}
		if len(p.Reviews) != 0 || p.barsRefund(nil) != nil {
			t.Errorf("%s: reviews %v, a refund: %v", name, p.Reviews, p.barsRefund(nil))
		}
		if p = apply(t, p, reported(totalling(BankApproved, p.Refunded)), p.DueAt); len(p.Notices) != 0 {
			t.Errorf("%s: answered, and kept %v", name, p.Notices)
		}
	}
}
