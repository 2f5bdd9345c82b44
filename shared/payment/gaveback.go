package payment

import (
	"cmp"
	"slices"
	"time"
)

// back says whether the notice proves that money went back: by its word, or by a figure or a refund's name beside the
// word that money was taken.
func (n Notice) back() bool { return n.State.gaveBack() || n.State == BankApproved && n.tells() }

// tells says whether there is a figure of money that went back, or the name of a refund.
func (n Notice) tells() bool { return n.Refunded.Minor > 0 || n.RefundID != "" }

// foreign says whether the notice states money of another currency than the order's.
func (p *Payment) foreign(n Notice) bool {
	return n.Amount.Currency != "" && n.Amount.Currency != p.Amount.Currency
}

// puzzles says whether it tells of money given back in a way that nobody understands. That the bank took money is no
// answer to it.
func (p *Payment) puzzles(n Notice) bool { return n.unclear() && (n.tells() || p.foreign(n)) }

// gaveBackNoticed settles by its signature alone what a notice says about money that went back. A notice can prove that
// a refund was done, never that it was not: it may be old. What it cannot tell apart is a human's.
func (p *Payment) gaveBackNoticed(n Notice, now time.Time) {
	if p.foreign(n) {
		p.review(now, ReviewCurrency)
		switch r := p.InFlight(); {
		case !n.back() || p.explains(n):
		case r != nil: // a decision about that refund is none about this
			p.setAside(n, r, now)
		default:
			p.review(now, ReviewRefund)
		}
		return
	}
	if !p.Status.Money() {
		p.BankStatus, p.BankCode = n.Word, ""
		took := Report{State: BankApproved}
		if n.State == BankApproved { // a message about a refund may state the refund's amount
			took.Amount = n.Amount
		}
		p.pay(took, now)
	}
	total, stated := n.total(p.Captured)
	r := p.InFlight()
	switch {
	case p.promised(n.Report) != nil:
		switch kept := p.keepPromise(n.Report, now); {
		case kept: // and then what else it tells
			p.gaveBackNoticed(n, now)
		case r != nil:
			p.setAside(n, r, now)
		}
	case p.unheardOf(n) && r != nil:
		p.setAside(n, r, now)
	case p.unheardOf(n):
		p.review(now, ReviewRefund)
	case p.explains(n):
		p.name(n.RefundID)
	case r == nil && stated:
		p.bookFound(p.weigh(nil, n.Report), now)
		p.name(n.RefundID)
		p.totalKnown(total, now)
	case r == nil:
		p.review(now, ReviewRefund)
	case p.knowsRefund(n.RefundID), p.another(r, n.RefundID): // it says nothing about ours but that more went back
		p.setAside(n, r, now)
	case stated && total == p.Refunded+r.Amount, !stated && r.Answer == AnswerDone:
		r.BankRefundID = cmp.Or(n.RefundID, r.BankRefundID)
		p.refundDone(r, byBank, now)
		finding{summed: stated}.mark(r)
	default:
		p.setAside(n, r, now)
	}
}

// another says whether a name is of a refund that is neither r, which the bank has given its own, nor on record.
func (p *Payment) another(r *Refund, bankID string) bool {
	own := r.BankRefundID == "" || r.BankRefundID == bankID
	return bankID != "" && !own && !p.knowsRefund(bankID) && p.nameless() == nil
}

// totalKnown ends the doubt about how much went back, when the bank's total is what is on record and nothing is left
// that could change it.
func (p *Payment) totalKnown(total int64, now time.Time) {
	if total == p.Refunded && p.InFlight() == nil && len(p.Notices) == 0 && !p.deskMayBeOurs() {
		p.clearReview(now, ReviewRefund)
	}
}

// setAside keeps a notice that cannot be told from r, the refund in flight: when r is settled it may say what else went
// back. Its owner is about to say more of r; after him nobody is, and a human must look.
func (p *Payment) setAside(n Notice, r *Refund, now time.Time) {
	p.Notices = append(p.Notices, n)
	if !now.Before(r.Until.Add(recoverAfter)) {
		p.review(now, ReviewRefund)
	}
}

// explains says whether what is on record is all that the notice can mean. The bank sends its word after each refund,
// ours among them, and the order of this project names no field that would tell them apart.
func (p *Payment) explains(n Notice) bool {
	total, stated := n.total(p.Captured)
	switch {
	case !p.Status.Money() || p.promised(n.Report) != nil:
		return false
	case p.foreign(n):
		return p.Refunded == p.Captured
	case stated:
		return total <= p.Refunded
	case p.Refunded == p.Captured:
		return true // nothing more can have gone back
	case n.RefundID == "":
		return p.Refunded > 0
	}
	return p.knowsRefund(n.RefundID) || p.nameless() != nil
}

