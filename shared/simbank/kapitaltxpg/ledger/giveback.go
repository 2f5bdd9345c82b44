package ledger

import "time"

// Mover is who gives money back: the login of a shop, or the bank's desk.
type Mover struct {
	Login string
	Desk  bool
}

// Refund gives a part or the rest back, as often as something is left. Amount
// zero, the request named none, means the order's amount.
func (o *Order) Refund(amount int64, by Mover, now time.Time, r Rules) (Tran, error) {
	if amount == 0 {
		amount = o.Amount
	}
	if err := o.moveable(amount, now, r); err != nil {
		return Tran{}, err
	}
	whole := amount == o.Charged && o.GivenBack() == 0
	if !by.Desk && r.CutOff.SameDay(o.Paid, now) && (r.RefundSameDay == "none" || r.RefundSameDay == "partial" && whole) {
		return Tran{}, r.wrongState("order %d is still on its bank day; void it", o.ID)
	}
	o.Refunded += amount
	t := o.enter(Tran{Kind: "Refund", Type: "Refund", Amount: amount, Clear: -amount, Result: "1",
		Billing: "Normal", Desk: by.Desk}, now)
	o.closeRefund(Refunded, by, now, r)
	return t, nil
}

// VoidAll undoes the purchase on its bank day: the whole of it, nothing given back before.
func (o *Order) VoidAll(by Mover, now time.Time, r Rules) (Tran, error) {
	if o.GivenBack() > 0 && o.Status == FullyPaid {
		return Tran{}, Refusal{Code: InvalidTran, Why: "a purchase that was given back in part cannot be voided whole"}
	}
	return o.void(o.Charged, by, now, r)
}

// VoidPart undoes a part of the purchase on its bank day, once.
func (o *Order) VoidPart(amount int64, by Mover, now time.Time, r Rules) (Tran, error) {
	if o.Undone > 0 && o.Left() > 0 {
		return Tran{}, Refusal{Code: InvalidTran, Why: "a purchase is voided in part only once"}
	}
	return o.void(amount, by, now, r)
}

func (o *Order) void(amount int64, by Mover, now time.Time, r Rules) (Tran, error) {
	if err := o.moveable(amount, now, r); err != nil {
		return Tran{}, err
	}
	if !by.Desk && !r.CutOff.SameDay(o.Paid, now) {
		return Tran{}, r.wrongState("order %d has left its bank day; refund it", o.ID)
	}
	o.Undone += amount
	t := o.enter(Tran{Kind: "Purchase - Void", Type: "Purchase", Amount: amount, Clear: -amount, Result: "1",
		Billing: "Normal", Void: true, Desk: by.Desk}, now)
	o.closeRefund(Voided, by, now, r)
	return t, nil
}

// moveable first asks the state and then the amount, so that an order that is
// over says so whatever the amount.
func (o *Order) moveable(amount int64, now time.Time, r Rules) error {
	o.Look(now, r)
	if o.Status != FullyPaid && (o.Status != r.PartStatus || o.Charged == 0) || o.Left() == 0 {
		return r.wrongState("order %d is %s and gives nothing back", o.ID, o.Status)
	}
	if amount <= 0 || amount > o.Left() {
		return Refusal{Code: InvalidAmount, Why: "the amount is not within what is left of the payment"}
	}
	return nil
}

func (o *Order) closeRefund(end string, by Mover, now time.Time, r Rules) {
	switch {
	case o.Left() == 0:
		o.become(end, by.Login, now)
	case r.PartStatus != "":
		o.become(r.PartStatus, by.Login, now)
	}
}
