package dynamo

import (
	"cmp"
	"slices"
	"time"

	"kassa/shared/payment"
)

// shorten leaves out of a payment what lengthen finds in the rest of it. One in which that is not the same, as in none
// of ours, it leaves as it is.
func shorten(p payment.Payment) payment.Payment {
	short := p
	short.Sequence, short.History = 0, slices.Clone(p.History)
	before := p.CreatedAt
	for i := range short.History {
		e := &short.History[i]
		e.Sequence = 0
		if e.At.Equal(before) {
			e.At = time.Time{}
		}
		before = p.History[i].At
	}
	if p.Status.Money() && p.PaidAt.Equal(reached(p, payment.Paid)) {
		short.PaidAt = time.Time{}
	}
	if !p.Status.Money() && p.OpeningAt.Equal(p.CreatedAt) {
		short.OpeningAt = time.Time{}
	}
	if p.Status.Live() { // one that has ended keeps only those ways back that it still needs
		if back := p.Return; back.Cancel == back.Success {
			short.Return.Cancel = ""
		}
		if back := p.Return; back.Decline == back.Success {
			short.Return.Decline = ""
		}
	}
	again := lengthen(short)
	if again.Sequence != p.Sequence || !slices.Equal(again.History, p.History) || again.PaidAt != p.PaidAt ||
		again.OpeningAt != p.OpeningAt || again.Return != p.Return {
		return p
	}
	return short
}

// lengthen is the payment that was shortened: the one without a sequence.
func lengthen(p payment.Payment) payment.Payment {
	p.Sequence, p.History = int64(len(p.History)), slices.Clone(p.History)
	before := p.CreatedAt
	for i := range p.History {
		e := &p.History[i]
		e.Sequence = cmp.Or(e.Sequence, int64(i+1))
		if e.At.IsZero() {
			e.At = before
		}
		before = e.At
	}
	switch {
	case p.Status.Money() && p.PaidAt.IsZero():
		p.PaidAt = reached(p, payment.Paid)
	case !p.Status.Money() && p.OpeningAt.IsZero():
		p.OpeningAt = p.CreatedAt
	}
	if p.Status.Live() {
		p.Return.Cancel = cmp.Or(p.Return.Cancel, p.Return.Success)
		p.Return.Decline = cmp.Or(p.Return.Decline, p.Return.Success)
	}
	return p
}

// reached is when the history first has a status; zero when never.
func reached(p payment.Payment, s payment.Status) time.Time {
	for _, e := range p.History {
		if e.What == string(s) {
			return e.At
		}
	}
	return time.Time{}
}
