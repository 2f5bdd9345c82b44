package payment

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// verdict is what a reading says about a refund in flight.
type verdict int

const (
	unread    verdict = iota // the bank states no total
	done                     // proven done
	notDone                  // this reading does not contain it
	underWay                 // the bank is at it, whatever the total says
	undecided                // the total moved by something else, and no list tells by what
)

// judge compares a reading with the total before the refund. desk is what went back besides, at the bank's own desk.
func (r Refund) judge(rep Report, captured int64) (v verdict, desk int64) {
	total, stated := rep.total(captured)
	if !stated || !r.BaseKnown {
		return unread, 0
	}
	grown := total - r.Base
	sum, ours, listed := rep.listed(r.BaseListed, r.Amount)
	switch {
	case rep.State == BankRefunding:
		return underWay, 0 // it may still go back to the former state, and the total with it
	case listed && sum == grown && ours:
		return done, grown - r.Amount
	case listed && sum == grown:
		return notDone, grown // also when it has grown by our amount: by several refunds of the bank's own
	case grown == r.Amount:
		return done, 0
	case !listed && grown == 0:
		return notDone, 0
	}
	return undecided, 0
}

// listed sums up the bank's list beyond its first n operations, and says whether one of them is of that amount. ok is false when
// there is no such list, or when it holds what gives nothing back, and so is no list of refunds.
func (r Report) listed(n int, amount int64) (sum int64, found, ok bool) {
	if n < 0 || r.Operations == nil || len(r.Operations) < n {
		return 0, false, false
	}
	for _, op := range r.Operations[n:] {
		if op.Amount <= 0 {
			return 0, false, false
		}
		sum += op.Amount
		found = found || op.Amount == amount
	}
	return sum, found, true
}

// total is what the bank states to have given back: everything, when it calls the payment returned without a figure.
func (r Report) total(captured int64) (int64, bool) {
	if r.Refunded != nil {
		return *r.Refunded, true
	}
	return captured, r.State == BankReturned
}

// book takes in what the bank gave back: it settles the refund in flight, or else is the bank's own doing.
func (p *Payment) book(rep Report, now time.Time) {
	if rep.Amount != nil && rep.Amount.Currency != p.Amount.Currency {
		p.review(now, ReviewCurrency)
		return
	}
	if r := p.InFlight(); r != nil {
		p.settle(r, rep, now)
		return
	}
	total, stated := rep.total(p.Captured)
	switch {
	case stated:
		p.bookDesk(total-p.Refunded, now)
	case rep.State == BankRefunded && p.Refunded == 0:
		p.review(now, ReviewRefund) // something went back that we did not send, and nobody says how much
	}
}

// knowsRefund says whether the bank's id belongs to a refund that is settled.
func (p Payment) knowsRefund(bankID string) bool {
	return bankID != "" && slices.ContainsFunc(p.Refunds, func(r Refund) bool { return r.BankRefundID == bankID && !r.open() })
}

// settle decides about a refund whose owner is gone, and not before: until then its owner, or the bank with what it was sent, may
// still be at work. "Not done" takes two equal readings in a row, since a bank may be slow.
func (p *Payment) settle(r *Refund, rep Report, now time.Time) {
	if now.Before(r.Until.Add(recoverAfter)) {
		return
	}
	verdict, desk := r.judge(rep, p.Captured)
	total, _ := rep.total(p.Captured)
	switch verdict {
	case done:
		r.BankRefundID = rep.RefundID
		p.refundDone(r, byBank, now)
		p.bookDesk(desk, now)
	case notDone:
		if r.ReadAt.IsZero() || r.ReadTotal != total {
			r.ReadAt, r.ReadTotal = now, total
		}
		if now.Sub(r.ReadAt) >= recoverAfter {
			p.refundFailed(r, byBank, now)
			p.bookDesk(desk, now)
		}
	case underWay:
		r.ReadAt = time.Time{}
		p.refundStuck(now)
	default:
		r.ReadAt = time.Time{}
		p.review(now, ReviewRefund)
	}
}

// refundUndecidable is when nobody can be asked about a refund whose owner is gone.
func (p *Payment) refundUndecidable(now time.Time) {
	if r := p.InFlight(); r != nil && !now.Before(r.Until.Add(recoverAfter)) {
		p.review(now, ReviewRefund)
	}
}

func (p *Payment) refundStuck(now time.Time) {
	if r := p.InFlight(); r != nil && !now.Before(r.Until.Add(refundStuck)) {
		p.review(now, ReviewRefund)
	}
}

// bookDesk books what the bank gave back without us. More than was taken cannot be: it is booked as far as it can be, and a
// human must look. So must one when the history has no room left for it; refunds are refused by then.
func (p *Payment) bookDesk(amount int64, now time.Time) {
	if left := p.Captured - p.Refunded; amount > left {
		amount = left
		p.review(now, ReviewRefund)
	}
	if amount <= 0 {
		return
	}
	if len(p.History) > MaxHistory-toSettle/2 {
		p.review(now, ReviewRefund)
		return
	}
	p.bookDeskBy(byBank, amount, now)
}

