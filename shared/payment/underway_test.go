package payment

import (
	"slices"
	"testing"
	"time"
)

// onItsWay is a signed message that money is on its way back, the total with it; -1 = no total is stated.
func onItsWay(total int64) NoticeArrival {
	r := Report{State: BankRefunding, Word: "REFUNDING"}
	if total >= 0 {
		r.Refunded = Said(total)
	}
	return NoticeArrival{Handle: Handle{OrderID: testHandle.OrderID}, Report: r}
}

// TestMoneyOnItsWayIsNoRefundThatWasNotDone: what the bank has signed to be on its way passes for the refund in flight.
// Once that has ended and is not it, something else goes back: nothing further is sent before a person has looked.
func TestMoneyOnItsWayIsNoRefundThatWasNotDone(t *testing.T) {
	long := early.Add(48 * time.Hour)
	ruling := func(how RulingKind, amount int64) func(Payment) Payment {
		return func(p Payment) Payment {
			return apply(t, p, Ruling{How: how, Refund: "rf_one", Amount: amount, By: ByOperator("ada"), Why: "asked"}, long)
		}
	}
	answered := func(a Answer) func(Payment) Payment {
		return func(p Payment) Payment { return apply(t, p, RefundAnswer{ID: "rf_one", Answer: a}, early) }
	}
	readTwice := func(p Payment) Payment {
		for _, at := range []time.Time{long, long.Add(25 * time.Hour)} {
			p = apply(t, p, reported(totalling(BankApproved, 0)), at)
		}
		return p
	}
	shown := func(p Payment) Payment { return apply(t, p, reported(totalling(BankRefunded, 5000)), long) }
	signed := func(p Payment) Payment { return apply(t, apply(t, p, gaveBack(5000, "b1"), long), NoticeTrust{}, long) }
	for name, c := range map[string]struct {
		total   int64
		end     func(Payment) Payment
		settles bool // what was on its way is on record by then
	}{
		"not done, says a person":            {5000, ruling(ResolveRefundNotDone, 0), false},
		"not done, and no total was stated":  {-1, ruling(ResolveRefundNotDone, 0), false},
		"a part was done, says a person":     {5000, ruling(ResolveRefundDone, 2000), false},
		"not done, by two readings":          {5000, readTwice, false},
		"nothing was sent":                   {5000, answered(AnswerUnsent), false},
		"done, says a person":                {5000, ruling(ResolveRefundDone, 0), true},
		"done, and no total was stated":      {-1, ruling(ResolveRefundDone, 0), true},
		"done, and its yes was on the way":   {5000, answered(AnswerDone), true},
		"the total shows it":                 {5000, shown, true},
		"another message says that it is so": {5000, signed, true},
	} {
		for _, settle := range []Event{NoticeTrust{}, reported(approved()), Silence{Unsupported: true}, Silence{}} {
			var base *Report
			if name == "not done, by two readings" || name == "the total shows it" {
				base = pointer(totalling(BankApproved, 0))
			}
			p := refundingPayment(t, early, RefundIntent{Amount: 5000, Base: base})
			if name == "nothing was sent" { // the message comes before the answer
				p = apply(t, p, RefundDisclosure{ID: "rf_one"}, early)
			}
			p = apply(t, apply(t, p, onItsWay(c.total), early), settle, early)
			if len(p.Reviews) != 0 {
				t.Errorf("%s, %T: reviews %v while the refund is in flight", name, settle, p.Reviews)
			}
			p = c.end(p)
			if p.InFlight() != nil {
				t.Fatalf("%s, %T: still in flight: %+v", name, settle, p.Refunds)
			}
			_, err := Apply(p, owned(RefundIntent{ID: "rf_two", Amount: 1000}, long), long)
			if c.settles {
				if err != nil || len(p.Notices) != 0 || len(p.Reviews) != 0 {
					t.Errorf("%s, %T: %v, kept %v, reviews %v", name, settle, err, p.Notices, p.Reviews)
				}
				continue
			}
			if CodeOf(err) != "refund_under_review" || !slices.Equal(p.Reviews, []Review{ReviewStatus}) {
				t.Errorf("%s, %T: %v, kept %v, reviews %v", name, settle, err, p.Notices, p.Reviews)
			}
			p = apply(t, p, Ruling{How: ResolveDismiss, Review: ReviewStatus, By: ByOperator("ada"), Why: "it was ours"}, long)
			if _, err = Apply(p, owned(RefundIntent{ID: "rf_two", Amount: 1000}, long), long); err != nil {
				t.Errorf("%s, %T: %v after a person has looked", name, settle, err)
			}
		}
	}
}

// A refusal beside what the bank has signed to be on its way may be for a repetition.
func TestARefusalBesideMoneyOnItsWay(t *testing.T) {
	p := apply(t, refundingPayment(t, early, RefundIntent{Amount: 5000}), onItsWay(5000), early)
	p = apply(t, p, RefundAnswer{ID: "rf_one", Answer: AnswerRefused, Code: "BUSY"}, early)
	if r := p.Refunds[0]; r.Status != RefundUnknown || !p.InReview(ReviewRefund) {
		t.Errorf("it is %s, reviews %v", r.Status, p.Reviews)
	}
}
