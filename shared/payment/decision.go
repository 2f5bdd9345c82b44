package payment

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// RulingKind is what a person decides.
type RulingKind string

// MaxReason is how long a description or a reason may be, a shop's or an operator's, in characters: Unicode code
// points, as the API counts.
const MaxReason = 250

// The decisions.
const (
	ResolveRefundDone     RulingKind = "refund_done"     // the bank did give it back
	ResolveRefundNotDone  RulingKind = "refund_not_done" // the bank did not, and will not
	ResolveAcceptCaptured RulingKind = "accept_captured" // the shop keeps the amount that the bank took
	ResolveDismiss        RulingKind = "dismiss"         // somebody has looked, and nothing is to be done here
)

// Resolution is a decision that was made.
type Resolution struct {
	Sequence int64 // of the first entry of the history that it made
	At       time.Time
	How      RulingKind
	By       string
	Why      string
}

// rule does what a person has decided. What the bank can still be asked about, or its asker still waits for, is not
// theirs yet.
func (p *Payment) rule(e Ruling, now time.Time) error {
	if e.By == "" || e.Why == "" || utf8.RuneCountInString(e.Why) > MaxReason {
		return &Error{Kind: Invalid, Code: "reason_required",
			Message: fmt.Sprintf("A decision needs a name, and a reason of 1 to %d characters.", MaxReason)}
	}
	if len(p.Resolutions) >= MaxResolved || p.room() < toSettle/2 {
		return standing(*p, "too_many_decisions", "This payment has no room for further decisions.")
	}
	first := p.Sequence + 1
	if err := p.ruleOn(e, now); err != nil {
		return err
	}
	if nextDue(*p).IsZero() {
		p.unwatched(now)
	}
	p.Resolutions = append(p.Resolutions, Resolution{Sequence: first, At: now, How: e.How, By: e.By, Why: e.Why})
	return nil
}

// unwatched is when nobody would ask the bank any more after a decision. What was set aside for a refund would keep
// others waiting with nobody called.
func (p *Payment) unwatched(now time.Time) {
	left := func(n Notice) bool { return n.back() && !p.explains(n) }
	if p.Status.Money() && p.InFlight() == nil && slices.ContainsFunc(p.Notices, left) {
		p.review(now, ReviewRefund)
	}
}

func (p *Payment) ruleOn(e Ruling, now time.Time) error {
	switch r := p.InFlight(); {
	case e.How == ResolveDismiss:
		return p.dismiss(e, now)
	case e.How == ResolveAcceptCaptured && p.InReview(ReviewAmount):
		p.clearReviewBy(e.By, now, ReviewAmount)
		return nil
	case r != nil && (e.How == ResolveRefundDone || e.How == ResolveRefundNotDone):
		return p.decideRefund(r, e, now)
	case e.How == ResolveRefundDone && e.Refund == "" && p.InReview(ReviewRefund) && e.Amount > 0 &&
		e.Amount <= p.Refundable():
		p.clearReviewBy(e.By, now, ReviewRefund)
		p.absorbGivenBack(e, now)
		return nil
	}
	return standing(*p, "nothing_to_resolve", "This payment holds nothing that could be decided so.")
}

// absorbGivenBack books what a person has found to have gone back with nothing in flight. As in a total that a bank
// states, refunds of ours that seemed lost are among it before any of it is the desk's.
func (p *Payment) absorbGivenBack(e Ruling, now time.Time) {
	f := p.attributeSum(nil, e.Amount, "")
	for _, r := range f.found {
		p.refundDone(r, e.By, now)
		f.mark(r)
	}
	for _, op := range f.desk {
		p.absorbDeskBy(e.By, op, now)
	}
}

// decideRefund ends the refund in flight. One that the bank carried out in part succeeds with that part as its amount.
// It does not fail: a shop may repeat a failed refund under its key, and would give back all of it besides the part.
func (p *Payment) decideRefund(r *Refund, e Ruling, now time.Time) error {
	switch {
	case e.Refund != r.ID:
		return standing(*p, "nothing_to_resolve", "The refund in flight is "+r.ID+": say that it is meant.")
	case now.Before(r.Until.Add(recoverAfter)):
		return standing(*p, "refund_in_progress",
			"Whoever asked the bank for this refund may still be at work; try again in half an hour.")
	case e.Amount < 0 || e.Amount >= r.Amount || e.Amount > 0 && e.How == ResolveRefundNotDone:
		return standing(*p, "nothing_to_resolve", "The part that was given back must be less than the refund.")
	case e.How == ResolveRefundNotDone:
		r.Answer = AnswerLost // a person may err, and a total that shows it later is believed
		p.refundFailed(r, e.By, now)
	default:
		r.Amount = cmp.Or(e.Amount, r.Amount)
		p.refundDone(r, e.By, now)
		finding{summed: true}.mark(r) // who looks at the bank sees what went back, and not whose it is
	}
	return nil
}

// dismiss ends a review without doing anything else.
func (p *Payment) dismiss(e Ruling, now time.Time) error {
	if e.Review == "" && len(p.Reviews) == 1 {
		e.Review = p.Reviews[0]
	}
	switch {
	case !p.InReview(e.Review):
		return standing(*p, "nothing_to_resolve", "This payment is not under that review, or under several: say which.")
	case e.Review == ReviewRefund && p.InFlight() != nil:
		return standing(*p, "refund_in_progress", "A refund is in flight: decide whether it was done or not.")
	}
	p.clearReviewBy(e.By, now, e.Review)
	if e.Review == ReviewStatus {
		p.dropUnread()
	}
	if p.Status == Pending { // what the bank answers now may end it
		_ = p.promise(now) // or somebody else has
	}
	if e.Review == ReviewRefund && p.Status.Money() {
		p.dropStuck(now)
	}
	return nil
}
