package world

import (
	"context"
	"time"

	"kassa/shared/api"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

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
