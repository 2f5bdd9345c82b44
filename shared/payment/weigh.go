package payment

import (
	"cmp"
	"slices"
	"time"
)

// verdict is what a reading says about a refund in flight.
type verdict int

const (
	unread    verdict = iota // the bank states no total
	done                     // proven done
	notDone                  // this reading does not contain it
	underWay                 // the bank is at it, whatever the total says
	undecided                // the total moved by something else, and no list tells by what
)

// finding is what a reading of the bank's total says, beside what is on record.
type finding struct {
	verdict verdict
	found   []*Refund   // refunds of ours that failed without proof, and are in the total after all
	desk    []Operation // what else went back, at the bank's own desk: each where the bank lists it, else as one
	summed  bool        // by a total alone, which others may have made
}

// weigh compares a reading with the total before the refund in flight, or with what is on record where r is nil. A
// growth by exactly the amount of a refund of ours is that refund, whoever finds it: the one in flight before those
// that failed without proof, and of these the newer one first. Where the bank lists its operations, each of them is
// compared by itself.
func (p *Payment) weigh(r *Refund, rep Report) finding {
	total, stated := rep.total(p.Captured)
	switch {
	case !stated:
		return finding{}
	case r != nil && !r.BaseKnown && total == p.Captured && p.Refunded+r.Amount == total && rep.State != BankRefunding:
		return finding{verdict: done, summed: true} // all of it is back, whatever it was before
	case r != nil && !r.BaseKnown:
		return finding{}
	}
	listed, behind := p.unbooked(rep)
	grown := total - p.Refunded
	if r != nil {
		if grown = total - r.Base; len(listed) != len(rep.Operations)-r.BaseListed {
			listed = nil // there was no list before, or what is on record is not what it held
		}
	}
	switch {
	case rep.State == BankRefunding:
		return finding{verdict: underWay} // it may still go back to the former state, and the total with it
	case r != nil && grown < 0:
		return finding{verdict: underWay} // the total lags behind what is proven
	case listed != nil && sum(listed) == grown+behind:
		return p.attribute(r, listed).beside(rep)
	case r != nil && listed != nil && grown == 0: // the list is ahead of the total
		return finding{verdict: undecided}
	}
	if v := r.byName(rep.Operations, total); v != unread {
		return finding{verdict: v}.beside(rep)
	}
	return p.attributeSum(r, grown, rep.RefundID).beside(rep)
}

// beside is the finding where the bank may have something on its way: what its total does not contain may be that.
func (f finding) beside(rep Report) finding {
	if f.verdict == notDone && rep.Returning {
		f.verdict = underWay
	}
	return f
}

// attribute matches operations that the bank has listed with refunds of ours: also with those that leave no room for
// the one in flight, which is not done then. One that the bank has named when it took it is no operation of another
// name.
func (p *Payment) attribute(r *Refund, listed []Operation) finding {
	claims, crowded := p.candidates(r)
	f, claims := finding{verdict: notDone}, append(claims, crowded...)
	for _, op := range listed {
		i := slices.IndexFunc(claims, func(c *Refund) bool { return op.ID != "" && c.BankRefundID == op.ID })
		if i < 0 {
			i = slices.IndexFunc(claims, func(c *Refund) bool {
				return c.Amount == op.Amount && (c.BankRefundID == "" || op.ID == "")
			})
		}
		if i < 0 || claims[i].Amount != op.Amount {
			f.desk = append(f.desk, op)
			continue
		}
		f.take(claims[i], r)
		claims = slices.Delete(claims, i, i+1)
	}
	return f
}

// attributeSum matches a growth that no list explains. Beside a refund in flight it must be explained to the last unit,
// and by that refund where it may be a part of it: older ones that add up to the growth may be a coincidence, and the
// refund in flight would be called not done. Else what is left of it is the desk's. One that the bank calls otherwise
// than what is named leaves room for that.
func (p *Payment) attributeSum(r *Refund, grown int64, named string) finding {
	f := finding{verdict: notDone, summed: true}
	claims, _ := p.candidates(r)
	claims = slices.DeleteFunc(claims, func(c *Refund) bool { return p.another(c, named) && c.Amount >= grown })
	matched, exact := subset(claims, grown)
	if r != nil && (!exact || grown > r.Amount && !slices.Contains(matched, r)) {
		return finding{verdict: undecided}
	}
	if !exact { // more went back than any of ours explain: these are among it, and none of them is asked for twice
		for _, c := range claims {
			if c.Amount <= grown {
				matched, grown = append(matched, c), grown-c.Amount
			}
		}
		if grown > 0 {
			f.desk = []Operation{{Amount: grown}}
		}
	}
	for _, c := range matched {
		f.take(c, r)
	}
	return f
}

func (f *finding) take(c, r *Refund) {
	if c == r {
		f.verdict = done
	} else {
		f.found = append(f.found, c)
	}
}

// mark notes of a refund that this finding has shown that no name has proven it, also where the bank has given one.
func (f finding) mark(r *Refund) {
	if f.summed {
		r.Answer = AnswerLost
	}
}

