package payment

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment/delivery"
)

// toldPayment is a pending payment of a shop with a webhook.
func toldPayment(t *testing.T) Payment {
	t.Helper()
	d := testDraft(1)
	d.Notify = true
	return apply(t, New(d, start, start.Add(30*time.Second)), openedEvent(), start.Add(openedIn))
}

func states(p Payment) (list []string) {
	for _, d := range p.Deliveries {
		list = append(list, string(d.State)+":"+p.History[d.Sequence-1].Announced())
	}
	return list
}

func wantStates(t *testing.T, p Payment, want ...string) {
	t.Helper()
	if got := states(p); !slices.Equal(got, want) {
		t.Fatalf("deliveries %q, want %q", got, want)
	}
}

// TestEveryWordOfTheHistoryIsAnnouncedOrKnowinglyNot holds Announced against the words that Apply writes anywhere.
func TestEveryWordOfTheHistoryIsAnnouncedOrKnowinglyNot(t *testing.T) {
	for what, want := range map[string]string{
		"created": "", "pending": "", "refund_requested": "", "nonsense": "",
		"paid": "payment.paid", "declined": "payment.declined", "cancelled": "payment.cancelled",
		"expired":  "payment.expired",
		"overpaid": "payment.overpaid", "review:amount": "payment.review", "review_cleared:amount": "payment.review",
		"refund_succeeded": "refund.succeeded", "refund_failed": "refund.failed", "refund_unknown": "refund.processing",
	} {
		if got := (Entry{What: what}).Announced(); got != want {
			t.Errorf("%s is announced as %q, want %q", what, got, want)
		}
	}
}

// TestAShopWithoutAWebhookIsToldNothing: its entries are born settled.
func TestAShopWithoutAWebhookIsToldNothing(t *testing.T) {
	if p := paidPayment(t); len(p.Deliveries) != 0 || !p.DueAt.IsZero() {
		t.Errorf("deliveries %v, due %v", p.Deliveries, p.DueAt)
	}
}

func TestWhatIsToldFollowsTheHistory(t *testing.T) {
	p := toldPayment(t)
	wantStates(t, p)
	p = apply(t, p, reported(Report{State: BankApproved, Amount: Money{testAmount - 1, AZN}}), start.Add(paidIn))
	wantStates(t, p, "new:payment.paid", "new:payment.review")

	at := start.Add(paidIn + time.Second)
	p = apply(t, p, DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Accepted: true, Code: "204"}, 4: {Code: "500"},
		99: {Accepted: true}}}, at)
	wantStates(t, p, "delivered:payment.paid", "retry:payment.review")
	if p.Sequence != 4 || !delivery.Next(p.Deliveries).Equal(at.Add(time.Minute)) {
		t.Errorf("sequence %d, outbox %v", p.Sequence, delivery.Next(p.Deliveries))
	}
	p = apply(t, p, owned(RefundIntent{Amount: 100}, at), at)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, at)
	wantStates(t, p, "delivered:payment.paid", "retry:payment.review", "new:refund.processing")
}

// TestALostRecordOfTheStreamIsFoundByTheSweep: what nobody tried for three minutes goes to the outbox, and only then is
// due.
func TestALostRecordOfTheStreamIsFoundByTheSweep(t *testing.T) {
	p := apply(t, toldPayment(t), reported(approved()), start.Add(paidIn))
	moment := start.Add(paidIn + 3*time.Minute)
	if p.DueAt.IsZero() || p.DueAt.After(moment) {
		t.Errorf("due at %v, want %v at the latest", p.DueAt, moment)
	}
	// an entry of before it was paid stays where it is, and wakes too early
	if p = apply(t, p, Wakeup{}, p.DueAt); !p.DueAt.Equal(moment) {
		t.Errorf("due at %v, want %v", p.DueAt, moment)
	}
	if w := Due(p, moment.Add(-time.Millisecond)); w != NoWork {
		t.Errorf("too early there is %q to do", w)
	}
	wantStates(t, apply(t, p, Wakeup{}, moment.Add(-time.Millisecond)), "new:payment.paid")
	if w := Due(p, moment); w != FillOutbox {
		t.Errorf("there is %q to do", w)
	}
	p = apply(t, p, Wakeup{}, moment)
	wantStates(t, p, "retry:payment.paid")
	if d := p.Deliveries[0]; d.Tries != 0 || !d.Due(moment) || !p.DueAt.IsZero() {
		t.Errorf("delivery %+v, due %v", d, p.DueAt)
	}
}

