package world

import (
	"context"
	"slices"
	"time"

	"kassa/infra/explore/banks"
	"kassa/shared/api"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// longest is how many times something may be due before a world that does not come to rest counts as stuck: an
// application is asked about four times a day for a month, and what is under review once a day for another.
const longest = 400

// Settle drives everything to rest: time goes on from one thing that is due to the next, and the sweep and the outbox
// come by. Nobody needs a message of the bank's for that, but of what the bank has said to be over: where it changes
// its mind, only its message tells. Those come last. Then the shop repeats the refunds of which it was not told that
// they are done. It gives what must not be.
func (w *World) Settle() []string {
	w.shut = true
	defer func() { w.shut = false }()
	w.guard(func() {
		w.rest()
		w.recovered()
		for _, p := range w.pages {
			_ = w.side.Come(context.Background(), p.order)
			w.advance(pause)
		}
		w.rest()
		w.verdict()
		if len(w.problems) > 0 {
			return
		}
		w.repeatRefunds()
		w.rest()
		w.observe()
		w.verdict()
	})
	return w.problems
}

// repeatRefunds is the shop that was not told how its refunds ended.
func (w *World) repeatRefunds() {
	for _, r := range []struct {
		key    string
		amount int64
	}{{"k1", part}, {"k2", part}, {"k3", 0}} {
		if p, ok := w.held(); ok {
			id := payment.RefundID(p.ID, r.key)
			if _, asked := w.asked[id]; asked && !w.done[id] {
				w.advance(pause)
				w.refund(r.key, r.amount)
			}
		}
	}
}

// rest lets the schedules run whenever something is due, until nothing is.
func (w *World) rest() {
	for range longest {
		w.tell(1)
		bank, shop := w.due()
		next := earlier(bank, shop)
		if next.IsZero() {
			return
		}
		w.advance(max(next.Sub(w.Now())+2*time.Second, time.Minute)) // both run once a minute
		if !bank.IsZero() && !bank.After(w.Now()) {
			w.sweep()
		}
		if _, shop = w.due(); !shop.IsZero() && !shop.After(w.Now()) {
			w.retry()
		}
		w.observe()
	}
	w.wrong("nothing comes to rest")
}

// due is when something is next due for the bank, and for the shop; zero when nothing is.
func (w *World) due() (bank, shop time.Time) {
	for _, p := range w.attempts() {
		bank, shop = earlier(bank, p.DueAt), earlier(shop, delivery.Next(p.Deliveries))
	}
	return bank, shop
}

// earlier is the earlier of two times, of which zero is none.
func earlier(one, other time.Time) time.Time {
	if one.IsZero() || !other.IsZero() && other.Before(one) {
		return other
	}
	return one
}

// seen is what was on record of a payment, and never goes back.
type seen struct {
	sequence, captured, refunded int64
	money                        bool
}

// observe checks what must hold at every moment.
func (w *World) observe() {
	accounts := map[string]banks.Account{}
	for _, a := range w.side.Accounts() {
		accounts[a.Order] = a
	}
	for _, p := range w.attempts() {
		n, before := p.ID.Attempt, w.seen[p.ID.Attempt]
		a := accounts[p.Handle.OrderID]
		if p.Captured < before.captured || p.Refunded < before.refunded || p.Sequence < before.sequence ||
			before.money && !p.Status.Money() {
			w.wrong("attempt %d went back: %+v, and now %s, captured %d, refunded %d", n, before, p.Status, p.Captured,
				p.Refunded)
		}
		if p.Status.Money() && w.lag.taken {
			w.lag = lag{}
		}
		w.seen[n] = seen{p.Sequence, p.Captured, p.Refunded, p.Status.Money()}
		if p.Captured > a.Charged || p.Refunded > a.Returned {
			w.wrong("attempt %d: captured %d, refunded %d; the bank took %d and gave back %d", n, p.Captured, p.Refunded,
				a.Charged, a.Returned)
		}
		if p.Refunded+p.Reserved() > p.Captured {
			w.wrong("attempt %d: refunded %d and reserved %d of %d", n, p.Refunded, p.Reserved(), p.Captured)
		}
		for _, r := range p.Refunds {
			given, asked := w.asked[r.ID]
			if r.Origin == payment.OriginShop && r.Status == payment.RefundSucceeded && given != r.Amount {
				w.wrong("refund %s of %d succeeded, and the bank gave back %d for it", r.ID, r.Amount, given)
			}
			if asked && given > r.Amount {
				w.wrong("refund %s of %d: the bank gave back %d", r.ID, r.Amount, given)
			}
		}
	}
}

// recovered checks that what the bank took is known without any message of the bank's.
func (w *World) recovered() {
	for _, a := range w.side.Accounts() {
		for _, p := range w.attempts() {
			if p.Handle.OrderID == a.Order && a.Charged > 0 && !p.Status.Money() && !p.EndStated {
				w.wrong("attempt %d is %s, and the bank took %d", p.ID.Attempt, p.Status, a.Charged)
			}
		}
	}
}

// verdict checks what must hold once everything has come to rest.
func (w *World) verdict() {
	all := w.attempts()
	for _, a := range w.side.Accounts() {
		i := slices.IndexFunc(all, func(p payment.Payment) bool { return p.Handle.OrderID == a.Order })
		if i < 0 {
			if a.Charged != 0 {
				w.wrong("the bank took %d for order %s, which nobody knows", a.Charged, a.Order)
			}
			continue
		}
		if p := all[i]; w.undecidable(p) {
			continue
		} else if p.Captured != a.Charged || p.Refunded > a.Returned || p.Refunded < a.Returned-w.unseen {
			w.wrong("at rest attempt %d has captured %d, refunded %d; the bank took %d and gave back %d", p.ID.Attempt,
				p.Captured, p.Refunded, a.Charged, a.Returned)
		}
	}
	var holding, overpaid int
	for _, p := range all {
		if w.undecidable(p) {
			continue
		}
		if p.Status.Live() || p.InFlight() != nil || len(p.Notices) > 0 || p.SiblingsDue {
			w.wrong("at rest attempt %d is %s, in flight %v, notices %d, siblings due %t", p.ID.Attempt, p.Status,
				p.InFlight() != nil, len(p.Notices), p.SiblingsDue)
		}
		for _, r := range p.Reviews {
			w.wrong("at rest attempt %d is under review %s", p.ID.Attempt, r)
		}
		if p.Captured > 0 {
			holding++
		}
		if p.Overpaid {
			overpaid++
		}
		w.announced(p)
	}
	if holding > 1 && overpaid != holding-1 {
		w.wrong("%d attempts were paid, and %d are called overpaid", holding, overpaid)
	}
	for id := range w.failed {
		if w.asked[id] != 0 && !w.done[id] {
			w.wrong("the shop was told that refund %s failed, and the bank gave back %d", id, w.asked[id])
		}
	}
	for id := range w.done {
		if given, asked := w.asked[id]; asked && given == 0 {
			w.wrong("the shop was told that refund %s is done, and the bank gave back nothing", id)
		}
	}
}

// undecidable says whether a person was called for what nobody else can tell: the desk has given back besides, and the
// bank told an old total; or the month in which the bank is asked about a page that has ended was over before it
// answered.
func (w *World) undecidable(p payment.Payment) bool {
	over := w.Now().After(p.ExpiresAt.Add(30 * 24 * time.Hour))
	return w.desk > 0 && w.old && p.InReview(payment.ReviewRefund) ||
		p.Status == payment.Pending && p.InReview(payment.ReviewStatus) && over
}

// announced checks that the shop has heard of every change that it is told of, and of nothing else.
func (w *World) announced(p payment.Payment) {
	for _, e := range p.History {
		if _, heard := w.inbox[api.EventID(p.ID, e.Sequence)]; heard != (e.Announced() != "") {
			w.wrong("attempt %d: the shop has heard of change %d, %s: %t", p.ID.Attempt, e.Sequence, e.What, heard)
		}
	}
}
