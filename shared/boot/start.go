package boot

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"kassa/shared/api"
	"kassa/shared/boot/environment"
	"kassa/shared/dynamo"
	"kassa/shared/shop"
)

// What functions need besides the table and the secrets of banks: the address of the callbacks to open payments, and
// the keys of shops to let them in.
const (
	CallbackURL = environment.CallbackURL
	ShopKeys    = environment.ShopKeys
)

// MustStart wires a function from its environment. When that is wrong the function says everything in one line and
// ends: it must not take requests that it cannot serve.
func MustStart(needs ...environment.Need) App {
	s, log := environment.MustRead(needs...)
	app := wire(s, log)
	calls := []environment.Call{environment.Table(app.Service.Store)}
	for _, known := range s.AtStart() {
		if slices.Contains(needs, ShopKeys) {
			calls = append(calls, app.meetShop(known))
		}
		calls = append(calls, app.meetBank(known))
	}
	environment.Prewarm(log, calls...)
	return app
}

// meetShop fetches the settings of a shop.
func (a App) meetShop(known environment.AtStart) environment.Call {
	return environment.Call{Whom: "a shop's secret", About: []any{"shop", known.Shop},
		Make: func(ctx context.Context) error {
			_, err := a.shops.Settings(ctx, known.Shop)
			return err
		}}
}

// meetBank fetches the secret of a shop's bank, and opens the connection that its first request goes over.
func (a App) meetBank(known environment.AtStart) environment.Call {
	return environment.Call{Whom: "a shop's bank", About: []any{"shop", known.Shop, "bank", known.Bank},
		Make: func(ctx context.Context) error {
			found, err := a.banks.find(ctx, which{known.Shop, known.Bank})
			if err != nil {
				return err
			}
			if ahead := found.bank.Profile().Line.Ahead; ahead != nil {
				return ahead(ctx)
			}
			return nil
		}}
}

// wire makes the parts. It makes no call.
func wire(s environment.Settings, log *slog.Logger) App {
	shops := shop.New(shop.NewClient(s.Region, s.Endpoint), s.Stage, time.Now, log)
	store := dynamo.New(dynamo.NewClient(s.Region, s.Endpoint), s.Table).Short(s.Short).DueShards(s.DueShards)
	all := newBanks(folders(), rawSecrets(shops), meter{s.Stage, time.Now, log})
	service := over(store, all, log)
	service.CallbackURL, service.DueShards = s.Callback, s.DueShards
	return App{Service: service, Keys: keys{shops}, Stage: s.Stage, Log: log, shops: shops, banks: all, region: s.Region,
		lambda: s.Lambda}
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
		OrderStatus: s.OrderStatuses, Instalments: s.Instalments, RefundLimit: s.RefundLimit,
		Webhook: s.Webhook.URL != "" || s.Broken["webhook"] != nil, RecheckPaid: s.RecheckPaid,
		Bitrix24:         s.Bitrix24.URL != "" || s.Broken["bitrix24"] != nil,
		InsecureLoopback: s.InsecureLoopback, Broken: s.Broken}, nil
}

// scopes are those of a key, as the edge knows them.
func scopes(s shop.Settings, keyID string) []api.Scope {
	var all []api.Scope
	for _, one := range s.Scopes(keyID) {
		all = append(all, api.Scope(one))
	}
	return all
}
