package town

import (
	"cmp"
	"context"
	"slices"
	"time"

	"kassa/infra/explore/world"
	"kassa/shared/api"
	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// event is something that happens outside of Kassa, to an order or to the whole town.
type event struct {
	do    func(ctx context.Context, t *Town, o *order)
	alone bool // it is none of several at once
	whole bool // it is about no order
}

// events are all that can happen, by their names in scripts.
func events() map[string]event {
	customer := func(act func(t *Town, o *order)) event {
		return event{do: func(_ context.Context, t *Town, o *order) { act(t, o) }}
	}
	message := func(send func(o *order) func(context.Context, string) error, times int) event {
		return event{do: func(ctx context.Context, _ *Town, o *order) {
			for range times {
				if len(o.pages) > 0 {
					_ = send(o)(ctx, o.pages[len(o.pages)-1]) // whether it was taken stands in the books
				}
			}
		}}
	}
	refund := func(key string) event {
		return event{do: func(ctx context.Context, t *Town, o *order) { t.refund(ctx, o, key) }}
	}
	create := func(more int64, change func(*checkout.Order)) event {
		return event{do: func(ctx context.Context, t *Town, o *order) { t.create(ctx, o, more, change) }}
	}
	come := func(o *order) func(context.Context, string) error { return o.place.side.Come }
	old := func(o *order) func(context.Context, string) error {
		if o.place.side.Again == nil { // an old one is as any other
			return o.place.side.Come
		}
		return o.place.side.Again
	}
	forge := message(func(o *order) func(context.Context, string) error { return o.place.side.Forge }, 1)
	forge.alone = true // it changes the bank's settings while it lasts
	return map[string]event{
		"create":     create(0, func(*checkout.Order) {}),
		"supersede":  create(1000, func(o *checkout.Order) { o.Supersede = true }),
		"reopen":     create(0, func(o *checkout.Order) { o.Reopen = true }),
		"pay":        customer(func(t *Town, o *order) { t.customer(o, o.place.side.Approve, len(o.pages)-1) }),
		"pay-first":  customer(func(t *Town, o *order) { t.customer(o, o.place.side.Approve, 0) }),
		"late":       customer(func(t *Town, o *order) { t.customer(o, o.place.side.Late, 0) }),
		"decline":    customer(func(t *Town, o *order) { t.customer(o, o.place.side.Decline, len(o.pages)-1) }),
		"leave":      customer(func(t *Town, o *order) { t.customer(o, o.place.side.Leave, len(o.pages)-1) }),
		"desk":       customer((*Town).deskRefund),
		"rotate":     customer((*Town).rotate),
		"come":       message(come, 1),
		"come-twice": message(come, 2),
		"old":        message(old, 1),
		"forge":      forge,
		"cancel":     {do: func(ctx context.Context, t *Town, o *order) { t.cancel(ctx, o) }},
		"poll":       {do: func(ctx context.Context, t *Town, o *order) { t.poll(ctx, o) }},
		"refund":     refund("k1"),
		"rival":      refund("k2"),
		"whole":      refund("k3"),
		"small":      refund("k4"),
		"sweep":      {do: func(ctx context.Context, t *Town, _ *order) { t.sweep(ctx) }, whole: true},
		"outbox":     {do: func(ctx context.Context, t *Town, _ *order) { t.retry(ctx) }, whole: true},
		"tell":       {do: func(ctx context.Context, t *Town, _ *order) { t.tellShops(ctx, 1) }, whole: true},
		"tell-twice": {do: func(ctx context.Context, t *Town, _ *order) { t.tellShops(ctx, 2) }, whole: true},
		"untold":     {do: func(_ context.Context, t *Town, _ *order) { t.stream = nil }, whole: true},
	}
}

// amount is what a refund gives back by its key, 0 for all that is left: two wishes for the same part, one for all, and
// a small one.
func (o *order) amount(key string) int64 {
	switch key {
	case "k3":
		return 0
	case "k4":
		return o.price / 7
	}
	return o.price / 3
}

// create is the shop's request to pay the order, and its repetition.
func (t *Town) create(ctx context.Context, o *order, more int64, change func(*checkout.Order)) {
	side := o.place.side
	wish := checkout.Order{Shop: o.place.shop, By: payment.ByShop("k1"), Ref: o.ref, Bank: side.Name,
		Amount: payment.Money{Minor: o.price + more}, Locale: "en", Notify: true, Recheck: true,
		Return: payment.ReturnURLs{Success: "https://shop.example/thanks"}, Banks: []string{side.Name},
		Origins: []string{"https://shop.example"}}
	side.Terms(&wish)
	change(&wish)
	var opened checkout.InitiateResult
	var err error
	survived := invoke(ctx, request, func(ctx context.Context) { opened, err = t.kassa.Initiate(ctx, wish) })
	if kind := payment.KindOf(err); err != nil && (kind == payment.Invalid || kind == payment.Internal) {
		t.wrong("an honest order: %+v", err)
	}
	if id := opened.Payment.Handle.OrderID; survived && err == nil && !slices.Contains(o.pages, id) {
		o.pages = append(o.pages, id)
	}
}

// customer does something on a page that was handed out. A bank that does not let her is no news.
func (t *Town) customer(o *order, act func(order string) error, at int) {
	if at < 0 || at >= len(o.pages) {
		return
	}
	page := o.pages[at]
	before, charged := o.place.side.Keep(page), o.place.side.Account(page).Charged
	_ = act(page)
	if o.place.side.Account(page).Charged != charged {
		o.lag = lag{back: before, bankID: page, taken: true, at: t.Now()}
	}
	t.moved[o] = true
}

// cancel is the shop that no longer wants to be paid.
func (t *Town) cancel(ctx context.Context, o *order) {
	if p, ok := t.last(o); ok {
		invoke(ctx, request, func(ctx context.Context) {
			_, _ = t.kassa.Cancel(ctx, p.ID, o.place.shop, payment.ByShop("k1"))
		})
	}
}

// poll is the shop's page that asks how the payment stands.
func (t *Town) poll(ctx context.Context, o *order) {
	if p, ok := t.last(o); ok {
		invoke(ctx, request, func(ctx context.Context) {
			_, _ = t.kassa.Poll(ctx, p.ID, checkout.Reader{Shop: o.place.shop})
		})
	}
}

// refund is the shop's wish to give a part back, or all that is left.
func (t *Town) refund(ctx context.Context, o *order, key string) {
	p, ok := t.held(o)
	if !ok {
		return
	}
	id := payment.RefundID(p.ID, key)
	if _, known := o.asked[id]; !known && p.Status.Money() {
		o.asked[id] = 0
	}
	var result checkout.RefundResult
	var err error
	survived := invoke(ctx, request, func(ctx context.Context) {
		result, err = t.kassa.Refund(ctx, checkout.RefundOrder{ID: p.ID, Shop: o.place.shop, By: payment.ByShop("k1"),
			Key: key, Amount: o.amount(key)})
	})
	switch {
	case !survived:
	case err == nil && result.Refund.Status == payment.RefundSucceeded:
		o.done[id] = true
		delete(o.failed, id)
	case err == nil && result.Refund.Status == payment.RefundFailed, payment.CodeOf(err) == "refund_refused":
		o.failed[id] = true
	case err == nil:
		delete(o.failed, id)
	}
}

// deskPart is what the bank's desk gives back, which no refund of a shop is about.
const deskPart = 123

// deskRefund is money that the bank gives back by itself.
func (t *Town) deskRefund(o *order) {
	p, ok := t.held(o)
	if !ok || p.Handle.OrderID == "" {
		return
	}
	before := o.place.side.Keep(p.Handle.OrderID)
	if o.place.side.Desk(p.Handle.OrderID, deskPart) != nil {
		return
	}
	o.desk += deskPart
	o.lag = lag{back: before, bankID: p.Handle.OrderID}
	t.moved[o] = true
	if t.over(p) {
		o.unseen += deskPart
	} else {
		t.beside = append(t.beside, o)
	}
}

// missed counts as unseen what the desk gave back in a step that has put the last question about a payment: the bank
// may have answered just before. A refund that was done then is followed by another.
func (t *Town) missed(began time.Time) {
	for _, o := range t.beside {
		p, _ := t.held(o)
		refunded := func(r payment.Refund) bool {
			return r.Origin == payment.OriginShop && r.Status == payment.RefundSucceeded && !r.SettledAt.Before(began)
		}
		known := p.Refunded == o.place.side.Account(p.Handle.OrderID).Returned
		if t.over(p) && !known && !slices.ContainsFunc(p.Refunds, refunded) {
			o.unseen += deskPart
		}
	}
	t.beside = nil
}

// over says whether nobody has a reason to ask the bank about a payment any more.
func (t *Town) over(p payment.Payment) bool {
	p.Deliveries = nil
	next, err := payment.Apply(p, payment.Wakeup{}, t.Now())
	return err == nil && next.DueAt.IsZero()
}

// sweep is the schedule that looks after what is due.
func (t *Town) sweep(ctx context.Context) {
	invoke(ctx, schedule, func(ctx context.Context) { _, _ = t.kassa.Sweep(ctx) })
}

// retry is the schedule that tells the shops what they did not take before.
func (t *Town) retry(ctx context.Context) {
	invoke(ctx, schedule, func(ctx context.Context) { _, _ = t.outbox.Run(ctx) })
}

// tellShops is the stream that wakes whoever tells the shops, so often. What is not finished comes again.
func (t *Town) tellShops(ctx context.Context, times int) {
	batch := slices.Clone(t.stream)
	slices.SortFunc(batch, func(a, b payment.ID) int { return cmp.Or(cmp.Compare(a.Order, b.Order), a.Attempt-b.Attempt) })
	batch = slices.Compact(batch)
	t.stream = nil
	for range times {
		if len(batch) == 0 {
			return
		}
		left := batch
		survived := invoke(ctx, request, func(ctx context.Context) { _, left = t.outbox.Wake(ctx, batch) })
		if !survived {
			left = batch
		}
		t.stream = append(t.stream, left...)
	}
}

// rotate is the bank that changes its keys, or the terminal's password. Kassa's settings have changed with it, and
// Kassa has not read them yet.
func (t *Town) rotate(o *order) {
	if p := o.place; !p.rotated {
		p.rotated = true
		if err := p.side.Rotate(true); err != nil {
			t.wrong("the town is broken: %v", err)
		}
	}
}

// Deliver brings a message to a shop, which knows one that it has had before by its id.
func (t *Town) Deliver(ctx context.Context, p payment.Payment, e payment.Entry) (delivery.Answer, error) {
	event, err := api.ViewEvent(p, e, nil, t.Now())
	if err != nil {
		return delivery.Answer{}, err
	}
	met := t.pass(ctx, "shop deliver", event.ID)
	if met == world.Refused || met == world.Killed || ctx.Err() != nil {
		return delivery.Answer{Code: "503"}, nil
	}
	t.hear(t.known[p.ID.Order], event, e)
	switch met {
	case world.Done:
		invocationOf(ctx).kill()
	case world.Lost:
		return delivery.Answer{Code: "broken"}, nil
	case world.Slow:
		_ = t.wait(ctx)
		return delivery.Answer{Code: "timeout"}, nil
	}
	return delivery.Answer{Accepted: true, Code: "200"}, nil
}

// hear is what a shop takes from a message.
func (t *Town) hear(o *order, event api.Event, e payment.Entry) {
	said := told{what: e.What, body: e.At.Format(time.RFC3339Nano) + e.Ref}
	if before, known := t.inbox[event.ID]; known && before != said {
		t.wrong("%s told of %v, and now of %v", event.ID, before, said)
	}
	t.inbox[event.ID] = said
	t.tally.Messages++
	switch e.Announced() {
	case "refund.succeeded":
		o.done[e.Ref] = true
	case "refund.failed":
		o.failed[e.Ref] = true
	}
}
