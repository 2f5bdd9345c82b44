package town

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kassa/shared/api"
	"kassa/shared/payment"
)

// longest is how many times something may be due before a town that does not come to rest counts as stuck: an
// application is asked about four times a day for a month, and what is under review once a day for another.
const longest = 1000

// gap is how seldom the schedules run while a town comes to rest: each hour first, and later every few days. Who comes
// by so seldom finds less than who comes each minute.
func gap(since time.Duration) time.Duration {
	if since < 8*time.Hour {
		return time.Hour
	}
	return 50 * time.Hour
}

// settle drives everything to rest: time goes on from one thing that is due to the next, and the sweep and the outbox
// come by. Nobody needs a message of the bank's for that, but of what the bank has said to be over: where it changes
// its mind, only its message tells. Those come last. Then the shops repeat the refunds of which they were not told that
// they are done.
func (t *Town) settle() {
	t.quiet = true
	rest := func() { t.comeToRest(time.Time{}) }
	for _, check := range []func(){rest, t.recovered, t.lastMessages, rest, t.verdict, t.repeatRefunds, rest, t.verdict} {
		if len(t.problems) == 0 {
			check()
		}
	}
}

// lastMessages are those that banks still hold, and customers who come back after all.
func (t *Town) lastMessages() {
	t.run(func(ctx context.Context) {
		for _, o := range t.all {
			for _, page := range o.pages {
				_ = o.place.side.Come(ctx, page)
				t.advance(pause)
			}
		}
	})
}

// repeatRefunds is each shop that was not told how its refunds ended.
func (t *Town) repeatRefunds() {
	t.run(func(ctx context.Context) {
		for _, o := range t.all {
			for _, key := range []string{"k1", "k2", "k3", "k4"} {
				if p, ok := t.held(o); ok {
					id := payment.RefundID(p.ID, key)
					if _, asked := o.asked[id]; asked && !o.done[id] {
						t.advance(pause)
						t.refund(ctx, o, key)
					}
				}
			}
		}
	})
}

// comeToRest lets the schedules run whenever something is due, until nothing is, or until a time that is not zero.
func (t *Town) comeToRest(until time.Time) {
	began := t.Now()
	for range longest {
		if len(t.stream) > 0 {
			t.run(func(ctx context.Context) { t.tellShops(ctx, 1) })
		}
		bank, shop := t.due()
		next := sooner(bank, shop)
		wait := max(next.Sub(t.Now())+2*time.Second, gap(t.Now().Sub(began)))
		if next.IsZero() || !until.IsZero() && t.Now().Add(wait).After(until) {
			t.advance(until.Sub(t.Now()))
			t.observe()
			return
		}
		t.advance(wait)
		now := t.Now()
		if !bank.IsZero() && bank.Before(now) {
			t.run(t.sweep)
		}
		if !shop.IsZero() && shop.Before(now) {
			t.run(t.retry)
		}
	}
	bank, shop := t.due()
	t.wrong("nothing comes to rest: due at %s for the bank, at %s for the shop", bank.Format(time.DateTime),
		shop.Format(time.DateTime))
}

// sooner is the earlier of two times, either of which may be zero for never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// due is when something is next due for a bank, and for a shop; zero when nothing is.
func (t *Town) due() (bank, shop time.Time) {
	for _, d := range t.dates {
		bank, shop = sooner(bank, d.bank), sooner(shop, d.shop)
	}
	return bank, shop
}

// dates are when something of a payment is next due.
type dates struct{ bank, shop time.Time }

// seen is what was on record of a payment, and never goes back.
type seen struct {
	sequence, captured, refunded int64
	money                        bool
}

// observe checks of all orders that have moved what must hold at every moment.
func (t *Town) observe() {
	for o := range t.moved {
		for _, p := range t.attempts(o) {
			t.observeOne(o, p)
		}
	}
	clear(t.moved)
}

// observeOne checks one payment against what was on record of it before, and against the bank's book. The book may be
// ahead of us at any moment, and never behind.
func (t *Town) observeOne(o *order, p payment.Payment) {
	n, before, a := p.ID.Attempt, o.seen[p.ID.Attempt], o.place.side.Account(p.Handle.OrderID)
	if p.Captured < before.captured || p.Refunded < before.refunded || p.Sequence < before.sequence ||
		before.money && !p.Status.Money() {
		t.wrong("order %s, attempt %d went back: %+v, and now %s, captured %d, refunded %d", o.ref, n, before, p.Status,
			p.Captured, p.Refunded)
	}
	if p.Status.Money() && o.lag.taken && o.lag.bankID == p.Handle.OrderID {
		o.lag = lag{}
	}
	o.seen[n] = seen{p.Sequence, p.Captured, p.Refunded, p.Status.Money()}
	if p.Captured > a.Charged || p.Refunded > a.Returned {
		t.wrong("order %s, attempt %d: captured %d, refunded %d; the bank took %d and gave back %d", o.ref, n, p.Captured,
			p.Refunded, a.Charged, a.Returned)
	}
	if p.Refunded+p.Reserved() > p.Captured {
		t.wrong("order %s, attempt %d: refunded %d and reserved %d of %d", o.ref, n, p.Refunded, p.Reserved(), p.Captured)
	}
	for _, r := range p.Refunds {
		given, asked := o.asked[r.ID]
		if r.Origin == payment.OriginShop && r.Status == payment.RefundSucceeded && given != r.Amount {
			t.wrong("order %s, refund %s of %d succeeded, and the bank gave back %d for it", o.ref, r.ID, r.Amount, given)
		}
		if asked && given > r.Amount {
			t.wrong("order %s, refund %s of %d: the bank gave back %d", o.ref, r.ID, r.Amount, given)
		}
	}
}