// TestWhatIsToldIsNoLongerDue, and the bank's own to-do list stays as it is.
func TestWhatIsToldIsNoLongerDue(t *testing.T) {
	at := start.Add(paidIn)
	told := DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Accepted: true}}}
	if p := apply(t, apply(t, toldPayment(t), reported(approved()), at), told, at); !p.DueAt.IsZero() {
		t.Errorf("a paid payment that was told is due at %v", p.DueAt)
	}
	p := apply(t, toldPayment(t), Cancellation{By: ByShop("k1")}, at)
	p = apply(t, apply(t, p, told, at), Wakeup{}, at.Add(3*time.Minute))
	if want := at.Add(10 * time.Minute); !p.DueAt.Equal(want) {
		t.Errorf("cancelled and told: due at %v, want %v, when the bank is asked about an end that it did not state", p.DueAt,
			want)
	}
}

func TestPutOffIsNoTry(t *testing.T) {
	at := start.Add(paidIn)
	p := apply(t, toldPayment(t), reported(Report{State: BankApproved, Amount: Money{testAmount - 1, AZN}}), at)
	p = apply(t, p, DeliveryOutcome{PutOff: []int64{3, 99}}, at)
	wantStates(t, p, "retry:payment.paid", "new:payment.review")
	if d := p.Deliveries[0]; d.Tries != 0 || !d.At.Equal(at.Add(time.Minute)) {
		t.Errorf("%+v", d)
	}
}

func TestRedelivered(t *testing.T) {
	at := start.Add(paidIn)
	p := apply(t, apply(t, toldPayment(t), reported(Report{State: BankApproved, Amount: Money{testAmount - 1, AZN}}), at),
		DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Accepted: true}, 4: {Gone: true}}}, at)
	wantStates(t, p, "delivered:payment.paid", "dead:payment.review")
	wantStates(t, apply(t, p, Redelivery{}, at), "delivered:payment.paid", "retry:payment.review")
	wantStates(t, apply(t, p, Redelivery{[]int64{3}}, at), "retry:payment.paid", "dead:payment.review")
	for _, sequence := range []int64{-1, 0, 1, 2, 5} {
		refuse(t, p, Redelivery{[]int64{3, sequence}}, at, Invalid, "not_announced")
	}
	waits := apply(t, p, Redelivery{[]int64{3}}, at.Add(time.Minute))
	wantStates(t, apply(t, waits, Redelivery{}, at), "retry:payment.paid", "retry:payment.review")
	if soon := apply(t, waits, Redelivery{}, at).Deliveries[0]; !soon.At.Equal(at.Add(time.Minute)) {
		t.Errorf("what goes out within a minute was moved: %+v", soon)
	}
	if now := apply(t, waits, Redelivery{}, at.Add(-time.Millisecond)).Deliveries[0]; !now.At.Equal(
		at.Add(-time.Millisecond)) {
		t.Errorf("what would wait for over a minute is not due: %+v", now)
	}
	late := apply(t, paidPayment(t), Redelivery{[]int64{3}}, at) // the shop got its webhook later
	wantStates(t, late, "retry:payment.paid")
}

