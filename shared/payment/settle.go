package payment

import (
	"fmt"
	"slices"
	"strings"
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
	found   []*Refund // refunds of ours that failed without proof, and are in the total after all
	desk    int64     // what else went back, at the bank's own desk
}

// weigh compares a reading with the total before the refund in flight, or with what is on record where r is nil. A growth by exactly
// the amount of a refund of ours is that refund, whoever finds it: one with the bank's definite yes before those whose answer was lost,
// and of these the older one first. Where the bank lists its operations, each of them is compared by itself.
func (p *Payment) weigh(r *Refund, rep Report) finding {
	total, stated := rep.total(p.Captured)
	if !stated || r != nil && !r.BaseKnown {
		return finding{}
	}
	grown, listed := total-p.Refunded, rep.newest(total-p.Refunded)
	if r != nil {
		grown, listed = total-r.Base, rep.since(r.BaseListed)
	}
	switch {
	case rep.State == BankRefunding:
		return finding{verdict: underWay} // it may still go back to the former state, and the total with it
	case r != nil && grown < 0:
		return finding{verdict: underWay} // the total lags behind what is proven
	case listed != nil && sum(listed) == grown:
		return p.attribute(r, listed)
	case r != nil && listed != nil && grown == 0: // the list is ahead of the total
		return finding{verdict: undecided}
	}
	return p.attributeSum(r, grown)
}

// attribute matches operations that the bank has listed with refunds of ours.
func (p *Payment) attribute(r *Refund, amounts []int64) finding {
	f, claims := finding{verdict: notDone}, p.claims(r)
	for _, amount := range amounts {
		i := slices.IndexFunc(claims, func(c *Refund) bool { return c.Amount == amount })
		if i < 0 {
			f.desk += amount
			continue
		}
		f.take(claims[i], r)
		claims = slices.Delete(claims, i, i+1)
	}
	return f
}

