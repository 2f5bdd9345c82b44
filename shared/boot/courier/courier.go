// Package courier wires the function that tells the shops. It links no bank.
package courier

import (
	"context"
	"log/slog"
	"time"

	"kassa/shared/api"
	"kassa/shared/bitrix24"
	"kassa/shared/boot/environment"
	"kassa/shared/checkout/outbox"
	"kassa/shared/dynamo"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
	"kassa/shared/shop"
	"kassa/shared/webhook"
)

// Notify is what the function works with that tells the shops. It holds no way to a bank, so its function needs no
// right to the banks' secrets.
type Notify struct {
	Outbox *outbox.Outbox
	Stage  string
	Log    *slog.Logger
}

// MustStart wires that function from its environment.
func MustStart() Notify {
	s, log := environment.MustRead()
	app := wire(s, log)
	environment.Prewarm(log, environment.Table(app.Outbox.Store))
	return app
}

func wire(s environment.Settings, log *slog.Logger) Notify {
	shops := shop.New(shop.NewClient(s.Region, s.Endpoint), s.Stage, time.Now, log)
	return Notify{
		Outbox: &outbox.Outbox{
			Store:   dynamo.New(dynamo.NewClient(s.Region, s.Endpoint), s.Table).Short(s.Short),
			Courier: courier{shops, webhook.New(webhook.Options{}), time.Now, log},
			Now:     time.Now,
			Log:     log,
		},
		Stage: s.Stage,
		Log:   log,
	}
}

// courier sends shops their webhooks.
type courier struct {
	shops  *shop.Shops
	client *webhook.Client
	now    func() time.Time
	log    *slog.Logger
}

// Deliver tells a shop about an entry of a payment's history: its portal where that has opened the payment, or else its
// webhook. A shop whose settings or webhook are gone counts as one that does not answer: what was taken away by mistake
// can come back, and nothing is lost until then. So does a message that cannot be made, such as one that only a newer
// version knows: it must not stand in the way of the shop's others.
func (c courier) Deliver(ctx context.Context, p payment.Payment, e payment.Entry) (delivery.Answer, error) {
	settings, err := c.shops.Settings(ctx, p.Shop)
	switch {
	case err != nil && payment.KindOf(err) == payment.NotFound:
		return delivery.Answer{Code: "no_shop"}, nil
	case err != nil:
		return delivery.Answer{}, err
	}
	switch origin, ours := bitrix24.OriginOf(p); {
	case ours && settings.Broken["bitrix24"] != nil:
		return delivery.Answer{}, settings.Broken["bitrix24"]
	case ours && settings.Bitrix24.URL != "":
		return c.complete(ctx, settings, origin, p), nil
	case settings.Broken["webhook"] != nil:
		return delivery.Answer{}, settings.Broken["webhook"]
	case settings.Webhook.URL == "":
		return delivery.Answer{Code: "no_webhook"}, nil
	}
	to := webhook.Target{URL: settings.Webhook.URL, Acknowledge: settings.Webhook.Acknowledge,
		Loopback: settings.InsecureLoopback}
	for _, text := range settings.Webhook.Secrets {
		secret, err := webhook.ParseSecret(text)
		if err != nil {
			return delivery.Answer{},
				&payment.Error{Kind: payment.Misconfigured, Message: "A webhook secret of the shop cannot be read.", Cause: err}
		}
		to.Secrets = append(to.Secrets, secret)
	}
	event, err := api.ViewEvent(p, e, settings.OrderStatuses, c.now())
	if err != nil {
		c.log.ErrorContext(ctx, "a message to a shop cannot be made; it is tried again as one that was not taken", "payment",
			p.ID.String(),
			"sequence", e.Sequence, "error", err.Error())
		return delivery.Answer{Code: "no_message"}, nil
	}
	return delivery.Answer(c.client.Send(ctx, to, event.ID, event.Body)), nil
}

// complete tells a shop's portal. One that does not let us calls for a person at once: nobody's order is completed
// until its incoming webhook is mended, and the tries go on meanwhile.
func (c courier) complete(ctx context.Context, s shop.Settings, o bitrix24.Origin, p payment.Payment) delivery.Answer {
	portal := bitrix24.Portal{Client: c.client, Address: s.Bitrix24.URL, Loopback: s.InsecureLoopback}
	answer, err := portal.Tell(ctx, o, p)
	if bitrix24.Refuses(err) {
		c.log.ErrorContext(ctx, "a portal refuses us; its payments are not completed until its incoming webhook is mended",
			"shop", p.Shop,
			"payment_id", p.ID.String(), "answer", bitrix24.CodeOf(err))
	}
	return answer
}