// TestDecisionsAreRefusedWhereThereIsNothingToDecide, and without a name or a reason.
func TestDecisionsAreRefusedWhereThereIsNothingToDecide(t *testing.T) {
	paid := paidPayment(t)
	flying := refundingPayment(t, early, RefundIntent{Amount: 100})
	flying.review(early, ReviewRefund)
	two := paidPayment(t)
	two.review(early, ReviewAmount)
	two.review(early, ReviewRegress)
	for _, c := range []struct {
		p    Payment
		e    Ruling
		kind Kind
		code string
	}{
		{paid, Ruling{How: ResolveDismiss, Review: ReviewStatus, By: "operator:a"}, Invalid, "reason_required"},
		{paid, Ruling{How: ResolveDismiss, Review: ReviewStatus, Why: "x"}, Invalid, "reason_required"},
		{paid, decision(ResolveDismiss), Standing, "nothing_to_resolve"},
		{paid, decision(ResolveRefundDone), Standing, "nothing_to_resolve"},
		{paid, decision("sell it"), Standing, "nothing_to_resolve"},
		{two, decision(ResolveDismiss), Standing, "nothing_to_resolve"},
		{two, decision(ResolveRefundNotDone), Standing, "nothing_to_resolve"},
		{flying, decision(ResolveRefundDone, "rf_one"), Standing, "refund_in_progress"},
		{flying, decision(ResolveRefundDone), Standing, "nothing_to_resolve"},
		{flying, decision(ResolveRefundNotDone, "rf_other"), Standing, "nothing_to_resolve"},
		{paid, decision(ResolveRefundDone, "rf_one"), Standing, "nothing_to_resolve"},
		{paid, Ruling{How: ResolveDismiss, Review: ReviewStatus, By: "operator:a", Why: strings.Repeat("x", 501)}, Invalid,
			"reason_required"},
		{flying, decision(ResolveDismiss), Standing, "refund_in_progress"},
	} {
		refuse(t, c.p, c.e, early.Add(time.Minute), c.kind, c.code)
	}
}

// TestAPersonBooksWhatTheBankGaveBack, where a desk's message did not say how much.
func TestAPersonBooksWhatTheBankGaveBack(t *testing.T) {
	p := paidPayment(t)
	p.review(early, ReviewRefund)
	e := decision(ResolveRefundDone)
	refuse(t, p, e, early, Standing, "nothing_to_resolve")
	e.Amount = testAmount + 1
	refuse(t, p, e, early, Standing, "nothing_to_resolve")
	e.Amount = 4000
	p = apply(t, p, e, early)
	if p.Refunded != 4000 || p.Status != PartiallyRefunded || len(p.Reviews) != 0 || len(p.Refunds) != 1 ||
		p.Refunds[0].Origin != OriginBank {
		t.Errorf("%+v", p)
	}
}

// TestDecisionsHaveABound: the item has one.
func TestDecisionsHaveABound(t *testing.T) {
	p := paidPayment(t)
	for range MaxResolved {
		p.review(early, ReviewRegress)
		p = apply(t, p, decision(ResolveDismiss), early)
	}
	p.review(early, ReviewRegress)
	refuse(t, p, decision(ResolveDismiss), early, Standing, "too_many_decisions")
	if why := p.Resolutions[MaxResolved-1].Why; !strings.Contains(why, "telephone") {
		t.Errorf("the last reason is %q", why)
	}
}

// TestAReasonIsCountedInCharacters, whatever script it is in, to the same bound that the command and the API have.
func TestAReasonIsCountedInCharacters(t *testing.T) {
	p := paidPayment(t)
	p.review(early, ReviewRegress)
	e := decision(ResolveDismiss)
	e.Why = strings.Repeat("💳", MaxReason)
	if got := apply(t, p, e, early); len(got.Resolutions) != 1 || got.Resolutions[0].Why != e.Why {
		t.Errorf("%+v", got.Resolutions)
	}
	e.Why += "x"
	refuse(t, p, e, early, Invalid, "reason_required")
}

// TestADismissedReviewOfAStuckStatusStaysDismissed: the bank is asked daily, and its old answer calls nobody again.
func TestADismissedReviewOfAStuckStatusStaysDismissed(t *testing.T) {
	at := start.Add(cardEnd + 25*time.Hour)
	p := apply(t, pendingPayment(t, 1), Silence{}, at)
	if !p.InReview(ReviewStatus) {
		t.Fatalf("reviews %v", p.Reviews)
	}
	p = apply(t, p, decision(ResolveDismiss), at)
	for range 5 {
		at = at.Add(24 * time.Hour)
		p = apply(t, p, Silence{}, at)
	}
	if len(p.Reviews) != 0 || p.DueAt.IsZero() {
		t.Errorf("reviews %v, due %v", p.Reviews, p.DueAt)
	}
	if p = apply(t, p, reported(approved()), at); p.Status != Paid || !p.Late && p.Captured != testAmount {
		t.Errorf("the money of a dismissed payment: %+v", p)
	}
}
