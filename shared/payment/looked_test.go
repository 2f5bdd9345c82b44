package payment

import (
	"slices"
	"testing"
	"time"
)

// undecidedAnswers are those that say neither paid nor unpaid.
func undecidedAnswers() map[string]Event {
	return map[string]Event{
		"silence":          Silence{},
		"an unknown word":  reported(Report{State: BankUnknown, Word: "NEW"}),
		"still at it":      reported(Report{State: BankProcessing, Word: "ON-LOCK"}),
		"a contradiction":  reported(Report{State: BankDeclined, Word: "DECLINED", Refunded: Said(500)}),
		"no such question": Silence{Unsupported: true},
	}
}

// TestAPaymentThatAPersonFoundUnpaidExpires: with the bank's next answer, whatever that is, unless it says paid; the
// bank may have been asked for the whole month before. The shop is told, and money that comes later is late.
func TestAPaymentThatAPersonFoundUnpaidExpires(t *testing.T) {
	for name, answer := range undecidedAnswers() {
		for _, days := range []time.Duration{1, 10, 40} {
			at := start.Add(cardEnd + days*bankDay)
			p := apply(t, apply(t, pendingPayment(t, 1), Question{}, at), Silence{}, at)
			if answer != (Silence{Unsupported: true}) {
				p = apply(t, p, answer, at)
			}
			p = apply(t, p, decision(ResolveDismiss), at)
			if p.Status != Pending || len(p.Reviews) > 0 || p.DueAt.IsZero() || p.DueAt.After(at.Add(time.Minute)) {
				t.Fatalf("%s, looked at: %s, reviews %v, due at %v", name, p.Status, p.Reviews, p.DueAt)
			}
			cutOff := apply(t, p, Question{}, p.DueAt)
			if cutOff.DueAt.IsZero() {
				t.Errorf("%s after %d days: whoever asked was cut off, and nobody asks again", name, days)
			}
			at = cutOff.AskedAt
			n := len(p.History)
			over := apply(t, cutOff, answer, at)
			wantWhats(t, over, n, "expired")
			if over.EndStated || over.DueAt.IsZero() {
				t.Errorf("%s: expired, stated %v, due at %v", name, over.EndStated, over.DueAt)
			}
			if late := apply(t, over, reported(approved()), at.Add(hour)); late.Status != Paid || !late.Late {
				t.Errorf("%s, and then paid: %s", name, late.Status)
			}
			if paid := apply(t, cutOff, reported(approved()), at); paid.Status != Paid || paid.Late {
				t.Errorf("%s, but paid: %s", name, paid.Status)
			}
		}
	}
}

// TestWhoLookedBeforeThePagesEndHasNotSeenIt: he is called again when the bank does not decide. Nor does what was found
// before the bank signed something more count against that.
func TestWhoLookedBeforeThePagesEndHasNotSeenIt(t *testing.T) {
	p := apply(t, pendingPayment(t, 1), unclear("828"), early)
	p = apply(t, p, decision(ResolveDismiss), early)
	over := start.Add(cardEnd + lapsePage)
	if p = apply(t, p, Silence{}, over); p.Status != Pending || len(p.Reviews) > 0 {
		t.Fatalf("%s, reviews %v", p.Status, p.Reviews)
	}
	at := over.Add(bankDay)
	p = apply(t, p, Silence{}, at)
	if p.Status != Pending || !slices.Equal(p.Reviews, []Review{ReviewStatus}) {
		t.Fatalf("%s, reviews %v", p.Status, p.Reviews)
	}
	p = apply(t, p, decision(ResolveDismiss), at)
	signed := apply(t, p, NoticeArrival{Handle: testHandle, Report: approved()}, at.Add(hour))
	if signed = apply(t, signed, Silence{}, at.Add(2*hour)); signed.Status != Pending {
		t.Errorf("signed to be paid since, it is %s", signed.Status)
	}
	if p = apply(t, p, Silence{}, at.Add(2*hour)); p.Status != Expired {
		t.Errorf("looked at after the end, it is %s", p.Status)
	}
}

// TestAPageOnWhichAnotherCurrencyWasTakenIsSpent: once a person has settled that with the bank, the payment is over.
func TestAPageOnWhichAnotherCurrencyWasTakenIsSpent(t *testing.T) {
	foreign := reported(Report{State: BankApproved, Word: "APPROVED", Amount: Money{testAmount, BYN}})
	for _, days := range []time.Duration{0, 1, 40} {
		at := early.Add(days * bankDay)
		p := apply(t, apply(t, pendingPayment(t, 1), Question{}, at), foreign, at)
		n := len(p.History)
		p = apply(t, p, decision(ResolveDismiss), at)
		if p.Status != Pending || p.DueAt.IsZero() || p.DueAt.After(at.Add(time.Minute)) {
			t.Errorf("after %d days, looked at: %s, due at %v", days, p.Status, p.DueAt)
		}
		p = apply(t, apply(t, p, Question{}, at.Add(hour)), foreign, at.Add(hour))
		wantWhats(t, p, n, "review_cleared:currency", "expired")
		if p.Captured != 0 || !p.DueAt.IsZero() {
			t.Errorf("after %d days: captured %d, due at %v", days, p.Captured, p.DueAt)
		}
	}
}
