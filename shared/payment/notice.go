package payment

import (
	"reflect"
	"slices"
	"time"
)

// Notice is what a message proves that the bank signed, kept until it can be settled: the opening is not saved yet,
// asking the bank has not confirmed it so far, or nobody understands it.
type Notice struct {
	Handle Handle // what it says of the order; without an id, that is not said, or not to be read
	Report
	At time.Time
}

// about says whether the notice speaks of the session that h is. One that names none came to this payment's own
// address.
func (n Notice) about(h Handle) bool {
	return n.Handle.IsOf(h) && (n.Handle.OrderID != "" || n.unread())
}

// unread says whether nobody understands the notice.
func (n Notice) unread() bool { return !n.State.known() }

// Approved says whether the bank has signed that it took money for a payment that is unpaid on record, and neither an
// answer of its own nor a person has said since what became of it.
func (p *Payment) Approved() bool {
	return !p.Status.Money() && slices.ContainsFunc(p.Notices, func(n Notice) bool {
		return n.State.taken() && n.At.After(p.dismissed(ReviewStatus)) && n.At.After(p.dismissed(ReviewCurrency))
	})
}

// unclear says whether it may be about money for all that anybody knows. The bank's next word is no answer to that,
// unless it tells of money that was not on record when the notice came.
func (n Notice) unclear() bool { return n.State == BankUnclear }

// same says whether two notices tell the same.
func (n Notice) same(m Notice) bool {
	n.At, m.At = time.Time{}, time.Time{}
	return reflect.DeepEqual(n, m)
}

// takeNotice keeps a proven message until it can be settled. One about another session than ours cannot be: where it
// may speak of money, a human must look. So must one where nobody understands what the bank has signed.
func (p *Payment) takeNotice(e NoticeArrival, now time.Time) {
	n := noticeOf(e, now)
	more := n.tells() && !p.explains(n)
	refunding := n.State == BankRefunding && !p.explainsUnderWay(n)
	if p.InFlight() != nil { // it is that refund, unless the total says otherwise
		refunding = n.State == BankRefunding && more && n.Refunded.Said &&
			n.Refunded.Minor != p.Refunded+p.Reserved()
	}
	if more && !n.State.taken() || refunding { // money goes back that is none of ours, and nobody knows how much
		n.State = BankUnclear
	}
	switch {
	case n.State == BankOpen || n.State == BankProcessing: // no news
	case p.Handle.OrderID == "" && p.Status != Created, p.Handle.OrderID != "" && !n.about(p.Handle):
		p.doubtBankOrder(n, now)
	case p.Status.Money() && n.State == BankApproved && !more && !p.unheardOf(n) && !p.foreign(n): // it is known
		p.doubtCaptured(n.Report, now)
	case slices.ContainsFunc(p.Notices, n.same):
	default:
		p.keepNotice(n, now)
		if n.unclear() {
			p.review(now, ReviewStatus)
		}
		if p.stuck(n, now) {
			p.review(now, ReviewRefund)
		}
	}
}

// noticeOf is the notice of a message. Of figures that cannot be, nothing is kept: what the message means is not known
// then.
func noticeOf(e NoticeArrival, now time.Time) Notice {
	n := Notice{Handle: e.Handle, Report: e.Report.plain(), At: now}
	n.Receipt = Receipt{} // that is read from the bank's answers alone, and stands nowhere else in the table
	if !n.Possible() {
		n.State, n.Amount, n.Refunded, n.Operations = BankUnclear, Money{}, Sum{}, nil
	}
	return n
}

// keepNotice finds room for a notice. Without any, what tells of money is worth most, and what nobody understands
// least; whatever has no room then, a human must see.
func (p *Payment) keepNotice(n Notice, now time.Time) {
	unread := slices.IndexFunc(p.Notices, Notice.unread)
	switch {
	case len(p.Notices) < MaxNotices:
		p.Notices = append(p.Notices, n)
	case unread >= 0 && !n.unread():
		p.forgotten(p.Notices[unread], now)
		p.Notices = append(slices.Delete(p.Notices, unread, unread+1), n)
	case n.State.taken():
		p.Notices[len(p.Notices)-1] = n
		p.review(now, ReviewRefund)
	default:
		p.forgotten(n, now)
	}
}

