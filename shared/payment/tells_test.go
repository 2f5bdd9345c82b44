package payment

import "testing"

// TestATotalThatLagsIsNoRecheck: a total below what is on record, and none from a bank that has told one before, leave
// open what the desk gave back, so the morning's question waits for another answer.
func TestATotalThatLagsIsNoRecheck(t *testing.T) {
	at := start.Add(hour)
	morning := func(base Report, answer Report) Payment {
		p := paidAt(t, recheckedDraft(AZN), at)
		p = apply(t, p, RefundIntent{ID: "r1", Amount: 50, By: "shop:k1", Owner: "o", Base: &base}, at.Add(minute))
		p = apply(t, p, RefundAnswer{ID: "r1", Owner: "o", Answer: AnswerDone, RefundID: "R-1"}, at.Add(2*minute))
		return apply(t, p, reported(answer), p.recheckDue().Add(minute))
	}
	refunded := func(total Sum) Report {
		return Report{State: BankRefunded, Word: "REFUNDED", Refunded: total}
	}
	none := approved()
	none.Refunded = Said(0)
	for name, c := range map[string]struct {
		base, answer Report
		due          bool
	}{
		"it lags":                     {none, refunded(Said(20)), true},
		"no total, and there was one": {none, refunded(Sum{}), true},
		"the total":                   {none, refunded(Said(50)), false},
		"no total, and never was one": {approved(), refunded(Sum{}), false},
	} {
		if p := morning(c.base, c.answer); p.recheckDue().IsZero() == c.due {
			t.Errorf("%s: due %v", name, p.recheckDue())
		}
	}
}