// recovered checks that what the banks took is known without any message of theirs.
func (t *Town) recovered() {
	for _, o := range t.all {
		for _, p := range t.attempts(o) {
			charged := o.place.side.Account(p.Handle.OrderID).Charged
			if charged > 0 && !p.Status.Money() && !p.EndStated && !t.undecidable(o, p) {
				t.wrong("order %s, attempt %d is %s, and the bank took %d", o.ref, p.ID.Attempt, p.Status, charged)
			}
		}
	}
}

// verdict checks what must hold once everything has come to rest.
func (t *Town) verdict() {
	t.tally.Excused = 0
	for _, p := range t.places {
		for _, a := range p.side.Accounts() {
			if p.orders[a.Order] == nil && a.Charged != 0 {
				t.wrong("the bank took %d for order %s, which nobody knows", a.Charged, a.Order)
			}
		}
	}
	for _, o := range t.all {
		t.judge(o, t.attempts(o))
	}
}

// judge checks an order at rest.
func (t *Town) judge(o *order, all []payment.Payment) {
	var paid, holding, overpaid int
	for _, p := range all {
		if found := t.unlike(o, p); len(found) > 0 && t.undecidable(o, p) {
			t.tally.Excused++
		} else if len(found) > 0 {
			t.wrong("at rest order %s, attempt %d: %s", o.ref, p.ID.Attempt, strings.Join(found, ", "))
		}
		if p.Captured > 0 {
			paid++
		}
		if p.Captured > p.Refunded {
			holding++
		}
		if p.Overpaid {
			overpaid++
		}
	}
	if holding > 0 && overpaid < holding-1 || overpaid > 0 && paid < 2 {
		t.wrong("order %s: %d attempts were paid, %d hold money, and %d are called overpaid", o.ref, paid, holding, overpaid)
	}
	for id := range o.failed {
		if o.asked[id] != 0 && !o.done[id] {
			t.wrong("order %s: the shop was told that refund %s failed, and the bank gave back %d", o.ref, id, o.asked[id])
		}
	}
	for id := range o.done {
		if given, asked := o.asked[id]; asked && given == 0 {
			t.wrong("order %s: the shop was told that refund %s is done, and the bank gave back nothing", o.ref, id)
		}
	}
}

// unlike gives in what a payment at rest is not as it should be.
func (t *Town) unlike(o *order, p payment.Payment) (found []string) {
	say := func(format string, values ...any) { found = append(found, fmt.Sprintf(format, values...)) }
	a := o.place.side.Account(p.Handle.OrderID)
	if p.Captured != a.Charged || p.Refunded > a.Returned || p.Refunded < a.Returned-o.unseen {
		say("captured %d, refunded %d; the bank took %d and gave back %d", p.Captured, p.Refunded, a.Charged, a.Returned)
	}
	if p.Status.Live() || p.InFlight() != nil || len(p.Notices) > 0 || p.SiblingsDue {
		say("it is %s, in flight %v, notices %d, siblings due %t", p.Status, p.InFlight() != nil, len(p.Notices),
			p.SiblingsDue)
	}
	for _, r := range p.Reviews {
		say("it is under review %s", r)
	}
	for _, e := range p.History {
		if _, heard := t.inbox[api.EventID(p.ID, e.Sequence)]; heard != (e.Announced() != "") {
			say("the shop has heard of change %d, %s: %t", e.Sequence, e.What, heard)
		}
	}
	return found
}

// undecidable says whether a person was called for what nobody else can tell: the desk has given back besides, while
// the bank told old totals; or the month in which the bank is asked, about a page that has ended or a refund, was over
// before it answered.
func (t *Town) undecidable(o *order, p payment.Payment) bool {
	over := func(since time.Time) bool { return t.Now().After(since.Add(30 * 24 * time.Hour)) }
	refund, ends := p.InFlight(), p.ExpiresAt
	if !p.Status.Live() {
		ends = p.EndedAt
	}
	return o.desk > 0 && !o.lagging.IsZero() && p.InReview(payment.ReviewRefund) ||
		!p.Status.Money() && !p.EndStated && p.InReview(payment.ReviewStatus) && over(ends) ||
		refund != nil && p.InReview(payment.ReviewRefund) && over(refund.Until)
}

// trouble says whether anything is wrong already.
func (t *Town) trouble() bool { return len(t.problems) > 0 }