// onRecord says whether nobody need look into a notice, also when the bank never answers for it: by its total, or by
// the name of its refund, or since all of it went back, it tells nothing that is not on record.
func (p *Payment) onRecord(n Notice) bool {
	_, stated := n.total(p.Captured)
	certain := stated || p.Refunded == p.Captured || p.knowsRefund(n.RefundID)
	return n.back() && certain && p.explains(n) && !p.unheardOf(n) && !p.foreign(n)
}

// unheardOf says whether the notice names a refund that is none of those on record, although its total is not above
// theirs: it comes from before one of ours, about money that the desk gave back, and nobody knows how much. Where a
// refund on record bears no name, or is what a total has shown of the desk's, it may be that one.
func (p *Payment) unheardOf(n Notice) bool {
	desk := func(r Refund) bool { return r.Origin == OriginBank }
	return p.Status.Money() && n.RefundID != "" && n.Refunded.Said && n.Refunded.Minor <= p.Refunded &&
		p.Refunded < p.Captured && !p.knowsRefund(n.RefundID) && p.nameless() == nil && !slices.ContainsFunc(p.Refunds, desk)
}

// unsettled says whether the bank has signed that something went back, or is on its way, and nobody knows what.
func (p *Payment) unsettled() bool {
	return slices.ContainsFunc(p.Notices, func(n Notice) bool {
		return n.back() && !p.explains(n) || n.State == BankRefunding && !p.explainsUnderWay(n)
	})
}

// explainsUnderWay says whether money that the bank signed to be on its way is on record by now as gone back.
func (p *Payment) explainsUnderWay(n Notice) bool { return p.Refunded > 0 && p.explains(n) }

// keepUnderWay keeps what the bank has signed of money on its way for as long as it can be the refund in flight. When
// that has ended, and what went back does not explain it, nobody knows what it was.
func (p *Payment) keepUnderWay(n Notice, now time.Time) {
	if p.InFlight() == nil {
		if p.explainsUnderWay(n) {
			return
		}
		n.State = BankUnclear
		p.review(now, ReviewStatus)
	}
	p.Notices = append(p.Notices, n)
}

// sortUnderWay is called when a refund is in flight no longer.
func (p *Payment) sortUnderWay(now time.Time) {
	kept := p.Notices
	p.Notices = nil
	for _, n := range kept {
		if n.State == BankRefunding {
			p.keepUnderWay(n, now)
		} else {
			p.Notices = append(p.Notices, n)
		}
	}
}

// promised is the refund of ours that a report proves by its id: the bank gave that when it took the refund, and did
// not say then that it was done. nil when it is none, or when the total denies it.
func (p *Payment) promised(rep Report) *Refund {
	total, stated := rep.total(p.Captured)
	for i := range p.Refunds {
		r := &p.Refunds[i]
		named := rep.State.gaveBack() && rep.RefundID != "" && r.BankRefundID == rep.RefundID
		if named && (r.open() || r.unproven()) && (!stated || total >= p.Refunded+r.Amount) {
			return r
		}
	}
	return nil
}

// keepPromise settles that refund, where there is one; false when it is not done, or when another is in flight, which
// could not be told from it by the total before.
func (p *Payment) keepPromise(rep Report, now time.Time) bool {
	r := p.promised(rep)
	switch {
	case r == nil:
		return false
	case r.open():
		p.refundDone(r, byBank, now)
	case p.InFlight() == nil:
		p.doneAfterAll(r, now)
	}
	return r.Status == RefundSucceeded
}

// nameless is the last settled refund of which the bank's id is not known, nil when there is none.
func (p *Payment) nameless() *Refund {
	for i := len(p.Refunds) - 1; i >= 0; i-- {
		if r := &p.Refunds[i]; r.Status == RefundSucceeded && r.BankRefundID == "" {
			return r
		}
	}
	return nil
}

// name notes the bank's id of a settled refund, so that a message about it is known again.
func (p *Payment) name(bankID string) {
	taken := slices.ContainsFunc(p.Refunds, func(r Refund) bool { return r.BankRefundID == bankID })
	if r := p.nameless(); r != nil && bankID != "" && !taken {
		r.BankRefundID = bankID
	}
}
