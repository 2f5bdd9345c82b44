package payment

import (
	"cmp"
	"fmt"
	"time"
)

// How long things may take.
const (
	lapseCreated = time.Hour        // an opening nobody finished
	lapsePage    = 10 * time.Minute // after the page's end: what was begun before it may still arrive
	// after the page's or the payment's end: a human must look, or nobody need ask any more
	stuckAfter = 24 * time.Hour
)

// Apply is the only way a payment changes: pure and total. It gives the payment after e, or p as it was and an *Error:
// Standing when the payment's state does not allow e, Invalid when e itself cannot be, Internal when an invariant would
// break. An event that has nothing to change is no error.
func Apply(p Payment, e Event, now time.Time) (Payment, error) {
	now = clock(now)
	next := p.clone()
	if err := next.apply(e, now); err != nil {
		return p, err
	}
	next.DueAt = keepDue(p.DueAt, listed(nextDue(next)), now)
	if err := checkStep(p, next); err != nil {
		return p, err
	}
	return next, nil
}

func (p *Payment) apply(e Event, now time.Time) error {
	switch e := e.(type) {
	case OpeningStart:
		return p.startOpening(e, now)
	case OpeningDone:
		return p.finishOpening(e, now)
	case OpeningRefusal:
		p.refuseOpening(e, now)
	case OpeningLoss:
		p.Lease = time.Time{}
	case Question:
		return p.asking(e, now)
	case QuestionPromise:
		return p.promise(now)
	case Hearsay:
		p.noteHearsay(e)
	case Statement:
		return p.takeStatement(e, now)
	case NoticeArrival:
		p.takeNotice(e, now)
	case NoticeTrust:
		return p.trusted(now)
	case Silence:
		return p.noteSilence(e, now)
	case Cancellation:
		return p.cancelRequested(e, now)
	case SiblingReading:
		return p.siblingsRead(e, now)
	case Wakeup:
		p.wake(now)
	case RefundIntent:
		return p.intendRefund(e, now)
	case RefundDisclosure:
		p.discloseRefund(e, now)
	case RefundAnswer:
		return p.refundAnswered(e, now)
	case DeliveryOutcome:
		p.noteDeliveries(e, now)
	case Redelivery:
		return p.redeliver(e, now)
	case Ruling:
		return p.rule(e, now)
	default:
		return &Error{Kind: Internal, Message: fmt.Sprintf("event %T is not in the table", e)}
	}
	return nil
}

func (p *Payment) cancelRequested(e Cancellation, now time.Time) error {
	if p.Status.Money() {
		return standing(*p, "order_already_paid", "This payment is paid; refund it instead.")
	}
	if p.Status.Live() {
		p.Lease = time.Time{}
		p.end(Cancelled, e.By, "", p.Status == Created, now)
	}
	return nil
}

func (p *Payment) siblingsRead(e SiblingReading, now time.Time) error {
	if !p.Status.Money() {
		return p.stands("cannot be paid twice")
	}
	p.SiblingsDue = false
	if e.Overpaid && !p.Overpaid {
		p.Overpaid = true
		p.record(now, "overpaid", byKassa, "", "")
	}
	return nil
}

// takeStatement lets the bank's proven word about our own handle change the payment, as the table says.
func (p *Payment) takeStatement(e Statement, now time.Time) error {
	if p.Handle.OrderID == "" || e.Handle != p.Handle {
		return &Error{Kind: Internal, Message: "a report about another handle than the payment's own"}
	}
	if p.tells(e.Report) {
		p.rechecked(now)
	}
	e.Report = e.Report.plain()
	money := p.Status.Money() && !e.Report.State.taken()
	switch asked := clock(e.Asked); {
	case money && (e.Unpaid || now.Before(p.PaidAt)), money && !e.Asked.IsZero() && asked.Before(p.PaidAt):
		return nil // it answers a question that was put before the bank was heard to have the money
	case e.Report.State.known() && p.contradicts(e.Report, now):
		return nil
	}
	if err := p.confirm(e.Report, now); err != nil {
		return err
	}
	asked := clock(cmp.Or(e.Asked, now))
	if e.Report.believable(p.Amount.Currency) && asked.After(p.calledAt(ReviewRegress)) {
		p.clearReview(now, ReviewRegress)
	}
	return nil
}

