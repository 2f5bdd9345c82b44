package payment

import (
	"slices"
	"time"
)

// askFloor is the least time between two questions about one payment, whoever provokes them: a stranger
// with a payment's address must not be able to flood the bank through us.
const askFloor = 5 * time.Second

func (p *Payment) asking(e Question, now time.Time) error {
	if p.Handle.OrderID == "" {
		return p.stands("has no page at the bank yet")
	}
	free := p.AskedAt.Add(p.askInterval(now))
	if p.awaited(now) {
		if free = p.AskNext; !e.Promised {
			free = free.Add(askFloor) // whom it was promised to comes first, unless he was cut off
		}
		if asked := p.AskedAt.Add(askFloor); asked.After(free) && !p.AskedAt.After(now) {
			free = asked // it was promised by a clock behind ours
		}
	}
	if now.Before(free) {
		return standing(*p, "asked_recently", "The bank was asked about this payment a moment ago.")
	}
	p.AskedAt, p.AskNext = now, time.Time{}
	return nil
}

// promise is for those who come back from the bank: what was asked before they came is no answer to them.
func (p *Payment) promise(now time.Time) error {
	if p.Handle.OrderID == "" {
		return p.stands("has no page at the bank yet")
	}
	if p.awaited(now) && now.Before(p.AskNext) {
		return standing(*p, "asked_soon", "The bank will be asked about this payment in a moment.")
	}
	p.AskNext = now
	if asked := p.AskedAt.Add(askFloor); asked.After(now) {
		p.AskNext = asked
	}
	if !p.awaited(now) { // asked by a clock ahead of ours, it is over by then all the same
		p.AskNext = now.Add(askFloor)
	}
	return nil
}

// awaited says whether somebody has promised a question and may still put it. A promise is for the next five seconds:
// one that stands for much later was noted by a clock ahead of ours, and nobody knows when.
func (p *Payment) awaited(now time.Time) bool {
	return !p.AskNext.IsZero() && !p.AskNext.After(now.Add(2*askFloor))
}

// Answered says whether the bank has answered a question about p before, so that it has one. Its word about money, also
// of another currency, or about the end, may come from what it has signed.
func (p *Payment) Answered() bool {
	return !p.Status.Money() && !p.EndStated && p.BankStatus != "" && p.calledAt(ReviewCurrency).IsZero() ||
		p.toldTotal()
}

// toldTotal says whether the bank is on record to have told how much it has given back.
func (p *Payment) toldTotal() bool {
	return slices.ContainsFunc(p.Refunds, func(r Refund) bool { return r.BaseKnown || !r.ReadAt.IsZero() })
}

func (p *Payment) noteSilence(e Silence, now time.Time) error {
	switch {
	case p.Status == Created:
		return p.stands("has no page at the bank yet")
	case e.Blind:
		if p.Blind(nil) {
			p.review(now, ReviewRefund) // until the bank tells its total again, if it ever does
		}
	case e.Unsupported && len(p.Notices) > 0:
		err := p.actOnNotices(now)
		p.refundUndecidable(now)
		return err
	case e.Unsupported && p.Status == Pending:
		p.lapse(now)
	case e.Unsupported && !p.Status.Money():
		p.stillUnpaid(now)
	case e.Unsupported:
		if !e.NoCall { // which may pass
			p.rechecked(now)
		}
		p.refundUndecidable(now)
	default:
		p.undecided(now)
	}
	return nil
}

// askInterval is how long one answer of the bank is good enough: 5 s while the customer is likely to be waiting, longer
// later.
func (p Payment) askInterval(now time.Time) time.Duration {
	since := p.OpeningAt
	if p.Status.Money() {
		since = p.PaidAt
	}
	switch age := now.Sub(since); {
	case age < 30*time.Minute:
		return askFloor
	case age < 2*time.Hour:
		return 15 * time.Second
	}
	return time.Minute
}

// PollAfter is when a waiting customer's next question makes sense; zero when the answer will not change by waiting.
func (p Payment) PollAfter(now time.Time) time.Duration {
	switch {
	case p.Status.Live():
		return p.askInterval(now)
	case p.InFlight() != nil:
		return time.Minute // only the sweep settles it
	}
	return 0
}

// The bank's morning: its day is over, and the shop's has not begun. Shards come one after the other, so that a whole
// day's payments do not meet the bank in one minute.
const (
	bankMorning = 30 * time.Hour // after the midnight before money moved
	morningStep = 4 * time.Minute
)

// rechecks says whether money is left that the bank's desk could give back, and the bank is still to be asked about it
// for a shop that wants to hear of it.
func (p *Payment) rechecks() bool {
	return p.Recheck && p.Status.Money() && p.Refunded < p.Captured && p.RecheckedAt.Before(p.recheckAt())
}

// recheckAt is when the bank is asked once more: on the morning after the bank day in which it was paid, or a refund of
// the shop's was last done, for the desk may be at the same. That is of Minsk for its rouble, else of Baku, whose bank
// takes all other currencies.
func (p *Payment) recheckAt() time.Time {
	moved := p.PaidAt
	for _, r := range p.Refunds {
		if r.Origin == OriginShop && r.Status == RefundSucceeded && r.SettledAt.After(moved) {
			moved = r.SettledAt
		}
	}
	offset := 4 * time.Hour
	if p.Amount.Currency == BYN {
		offset = 3 * time.Hour
	}
	midnight := moved.Add(offset).Truncate(24 * time.Hour).Add(-offset)
	return midnight.Add(bankMorning + time.Duration(p.ID.Shard())*morningStep)
}

// recheckDue is when that question must be put, or put again: each day for a month, and then as long after the last
// time as that was after the morning. Nobody is called for it, so it is never given up, and comes ever more seldom.
func (p *Payment) recheckDue() time.Time {
	if !p.rechecks() {
		return time.Time{}
	}
	morning := p.recheckAt()
	at := firstAfter(p.AskedAt, morning, daily([]time.Duration{0, time.Hour})...)
	if at.IsZero() {
		at = p.AskedAt.Add(p.AskedAt.Sub(morning))
	}
	return at
}

// tells says whether an answer tells what went back: not while money moves, nor by a total that is behind what is on
// record, nor by none from a bank that has told one before.
func (p *Payment) tells(r Report) bool {
	total, stated := r.total(p.Captured)
	return r.State.taken() && r.State != BankRefunding && (stated && total >= p.Refunded || !stated && !p.toldTotal())
}

// rechecked notes that the bank has told of the money since that morning, whoever asked, or that it answers nobody.
func (p *Payment) rechecked(asked time.Time) {
	if p.rechecks() && !asked.Before(p.recheckAt()) {
		p.RecheckedAt = asked
	}
}
