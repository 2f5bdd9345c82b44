package payment

import "time"

func (p *Payment) startOpening(e OpeningStart, now time.Time) error {
	if p.Status != Created {
		return p.stands("was opened before")
	}
	if now.Before(p.Lease) {
		return standing(*p, "payment_in_progress", "This payment is just being opened; try again shortly.")
	}
	p.Lease, p.OpeningAt = clock(e.Until), now
	p.Openings++
	return nil
}

func (p *Payment) finishOpening(e OpeningDone, now time.Time) error {
	if p.Status != Created {
		return p.stands("was opened before")
	}
	if e.Handle.OrderID == "" || e.RedirectURL == "" || !e.ExpiresAt.After(now) {
		return &Error{Kind: Internal, Message: "an opening without order id, page or time to pay"}
	}
	p.Lease, p.Handle, p.RedirectURL, p.ExpiresAt = time.Time{}, e.Handle, e.RedirectURL, clock(e.ExpiresAt)
	p.Openings = 0 // how often it took tells the bank one try from another, and is over
	p.become(Pending, byBank, "", now)
	p.sortNotices(now)
	return nil
}

func (p *Payment) refuseOpening(e OpeningRefusal, now time.Time) {
	p.Lease = time.Time{}
	if p.Status == Created {
		p.end(Declined, byBank, e.Code, true, now)
		p.noteRefusal(Report{State: BankDeclined, Code: e.Code})
	}
}
