package payment

import (
	"slices"
	"time"

	"kassa/shared/payment/delivery"
)

// Work is what the sweep has to do about a payment.
type Work string

// The kinds of work.
const (
	NoWork       Work = ""
	AskBank      Work = "ask"      // put the question about our handle to the bank
	ReadSiblings Work = "siblings" // read the order's other attempts
	LetLapse     Work = "lapse"    // nobody finished opening it
	FillOutbox   Work = "outbox"   // nobody tried to tell the shop: the record of the stream was lost
)

// How long telling a shop may wait.
const (
	putOff    = time.Minute     // until what was put off is tried
	streamLag = 3 * time.Minute // after which the stream's record of an entry counts as lost; no sooner than firstAsk
)

func (p *Payment) wake(now time.Time) {
	if since := delivery.NeverTried(p.Deliveries); !since.IsZero() && !now.Before(since.Add(streamLag)) {
		for i, d := range p.Deliveries {
			p.Deliveries[i] = d.Shelved(now)
		}
	}
	if p.Status == Created && len(p.Notices) > 0 && !now.Before(p.noticeDue()) {
		p.sortNotices(now) // its opener is gone, and the session with it
	}
	if p.Status == Created && !now.Before(p.OpeningAt.Add(lapseCreated)) && !now.Before(p.Lease) {
		p.end(Expired, byKassa, "", true, now)
	}
}

// pageOver is when nothing arrives any more that was begun before the page's end.
func (p *Payment) pageOver() time.Time { return p.ExpiresAt.Add(lapsePage) }

func (p *Payment) lapse(now time.Time) {
	if !now.Before(p.pageOver()) {
		p.clearReview(now, ReviewStatus)
		p.end(Expired, byKassa, "", false, now)
	}
}

// doubt is when the bank was asked and decided nothing: too long of that, and a human must look.
func (p *Payment) doubt(now time.Time) {
	p.refundStuck(now)
	looked := p.dismissed(ReviewStatus)
	pending := p.Status == Pending && !now.Before(p.ExpiresAt.Add(stuckAfter)) && looked.Before(p.pageOver())
	ended := p.endUnstated() && !now.Before(p.EndedAt.Add(stuckAfter)) && looked.IsZero()
	news := slices.ContainsFunc(p.Notices, func(n Notice) bool {
		stuck := n.At.Add(stuckAfter)
		called := p.onRecord(n) || n.back() && p.InReview(ReviewRefund)
		return !called && !now.Before(stuck) && stuck.After(looked) // also when somebody has looked before the bank signed it
	})
	if pending || ended || news {
		p.review(now, ReviewStatus)
	}
}

// undecided is when the bank was asked and said nothing of money: a payment that a person has found unpaid at the bank
// expires then. What the bank says later counts all the same.
func (p *Payment) undecided(now time.Time) {
	if p.foundUnpaid() {
		p.lapse(now)
	} else {
		p.doubt(now)
	}
}

// foundUnpaid says whether a person has looked at a pending payment once its page was over, and nothing has called for
// one since.
func (p *Payment) foundUnpaid() bool {
	looked := p.dismissed(ReviewStatus)
	since := func(n Notice) bool { return n.At.After(looked) }
	return p.Status == Pending && !p.InReview(ReviewStatus) && !looked.Before(p.pageOver()) &&
		!slices.ContainsFunc(p.Notices, since)
}

// stillUnpaid ends the asking about an end that the bank did not state: a day later it still knows of no payment.
func (p *Payment) stillUnpaid(now time.Time) {
	if p.endUnstated() && !now.Before(p.EndedAt.Add(stuckAfter)) {
		p.clearReview(now, ReviewStatus)
		p.EndStated = true
	}
}

// endUnstated says whether the payment ended unpaid without the bank's saying so: its money may still come.
func (p *Payment) endUnstated() bool {
	return !p.Status.Live() && !p.Status.Money() && !p.EndStated
}

// Due says what work is waiting at now. A wake-up that is too early finds none; Wakeup then moves the entry in the
// to-do list.
func Due(p Payment, now time.Time) Work {
	at, untold := nextDue(p), undeliveredDue(p)
	switch {
	case at.IsZero() || at.After(now):
		return NoWork
	case !untold.IsZero() && !untold.After(now):
		return FillOutbox
	case p.SiblingsDue:
		return ReadSiblings
	case p.Status == Created:
		return LetLapse
	}
	return AskBank
}

// long says whether a page is to be asked about as an instalment application is.
func long(life time.Duration) bool { return life > time.Hour }

// firstAsk is when the bank is first asked about a page of such a life, counted from when its opening began.
func firstAsk(life time.Duration) time.Duration {
	if long(life) {
		return time.Minute
	}
	return 3 * time.Minute
}

// listed is the whole second under which the to-do list has what is due at a time: never one before it, so that what
// is found due is due.
func listed(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(time.Second - time.Nanosecond).Truncate(time.Second)
}

// keepDue leaves an entry of the to-do list where it is while it is still to come and early enough: a wake-up that is
// too early harms nobody, and every move costs two writes.
func keepDue(have, want, now time.Time) time.Time {
	if !want.IsZero() && have.After(now) && have.Before(want) {
		return have
	}
	return want
}

