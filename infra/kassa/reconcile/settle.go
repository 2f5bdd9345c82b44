package reconcile

import (
	"fmt"
	"strconv"
	"time"

	"kassa/shared/payment"
)

// settle compares with the statement, and comes to the verdict. A payment of which the bank has said nothing stays not
// asked, unless the statement alone shows a difference: that is one, whatever the bank would have said.
func (r *Row) settle(day window) {
	unfound := len(r.Differences) == 1 && r.Differences[0].What == "order"
	sure, _ := backOn(r.payment, day)
	missing := r.stated && len(r.lines) == 0 && (sure > 0 || r.payment.Status.Money() && within(day, r.payment.CreatedAt,
		r.payment.PaidAt))
	if missing {
		r.differ("statement", says("moved"), says("no_line"))
	} else if len(r.lines) > 0 {
		r.compareLines(day)
	}
	switch {
	case unfound && len(r.lines) == 0, missing && len(r.Differences) == 1 && r.Verdict != NotAsked:
		r.Verdict = OnlyHere
	case len(r.Differences) > 0:
		r.Verdict = Differs
	case r.Verdict == "":
		r.Verdict = Equal
	}
}

// compareLines compares what the statement has of the payment with what moved that day.
func (r *Row) compareLines(day window) {
	p, charged, back := r.payment, int64(0), int64(0)
	for _, l := range r.lines {
		r.Lines = append(r.Lines, l.Number)
		if l.Currency != "" && l.Currency != p.Amount.Currency {
			r.differ("statement currency, line "+strconv.Itoa(l.Number), code(p.Amount.Currency), code(l.Currency))
			return
		}
		if l.Refund {
			back += l.Amount
		} else {
			charged += l.Amount
		}
	}
	took := p.Captured
	if !p.Status.Money() {
		took = 0
	}
	switch {
	case charged == took && took > 0 && !overlaps(day, p.CreatedAt, p.PaidAt):
		r.differ("day", says("paid_on", p.PaidAt.In(day.from.Location()).Format(time.DateOnly)), says("charged_today"))
	case charged == 0 && !within(day, p.CreatedAt, p.PaidAt): // it was charged on another day
	case charged != took:
		if !overlaps(day, p.CreatedAt, p.PaidAt) {
			took = 0
		}
		r.differ("statement charge", r.money(took), r.money(charged))
	}
	if sure, may := backOn(p, day); back < sure || back > sure+may {
		r.differ("statement refund", r.money(sure), r.money(back))
	}
}

// The bank moved the money when it did, and Kassa has heard of it at that moment or later. So a payment of which the
// page was open at midnight may stand in the statement of either day, and what the desk gave back in that of any day
// until it was found: a line is missing, or too much, only where no such moment explains it.

// within says whether something that happened between two moments was surely on a day.
func within(day window, from, until time.Time) bool { return day.has(from) && day.has(until) }

// overlaps says whether it may have been on that day. Without an end it is still open.
func overlaps(day window, from, until time.Time) bool {
	return from.Before(day.until) && (until.IsZero() || !until.Before(day.from))
}

// backOn is what surely went back on a day, and what may have.
func backOn(p payment.Payment, day window) (sure, may int64) {
	for _, r := range p.Refunds {
		from := r.RequestedAt
		if r.Origin == payment.OriginBank {
			from = p.CreatedAt // it was requested when we found it
		}
		switch {
		case r.Status == payment.RefundFailed:
		case r.Status == payment.RefundSucceeded && within(day, from, r.SettledAt):
			sure += r.Amount
		case overlaps(day, from, r.SettledAt):
			may += r.Amount
		}
	}
	return sure, may
}

// numbers writes the lines of a statement for people.
func numbers(lines []int) (text string) {
	for i, n := range lines {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(n)
	}
	return text
}
