package boot

import (
	"context"
	"log/slog"
	"time"

	"kassa/shared/api"
	"kassa/shared/boot/environment"
	"kassa/shared/dynamo"
	"kassa/shared/shop"
)

// CallbackURL is needed by the functions that open payments.
const CallbackURL = environment.CallbackURL

// MustStart wires a function from its environment. When that is wrong the function says everything in one line and
// ends: it must not take requests that it cannot serve.
func MustStart(needs ...environment.Need) App {
	s, log := environment.MustRead(needs...)
	app := wire(s, log)
	environment.Prewarm(app.Service.Store, log)
	return app
}

// wire makes the parts. It makes no call.
func wire(s environment.Settings, log *slog.Logger) App {
	shops := shop.New(shop.NewClient(s.Region, s.Endpoint), s.Stage, time.Now, log)
	store := dynamo.New(dynamo.NewClient(s.Region, s.Endpoint), s.Table).Short(s.Short)
	service := over(store, newBanks(folders(), rawSecrets(shops), meter{s.Stage, time.Now, log}), log)
	service.CallbackURL = s.Callback
	return App{Service: service, Keys: keys{shops}, Stage: s.Stage, Log: log}
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