// forgotten calls a person for what is not kept and nobody understands.
func (p *Payment) forgotten(n Notice, now time.Time) {
	p.review(now, ReviewStatus)
	if n.unclear() && p.Status.Money() {
		p.review(now, ReviewRefund)
	}
}

// sortNotices is called when the session is known at last: what was kept about another one is nobody's to settle.
func (p *Payment) sortNotices(now time.Time) {
	kept := p.Notices
	p.Notices = nil
	for _, n := range kept {
		if p.Handle.OrderID != "" && n.about(p.Handle) {
			p.Notices = append(p.Notices, n)
		} else {
			p.doubtBankOrder(n, now)
		}
	}
}

// doubtBankOrder is when the bank proves something about a session that we do not hold.
func (p *Payment) doubtBankOrder(n Notice, now time.Time) {
	if n.State.taken() || n.unclear() {
		p.review(now, ReviewSession)
	}
}

// actOnNotices settles what is kept by the bank's signature alone. What nobody understands stays until the bank has
// said something that answers it, or a person has looked.
func (p *Payment) actOnNotices(now time.Time) error {
	kept, paid, flying := p.Notices, p.Status.Money(), p.InFlight() != nil
	p.Notices = slices.DeleteFunc(slices.Clone(kept), func(n Notice) bool { return !n.unread() })
	answered := len(p.Notices) < len(kept)
	for _, n := range kept {
		switch {
		case n.unread(), paid && !n.State.taken() && n.At.Before(p.PaidAt): // or it came before the money did
		case n.State == BankRefunding && paid:
			p.keepUnderWay(n, now)
		case n.back():
			p.gaveBackNoticed(n, now)
		default:
			if err := p.take(n.Report, now); err != nil {
				return err
			}
		}
	}
	answers := func(n Notice) bool {
		return n.unread() && answered && (!n.unclear() || p.Status.Money() && !paid) && (!p.puzzles(n) || p.explains(n))
	}
	p.Notices = slices.DeleteFunc(p.Notices, answers)
	switch {
	case flying && p.InFlight() == nil: // what could not be told from the refund now can
		return p.actOnNotices(now)
	case len(p.Notices) > 0:
		p.doubt(now)
	}
	return nil
}

// dropUnread forgets what nobody understood, when a person has found it out.
func (p *Payment) dropUnread() { p.Notices = slices.DeleteFunc(p.Notices, Notice.unread) }

// endDoubt ends the doubt about how a payment stands, unless the bank has signed what may be about money.
func (p *Payment) endDoubt(now time.Time) {
	if !slices.ContainsFunc(p.Notices, Notice.unclear) {
		p.clearReview(now, ReviewStatus)
	}
}

// answered ends the doubt about whether the bank took money: it did. What nobody understands about money given back
// stays in doubt.
func (p *Payment) answered(now time.Time) {
	if !slices.ContainsFunc(p.Notices, p.puzzles) {
		p.clearReview(now, ReviewStatus)
	}
}

// contradicts says whether the bank's answer leaves a kept notice unconfirmed: it is asked again, and nothing changes
// until they agree or, a day later, a human has looked. An answer that speaks of money stands for itself.
func (p *Payment) contradicts(r Report, now time.Time) bool {
	open := slices.ContainsFunc(p.Notices, func(n Notice) bool {
		return !r.State.taken() && n.State != r.State && n.State != BankUnknown &&
			(n.State.end() == "" || r.State.end() == "")
	})
	if open {
		p.undecided(now)
	}
	return open
}

