package world

import (
	"context"
	"time"

	"kassa/shared/api"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// customer does something on a page that was handed out. A bank that does not let her is no news.
func (w *World) customer(act func(order string) error, at int) {
	if at < 0 || at >= len(w.pages) || !w.happens(customer) {
		return
	}
	before, books, charged := w.side.Mark(), w.books(), w.charged()
	_ = act(w.pages[at].order)
	if w.charged() != charged {
		w.lag = lag{before, books, true, w.Now()}
	}
}

// What others do at the bank, which is no call of ours.
const (
	customer = "bank customer"
	desk     = "bank desk"
	rotation = "bank rotation"
)

// happens lets what others do at the bank wait for its turn, as a worker's call does. It meets no fault.
func (w *World) happens(what string) bool {
	if !w.arrive(what) {
		return false
	}
	w.meet(what)
	return true
}

// charged is what the bank took in all.
func (w *World) charged() (sum int64) {
	for _, a := range w.side.Accounts() {
		sum += a.Charged
	}
	return sum
}

// message comes from the bank about the last page, or the customer does.
func (w *World) message(send func(ctx context.Context, order string) error, times int) {
	for range times {
		if send != nil && len(w.pages) > 0 {
			_ = send(context.Background(), w.pages[len(w.pages)-1].order) // whether it was taken stands in the books
		}
	}
}

// deskRefund is money that the bank gives back by itself.
func (w *World) deskRefund() {
	if p, ok := w.held(); ok && p.Handle.OrderID != "" && w.happens(desk) {
		p, _ = w.held() // which may have changed meanwhile
		before, books := w.side.Mark(), w.books()
		if w.side.Desk(p.Handle.OrderID, deskPart) == nil {
			w.desk += deskPart
			w.lag = lag{back: before, books: books}
			if w.over(p) {
				w.unseen += deskPart
			}
		}
	}
}

// over says whether nobody has a reason to ask the bank about a payment any more.
func (w *World) over(p payment.Payment) bool {
	p.Deliveries = nil
	next, err := payment.Apply(p, payment.Wakeup{}, w.Now())
	return err == nil && next.DueAt.IsZero()
}

// rotate is the bank that changes its keys, or the terminal's password. Kassa's settings have changed with it, and
// Kassa has not read them yet.
func (w *World) rotate() {
	if !w.rotated && w.happens(rotation) {
		w.rotated = true
		w.try(w.side.Rotate(true))
	}
}

// Deliver brings a message to the shop, which knows one that it has had before by its id.
func (w *World) Deliver(ctx context.Context, p payment.Payment, e payment.Entry) (delivery.Answer, error) {
	event, err := api.ViewEvent(p, e, nil, w.Now())
	if err != nil {
		return delivery.Answer{}, err
	}
	met := w.pass("shop deliver")
	w.hears(string(met))
	if met == Refused || met == Killed {
		return delivery.Answer{Code: "503"}, nil
	}
	w.hear(event, e)
	switch met {
	case Done:
		w.kill()
	case Lost:
		return delivery.Answer{Code: "broken"}, nil
	case Slow:
		<-ctx.Done()
		return delivery.Answer{Code: "timeout"}, nil
	}
	return delivery.Answer{Accepted: true, Code: "200"}, nil
}

// hear is what the shop takes from a message.
func (w *World) hear(event api.Event, e payment.Entry) {
	said := told{what: e.What, body: e.At.Format(time.RFC3339Nano) + e.Ref}
	if before, known := w.inbox[event.ID]; known && before != said {
		w.wrong("%s told of %v, and now of %v", event.ID, before, said)
	}
	w.inbox[event.ID] = said
	switch e.Announced() {
	case "refund.succeeded":
		w.done[e.Ref] = true
	case "refund.failed":
		w.failed[e.Ref] = true
	}
}
