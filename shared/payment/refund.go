package payment

import (
	"slices"
	"strings"
	"time"
)

// RefundStatus is the state of one refund.
type RefundStatus string

// The states of a refund. Requested and unknown are in flight: their amount is reserved.
const (
	RefundBegun     RefundStatus = "requested" // its owner is asking the bank, or was cut off while asking
	RefundUnknown   RefundStatus = "unknown"   // the bank may or may not have done it
	RefundSucceeded RefundStatus = "succeeded" // proven done
	// refused, or not seen for a bank day and then still believed when it turns up
	RefundFailed RefundStatus = "failed"
)

// The origins of a refund.
const (
	OriginShop = "shop" // asked for through the API
	OriginBank = "bank" // done at the bank without us and found in its total
)

// How long recovering a refund may take.
const (
	recoverAfter = 15 * time.Minute // after the owner's deadline: nobody of its invocation is at work any more
	bankDay      = 24 * time.Hour   // the distance of two readings that call a lost refund not done
	refundStuck  = 24 * time.Hour   // after the owner's deadline: a human must look
)

// Refund is money that went back, or may have. Amounts are minor units of the payment's currency.
type Refund struct {
	ID           string
	Amount       int64
	All          bool   // asked for without an amount
	Reason       string // the shop's words why; the bank may read them
	Reference    string // what the shop calls it, such as the number of its credit note; no bank is told
	Origin       string
	Status       RefundStatus
	By           string
	Code         string // the bank's code of a refusal
	BankRefundID string
	RequestedAt  time.Time
	SettledAt    time.Time
	Until        time.Time // the owner's deadline
	// drawn by whoever asks the bank, so that he knows his own intent again; "" before this was written
	Owner string
	// the answer that left it open, done or lost: the bank may still be at it, also after it failed; of one that is done,
	// lost where a total alone has shown it, which the desk may have made
	Answer Answer

	BaseKnown  bool      // the bank's total was read before
	Base       int64     // that total
	BaseListed int       // how many operations the bank listed then; -1 = no list
	ReadAt     time.Time // when the first of the readings was made that all say "not done" by the same total
	ReadTotal  int64
}

func (r Refund) open() bool { return r.Status == RefundBegun || r.Status == RefundUnknown }

// unproven says whether the refund failed although the bank may still carry it out. One that an earlier version called
// failed after two readings bears no answer: its readings tell.
func (r Refund) unproven() bool {
	return r.Status == RefundFailed && (r.Answer != "" || r.Owner == "" && !r.ReadAt.IsZero())
}

// intendRefund reserves the amount. The writer who saves this, and nobody else, may ask the bank. Nobody has heard
// of the refund yet, so the history gains nothing: see heard.
func (p *Payment) intendRefund(e RefundIntent, now time.Time) error {
	if !p.Status.Money() {
		return standing(*p, "payment_not_paid", "This payment is "+string(p.Status)+"; there is nothing to give back.")
	}
	old := p.refund(e.ID)
	switch {
	case old != nil && old.Status == RefundSucceeded && !e.All && e.Amount > old.Amount && p.endedByPerson(old.ID):
		return standing(*p, "refund_done_meanwhile", "A person has found that of this refund the bank gave back "+
			Money{old.Amount, p.Amount.Currency}.String()+" only. Nothing was sent now; use a new key for what is still wanted.")
	case old != nil && !old.repeatedBy(e):
		return &Error{Kind: Invalid, Code: "idempotency_key_reused",
			Message: "This Idempotency-Key belongs to another refund."}
	}
	if err := p.barsRefund(old); err != nil {
		return err
	}
	if e.Amount <= 0 || e.Amount > p.Refundable() {
		return &Error{Kind: Invalid, Code: "refund_exceeds_captured", Payment: p,
			Message: "The refund is more than what is left: " + Money{p.Refundable(), p.Amount.Currency}.String() + "."}
	}
	if !p.roomForRefund(old != nil) {
		return standing(*p, "too_many_refunds", "This payment has reached the number of refunds that one payment can have.")
	}
	r := Refund{ID: e.ID, Amount: e.Amount, All: e.All, Reason: e.Reason, Reference: e.Reference, Origin: OriginShop,
		Status: RefundBegun,
		By:     e.By, RequestedAt: now, Until: clock(e.Until), Owner: e.Owner, BaseListed: -1}
	if e.Base != nil && e.Base.believable(p.Amount.Currency) {
		r.setBase(e.Base.plain(), p.Refunded)
	}
	if old != nil {
		r.Answer, r.Code, r.SettledAt = old.Answer, old.Code, old.SettledAt
		*old = r
	} else {
		p.Refunds = append(p.Refunds, r)
	}
	return nil
}