// confirm takes the bank's answer. Of the notices, those about money that went back may say what the answer does not:
// it may state no total, or one that lags behind.
func (p *Payment) confirm(r Report, now time.Time) error {
	kept, paid, back := p.Notices, p.Status.Money(), p.Refunded
	if r.State.known() {
		p.Notices = slices.DeleteFunc(slices.Clone(kept), func(n Notice) bool { return !p.puzzles(n) })
	}
	for _, n := range kept {
		if _, stated := r.total(p.Captured); r.State.gaveBack() && !stated && !p.foreign(n) {
			p.keepPromise(n.Report, now)
		}
	}
	if err := p.take(r, now); err != nil {
		return err
	}
	if !r.State.known() {
		kept = nil // it answers none of them
	} else {
		p.Notices = nil
	}
	total, stated := r.total(p.Captured)
	for _, n := range kept {
		signed, told := n.total(p.Captured)
		silent, confirmed := !stated, !stated || told && signed == total
		grown := p.Refunded > back || p.Status.Money() && p.Refunded == p.Captured
		switch {
		case n.State == BankRefunding && paid:
			p.keepUnderWay(n, now)
		case n.unclear() && (r.State == BankRefunding || p.puzzles(n) && !p.explains(n) || paid && r.State.taken() && !grown):
			p.Notices = append(p.Notices, n) // it may be about money that went back, which the bank's total does not show yet
		case n.unread(), !r.State.taken(), !n.back() && (n.State != BankApproved || !p.foreign(n) || !p.Status.Money()):
		case !p.Status.Money(): // it took a currency that is not the order's; what went back of it is a person's to see
			p.Notices = append(p.Notices, n)
		case p.foreign(n) && !silent:
			if n.At.After(p.dismissed(ReviewCurrency)) {
				p.review(now, ReviewCurrency)
			}
			if n.back() && !grown {
				p.Notices = append(p.Notices, n) // the answer may lag behind
			}
		case silent && !p.foreign(n) && p.unheardOf(n):
			p.gaveBackNoticed(n, now)
		case !p.foreign(n) && p.explains(n): // by now, by the bank's answer or a person's decision
			p.name(n.RefundID)
		case !confirmed:
			p.Notices = append(p.Notices, n) // the answer lags behind
		default:
			p.gaveBackNoticed(n, now)
		}
	}
	p.doubtUntold(r, now)
	if p.Status.Money() && r.State.taken() && !r.Denied && slices.ContainsFunc(kept, p.explained) {
		p.endDoubt(now)
	}
	if p.noticeStuck(now) || p.deskMayBeOurs() {
		p.review(now, ReviewRefund)
		return nil
	}
	if stated && !r.Returning && r.believable(p.Amount.Currency) {
		p.totalKnown(total, now)
	}
	return nil
}

// explained says whether a notice for which a person was called to look how the payment stands is kept no longer:
// nobody understood it, or the bank was silent about it for too long.
func (p *Payment) explained(n Notice) bool {
	called := n.unclear() || !p.calledAt(ReviewStatus).Before(n.At.Add(stuckAfter))
	return called && !slices.ContainsFunc(p.Notices, n.same)
}

// stuck says whether a kept notice needs a person: it has waited for its confirmation for too long, or tells of more
// than was captured.
func (p *Payment) stuck(n Notice, now time.Time) bool {
	late := !now.Before(n.At.Add(stuckAfter)) && !p.onRecord(n)
	return late || p.Status.Money() && n.Refunded.Minor > p.Captured
}

// noticeStuck says whether any kept notice is stuck. What nobody understands has a review of its own.
func (p *Payment) noticeStuck(now time.Time) bool {
	return slices.ContainsFunc(p.Notices, func(n Notice) bool { return !n.unclear() && p.stuck(n, now) })
}

// dropStuck forgets what the bank has signed about money that went back and somebody had to look at. Until then it
// raises the review again and again, and the shop's refunds wait for it.
func (p *Payment) dropStuck(now time.Time) {
	p.Notices = slices.DeleteFunc(p.Notices, func(n Notice) bool { return n.back() && p.stuck(n, now) })
}

// noticeDue is when a kept notice must be looked at again.
func (p Payment) noticeDue() (at time.Time) {
	// until then its opener may still save the session, and its clock may be behind
	if first := p.Notices[0].At; p.Handle.OrderID == "" {
		return first.Add(max(time.Minute, p.Lease.Add(recoverAfter).Sub(first)))
	}
	early := []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute, 4 * time.Minute, 5 * time.Minute,
		10 * time.Minute,
		15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour}
	for _, n := range p.Notices { // beside an old one that nobody has answered
		at = sooner(at, firstAfter(p.AskedAt, n.At, daily(early)...))
	}
	return at
}