// nextDue is when the sweep must look: when the bank must next be asked, counted from when it last was, or the outbox
// be filled; zero when there is nothing to wait for.
func nextDue(p Payment) time.Time {
	at := p.ordinaryDue()
	if at.IsZero() && p.overlooked() {
		at = p.AskedAt.Add(bankDay)
	}
	at = sooner(at, undeliveredDue(p))
	if !p.AskNext.IsZero() {
		at = sooner(at, p.AskNext.Add(askFloor)) // whom it was promised to is gone by then
	}
	if len(p.Notices) > 0 {
		at = sooner(at, p.noticeDue())
	}
	return at
}

// sooner is the earlier of two times, either of which may be zero for never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// undeliveredDue is when what was never told to the shop is put into the outbox; zero when there is nothing of the
// kind.
func undeliveredDue(p Payment) time.Time {
	if since := delivery.NeverTried(p.Deliveries); !since.IsZero() {
		return since.Add(streamLag)
	}
	return time.Time{}
}

// ordinaryDue is nextDue without what a kept notice asks for.
func (p Payment) ordinaryDue() time.Time {
	refund := p.InFlight()
	switch {
	case p.SiblingsDue:
		return p.PaidAt.Add(time.Minute)
	case p.Status == Created:
		return p.OpeningAt.Add(lapseCreated)
	case p.Status == Pending:
		return p.nextPendingDue()
	case refund != nil:
		early := []time.Duration{recoverAfter, 2 * recoverAfter, 3 * recoverAfter, 75 * time.Minute, 3 * time.Hour,
			8 * time.Hour, stuckAfter, bankDay + 2*recoverAfter}
		return firstAfter(p.AskedAt, refund.Until, daily(early)...)
	case p.Status.Money():
		return sooner(p.unsureDue(), p.recheckDue())
	case p.EndStated:
		return time.Time{}
	}
	return firstAfter(p.AskedAt, p.EndedAt, daily([]time.Duration{10 * time.Minute, time.Hour})...)
}

// overlooked says whether p is open, nobody is called to look, and the month of questions is over all the same, as
// where the sweep did not run for so long: a question that was then claimed by somebody who was cut off was not the
// last. Nor was it where a person has looked at a pending payment, which the next answer ends.
func (p *Payment) overlooked() bool {
	unseen := func(r Review) bool { return !p.InReview(r) && p.dismissed(r).IsZero() }
	pending := p.Status == Pending && !p.InReview(ReviewStatus)
	return p.Handle.OrderID != "" && (pending || p.endUnstated() && unseen(ReviewStatus) ||
		p.InFlight() != nil && unseen(ReviewRefund))
}

// unsureSince is since when the bank may show more given back than is on record, with no refund in flight: one failed
// without proof, or nobody knows how much went back; or since when it has called the money unpaid, as a copy of its
// books may that lags behind. A refund that a total alone has proven may have been taken for the one that failed, which
// the bank may then carry out as late as the younger. Zero when there is nothing of the kind.
func (p Payment) unsureSince() (since time.Time) {
	lost := slices.ContainsFunc(p.Refunds, Refund.unproven)
	for _, r := range p.Refunds {
		taken := lost && r.Status == RefundSucceeded && (r.BankRefundID == "" || r.Answer != "")
		if (r.unproven() || taken) && r.SettledAt.After(since) {
			since = r.SettledAt
		}
	}
	for _, reason := range []Review{ReviewRefund, ReviewRegress} {
		if at := p.calledAt(reason); p.Status.Money() && p.InReview(reason) && at.After(since) {
			since = at
		}
	}
	return since
}

// unsureDue is when the bank must be asked because of that.
func (p Payment) unsureDue() time.Time {
	since := p.unsureSince()
	if since.IsZero() {
		return since
	}
	return firstAfter(p.AskedAt, since, daily([]time.Duration{time.Hour})...)
}

// nextPendingDue goes by how long the page lives, whatever is paid on it: a card page is asked about three times while
// it is open, one that lives longer, such as an instalment application's, at first often, then every six hours; both,
// once the page has ended, at growing distances until a human has long been called.
func (p Payment) nextPendingDue() time.Time {
	life := p.ExpiresAt.Sub(p.OpeningAt)
	early := []time.Duration{firstAsk(life), 8 * time.Minute}
	if long(life) {
		early = []time.Duration{firstAsk(life), 5 * time.Minute, 15 * time.Minute, time.Hour}
		for at := 6 * time.Hour; p.OpeningAt.Add(at).Before(p.ExpiresAt); at += 6 * time.Hour {
			early = append(early, at)
		}
	}
	if at := firstAfter(p.AskedAt, p.OpeningAt, early...); !at.IsZero() && at.Before(p.ExpiresAt) {
		return at
	}
	late := []time.Duration{0, lapsePage}
	for d := 2 * lapsePage; d < stuckAfter; d *= 2 {
		late = append(late, d)
	}
	return firstAfter(p.AskedAt, p.ExpiresAt, daily(late)...)
}

// daily goes on after the early steps once a day, from the step at which a human is called, for a month: a review
// stops no asking.
func daily(early []time.Duration) []time.Duration {
	for d := stuckAfter; d <= 30*24*time.Hour; d += 24 * time.Hour {
		early = append(early, d)
	}
	return early
}

// firstAfter is the first of start+steps that lies after asked; zero when none does.
func firstAfter(asked, start time.Time, steps ...time.Duration) time.Time {
	for _, step := range steps {
		if at := start.Add(step); at.After(asked) {
			return at
		}
	}
	return time.Time{}
}