// candidates are the refunds of ours that the bank's total may come to show, those first that are the likeliest: r, the
// one in flight, and then those that failed without proof. What the bank had carried out of one before a later one was
// asked for, the total that was read then had shown. Crowded are those of them for which there is no room beside r.
// Which of them a person has found not done comes last.
func (p *Payment) candidates(r *Refund) (claims, crowded []*Refund) {
	room := p.Captured - p.Refunded
	for i := range p.Refunds {
		switch c := &p.Refunds[i]; {
		case !c.unproven() || c.Amount > room:
		case r != nil && c.Amount > room-r.Amount:
			crowded = append(crowded, c)
		default:
			claims = append(claims, c)
		}
	}
	likelier := func(a, b *Refund) int {
		switch denied := p.endedByPerson(b.ID); {
		case denied == p.endedByPerson(a.ID):
			return b.RequestedAt.Compare(a.RequestedAt)
		case denied:
			return -1
		}
		return 1
	}
	slices.SortStableFunc(claims, likelier)
	slices.SortStableFunc(crowded, likelier)
	if r != nil {
		claims = slices.Insert(claims, 0, r)
	}
	return claims, crowded
}

// maxSubset bounds a search that doubles with each refund; an order with more refunds of unknown outcome has long been
// a person's.
const maxSubset = 12

// subset finds refunds whose amounts add up to exactly sum, the first of them first; nothing adds up to nothing.
func subset(claims []*Refund, sum int64) (found []*Refund, ok bool) {
	claims = claims[:min(len(claims), maxSubset)]
	if sum == 0 {
		return nil, true
	}
	for i, c := range claims { // one alone, before any two
		if c.Amount == sum {
			return []*Refund{claims[i]}, true
		}
	}
	for i, c := range claims {
		if c.Amount < sum {
			if rest, ok := subset(claims[i+1:], sum-c.Amount); ok {
				return append([]*Refund{c}, rest...), true
			}
		}
	}
	return nil, false
}

// bookFound books what a reading has shown besides the refund in flight. What there is no room for comes last: each
// refund that is done ends the review.
func (p *Payment) bookFound(f finding, now time.Time) {
	var crowded []*Refund
	for _, r := range f.found {
		if r.Amount > p.Refundable() {
			crowded = append(crowded, r)
			continue
		}
		p.refundDone(r, byBank, now)
	}
	for _, r := range crowded {
		p.doneAfterAll(r, now)
	}
	for _, r := range f.found {
		f.mark(r)
	}
	for _, op := range f.desk {
		p.absorbDesk(op, now)
	}
}

// deskMayBeOurs says whether refunds of the desk's, known by the bank's total alone, add up to one of ours that seemed
// lost before them: a total that lags may show one in pieces. Nobody can tell by the sums, so a person must, once.
func (p *Payment) deskMayBeOurs() bool {
	looked := p.dismissed(ReviewRefund)
	return slices.ContainsFunc(p.Refunds, func(lost Refund) bool {
		var desk []*Refund
		news := false
		for i := range p.Refunds {
			if r := &p.Refunds[i]; r.Origin == OriginBank && r.BankRefundID == "" && !r.SettledAt.Before(lost.SettledAt) {
				desk, news = append(desk, r), news || r.SettledAt.After(looked)
			}
		}
		_, ok := subset(desk, lost.Amount)
		return lost.unproven() && news && ok
	})
}

// unbooked gives the operations that the bank lists and that are none of the refunds on record: those are known by the
// bank's id, else by their amount, wherever the bank lists them; one that took its time may stand in the middle. behind
// is the amount of those of ours that no total has proven, but an id or a yes, and that are not in the list yet. nil
// when there is no list, when any other refund on record is not in it (the desk's may be the sum of several), or when
// it holds what gives nothing back, and so is no list of refunds.
func (p *Payment) unbooked(r Report) (left []Operation, behind int64) {
	if r.Operations == nil || slices.ContainsFunc(r.Operations, func(op Operation) bool { return op.Amount <= 0 }) {
		return nil, 0
	}
	left = slices.Clone(r.Operations)
	without := func(is func(Operation) bool) bool {
		i := slices.IndexFunc(left, is)
		if i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
		return i >= 0
	}
	var unnamed, desk []Refund // in this list; ours are looked for first, for the desk's may be the sum of several
	for _, old := range p.Refunds {
		done := old.Status == RefundSucceeded
		named := func(op Operation) bool { return old.BankRefundID != "" && op.ID == old.BankRefundID }
		switch {
		case !done || without(named):
		case old.Origin == OriginShop:
			unnamed = append(unnamed, old)
		default:
			desk = append(desk, old)
		}
	}
	// what a total alone has shown may be the desk's, so the others come first
	slices.SortStableFunc(unnamed, func(a, b Refund) int { return cmp.Compare(a.Answer, b.Answer) })
	for _, old := range append(unnamed, desk...) {
		same := func(op Operation) bool { return op.Amount == old.Amount }
		switch {
		case without(func(op Operation) bool { return same(op) && !p.names(op) }), without(same):
		case old.Origin == OriginShop && old.Answer == "" && (old.BankRefundID != "" || !old.BaseKnown):
			behind += old.Amount
		default:
			return nil, 0
		}
	}
	return left, behind
}

// names says whether the bank has named an operation as a refund of ours.
func (p *Payment) names(op Operation) bool {
	return op.ID != "" && slices.ContainsFunc(p.Refunds, func(r Refund) bool { return r.BankRefundID == op.ID })
}

func sum(operations []Operation) (total int64) {
	for _, op := range operations {
		total += op.Amount
	}
	return total
}

// plain is the report without a total that its word contradicts: where something went back, a total of nothing is one
// that was not written yet.
func (r Report) plain() Report {
	if r.State.gaveBack() && r.Refunded.Said && r.Refunded.Minor == 0 {
		r.State, r.Refunded = BankRefunded, Sum{}
	}
	return r
}