// attributeSum matches a growth that no list explains. Beside a refund in flight it must be explained to the last unit; else what is
// left of it is the desk's.
func (p *Payment) attributeSum(r *Refund, grown int64) finding {
	f, claims := finding{verdict: notDone}, p.claims(r)
	matched, exact := subset(claims, grown)
	if !exact && r != nil {
		return finding{verdict: undecided}
	}
	if !exact { // more went back than any of ours explain: these are among it, and none of them is asked for twice
		for _, c := range claims {
			if c.Amount <= grown {
				matched, grown = append(matched, c), grown-c.Amount
			}
		}
		f.desk = max(grown, 0)
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

// claims are the refunds of ours that the bank's total may come to show, those first that are the likeliest: r, the one in flight, and
// those that failed without proof, as far as there is room for them beside r.
func (p *Payment) claims(r *Refund) []*Refund {
	var claims []*Refund
	room := p.Captured - p.Refunded
	if r != nil {
		room -= r.Amount
		if r.Answer == AnswerDone {
			claims = append(claims, r)
		}
	}
	for i := range p.Refunds {
		if c := &p.Refunds[i]; c.unproven() && c.Amount <= room {
			claims, room = append(claims, c), room-c.Amount
		}
	}
	if r != nil && r.Answer != AnswerDone {
		claims = append(claims, r)
	}
	return claims
}

// maxSubset bounds a search that doubles with each refund; an order with more refunds of unknown outcome has long been a person's.
const maxSubset = 12

// subset finds refunds whose amounts add up to exactly sum, the earlier ones first; nothing adds up to nothing.
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

// bookFound books what a reading has shown besides the refund in flight.
func (p *Payment) bookFound(f finding, now time.Time) {
	for _, r := range f.found {
		p.doneAfterAll(r, now)
	}
	p.bookDesk(f.desk, now)
}

// since gives the amounts that the bank lists beyond its first n operations; nil when there is no such list, or when it holds what
// gives nothing back, and so is no list of refunds.
func (r Report) since(n int) []int64 {
	if n < 0 || r.Operations == nil || len(r.Operations) < n {
		return nil
	}
	amounts := []int64{}
	for _, op := range r.Operations[n:] {
		if op.Amount <= 0 {
			return nil
		}
		amounts = append(amounts, op.Amount)
	}
	return amounts
}

// newest gives the amounts of the last operations in the bank's list that make up the sum; nil when none do.
func (r Report) newest(sum int64) []int64 {
	for n := len(r.Operations); n >= 0 && sum >= 0; n-- {
		if sum == 0 {
			return r.since(n)
		}
		if n > 0 {
			sum -= r.Operations[n-1].Amount
		}
	}
	return nil
}

func sum(amounts []int64) (total int64) {
	for _, amount := range amounts {
		total += amount
	}
	return total
}

// total is what the bank states to have given back: everything, when it calls the payment returned without a figure.
func (r Report) total(captured int64) (int64, bool) {
	if r.Refunded != nil {
		return *r.Refunded, true
	}
	return captured, r.State == BankReturned
}

// book takes in what the bank gave back: it settles the refund in flight, or else is the bank's own doing.
func (p *Payment) book(rep Report, now time.Time) {
	if rep.Amount != nil && rep.Amount.Currency != p.Amount.Currency {
		p.review(now, ReviewCurrency)
		return
	}
	if r := p.InFlight(); r != nil {
		p.settle(r, rep, now)
		return
	}
	switch _, stated := rep.total(p.Captured); {
	case stated:
		p.bookFound(p.weigh(nil, rep), now)
	case rep.State == BankRefunded && p.Refunded == 0:
		p.review(now, ReviewRefund) // something went back that we did not send, and nobody says how much
	}
}

// knowsRefund says whether the bank's id belongs to a refund that is settled.
func (p Payment) knowsRefund(bankID string) bool {
	return bankID != "" && slices.ContainsFunc(p.Refunds, func(r Refund) bool { return r.BankRefundID == bankID && !r.open() })
}

// settle decides about a refund whose owner is gone, and not before: until then its owner, or the bank with what it was sent, may
// still be at work. One that the bank has said yes to fails never by itself: banks' totals lag. One whose answer was lost is called not
// done when two equal readings lie a bank day apart, and is believed all the same when a total shows it later.
func (p *Payment) settle(r *Refund, rep Report, now time.Time) {
	if now.Before(r.Until.Add(recoverAfter)) {
		return
	}
	p.announce(r, now) // its owner is gone without a word
	f := p.weigh(r, rep)
	total, _ := rep.total(p.Captured)
	switch f.verdict {
	case done:
		r.BankRefundID = rep.RefundID
		p.refundDone(r, byBank, now)
		p.bookFound(f, now)
	case notDone:
		if r.ReadAt.IsZero() || r.ReadTotal != total {
			r.ReadAt, r.ReadTotal = now, total
		}
		if r.Answer != AnswerDone && now.Sub(r.ReadAt) >= bankDay {
			r.Answer = AnswerLost
			p.refundFailed(r, byBank, now)
			p.bookFound(f, now)
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

// bookDesk books what the bank gave back without us. More than was taken cannot be: it is booked as far as it can be, and a
// human must look. So must one when the history has no room left for it; refunds are refused by then.
func (p *Payment) bookDesk(amount int64, now time.Time) {
	if left := p.Captured - p.Refunded; amount > left {
		amount = left
		p.review(now, ReviewRefund)
	}
	if amount <= 0 {
		return
	}
	if len(p.History) > MaxHistory-toSettle/2 {
		p.review(now, ReviewRefund)
		return
	}
	p.bookDeskBy(byBank, amount, now)
}

func (p *Payment) bookDeskBy(by string, amount int64, now time.Time) {
	r := p.deskRefund(now)
	r.Amount += amount
	p.giveBack(amount)
	p.record(now, "refund_succeeded", by, r.ID, "")
}

// deskRefund is a fresh refund of the bank's, or the last one where no more fit: its amount then grows.
func (p *Payment) deskRefund(now time.Time) *Refund {
	last, n := 0, 0
	id := deskRefundID(p.ID, len(p.Refunds))
	for i := len(p.Refunds) + 1; p.refund(id) != nil; i++ { // refunds of which nothing was sent are gone again
		id = deskRefundID(p.ID, i)
	}
	for i, r := range p.Refunds {
		if r.Origin == OriginBank {
			last, n = i, n+1
		}
	}
	if n >= MaxDesk {
		return &p.Refunds[last]
	}
	p.Refunds = append(p.Refunds, Refund{
		ID: id, Origin: OriginBank, Status: RefundSucceeded,
		By: byBank, RequestedAt: now, SettledAt: now, BaseListed: -1,
	})
	return &p.Refunds[len(p.Refunds)-1]
}

// Resolving is what a person decides.
type Resolving string

// maxReason bounds the words of a decision, in bytes.
const maxReason = 500

// The decisions.
const (
	ResolveRefundDone     Resolving = "refund_done"     // the bank did give it back
	ResolveRefundNotDone  Resolving = "refund_not_done" // the bank did not, and will not
	ResolveAcceptCaptured Resolving = "accept_captured" // the shop keeps the amount that the bank took
	ResolveDismiss        Resolving = "dismiss"         // somebody has looked, and nothing is to be done here
)

// Resolution is a decision that was made.
type Resolution struct {
	Sequence int64 // of the first entry of the history that it made
	At       time.Time
	How      Resolving
	By       string
	Why      string
}

// resolved does what a person has decided. What the bank can still be asked about, or its asker still waits for, is not theirs yet.
func (p *Payment) resolved(e Resolved, now time.Time) error {
	if e.By == "" || e.Why == "" || len(e.Why) > maxReason {
		return &Error{Kind: Invalid, Code: "reason_required", Message: fmt.Sprintf("A decision needs a name, and a reason of 1 to %d bytes.", maxReason)}
	}
	if len(p.Resolutions) >= MaxResolved || len(p.History) > MaxHistory-toSettle/2 {
		return standing(*p, "too_many_decisions", "This payment has no room for further decisions.")
	}
	first := p.Sequence + 1
	if err := p.resolve(e, now); err != nil {
		return err
	}
	p.Resolutions = append(p.Resolutions, Resolution{Sequence: first, At: now, How: e.How, By: e.By, Why: e.Why})
	return nil
}

func (p *Payment) resolve(e Resolved, now time.Time) error {
	switch r := p.InFlight(); {
	case e.How == ResolveDismiss:
		return p.dismiss(e, now)
	case e.How == ResolveAcceptCaptured && p.InReview(ReviewAmount):
		p.clearReviewBy(e.By, now, ReviewAmount)
		return nil
	case r != nil && (e.How == ResolveRefundDone || e.How == ResolveRefundNotDone):
		return p.decideRefund(r, e, now)
	case e.How == ResolveRefundDone && e.Refund == "" && p.InReview(ReviewRefund) && e.Amount > 0 && e.Amount <= p.Refundable():
		p.bookDeskBy(e.By, e.Amount, now)
		p.clearReviewBy(e.By, now, ReviewRefund)
		return nil
	}
	return standing(*p, "nothing_to_resolve", "This payment holds nothing that could be decided so.")
}

// decideRefund ends the refund in flight. One that the bank carried out in part succeeds with that part as its amount. It does not
// fail: a shop may repeat a failed refund under its key, and would give back all of it besides the part.
func (p *Payment) decideRefund(r *Refund, e Resolved, now time.Time) error {
	switch {
	case e.Refund != r.ID:
		return standing(*p, "nothing_to_resolve", "The refund in flight is "+r.ID+": say that it is meant.")
	case now.Before(r.Until.Add(recoverAfter)):
		return standing(*p, "refund_in_progress", "Whoever asked the bank for this refund may still be at work; try again in half an hour.")
	case e.Amount < 0 || e.Amount >= r.Amount || e.Amount > 0 && e.How == ResolveRefundNotDone:
		return standing(*p, "nothing_to_resolve", "The part that was given back must be less than the refund.")
	case e.How == ResolveRefundNotDone:
		r.Answer = AnswerLost // a person may err, and a total that shows it later is believed
		p.refundFailed(r, e.By, now)
		return nil
	}
	if e.Amount > 0 {
		r.Amount = e.Amount
	}
	p.refundDone(r, e.By, now)
	return nil
}

// dismiss ends a review without doing anything else.
func (p *Payment) dismiss(e Resolved, now time.Time) error {
	if e.Review == "" && len(p.Reviews) == 1 {
		e.Review = p.Reviews[0]
	}
	switch {
	case !p.InReview(e.Review):
		return standing(*p, "nothing_to_resolve", "This payment is not under that review, or under several: say which.")
	case e.Review == ReviewRefund && p.InFlight() != nil:
		return standing(*p, "refund_in_progress", "A refund is in flight: decide whether it was done or not.")
	}
	p.clearReviewBy(e.By, now, e.Review)
	if e.Review == ReviewStatus {
		p.dropUnread()
	}
	if e.Review == ReviewRefund && p.Status.Money() {
		p.dropStuck(now)
	}
	return nil
}

// dismissed is when a person last looked at this review and ended it without doing anything; zero when nobody has. The bank's next answer
// of the same kind tells nothing new.
func (p *Payment) dismissed(reason Review) (at time.Time) {
	for _, e := range p.History {
		if e.What == "review_cleared:"+string(reason) && strings.HasPrefix(e.By, operator) {
			at = e.At
		}
	}
	return at
}
