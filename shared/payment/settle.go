package payment

import (
	"cmp"
	"slices"
	"time"
)

// absorb takes in what the bank gave back: it settles the refund in flight, or else is the bank's own doing. Where its
// word denies the money, a person must look.
func (p *Payment) absorb(rep Report, now time.Time) {
	if rep.Amount != (Money{}) && rep.Amount.Currency != p.Amount.Currency {
		p.review(now, ReviewCurrency)
		back := rep.State.gaveBack() || rep.RefundID != "" || p.more(rep)
		// which it would be for ever: no total in that currency is ever explained
		if back && p.dismissed(ReviewRefund).IsZero() {
			p.doubtTotal(rep, now)
		}
		return
	}
	p.doubtCaptured(rep, now)
	if rep.Denied && p.dismissed(ReviewStatus).IsZero() {
		p.review(now, ReviewStatus)
	}
	if _, stated := rep.total(p.Captured); !stated { // which says more
		p.keepPromise(rep, now)
	}
	if r := p.InFlight(); r != nil {
		p.settleRefund(r, rep, now)
		return
	}
	if _, stated := rep.total(p.Captured); stated {
		p.bookFound(p.weigh(nil, rep), now)
	}
	if rep.Returning && p.dismissed(ReviewRefund).IsZero() { // or it stands there for good, and somebody has looked
		p.doubtTotal(rep, now)
	}
}

// doubtUntold calls a person where the bank's answer says that something went back which we did not send, and neither
// it nor what the bank has signed says how much.
func (p *Payment) doubtUntold(rep Report, now time.Time) {
	_, stated := rep.total(p.Captured)
	told := stated || rep.Amount != (Money{}) && rep.Amount.Currency != p.Amount.Currency // that has its own review
	switch {
	case told || p.InFlight() != nil || !p.Status.Money() || rep.State != BankApproved && rep.State != BankRefunded:
	case rep.State == BankRefunded && p.Refunded == 0:
		p.review(now, ReviewRefund)
	case rep.RefundID != "" && !p.explains(Notice{Report: Report{State: rep.State, RefundID: rep.RefundID}}):
		p.doubtTotal(rep, now)
	}
}

// doubtCaptured calls a person where the bank states another amount than what is on record as taken: it had named none
// before, or has taken more since. Beside money that went back a lower one may be what is left, or what went.
func (p *Payment) doubtCaptured(rep Report, now time.Time) {
	back := rep.State != BankApproved || rep.Refunded.Minor > 0 || rep.RefundID != "" || p.Refunded+p.Reserved() > 0
	other := rep.Amount.Minor > p.Captured || rep.Amount.Minor < p.Captured && !back
	if rep.Amount.Currency == p.Amount.Currency && other && p.dismissed(ReviewAmount).IsZero() {
		p.review(now, ReviewAmount)
	}
}

// more says whether a report states a total above what is on record, or in another currency, which cannot be compared.
func (p *Payment) more(r Report) bool {
	foreign := r.Amount != (Money{}) && r.Amount.Currency != p.Amount.Currency
	return r.Refunded.Said && (r.Refunded.Minor > p.Refunded || foreign && r.Refunded.Minor > 0)
}

// contradictory says whether a word that is none of money stands beside a figure of money that went back, and calls a
// person then.
func (p *Payment) contradictory(r Report, now time.Time) bool {
	switch {
	case r.State.taken() || !p.more(r):
		return false
	case p.Status.Money():
		p.doubtTotal(r, now)
	default: // of a word that the bank repeats, whoever has looked knows
		if p.BankStatus != r.Word || p.dismissed(ReviewStatus).IsZero() {
			p.review(now, ReviewStatus)
		}
		p.BankStatus, p.BankCode = r.Word, r.Code
	}
	return true
}

// doubtTotal calls a person for money that may have gone back and cannot be booked.
func (p *Payment) doubtTotal(rep Report, now time.Time) {
	if p.Refunded < p.Captured || rep.Refunded.Said && rep.Refunded.Minor > p.Captured {
		p.review(now, ReviewRefund)
	}
}

// knowsRefund says whether the bank's id belongs to a refund that is done.
func (p Payment) knowsRefund(bankID string) bool {
	return bankID != "" && slices.ContainsFunc(p.Refunds, func(r Refund) bool {
		return r.BankRefundID == bankID && r.Status == RefundSucceeded
	})
}

