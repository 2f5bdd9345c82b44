package payment

import (
	"testing"
	"time"
)

// The bank may say later what it took, or take more on the same page. Neither is what is on record, so a person looks,
// once, whoever brings it: an answer, a signed message, or one of a refund in flight.
func TestAnotherAmountOfPaidMoneyIsReviewed(t *testing.T) {
	stated := func(state State, minor int64) Report {
		return Report{State: state, Word: "W", Amount: Money{minor, AZN}}
	}
	for name, c := range map[string]struct {
		report Report
		want   bool
	}{
		"less":              {stated(BankApproved, testAmount-1), true},
		"more":              {stated(BankApproved, 2*testAmount), true},
		"the same":          {stated(BankApproved, testAmount), false},
		"nothing stated":    {Report{State: BankApproved, Word: "W"}, false},
		"more, some back":   {Report{State: BankRefunded, Amount: Money{2 * testAmount, AZN}, Refunded: Said(10)}, true},
		"a refund's amount": {Report{State: BankApproved, Amount: Money{10, AZN}, RefundID: "r1"}, false},
		"a part is left":    {Report{State: BankRefunded, Amount: Money{testAmount - 10, AZN}, Refunded: Said(10)}, false},
	} {
		p := paidPayment(t)
		if got := apply(t, p, reported(c.report), early); got.InReview(ReviewAmount) != c.want || got.Captured != testAmount {
			t.Errorf("%s, answered: %v, captured %d", name, got.Reviews, got.Captured)
		}
		if c.report.State != BankApproved {
			continue
		}
		got := apply(t, p, NoticeArrival{Handle: testHandle, Report: c.report}, early)
		if got.InReview(ReviewAmount) != c.want {
			t.Errorf("%s, signed: %v", name, got.Reviews)
		}
		other := apply(t, p, NoticeArrival{Handle: otherHandle, Report: c.report}, early)
		if other.InReview(ReviewAmount) {
			t.Errorf("%s, of another session: %v", name, other.Reviews)
		}
	}
	asked := early
	flying := apply(t, refundingPayment(t, asked, RefundIntent{Amount: 10}), reported(stated(BankApproved, 2*testAmount)),
		asked.Add(time.Minute))
	if !flying.InReview(ReviewAmount) {
		t.Errorf("beside a refund: %v", flying.Reviews)
	}
	accepted := apply(t, flying, Ruling{How: ResolveAcceptCaptured, By: ByOperator("anna"), Why: "seen"},
		asked.Add(2*time.Minute))
	if again := apply(t, accepted, reported(stated(BankApproved, 2*testAmount)), asked.Add(time.Hour)); again.InReview(
		ReviewAmount) {
		t.Error("somebody has looked")
	}
}
