package payment

import (
	"cmp"
	"slices"
	"time"
)

// Answer is how a bank reacted to a request to move money.
type Answer string

// The answers to a refund request.
const (
	AnswerDone    Answer = "done"    // a definite yes
	AnswerRefused Answer = "refused" // a definite no: this try moved no money
	AnswerUnsent  Answer = "unsent"  // nothing was sent
	AnswerLost    Answer = "lost"    // nobody knows
)

// Harmless says whether this try cannot have moved money.
func (a Answer) Harmless() bool { return a == AnswerRefused || a == AnswerUnsent }

// refundAnswered settles a refund with what its owner heard from the bank. Only proof makes it succeeded, only a
// definite no makes it failed; everything else stays unknown with its amount reserved.
func (p *Payment) refundAnswered(e RefundAnswer, now time.Time) error {
	r := p.refund(e.ID)
	if p.knowsRefund(e.RefundID) { // of another one: a bank may take ours for its second copy
		e.Answer, e.RefundID = AnswerLost, ""
	}
	if p.knowsRefund(e.Promised) {
		e.Promised = ""
	}
	switch {
	case r == nil && e.Answer == AnswerUnsent:
		return nil // withdrawn already
	case r == nil:
		return &Error{Kind: Internal, Message: "an answer to a refund that was never requested"}
	case r.Status == RefundSucceeded && e.RefundID != "" && r.BankRefundID == "": // the bank signed it before it answered
		r.BankRefundID = e.RefundID
		return nil
	case r.Status == RefundSucceeded && e.RefundID != "": // what it signed was another one, of the same amount
		p.doubtTotal(Report{}, now)
		return nil
	case e.Owner != r.Owner: // of an earlier try
		return nil
	case !r.open():
		switch {
		case r.unproven() && e.Answer == AnswerDone:
			p.doneAfterAll(r, now)
		case r.Status == RefundFailed && e.Answer == AnswerDone:
			p.review(now, ReviewRefund) // a no and a yes to the same try
		}
		return nil
	case e.Answer == AnswerUnsent || e.Answer == AnswerRefused:
		if r.Status == RefundBegun {
			p.notTaken(r, e, now)
		}
		return nil
	}
	r.Answer = AnswerLost
	if e.Answer == AnswerDone {
		r.Answer = AnswerDone
	}
	r.BankRefundID = cmp.Or(e.RefundID, e.Promised, r.BankRefundID) // by which the reading tells it from others
	found := finding{}
	if e.Reading != nil && e.Reading.believable(p.Amount.Currency) {
		p.BankStatus, p.BankCode = e.Reading.Word, e.Reading.Code
		found = p.weigh(r, e.Reading.plain())
	}
	confirmed := e.RefundID != "" || e.Answer == AnswerDone && found.verdict == unread && !r.BaseKnown
	switch {
	case found.verdict == done || confirmed:
		p.refundDone(r, byBank, now)
		if found.verdict == done {
			p.bookBeside(found, e.Reading.plain(), now)
		}
		if !confirmed {
			found.mark(r)
		}
	case r.Status == RefundBegun:
		p.refundOpen(r, e.Code, now)
	}
	return nil
}

// notTaken is when the bank refused, or nothing was sent: no money moved by this try. What the bank may have under way
// from an earlier try of the same refund, or has signed since it was asked, is another matter: then a refusal may mean
// just that it is done already. Or that the desk was faster, so that a shop with rechecks has one now.
func (p *Payment) notTaken(r *Refund, e RefundAnswer, now time.Time) {
	known := p.inHistory(r.ID)
	p.RecheckedAt = time.Time{}
	switch {
	case e.Answer == AnswerRefused && (r.Answer != "" || p.unsettled()):
		r.Answer = cmp.Or(r.Answer, AnswerLost)
		p.refundOpen(r, e.Code, now)
		p.review(now, ReviewRefund)
	case e.Answer == AnswerUnsent && !known:
		p.withdraw(r.ID)
	case r.SettledAt.IsZero():
		r.Code = e.Code
		p.refundFailed(r, byBank, now)
	default: // it had failed before, and was told so
		r.Status = RefundFailed
		if e.Answer == AnswerRefused {
			r.Code = e.Code
		}
	}
	p.sortUnderWay(now)
}

func (p *Payment) withdraw(id string) {
	p.Refunds = slices.DeleteFunc(p.Refunds, func(r Refund) bool { return r.ID == id })
	if len(p.Refunds) == 0 {
		p.Refunds = nil
	}
}

// inHistory says whether the history knows of a refund. It does from the first outcome on, or when somebody was told
// that it is under way: tries of which nothing was sent leave no trail.
func (p *Payment) inHistory(id string) bool {
	return slices.ContainsFunc(p.History, func(e Entry) bool { return e.Ref == id && e.What == "refund_requested" })
}

// announce puts a refund into the history, once.
func (p *Payment) announce(r *Refund, now time.Time) {
	if r.Origin == OriginShop && !p.inHistory(r.ID) {
		p.record(now, "refund_requested", r.By, r.ID, "")
	}
}

// discloseRefund puts the refund in flight into the history, because somebody is being told of it.
func (p *Payment) discloseRefund(e RefundDisclosure, now time.Time) {
	if r := p.refund(e.ID); r != nil && r.open() {
		p.announce(r, now)
	}
}

func (p *Payment) refundOpen(r *Refund, code string, now time.Time) {
	p.announce(r, now)
	r.Status = RefundUnknown
	p.record(now, "refund_unknown", byKassa, r.ID, code)
}

func (p *Payment) refundDone(r *Refund, by string, now time.Time) {
	p.announce(r, now)
	r.Status, r.SettledAt, r.Code, r.Answer, r.Owner = RefundSucceeded, now, "", "", ""
	p.giveBack(r.Amount)
	p.record(now, "refund_succeeded", by, r.ID, "")
	p.clearReview(now, ReviewRefund) // it was about this refund: under a review of before, none is sent
	if by == byBank {
		p.clearReview(now, ReviewRegress) // what it gave back it had taken
	}
	p.sortUnderWay(now)
}

// doneAfterAll is when a refund that had failed is proven done. Where there is no room for it any more, a person must
// look.
func (p *Payment) doneAfterAll(r *Refund, now time.Time) {
	if r.Amount > p.Refundable() {
		p.review(now, ReviewRefund)
		return
	}
	p.refundDone(r, byBank, now)
}

func (p *Payment) refundFailed(r *Refund, by string, now time.Time) {
	p.announce(r, now)
	r.Status, r.SettledAt = RefundFailed, now
	p.record(now, "refund_failed", by, r.ID, r.Code)
	p.clearReview(now, ReviewRefund) // it was about this refund: under a review of before, none is sent
	p.sortUnderWay(now)
}