// trusted settles by signature what was kept about our session.
func (p *Payment) trusted(now time.Time) error {
	if p.Handle.OrderID == "" {
		return p.stands("has no page at the bank yet")
	}
	return p.actOnNotices(now)
}

// take lets what the bank has proven about our handle change the payment.
func (p *Payment) take(r Report, now time.Time) error {
	if !r.Possible() {
		return &Error{Kind: Malformed, Message: "the bank reports an amount that cannot be"}
	}
	money := p.Status.Money()
	if contradictory := p.contradictory(r, now); !r.State.known() || contradictory && !money {
		p.undecided(now)
		return nil
	}
	repeated := p.BankStatus == r.Word
	p.BankStatus, p.BankCode = r.Word, r.Code
	switch r.State {
	case BankApproved, BankRefunded, BankReturned:
		if !money {
			if !p.pay(r, now) {
				return nil
			}
		}
		p.keepReceipt(r)
		p.absorb(r, now)
	case BankOpen:
		switch {
		case money:
			p.regress(repeated, now)
		case p.Status == Pending:
			p.lapse(now)
		default:
			p.stillUnpaid(now)
		}
	case BankDeclined, BankCancelled, BankExpired:
		switch {
		case money:
			p.regress(repeated, now)
		case p.Status == Pending:
			p.endDoubt(now)
			p.end(r.State.end(), byBank, r.Code, true, now)
			p.noteRefusal(r)
		default:
			p.endDoubt(now)
			p.EndStated = true
			p.noteRefusal(r)
		}
	case BankRefunding:
		// Whether it will have been paid, and how much will have gone back, is known when the bank is done.
		if refund := p.InFlight(); refund != nil {
			p.settleRefund(refund, r, now)
		} else {
			p.doubt(now)
		}
	default:
		p.undecided(now)
	}
	return nil
}

// regress is when the bank calls paid money unpaid. Nothing is undone; a refund in flight cannot be settled by such an
// answer. A word that the bank repeats is no news to whoever has looked.
func (p *Payment) regress(repeated bool, now time.Time) {
	if !repeated || p.dismissed(ReviewRegress).IsZero() {
		p.review(now, ReviewRegress)
	}
	p.refundStuck(now)
}

// pay books what the bank took; false when it took a currency that cannot be this order's. Once a person has settled
// that with the bank, the page is spent and the payment over.
func (p *Payment) pay(r Report, now time.Time) bool {
	took := p.Amount
	if r.Amount != (Money{}) {
		took = r.Amount
	}
	if took.Currency != p.Amount.Currency {
		switch {
		case p.dismissed(ReviewCurrency).IsZero():
			p.review(now, ReviewCurrency)
		case p.Status == Pending && !p.InReview(ReviewCurrency):
			p.endDoubt(now)
			p.end(Expired, byKassa, "", true, now)
		}
		return false
	}
	p.Late = p.Status != Pending
	p.Captured, p.PaidAt = took.Minor, now
	p.SiblingsDue = p.Late || p.ID.Attempt > 1
	p.become(Paid, byBank, r.Code, now)
	if took.Minor != p.Amount.Minor {
		p.review(now, ReviewAmount)
	}
	p.answered(now)
	return true
}

func (p *Payment) end(s Status, by, code string, stated bool, now time.Time) {
	p.EndedAt, p.EndStated = now, stated
	p.become(s, by, code, now)
	if p.Handle.OrderID == "" {
		p.sortNotices(now) // the session that they speak of will never be ours
	}
}

func (p *Payment) become(s Status, by, code string, now time.Time) {
	p.Status = s
	p.forget()
	p.record(now, string(s), by, "", code)
}

// stands is the error for an event that the payment's state leaves no room for.
func (p *Payment) stands(how string) *Error {
	return standing(*p, "payment_"+string(p.Status), "This payment is "+string(p.Status)+" and "+how+".")
}

// clock cuts a time to what is stored: UTC, whole milliseconds, no monotonic part, so that a payment read back equals
// the one that was saved.
func clock(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
