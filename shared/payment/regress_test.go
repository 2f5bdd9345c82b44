package payment

import (
	"slices"
	"testing"
	"time"
)

// A word that a bank folder should never hand over is unknown input: it changes nothing, not even the bank's last word.
func TestAStateOutsideTheListChangesNothing(t *testing.T) {
	for _, p := range []Payment{pendingPayment(t, 1), paidPayment(t)} {
		for _, state := range []State{"", "APPROVED", "sideways", BankUnknown} {
			p.BankStatus, p.BankCode = "ON-LOCK", "00"
			next := apply(t, p, reported(Report{State: state, Word: "sideways", Code: "99"}), start.Add(5*time.Minute))
			if next.BankStatus != "ON-LOCK" || next.BankCode != "00" || next.Sequence != p.Sequence || next.Status != p.Status {
				t.Errorf("state %q on a %s payment: bank status %q, code %q, status %s", state, p.Status, next.BankStatus,
					next.BankCode, next.Status)
			}
		}
	}
}

// What the bank says in a state that we know is kept as its last word, whether it changes anything or not.
func TestTheBanksLastWordIsKept(t *testing.T) {
	for _, state := range []State{BankOpen, BankProcessing, BankApproved, BankRefunding, BankReturned, BankDeclined,
		BankCancelled, BankExpired} {
		p := apply(t, pendingPayment(t, 1), reported(Report{State: state, Word: "THE-WORD", Code: "007"}), early)
		if p.BankStatus != "THE-WORD" || p.BankCode != "007" {
			t.Errorf("after %s the bank's word is %q, its code %q", state, p.BankStatus, p.BankCode)
		}
	}
}

// A poll that asked before the customer paid may save its "still open" after a callback saved the payment. That is no
// regress; an answer to a question put after the payment was found paid is.
func TestAnAnswerFromBeforeThePaymentIsNoRegress(t *testing.T) {
	for _, state := range []State{BankOpen, BankDeclined, BankCancelled, BankExpired} {
		p := paidPayment(t)
		for _, at := range []time.Duration{-5 * time.Second, -time.Millisecond} {
			next := apply(t, p, reported(Report{State: state, Word: "CREATED"}), p.PaidAt.Add(at))
			if len(next.Reviews) != 0 || next.Sequence != p.Sequence || next.BankStatus != p.BankStatus {
				t.Errorf("%s asked %v after the payment was found paid: reviews %v, bank status %q", state, at, next.Reviews,
					next.BankStatus)
			}
		}
		slow := Statement{Handle: testHandle, Report: Report{State: state, Word: "CREATED"},
			Asked: p.PaidAt.Add(-time.Millisecond)}
		if next := apply(t, p, slow, p.PaidAt.Add(time.Minute)); len(next.Reviews) != 0 || next.BankStatus != p.BankStatus {
			t.Errorf("%s asked before it was found paid and heard a minute after: reviews %v", state, next.Reviews)
		}
		slow.Asked = p.PaidAt
		if next := apply(t, p, slow, p.PaidAt.Add(time.Minute)); !next.InReview(ReviewRegress) {
			t.Errorf("%s asked when it was found paid is no regress", state)
		}
		if next := apply(t, p, reported(Report{State: state}), p.PaidAt); !next.InReview(ReviewRegress) {
			t.Errorf("%s asked after the payment was found paid is no regress", state)
		}
	}
}

// A bank's copy that lags behind calls paid money unpaid until it has caught up: the review ends by itself when the
// bank states the money again, asked after that. An older question's answer, a word that nobody knows and another
// currency end nothing.
func TestARegressEndsWhenTheBankHasTheMoneyAgain(t *testing.T) {
	for _, state := range []State{BankOpen, BankDeclined, BankCancelled, BankExpired} {
		paid := paidPayment(t)
		at := paid.PaidAt.Add(time.Hour)
		p := apply(t, paid, reported(Report{State: state, Word: "NONE"}), at)
		if !p.InReview(ReviewRegress) {
			t.Fatalf("%s is no regress", state)
		}
		foreign := approved()
		foreign.Amount = Money{Minor: testAmount, Currency: USD}
		for name, e := range map[string]Statement{
			"asked before": {Handle: testHandle, Report: approved(), Asked: at.Add(-time.Millisecond)},
			"unknown":      {Handle: testHandle, Report: Report{State: BankUnknown, Word: "HAPPY"}},
			"processing":   {Handle: testHandle, Report: Report{State: BankProcessing, Word: "ON-LOCK"}},
			"foreign":      {Handle: testHandle, Report: foreign},
		} {
			if next := apply(t, p, e, at.Add(time.Minute)); !next.InReview(ReviewRegress) {
				t.Errorf("%s: ended by an answer that is %s", state, name)
			}
		}
		again := Statement{Handle: testHandle, Report: approved(), Asked: at.Add(time.Second)}
		p = apply(t, p, again, at.Add(time.Minute))
		if len(p.Reviews) != 0 || p.History[len(p.History)-1].What != "review_cleared:regress" || p.Status != Paid {
			t.Errorf("%s, and the money again: %s, reviews %v", state, p.Status, p.Reviews)
		}
		p = apply(t, p, reported(Report{State: state, Word: "NONE"}), at.Add(time.Hour))
		if !p.InReview(ReviewRegress) {
			t.Errorf("%s after that is no regress any more", state)
		}
	}
}