// settleRefund decides about a refund whose owner is gone, and not before: until then its owner, or the bank with what
// it was sent, may still be at work. One that the bank has said yes to fails never by itself: banks' totals lag. One
// whose answer was lost is called not done when two equal readings lie a bank day apart, and is believed all the same
// when a total shows it later.
func (p *Payment) settleRefund(r *Refund, rep Report, now time.Time) {
	if now.Before(r.Until.Add(recoverAfter)) {
		return
	}
	p.announce(r, now) // its owner is gone without a word
	f := p.weigh(r, rep)
	total, _ := rep.total(p.Captured)
	switch f.verdict {
	case done:
		if !p.knowsRefund(rep.RefundID) { // an answer may name another one
			r.BankRefundID = cmp.Or(r.BankRefundID, rep.RefundID)
		}
		p.refundDone(r, byBank, now)
		f.mark(r)
		p.bookBeside(f, rep, now)
	case notDone:
		if r.ReadAt.IsZero() || r.ReadTotal != total {
			r.ReadAt, r.ReadTotal = now, total
		}
		if r.Answer != AnswerDone && now.Sub(r.ReadAt) >= bankDay {
			r.Answer = AnswerLost
			p.refundFailed(r, byBank, now)
			p.bookBeside(f, rep, now)
			return
		}
		if r.Answer == AnswerDone {
			p.refundStuck(now)
		}
	case underWay:
		r.ReadAt = time.Time{}
		p.refundStuck(now)
	default:
		r.ReadAt = time.Time{}
		p.review(now, ReviewRefund)
	}
}

// bookBeside books what the reading that settled a refund has shown besides. Of one that its name has told, the sums
// beside it are still to be read.
func (p *Payment) bookBeside(f finding, rep Report, now time.Time) {
	p.bookFound(f, now)
	if p.InFlight() == nil {
		p.bookFound(p.weigh(nil, rep), now)
	}
}

// byName is what a whole list of names tells of a refund that the bank has named; unread when it tells nothing.
func (r *Refund) byName(list []Operation, total int64) verdict {
	nameless := func(op Operation) bool { return op.ID == "" }
	if r == nil || r.BankRefundID == "" || sum(list) != total || slices.ContainsFunc(list, nameless) {
		return unread
	}
	i := slices.IndexFunc(list, func(op Operation) bool { return op.ID == r.BankRefundID })
	switch {
	case i < 0:
		return notDone
	case list[i].Amount == r.Amount:
		return done
	}
	return unread
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

// absorbDesk books what the bank gave back without us. More than was taken cannot be: it is booked as far as it can be,
// and a human must look. So must one when the history has no room left for it; refunds are refused by then.
func (p *Payment) absorbDesk(op Operation, now time.Time) {
	if left := p.Captured - p.Refunded; op.Amount > left {
		op.Amount = left
		p.review(now, ReviewRefund)
	}
	if op.Amount <= 0 {
		return
	}
	if p.room() < toSettle/2 {
		p.review(now, ReviewRefund)
		return
	}
	p.absorbDeskBy(byBank, op, now)
}

func (p *Payment) absorbDeskBy(by string, op Operation, now time.Time) {
	r := p.deskRefund(now)
	if r.Amount == 0 {
		r.BankRefundID = op.ID
	}
	r.Amount += op.Amount
	p.giveBack(op.Amount)
	p.record(now, "refund_succeeded", by, r.ID, "")
}

// deskRefund is a fresh refund of the bank's, or the last one where no more fit: its amount then grows.
func (p *Payment) deskRefund(now time.Time) *Refund {
	last, n, free := 0, 0, len(p.Refunds)
	for p.refund(deskRefundID(p.ID, free)) != nil { // refunds of which nothing was sent are gone again
		free++
	}
	for i, r := range p.Refunds {
		if r.Origin == OriginBank {
			last, n = i, n+1
		}
	}
	if n >= MaxDeskRefunds {
		return &p.Refunds[last]
	}
	p.Refunds = append(p.Refunds, Refund{
		ID: deskRefundID(p.ID, free), Origin: OriginBank, Status: RefundSucceeded,
		By: byBank, RequestedAt: now, SettledAt: now, BaseListed: -1,
	})
	return &p.Refunds[len(p.Refunds)-1]
}