// barsRefund is why nothing may be sent to the bank just now, under old's key where there is an old one.
func (p *Payment) barsRefund(old *Refund) error {
	unclear := p.Refunded < p.Captured && slices.ContainsFunc(p.Notices, Notice.unclear)
	switch {
	case p.InFlight() != nil || p.unsettled():
		return standing(*p, "refund_in_progress", "Another refund of this payment is not settled yet; try again later.")
	case p.InReview(ReviewRefund) || unclear:
		return standing(*p, "refund_under_review",
			"It is not known how much of this payment the bank has given back; a person has to look at it first. Nothing was "+
				"sent.")
	case p.InReview(ReviewRegress): // its answer states no total, and its yes to a refund would be believed
		return standing(*p, "refund_under_review",
			"The bank calls this payment unpaid; a person has to look at it first. Nothing was sent.")
	case old != nil && old.unproven() && !p.endedByPerson(old.ID):
		return standing(*p, "refund_unconfirmed",
			"The bank's answer to this refund was lost, and it may still carry it out: nothing is sent "+
				"again under this key. Once the bank says that it was not done, use a new key.")
	}
	return nil
}

// endedByPerson says whether it was a person who found out last how the refund ended.
func (p *Payment) endedByPerson(id string) bool {
	for _, e := range slices.Backward(p.History) {
		if e.Ref == id && (e.What == "refund_failed" || e.What == "refund_succeeded") {
			return strings.HasPrefix(e.By, operator)
		}
	}
	return false
}

// repeatedBy says whether e asks once more for this refund, which failed or is in flight.
func (r Refund) repeatedBy(e RefundIntent) bool {
	return (r.Status == RefundFailed || r.open()) && r.All == e.All && (e.All || r.Amount == e.Amount)
}

// Blind says whether an answer of the bank's, nil where it has no such question, leaves open how a refund ended that
// failed without proof. Only the total tells that the bank has carried it out, or a person who has looked since.
func (p *Payment) Blind(answer *Report) bool {
	if answer != nil {
		if _, stated := answer.total(p.Captured); stated {
			return false
		}
	}
	looked := p.dismissed(ReviewRefund)
	return slices.ContainsFunc(p.Refunds, func(r Refund) bool {
		return r.unproven() && !p.endedByPerson(r.ID) && looked.Before(r.SettledAt)
	})
}

// setBase notes the bank's total before the refund. A total below what is proven to have gone back lags behind: the
// proven is the base then, and a list of operations, which would lag as well, counts as none.
func (r *Refund) setBase(before Report, proven int64) {
	if !before.Refunded.Said {
		return
	}
	r.BaseKnown, r.Base = true, max(before.Refunded.Minor, proven)
	if before.Operations != nil && before.Refunded.Minor >= proven {
		r.BaseListed = len(before.Operations)
	}
}

func (p *Payment) giveBack(amount int64) {
	p.Refunded += amount
	p.Status = PartiallyRefunded
	if p.Refunded == p.Captured {
		p.Status = Refunded
	}
}

func (p *Payment) refund(id string) *Refund {
	for i := range p.Refunds {
		if p.Refunds[i].ID == id {
			return &p.Refunds[i]
		}
	}
	return nil
}

// toSettle is the room in the history that refunds leave for what must still be told.
const toSettle = 16

// room is how many entries the history can take beside those that it must: a refund that failed without proof may turn
// up.
func (p *Payment) room() int {
	room := MaxHistory - len(p.History)
	for _, r := range p.Refunds {
		if r.unproven() {
			room--
		}
	}
	return room
}

// roomForRefund bounds what a shop can make of one payment, and keeps history enough to settle all that is under way.
func (p *Payment) roomForRefund(again bool) bool {
	own := 0
	for _, r := range p.Refunds {
		if r.Origin == OriginShop {
			own++
		}
	}
	return p.room() >= toSettle && (again || own < MaxRefunds)
}

// InFlight is the refund whose outcome is not known yet, nil when there is none. There is never more than one.
func (p Payment) InFlight() *Refund {
	for i := range p.Refunds {
		if p.Refunds[i].open() {
			return &p.Refunds[i]
		}
	}
	return nil
}

// Reserved is the amount held back for the refund in flight.
func (p Payment) Reserved() int64 {
	if r := p.InFlight(); r != nil {
		return r.Amount
	}
	return 0
}

// Refundable is what may still be asked back.
func (p Payment) Refundable() int64 { return p.Captured - p.Refunded - p.Reserved() }

// FindRefund gives the refund of this id; false when there is none.
func (p Payment) FindRefund(id string) (Refund, bool) {
	for _, r := range p.Refunds {
		if r.ID == id {
			return r, true
		}
	}
	return Refund{}, false
}
