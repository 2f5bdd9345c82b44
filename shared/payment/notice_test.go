package payment

import (
	"fmt"
	"testing"
)

func gaveBack(total int64, id string) Noticed {
	return Noticed{Handle: testHandle, Report: Report{State: BankRefunded, Word: "REFUNDED", Refunded: &total, RefundID: id}}
}

// The desk's message comes while ours is being sent, and our own message then tells a total that holds both: the desk's part is
// booked, though the message names a refund that is known.
func TestATotalBesideAKnownRefundIsBooked(t *testing.T) {
	p := refundingPayment(t, early, RefundRequested{Amount: 5000})
	p = apply(t, apply(t, p, gaveBack(2000, "desk"), early), NoticesTrusted{}, early)
	if !p.InReview(ReviewRefund) || p.Reserved() != 5000 || p.Refunded != 0 {
		t.Fatalf("the desk's message: refunded %d, reserved %d, reviews %v", p.Refunded, p.Reserved(), p.Reviews)
	}
	p = apply(t, p, RefundAnswered{ID: "rf_one", Answer: AnswerDone, RefundID: "ours"}, early)
	p = apply(t, apply(t, p, gaveBack(7000, "ours"), early), NoticesTrusted{}, early)
	if p.Refunded != 7000 || p.Refunds[len(p.Refunds)-1].Origin != OriginBank {
		t.Errorf("refunded %d of 7000, %+v", p.Refunded, p.Refunds)
	}
	again := apply(t, apply(t, p, gaveBack(7000, "ours"), late), NoticesTrusted{}, late)
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
}
