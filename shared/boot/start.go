package boot

import (
	"context"
	"log/slog"
	"os"
	"time"

	"kassa/shared/api"
	"kassa/shared/dynamo"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// prewarmTime bounds the one call that a starting function makes ahead of its first request.
const prewarmTime = 800 * time.Millisecond

// MustStart wires a function from its environment. When that is wrong the function says everything in one line and
// ends: it must not take requests that it cannot serve.
func MustStart(needs ...Need) App {
	s, log := mustRead(needs...)
	app := wire(s, log)
	prewarm(app.Service.Store, log)
	return app
}

func mustRead(needs ...Need) (settings, *slog.Logger) {
	log := newLog()
	s, err := readSettings(os.Getenv, needs...)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	return s, log
}

// wire makes the parts. It makes no call.
func wire(s settings, log *slog.Logger) App {
	shops := shop.New(shop.NewClient(s.region, s.endpoint), s.stage, time.Now, log)
	store := dynamo.New(dynamo.NewClient(s.region, s.endpoint), s.table)
	service := over(store, newBanks(folders(), rawSecrets(shops), meter{s.stage, time.Now, log}), log)
	service.CallbackURL = s.callback
	return App{Service: service, Keys: keys{shops}, Stage: s.stage, Log: log}
}

// loader is what prewarming needs of a store.
type loader interface {
	Load(ctx context.Context, id payment.ID) (payment.Payment, error)
}

// prewarm reads a payment that cannot be, so that the connection to the table stands before the first customer waits
// for it. It never fails a start: what it could not do, the first request does.
func prewarm(store loader, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), prewarmTime)
	defer cancel()
	_, err := store.Load(ctx, payment.ID{Order: payment.OrderKey("", "prewarm"), Attempt: 1})
	if err != nil && payment.KindOf(err) != payment.NotFound {
		log.Warn("the table could not be reached ahead of the first request", "error", err.Error())
	}
}

// keys shows the shops to the edge.
type keys struct{ shops *shop.Shops }

func (k keys) Shop(ctx context.Context, key api.Key) (api.Shop, error) {
	s, err := k.shops.Authenticate(ctx, key.Shop, key.ID, key.Secret)
	if err != nil {
		return api.Shop{}, err
	}
	return api.Shop{ID: key.Shop, KeyID: key.ID, Scopes: scopes(s, key.ID), Currency: s.Currency, Banks: s.Banks,
		Origins:     s.Origins,
		OrderStatus: s.OrderStatuses, Instalments: s.Instalments, RefundLimit: s.RefundLimit, Webhook: s.Webhook.URL != "",
		RecheckPaid: s.RecheckPaid,
		Bitrix24:    s.Bitrix24.URL != "", InsecureLoopback: s.InsecureLoopback}, nil
}

// scopes are those of a key, as the edge knows them.
func scopes(s shop.Settings, keyID string) []api.Scope {
	var all []api.Scope
	for _, one := range s.Scopes(keyID) {
		all = append(all, api.Scope(one))
	}
	return all
}
