package payment

import "time"

// askFloor is the least time between two questions about one payment, whoever provokes them: a stranger
// with a payment's address must not be able to flood the bank through us.
const askFloor = 5 * time.Second

func (p *Payment) asking(e Question, now time.Time) error {
	if p.Handle.OrderID == "" {
		return p.stands("has no page at the bank yet")
	}
	free := p.AskedAt.Add(p.askInterval(now))
	if !p.AskNext.IsZero() {
		if free = p.AskNext; !e.Promised {
			free = free.Add(askFloor) // whom it was promised to comes first, unless he was cut off
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
	if now.Before(p.AskNext) {
		return standing(*p, "asked_soon", "The bank will be asked about this payment in a moment.")
	}
	p.AskNext = now
	if free := p.AskedAt.Add(askFloor); free.After(now) {
		p.AskNext = free
	}
	return nil
}

func (p *Payment) noteSilence(e Silence, now time.Time) error {
	switch {
	case p.Status == Created:
		return p.stands("has no page at the bank yet")
	case e.Unsupported && len(p.Notices) > 0:
		err := p.actOnNotices(now)
		p.refundUndecidable(now)
		return err
	case e.Unsupported && p.Status == Pending:
		p.lapse(now)
	case e.Unsupported && !p.Status.Money():
		p.stillUnpaid(now)
	case e.Unsupported:
		p.rechecked(now)
		p.refundUndecidable(now)
	default:
		p.doubt(now)
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