// Whoever has settled it with the bank is not called again by the same word, at each further question; by another one,
// and by one after the bank had the money again.
func TestARegressThatAPersonHasSeenIsNoNews(t *testing.T) {
	p := paidPayment(t)
	at := p.PaidAt.Add(time.Hour)
	says := func(state State, word string) {
		at = at.Add(time.Hour)
		p = apply(t, p, reported(Report{State: state, Word: word}), at)
	}
	says(BankDeclined, "DECLINED")
	p = apply(t, p, decision(ResolveDismiss), at)
	says(BankDeclined, "DECLINED")
	if len(p.Reviews) != 0 {
		t.Errorf("a person has looked, and is called again: %v", p.Reviews)
	}
	says(BankOpen, "CREATED")
	if !p.InReview(ReviewRegress) {
		t.Error("another word calls nobody")
	}
	p = apply(t, p, decision(ResolveDismiss), at)
	says(BankApproved, "APPROVED")
	says(BankOpen, "CREATED")
	if !p.InReview(ReviewRegress) {
		t.Error("unpaid once more, and nobody is called")
	}
}

// A bank that gives back has taken. Once all is given back it is not asked again, so no later answer ends the review.
func TestARefundThatTheBankCarriedOutEndsARegress(t *testing.T) {
	for name, amount := range map[string]int64{"whole": 15000, "a part": 100} {
		p := paidPayment(t)
		at := p.PaidAt.Add(time.Hour)
		p = apply(t, p, owned(RefundIntent{Amount: amount}, at), at)
		p = apply(t, p, reported(Report{State: BankOpen, Word: "PENDING"}), at)
		if !p.InReview(ReviewRegress) {
			t.Fatalf("%s: unpaid, and nobody is called", name)
		}
		if next := apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, at); !next.InReview(ReviewRegress) {
			t.Errorf("%s: what the bank refused to give back may not have been taken", name)
		}
		if next := apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerDone, RefundID: "r1"}, at); len(next.Reviews) != 0 {
			t.Errorf("%s: given back, and a person is called because of %v", name, next.Reviews)
		}
	}
}

// Only paid money can be too much: an unpaid attempt that is called overpaid would tell the shop of money that nobody
// holds.
func TestAnUnpaidPaymentIsNeverOverpaid(t *testing.T) {
	for _, p := range []Payment{createdPayment(2), pendingPayment(t, 2)} {
		refuse(t, p, SiblingReading{Overpaid: true}, start.Add(time.Hour), Standing, "payment_"+string(p.Status))
	}
}

// The history has a bound, and what is under way must still find room below it. Tries of the same refund do not use it
// up.
func TestTheHistoryStaysBelowItsBound(t *testing.T) {
	p, at := paidPayment(t), start.Add(time.Hour)
	for range 3 * MaxHistory {
		p = apply(t, p, owned(RefundIntent{Amount: 100}, at), at)
		p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused}, at)
	}
	if len(p.History) != 5 {
		t.Fatalf("a refund that was refused again and again has left %d entries", len(p.History))
	}
	for len(p.History) < MaxHistory-toSettle {
		p = p.clone()
		p.review(at, ReviewRegress)
		p.clearReviewBy(byKassa, at, ReviewRegress)
	}
	p = p.clone()
	p.History, p.Sequence = p.History[:MaxHistory-toSettle], MaxHistory-toSettle
	p = apply(t, p, owned(RefundIntent{Amount: 100, Base: pointer(totalling(BankApproved, 0))}, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, at)
	p = apply(t, p, Silence{}, at.Add(48*time.Hour))
	p = apply(t, p, SiblingReading{Overpaid: true}, at.Add(48*time.Hour))
	p = apply(t, p, reported(Report{State: BankOpen}), at.Add(48*time.Hour))
	p = apply(t, p, reported(totalling(BankApproved, 100)), at.Add(72*time.Hour))
	if p.Refunded != 100 {
		t.Fatalf("the last refund found no room: refunded %d", p.Refunded)
	}
	for desk := int64(101); desk < 200; desk++ {
		p = apply(t, p, reported(totalling(BankApproved, desk)), at.Add(96*time.Hour))
	}
	if len(p.History) > MaxHistory || !p.InReview(ReviewRefund) {
		t.Errorf("%d entries, reviews %v: too many, or nobody looks at the money that found no room", len(p.History),
			p.Reviews)
	}
	p.Sequence, p.History = MaxHistory+1, make([]Entry, MaxHistory+1)
	if p.Check() == nil {
		t.Error("a history beyond its bound passes the check")
	}
}