func (p *Payment) bookDeskBy(by string, amount int64, now time.Time) {
	r := p.deskRefund(now)
	r.Amount += amount
	p.giveBack(amount)
	p.record(now, "refund_succeeded", by, r.ID, "")
}

// deskRefund is a fresh refund of the bank's, or the last one where no more fit: its amount then grows.
func (p *Payment) deskRefund(now time.Time) *Refund {
	last, n := 0, 0
	for i, r := range p.Refunds {
		if r.Origin == OriginBank {
			last, n = i, n+1
		}
	}
	if n >= MaxDesk {
		return &p.Refunds[last]
	}
	p.Refunds = append(p.Refunds, Refund{
		ID: deskRefundID(p.ID, len(p.Refunds)), Origin: OriginBank, Status: RefundSucceeded,
		By: byBank, RequestedAt: now, SettledAt: now, BaseListed: -1,
	})
	return &p.Refunds[len(p.Refunds)-1]
}

// Resolving is what a person decides.
type Resolving string

// maxReason bounds the words of a decision, in bytes.
const maxReason = 500

// The decisions.
const (
	ResolveRefundDone     Resolving = "refund_done"     // the bank did give it back
	ResolveRefundNotDone  Resolving = "refund_not_done" // the bank did not, and will not
	ResolveAcceptCaptured Resolving = "accept_captured" // the shop keeps the amount that the bank took
	ResolveDismiss        Resolving = "dismiss"         // somebody has looked, and nothing is to be done here
)

// Resolution is a decision that was made.
type Resolution struct {
	Sequence int64 // of the first entry of the history that it made
	At       time.Time
	How      Resolving
	By       string
	Why      string
}

// resolved does what a person has decided. What the bank can still be asked about, or its asker still waits for, is not theirs yet.
func (p *Payment) resolved(e Resolved, now time.Time) error {
	if e.By == "" || e.Why == "" || len(e.Why) > maxReason {
		return &Error{Kind: Invalid, Code: "reason_required", Message: fmt.Sprintf("A decision needs a name, and a reason of 1 to %d bytes.", maxReason)}
	}
	if len(p.Resolutions) >= MaxResolved || len(p.History) > MaxHistory-toSettle/2 {
		return standing(*p, "too_many_decisions", "This payment has no room for further decisions.")
	}
	first := p.Sequence + 1
	if err := p.resolve(e, now); err != nil {
		return err
	}
	p.Resolutions = append(p.Resolutions, Resolution{Sequence: first, At: now, How: e.How, By: e.By, Why: e.Why})
	return nil
}

func (p *Payment) resolve(e Resolved, now time.Time) error {
	switch r := p.InFlight(); {
	case e.How == ResolveDismiss:
		return p.dismiss(e, now)
	case e.How == ResolveAcceptCaptured && p.InReview(ReviewAmount):
		p.clearReviewBy(e.By, now, ReviewAmount)
		return nil
	case r != nil && (e.How == ResolveRefundDone || e.How == ResolveRefundNotDone):
		return p.decideRefund(r, e, now)
	case e.How == ResolveRefundDone && e.Refund == "" && p.InReview(ReviewRefund) && e.Amount > 0 && e.Amount <= p.Refundable():
		p.bookDeskBy(e.By, e.Amount, now)
		p.clearReviewBy(e.By, now, ReviewRefund)
		return nil
	}
	return standing(*p, "nothing_to_resolve", "This payment holds nothing that could be decided so.")
}

// decideRefund ends the refund in flight. One that the bank carried out in part succeeds with that part as its amount. It does not
// fail: a shop may repeat a failed refund under its key, and would give back all of it besides the part.
func (p *Payment) decideRefund(r *Refund, e Resolved, now time.Time) error {
	switch {
	case e.Refund != r.ID:
		return standing(*p, "nothing_to_resolve", "The refund in flight is "+r.ID+": say that it is meant.")
	case now.Before(r.Until.Add(recoverAfter)):
		return standing(*p, "refund_in_progress", "Whoever asked the bank for this refund may still be at work; try again in half an hour.")
	case e.Amount < 0 || e.Amount >= r.Amount || e.Amount > 0 && e.How == ResolveRefundNotDone:
		return standing(*p, "nothing_to_resolve", "The part that was given back must be less than the refund.")
	case e.How == ResolveRefundNotDone:
		p.refundFailed(r, e.By, now)
		return nil
	}
	if e.Amount > 0 {
		r.Amount = e.Amount
	}
	p.refundDone(r, e.By, now)
	return nil
}

// dismiss ends a review without doing anything else.
func (p *Payment) dismiss(e Resolved, now time.Time) error {
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
	if e.Review == ReviewRefund && p.Status.Money() {
		p.dropStuck(now)
	}
	return nil
}

// dismissed is when a person last looked at this review and ended it without doing anything; zero when nobody has. The bank's next answer
// of the same kind tells nothing new.
func (p *Payment) dismissed(reason Review) (at time.Time) {
	for _, e := range p.History {
		if e.What == "review_cleared:"+string(reason) && strings.HasPrefix(e.By, operator) {
			at = e.At
		}
	}
	return at
}
