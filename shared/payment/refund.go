package payment

import (
	"slices"
	"time"
)

// RefundStatus is the state of one refund.
type RefundStatus string

// The states of a refund. Requested and unknown are in flight: their amount is reserved.
const (
	RefundBegun     RefundStatus = "requested" // its owner is asking the bank, or was cut off while asking
	RefundUnknown   RefundStatus = "unknown"   // the bank may or may not have done it
	RefundSucceeded RefundStatus = "succeeded" // proven done
	RefundFailed    RefundStatus = "failed"    // proven not done; the same key may try again
)

// The origins of a refund.
const (
	OriginShop = "shop" // asked for through the API
	OriginBank = "bank" // done at the bank without us and found in its total
)

// How long recovering a refund may take. Source: DESIGN section 3, "Refund".
const (
	recoverAfter = 15 * time.Minute // after the owner's deadline; also the distance of two readings
	refundStuck  = 24 * time.Hour   // after the owner's deadline: a human must look
)

// Refund is money that went back, or may have. Amounts are minor units of the payment's currency.
type Refund struct {
	ID           string
	Amount       int64
	All          bool // asked for without an amount
	Reason       string
	Origin       string
	Status       RefundStatus
	By           string
	Code         string // the bank's code of a refusal
	BankRefundID string
	RequestedAt  time.Time
	SettledAt    time.Time
	Until        time.Time // the owner's deadline

	BaseKnown  bool      // the bank's total was read before
	Base       int64     // that total
	BaseListed int       // how many operations the bank listed then; -1 = no list
	ReadAt     time.Time // when the first of the readings was made that all say "not done" by the same total
	ReadTotal  int64
}

func (r Refund) open() bool { return r.Status == RefundBegun || r.Status == RefundUnknown }

// refundRequested reserves the amount. The writer who saves this, and nobody else, may ask the bank.
func (p *Payment) refundRequested(e RefundRequested, now time.Time) error {
	if !p.Status.Money() {
		return standing(*p, "payment_not_paid", "This payment is "+string(p.Status)+"; there is nothing to give back.")
	}
	old := p.refund(e.ID)
	if old != nil && !old.asked(e) {
		return &Error{Kind: Invalid, Code: "idempotency_key_reused", Message: "This Idempotency-Key belongs to another refund."}
	}
	unsettled := slices.ContainsFunc(p.Notices, func(n Notice) bool { return n.State.gaveBack() && n.HasTotal && n.Total > p.Refunded })
	if p.InFlight() != nil || unsettled {
		return standing(*p, "refund_in_progress", "Another refund of this payment is not settled yet; try again later.")
	}
	if e.Amount <= 0 || e.Amount > p.Refundable() {
		return &Error{Kind: Invalid, Code: "refund_exceeds_captured", Payment: p,
			Message: "The refund is more than what is left: " + Money{p.Refundable(), p.Amount.Currency}.String() + "."}
	}
	if !p.roomForRefund(old != nil) {
		return standing(*p, "too_many_refunds", "This payment has reached the number of refunds that one payment can have.")
	}
	r := Refund{ID: e.ID, Amount: e.Amount, All: e.All, Reason: e.Reason, Origin: OriginShop, Status: RefundBegun,
		By: e.By, RequestedAt: now, Until: clock(e.Until), BaseListed: -1}
	if e.Base != nil && e.Base.believable(p.Amount.Currency) {
		r.setBase(*e.Base, p.Refunded)
	}
	if old != nil {
		*old = r
	} else {
		p.Refunds = append(p.Refunds, r)
	}
	p.record(now, "refund_requested", e.By, e.ID, "")
	return nil
}

// asked says whether e asks once more for this refund, which failed or is in flight.
func (r Refund) asked(e RefundRequested) bool {
	return (r.Status == RefundFailed || r.open()) && r.All == e.All && (e.All || r.Amount == e.Amount)
}

// setBase notes the bank's total before the refund. A total below what is proven to have gone back lags behind: the proven is the
// base then, and a list of operations, which would lag as well, counts as none.
func (r *Refund) setBase(before Report, proven int64) {
	if before.Refunded == nil {
		return
	}
	r.BaseKnown, r.Base = true, max(*before.Refunded, proven)
	if before.Operations != nil && *before.Refunded >= proven {
		r.BaseListed = len(before.Operations)
	}
}

// refundAnswered settles a refund with what its owner heard from the bank. Only proof makes it succeeded, only a definite no
// makes it failed; everything else stays unknown with its amount reserved.
func (p *Payment) refundAnswered(e RefundAnswered, now time.Time) error {
	r := p.refund(e.ID)
	if r == nil {
		return &Error{Kind: Internal, Message: "an answer to a refund that was never requested"}
	}
	if !e.Until.IsZero() && !clock(e.Until).Equal(r.Until) {
		return nil
	}
	if !r.open() {
		if r.Status == RefundFailed && e.Answer == AnswerDone {
			p.review(now, ReviewRefund)
		}
		return nil
	}
	if e.Answer == AnswerRefused {
		if r.Status == RefundBegun {
			r.Code = e.Code
			p.refundFailed(r, byBank, now)
		}
		return nil
	}
	verdict, desk := unread, int64(0)
	if e.Reading != nil && e.Reading.believable(p.Amount.Currency) {
		p.BankStatus, p.BankCode = e.Reading.Word, e.Reading.Code
		verdict, desk = r.judge(*e.Reading, p.Captured)
	}
	confirmed := e.RefundID != "" || e.Answer == AnswerDone && (verdict == unread && !r.BaseKnown)
	switch {
	case verdict == done || confirmed:
		r.BankRefundID = e.RefundID
		p.refundDone(r, byBank, now)
		if verdict == done {
			p.bookDesk(desk, now)
		}
	case r.Status == RefundBegun:
		r.Status = RefundUnknown
		p.record(now, "refund_unknown", byKassa, r.ID, e.Code)
	}
	return nil
}

func (p *Payment) refundDone(r *Refund, by string, now time.Time) {
	r.Status, r.SettledAt, r.Code = RefundSucceeded, now, ""
	p.giveBack(r.Amount)
	p.record(now, "refund_succeeded", by, r.ID, "")
	p.clearRefundReview(r.ID, now)
}

func (p *Payment) refundFailed(r *Refund, by string, now time.Time) {
	r.Status, r.SettledAt = RefundFailed, now
	p.record(now, "refund_failed", by, r.ID, r.Code)
	p.clearRefundReview(r.ID, now)
}

// clearRefundReview takes back a review that was raised while this refund was in flight. One from before is about another refund,
// and stays.
func (p *Payment) clearRefundReview(id string, now time.Time) {
	for _, entry := range slices.Backward(p.History) {
		switch {
		case entry.What == "refund_requested" && entry.Ref == id:
			return
		case entry.What == "review:"+string(ReviewRefund):
			p.clearReview(now, ReviewRefund)
			return
		}
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

// roomForRefund bounds what a shop can make of one payment, and keeps history enough to settle all that is under way.
func (p *Payment) roomForRefund(again bool) bool {
	own := 0
	for _, r := range p.Refunds {
		if r.Origin == OriginShop {
			own++
		}
	}
	return len(p.History) <= MaxHistory-toSettle && (again || own < MaxRefunds)
}
