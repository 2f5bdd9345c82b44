package payment

import (
	"testing"
	"time"
)

// A definite no belongs to the try that was refused. Once the outcome is unknown, only readings can tell.
func TestARefusalDoesNotSettleAnUnknownRefund(t *testing.T) {
	p := lostRefund(t, 5000, totalling(BankApproved, 0))
	later := apply(t, p, RefundAnswered{ID: "rf_one", Answer: AnswerRefused}, until)
	if r := later.Refunds[0]; r.Status != RefundUnknown || later.Reserved() != 5000 {
		t.Errorf("the unknown refund is %s, reserved %d", r.Status, later.Reserved())
	}
	read := apply(t, p, reported(totalling(BankApproved, 0)), until.Add(recoverAfter))
	read = apply(t, read, RefundAnswered{ID: "rf_one", Answer: AnswerRefused}, until.Add(recoverAfter))
	if r := read.Refunds[0]; r.Status != RefundUnknown {
		t.Errorf("after one reading and a late no the refund is %s", r.Status)
	}
}

// An owner that saves its answer again, because it did not hear that it was saved, must not settle the next owner's try of the same
// key, which may be at the bank just now.
func TestAnAnswerSettlesItsOwnTryAlone(t *testing.T) {
	at := start.Add(refundAt)
	p := refundingPayment(t, at, RefundRequested{Amount: 5000, Base: pointer(totalling(BankApproved, 0))})
	first := RefundAnswered{ID: "rf_one", Until: p.Refunds[0].Until, Answer: AnswerRefused, Code: "076"}
	p = apply(t, p, first, at.Add(time.Second))
	again := owned(RefundRequested{Amount: 5000, Base: pointer(totalling(BankApproved, 0))}, at.Add(2*time.Second))
	p = apply(t, p, again, at.Add(2*time.Second))

	p = apply(t, p, first, at.Add(3*time.Second))
	if r := p.Refunds[0]; r.Status != RefundBegun || p.Reserved() != 5000 {
		t.Fatalf("the answer to the first try made the second %s, reserved %d", r.Status, p.Reserved())
	}
	second := RefundAnswered{ID: "rf_one", Until: again.Until, Answer: AnswerDone, Reading: pointer(totalling(BankApproved, 5000))}
	if p = apply(t, p, second, at.Add(4*time.Second)); p.Refunds[0].Status != RefundSucceeded {
		t.Errorf("its own answer made the second try %s", p.Refunds[0].Status)
	}
}
