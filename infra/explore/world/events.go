package world

import (
	"context"
	"slices"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// Event is something that happens outside of Kassa.
type Event struct {
	Name  string
	About string // what happens, for people
	do    func(w *World)
	// Alone says that it is none of two at once: nothing can come between, or it is two already.
	Alone bool
}

// Events are all that can happen, in the order in which they are tried.
func Events() []Event {
	return []Event{
		{"create", "the shop asks for the order to be paid, or repeats that",
			func(w *World) { w.create(price, false) }, false},
		{"supersede", "the shop asks for it with another amount, in place of the payment that is open",
			func(w *World) { w.create(price+1000, true) }, false},
		{"pay", "the customer pays on the last page",
			func(w *World) { w.customer(w.side.Approve, len(w.pages)-1) }, false},
		{"pay-first", "the customer pays on the first page, which another tab still shows",
			func(w *World) { w.customer(w.side.Approve, 0) }, false},
		{"late", "the customer pays on the first page after its end, and the bank takes it",
			func(w *World) { w.customer(w.side.Late, 0) }, false},
		{"decline", "the bank declines the customer",
			func(w *World) { w.customer(w.side.Decline, len(w.pages)-1) }, false},
		{"leave", "the customer cancels on the bank's page",
			func(w *World) { w.customer(w.side.Leave, len(w.pages)-1) }, false},
		{"cancel", "the shop cancels",
			(*World).cancel, false},
		{"come", "the bank's message, or the customer who returns",
			func(w *World) { w.message(w.side.Come, 1) }, false},
		{"come-twice", "the same twice",
			func(w *World) { w.message(w.side.Come, 2) }, true},
		{"old", "a message that was sent before comes again",
			func(w *World) { w.message(w.side.Again, 1) }, false},
		{"forge", "a forged message that says it is paid",
			func(w *World) { w.message(w.side.Forge, 1) }, false},
		{"poll", "the shop's page asks how the payment stands",
			(*World).poll, false},
		{"refund", "the shop gives a part back",
			func(w *World) { w.refund("k1", part) }, false},
		{"rival", "the shop gives a part back under another key",
			func(w *World) { w.refund("k2", part) }, false},
		{"whole", "the shop gives back all that is left",
			func(w *World) { w.refund("k3", 0) }, false},
		{"desk", "the bank's desk gives something back by itself",
			(*World).deskRefund, false},
		{"sweep", "the schedule looks after what is due",
			(*World).sweep, false},
		{"tell", "the stream wakes whoever tells the shop",
			func(w *World) { w.tell(1) }, false},
		{"tell-twice", "the stream does so twice",
			func(w *World) { w.tell(2) }, true},
		{"untold", "the stream loses its records",
			func(w *World) { w.stream = nil }, true},
		{"outbox", "the schedule tells the shop what it did not take before",
			(*World).retry, false},
		{"rotate", "the bank changes the keys, the password or the certificate",
			(*World).rotate, false},
		{"moment", "three minutes pass",
			func(w *World) { w.advance(3 * time.Minute) }, true},
		{"page", "the page's end passes",
			func(w *World) { w.advance(w.side.Life + time.Minute) }, true},
		{"day", "the bank's day ends",
			func(w *World) { w.advance(untilMidnight(w.Now())) }, true},
		{"night", "26 hours pass",
			func(w *World) { w.advance(26 * time.Hour) }, true},
	}
}

// EventOf finds an event by its name.
func EventOf(name string) (Event, bool) {
	all := Events()
	i := slices.IndexFunc(all, func(e Event) bool { return e.Name == name })
	if i < 0 {
		return Event{}, false
	}
	return all[i], true
}

// pause is what lies between two events: the bank may be asked again.
const pause = 6 * time.Second

// Do lets an event happen, with a fault, and says which calls were made.
func (w *World) Do(e Event, f Fault) (calls []string) {
	w.advance(pause)
	w.fault, w.calls, w.throttle = f, nil, 0
	w.guard(func() { e.do(w) })
	calls, w.fault, w.throttle = w.calls, Fault{}, 0
	w.settleOverdue()
	w.observe()
	return calls
}

// settleOverdue has the bank carry out what it had not answered in time.
func (w *World) settleOverdue() {
	if late := w.overdue; late != nil {
		w.overdue = nil
		w.advance(pause)
		late()
	}
}

// guard makes a panic one of the things that must not be.
func (w *World) guard(work func()) {
	defer func() {
		if v := recover(); v != nil {
			w.wrong("panic: %v", v)
		}
	}()
	work()
}

// try notes an error of what cannot fail.
func (w *World) try(err error) {
	if err != nil {
		w.wrong("the world is broken: %v", err)
	}
}

// untilMidnight is how long the bank's day still is, and a minute.
func untilMidnight(now time.Time) time.Duration {
	baku := now.Add(4 * time.Hour)
	return baku.Truncate(24 * time.Hour).Add(24*time.Hour + time.Minute).Sub(baku)
}

// create is the shop's request to pay the order, and its repetition.
func (w *World) create(amount int64, supersede bool) {
	o := checkout.Order{Shop: shop, By: payment.ByShop("k1"), Ref: orderRef, Bank: w.side.Name,
		Amount: payment.Money{Minor: amount}, Locale: "en", Supersede: supersede, Notify: true, Recheck: true,
		Return: payment.ReturnURLs{Success: "https://shop.example/thanks"}, Banks: []string{w.side.Name},
		Origins: []string{"https://shop.example"}}
	w.side.Terms(&o)
	var opened checkout.InitiateResult
	var err error
	survived := w.invoke(request, func(ctx context.Context) { opened, err = w.kassa.Initiate(ctx, o) })
	if kind := payment.KindOf(err); err != nil && (kind == payment.Invalid || kind == payment.Internal) {
		w.wrong("an honest order: %+v", err)
	}
	if survived && err == nil {
		if p := (page{opened.Payment.Handle.OrderID}); !slices.Contains(w.pages, p) {
			w.pages = append(w.pages, p)
		}
	}
}

// cancel is the shop that no longer wants to be paid.
func (w *World) cancel() {
	if p, ok := w.last(); ok {
		w.invoke(request, func(ctx context.Context) { _, _ = w.kassa.Cancel(ctx, p.ID, shop, payment.ByShop("k1")) })
	}
}

// poll is the shop's page that asks how the payment stands.
func (w *World) poll() {
	if p, ok := w.last(); ok {
		w.invoke(request, func(ctx context.Context) { _, _ = w.kassa.Poll(ctx, p.ID, checkout.Reader{Shop: shop}) })
	}
}

// Spare says that an event would be another one again: a rival before the first refund, with another key. Beside that
// one it is none.
func (w *World) Spare(e Event, beside string) bool {
	if e.Name != "rival" || beside == "refund" {
		return false
	}
	for _, p := range w.attempts() {
		if _, asked := w.asked[payment.RefundID(p.ID, "k1")]; asked {
			return false
		}
	}
	return true
}

// refund is the shop's wish to give a part back, or all that is left where amount is 0.
func (w *World) refund(key string, amount int64) {
	p, ok := w.held()
	if !ok {
		return
	}
	id := payment.RefundID(p.ID, key)
	if _, known := w.asked[id]; !known && p.Status.Money() {
		w.asked[id] = 0
	}
	var result checkout.RefundResult
	var err error
	survived := w.invoke(request, func(ctx context.Context) {
		result, err = w.kassa.Refund(ctx, checkout.RefundOrder{ID: p.ID, Shop: shop, By: payment.ByShop("k1"), Key: key,
			Amount: amount})
	})
	if !survived {
		return
	}
	switch {
	case err == nil && result.Refund.Status == payment.RefundSucceeded:
		w.done[id] = true
		delete(w.failed, id)
	case err == nil && result.Refund.Status == payment.RefundFailed, payment.CodeOf(err) == "refund_refused":
		w.failed[id] = true
	case err == nil:
		delete(w.failed, id)
	}
}

// sweep is the schedule that looks after what is due.
func (w *World) sweep() {
	w.invoke(schedule, func(ctx context.Context) { _, _ = w.kassa.Sweep(ctx) })
}

// retry is the schedule that tells the shop what it did not take before.
func (w *World) retry() {
	w.invoke(schedule, func(ctx context.Context) { _, _ = w.outbox.Run(ctx) })
}

// tell is the stream that wakes whoever tells the shop, so often. What is not finished comes again.
func (w *World) tell(times int) {
	batch := slices.Clone(w.stream)
	slices.SortFunc(batch, func(a, b payment.ID) int { return a.Attempt - b.Attempt })
	batch = slices.Compact(batch)
	w.stream = nil
	for range times {
		for _, id := range batch {
			left := []payment.ID{id}
			survived := w.invoke(request, func(ctx context.Context) { _, left = w.outbox.Wake(ctx, left) })
			if !survived {
				left = []payment.ID{id}
			}
			w.stream = append(w.stream, left...)
		}
	}
}
