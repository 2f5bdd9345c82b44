package ledger

import (
	"fmt"
	"time"
)

// Complete charges a held PreAuth; amount zero means all that is held.
func (o *Order) Complete(amount int64, now time.Time) error {
	if o.Status != PreAuthApproved {
		return refuse(fmt.Sprintf("order %d is %s; only PREAUTH-APPROVED can be completed", o.ID, o.Status))
	}
	if amount == 0 {
		amount = o.Held
	}
	if amount > o.Held {
		return refuse(fmt.Sprintf("completion of %d exceeds the held %d", amount, o.Held))
	}
	o.Charged, o.Held = amount, 0
	o.Paid = now
	o.become(Approved, now)
	o.record(Operation{Kind: "Completion", Amount: amount}, now)
	return nil
}

// Reverse voids a payment on its bank day: the whole amount, nothing refunded
// before. A hold that was never completed can be released on any day. Amount
// zero means that the request named none.
func (o *Order) Reverse(amount int64, now time.Time, r Rules) error {
	if o.Status == Approved && !r.CutOff.SameDay(o.Paid, now) {
		return refuse(fmt.Sprintf("order %d has left its bank day; use Refund", o.ID))
	}
	return o.reverse(amount, now, Operation{})
}

// DeskReverse is a reversal by the bank itself, on any day.
func (o *Order) DeskReverse(now time.Time, r Rules) error {
	return o.reverse(0, now, Operation{Desk: true, Hidden: r.HideDesk})
}

func (o *Order) reverse(amount int64, now time.Time, op Operation) error {
	whole := o.Charged
	switch o.Status {
	case Approved:
	case PreAuthApproved:
		whole = o.Held
	default:
		return refuse(fmt.Sprintf("order %d is %s and cannot be reversed", o.ID, o.Status))
	}
	if o.Refunded > 0 {
		return refuse(fmt.Sprintf("order %d was refunded in part and cannot be reversed", o.ID))
	}
	if amount != 0 && amount != whole {
		return refuse(fmt.Sprintf("reversal of %d differs from the whole amount %d", amount, whole))
	}
	o.Reversed, o.Held = o.Charged, 0
	o.become(Reversed, now)
	op.Kind, op.Amount = "Reverse", whole
	o.record(op, now)
	return nil
}

// Refund gives a part or the rest back. It may stay ON-REFUND for some status
// questions before the total grows (Rules.RefundChecks).
func (o *Order) Refund(amount int64, now time.Time, r Rules) error {
	if err := o.refundable(amount); err != nil {
		return err
	}
	if r.CutOff.SameDay(o.Paid, now) && !r.sameDayRefund(o, amount) {
		return refuse(fmt.Sprintf("order %d is not cleared yet; use Reverse", o.ID))
	}
	o.Pending, o.ChecksLeft = amount, r.RefundChecks
	o.become(OnRefund, now)
	if r.RefundChecks == 0 {
		o.endRefund(now, r)
	}
	return nil
}

// DeskRefund is a refund by the bank itself: at once, on any day.
func (o *Order) DeskRefund(amount int64, now time.Time, r Rules) error {
	if err := o.refundable(amount); err != nil {
		return err
	}
	o.giveBack(amount, now, Operation{Desk: true, Hidden: r.HideDesk})
	return nil
}

// EndRefund ends a running refund now.
func (o *Order) EndRefund(now time.Time, r Rules) error {
	if o.Status != OnRefund {
		return refuse(fmt.Sprintf("order %d is %s; no refund is running", o.ID, o.Status))
	}
	o.endRefund(now, r)
	return nil
}

func (r Rules) sameDayRefund(o *Order, amount int64) bool {
	switch r.RefundSameDay {
	case "all":
		return true
	case "none":
		return false
	}
	return amount < o.Charged
}

func (o *Order) refundable(amount int64) error {
	if o.Status != Approved {
		return refuse(fmt.Sprintf("order %d is %s and cannot be refunded", o.ID, o.Status))
	}
	if amount <= 0 {
		return refuse("a refund must be more than nothing")
	}
	if amount > o.Charged-o.Refunded {
		return refuse(fmt.Sprintf("refund of %d exceeds what is left: %d", amount, o.Charged-o.Refunded))
	}
	return nil
}

func (o *Order) endRefund(now time.Time, r Rules) {
	amount := o.Pending
	o.Pending, o.ChecksLeft = 0, 0
	if r.RefundFails {
		o.become(Approved, now)
		return
	}
	o.giveBack(amount, now, Operation{})
}

func (o *Order) giveBack(amount int64, now time.Time, op Operation) {
	o.Refunded += amount
	o.RefundedAt = now
	o.become(Approved, now)
	if o.Refunded == o.Charged {
		o.become(Refunded, now)
	}
	op.Kind, op.Amount = "Refund", amount
	o.record(op, now)
}
