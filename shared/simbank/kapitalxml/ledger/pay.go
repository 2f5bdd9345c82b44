package ledger

import (
	"fmt"
	"strconv"
	"time"

	"kassa/shared/simbank/kapital"
)

// Pay is the customer pressing the button with a card. The result stands in
// the order's status; a Refusal means that the order could not be paid at all.
func (o *Order) Pay(c kapital.Card, now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	card := Cards().Find(c.PAN, "055")
	o.Card = kapital.TraceOf(kapital.Card{PAN: c.PAN})
	if c.CVV != CVV {
		o.decline(now, "211")
		return nil
	}
	switch card.Outcome {
	case kapital.Approves:
		o.approve(now, card.Code)
	case kapital.Challenges:
		o.Challenge = true
		o.become(OnPayment, now)
	case kapital.Locks:
		o.lock(now, r)
	case kapital.Breaks:
		o.Code = card.Code
		o.become(Failed, now)
	default:
		o.decline(now, card.Code)
	}
	return nil
}

// Confirm answers the 3-D Secure step; a wrong code declines with code 18.
func (o *Order) Confirm(code string, now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	if !o.Challenge {
		return refuse("no 3-D Secure step is waiting for a code")
	}
	if code != kapital.ChallengeCode {
		o.decline(now, "18")
		return nil
	}
	o.approve(now, "001")
	return nil
}

// Approve is the bank's host saying yes without a page: the browser may be
// closed, the order may have been locked.
func (o *Order) Approve(now time.Time, r Rules) error {
	if err := o.open(now, r); err != nil {
		return err
	}
	if o.Card.Masked == "" {
		o.Card = kapital.TraceOf(kapital.Card{PAN: Cards()[0].PAN})
	}
	o.approve(now, "001")
	return nil
}

// Decline is the issuer saying no without a page.
func (o *Order) Decline(now time.Time, r Rules) error {
	if err := o.open(now, r); err != nil {
		return err
	}
	o.decline(now, "050")
	return nil
}

// Cancel is the customer leaving the page by its button.
func (o *Order) Cancel(now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	o.Challenge = false
	o.become(Canceled, now)
	return nil
}

// Lock leaves the authorisation running.
func (o *Order) Lock(now time.Time, r Rules) error {
	if err := o.payable(now, r); err != nil {
		return err
	}
	o.lock(now, r)
	return nil
}

// Unlock ends a running authorisation without a result: the order can be paid
// again.
func (o *Order) Unlock(now time.Time) error {
	if o.Status != OnLock {
		return refuse(fmt.Sprintf("order %d is %s; only ON-LOCK can be unlocked", o.ID, o.Status))
	}
	o.ChecksLeft = 0
	o.become(Created, now)
	return nil
}

// ForceExpire ends an unpaid order now, whatever its lifetime.
func (o *Order) ForceExpire(now time.Time) error {
	if o.Final() {
		return refuse(fmt.Sprintf("order %d is %s and cannot expire", o.ID, o.Status))
	}
	o.Challenge = false
	o.become(Expired, now)
	return nil
}

// open lets the bank's own host decide an order that is not decided yet; ERROR
// is one of these, because the outcome was only lost on the way.
func (o *Order) open(now time.Time, r Rules) error {
	if o.Status == OnLock || o.Status == Failed {
		return nil
	}
	return o.payable(now, r)
}

// payable lets a customer act: the order waits for a card, or it is over time
// and the switch says that the bank takes the money nevertheless.
func (o *Order) payable(now time.Time, r Rules) error {
	if r.AcceptExpired && o.Status == Expired {
		return nil
	}
	if !r.AcceptExpired {
		o.Expire(now, r)
	}
	if o.Status != Created && o.Status != OnPayment {
		return refuse(fmt.Sprintf("order %d is %s and takes no payment", o.ID, o.Status))
	}
	return nil
}

func (o *Order) approve(now time.Time, code string) {
	o.Challenge, o.ChecksLeft = false, 0
	o.Code, o.Approval = code, approvalOf(o.ID)
	o.TwoID = strconv.FormatInt(2000000+o.ID, 10)
	o.Paid = now
	if o.Type == PreAuth {
		o.Held = o.Amount
		o.become(PreAuthApproved, now)
	} else {
		o.Charged = o.Amount
		o.become(Approved, now)
	}
	o.record(Operation{Kind: o.Type, Amount: o.Amount}, now)
}

func (o *Order) decline(now time.Time, code string) {
	o.Challenge, o.ChecksLeft = false, 0
	o.Code = code
	o.become(Declined, now)
}

func (o *Order) lock(now time.Time, r Rules) {
	o.ChecksLeft = r.LockChecks
	o.become(OnLock, now)
}
