package ledger

import (
	"time"

	"kassa/shared/simbank/kapital"
)

const page = "Page" // who changes an order from the hosted page

// Pay is the customer pressing the button with a card. The result stands in the
// order's status, and a declined try in Trans; a Refusal means that the order
// could not be paid at all.
func (o *Order) Pay(c kapital.Card, now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	card := Cards().Find(c.PAN, "52")
	o.Card, o.Challenge = kapital.TraceOf(c), false
	switch {
	case card.Outcome == kapital.Declines:
		o.fail(card.Code, now, r)
	case c.CVV != card.CVV:
		o.fail("81", now, r)
	case card.Outcome == kapital.Challenges:
		o.Challenge = true
	default:
		o.take(now)
	}
	return nil
}

// Confirm answers the 3-D Secure step; a wrong code is a declined try.
func (o *Order) Confirm(code string, now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	if !o.Challenge {
		return r.wrongState("no 3-D Secure step is waiting for a code")
	}
	o.Challenge = false
	if code != kapital.ChallengeCode {
		o.fail("84", now, r)
		return nil
	}
	o.take(now)
	return nil
}

// Approve is the bank's host saying yes without a page: the browser may be closed.
func (o *Order) Approve(now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	if o.Card.Masked == "" {
		first := Cards()[0]
		o.Card = kapital.TraceOf(kapital.Card{PAN: first.PAN, Expiry: first.Expiry})
	}
	o.take(now)
	return nil
}

// Fail is a declined try without a page. Whether it ends the order is the rules'.
func (o *Order) Fail(code string, now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	o.fail(code, now, r)
	return nil
}

// Decline is the issuer's no that ends the order at once.
func (o *Order) Decline(now time.Time, r Rules) error {
	r.Tries = 1
	return o.Fail("59", now, r)
}

// Hold reserves the amount and takes nothing, as an order of another type would.
func (o *Order) Hold(now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	o.Held = o.Amount
	o.become(Authorized, page, now)
	return nil
}

// Cancel is the customer leaving the page by its button.
func (o *Order) Cancel(now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	o.Challenge = false
	o.become(Cancelled, page, now)
	return nil
}

// Expire ends an unpaid order now, whatever its lifetime.
func (o *Order) Expire(now time.Time, r Rules) error {
	if o.Final() {
		return r.wrongState("order %d is %s and cannot expire", o.ID, o.Status)
	}
	o.Challenge = false
	o.become(Expired, "", now)
	return nil
}

// payable lets a customer act: the order waits for a card, or it is over time and
// the switch says that the bank takes the money nevertheless.
func (o *Order) payable(now time.Time, r Rules) error {
	if r.AcceptExpired && o.Status == Expired {
		return nil
	}
	if !r.AcceptExpired {
		o.Look(now, r)
	}
	if o.Status != Preparing {
		return r.wrongState("order %d is %s and takes no payment", o.ID, o.Status)
	}
	return nil
}

func (o *Order) take(now time.Time) {
	o.Challenge = false
	o.Charged, o.Paid = o.Amount, now
	o.become(FullyPaid, page, now)
	o.enter(Tran{Kind: "Purchase", Type: "Purchase", Amount: o.Amount, Clear: o.Amount, Result: "1",
		Billing: "Normal"}, now)
}

// fail leaves an entry that does not count: without approval and without a number
// of processing.
func (o *Order) fail(code string, now time.Time, r Rules) {
	tries := r.Tries
	if tries == 0 {
		tries = 3
	}
	o.Challenge = false
	o.Tries++
	o.enter(Tran{Kind: "Purchase", Type: "Purchase", Amount: o.Amount, Result: code, Billing: "Failed"}, now)
	if o.Tries >= tries {
		o.become(Declined, page, now)
	}
}