// An opening without an id, a page or time to pay is a bank folder's bug; it must not become a page that nobody can ask
// about.
func TestAnOpeningMustBeWhole(t *testing.T) {
	at := start.Add(openedIn)
	for name, harm := range map[string]func(*OpeningDone){
		"no order id": func(o *OpeningDone) { o.Handle.OrderID = "" },
		"no page":     func(o *OpeningDone) { o.RedirectURL = "" },
		"no end":      func(o *OpeningDone) { o.ExpiresAt = time.Time{} },
		"no time":     func(o *OpeningDone) { o.ExpiresAt = at },
	} {
		t.Run(name, func(t *testing.T) {
			opened := openedEvent()
			harm(&opened)
			refuse(t, createdPayment(1), opened, at, Internal, "")
		})
	}
}

// Money that the bank's sums show is kept although its word denies it, whether it was on record before or not, and a
// person must look; one who has looked is not called again.
func TestMoneyThatTheBanksWordDenies(t *testing.T) {
	denied := approved()
	denied.Denied = true
	expired := apply(t, pendingPayment(t, 1), reported(Report{State: BankExpired}), early)
	for _, p := range []Payment{pendingPayment(t, 1), paidPayment(t), expired} {
		p = apply(t, p, reported(denied), early.Add(time.Hour))
		if p.Status != Paid || p.Captured != testAmount || !slices.Equal(p.Reviews, []Review{ReviewStatus}) {
			t.Fatalf("%s captured %d, reviews %v", p.Status, p.Captured, p.Reviews)
		}
		p = apply(t, p, decision(ResolveDismiss), early.Add(2*time.Hour))
		if p = apply(t, p, reported(denied), early.Add(3*time.Hour)); len(p.Reviews) > 0 {
			t.Errorf("a person has looked, and is called again: %v", p.Reviews)
		}
	}
}

// A review that the bank makes come and go with each of its answers, as by two copies of its books of which one lags,
// uses nothing up that refunds need: it stays at last, until a person has looked.
func TestAReviewThatComesAndGoesUsesNothingUp(t *testing.T) {
	for name, c := range map[string]struct {
		odd  Report
		left Review
	}{
		"unpaid":     {Report{State: BankOpen, Word: "CREATED"}, ReviewRegress},
		"declined":   {Report{State: BankDeclined, Word: "DECLINED"}, ReviewRegress},
		"on its way": {Report{State: BankApproved, Word: "APPROVED", Refunded: Said(0), Returning: true}, ReviewRefund},
		"no figure":  {Report{State: BankRefunded, Word: "REFUNDED"}, ReviewRefund},
	} {
		p, at := paidPayment(t), late
		flips := func() {
			for range 200 {
				for _, r := range []Report{c.odd, totalling(BankApproved, 0)} {
					at = at.Add(time.Hour)
					p = apply(t, p, reported(r), at)
				}
			}
		}
		flips()
		if len(p.History) > MaxHistory/4 || !p.InReview(c.left) {
			t.Errorf("%s: %d entries, reviews %v", name, len(p.History), p.Reviews)
		}
		p = apply(t, p, Ruling{How: ResolveDismiss, By: ByOperator("a"), Why: "looked"}, at)
		p = apply(t, p, reported(totalling(BankApproved, 0)), at)
		if refunding := apply(t, p, owned(RefundIntent{Amount: 1000}, at), at); refunding.InFlight() == nil {
			t.Errorf("%s: no refund", name)
		}
		if flips(); len(p.History) > MaxHistory/2 {
			t.Errorf("%s, after a person looked: %d entries", name, len(p.History))
		}
	}
}
