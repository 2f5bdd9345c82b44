package boot

import (
	"context"
	"log/slog"
	"time"

	"kassa/shared/api"
	"kassa/shared/shop"
)

// Public is what a function works with that answers anybody: what shops say about themselves. It holds no way to a
// payment, a key or a bank, so its function needs no right to the table and none to the banks' secrets.
type Public struct {
	Shops Shops
	Log   *slog.Logger
}

// Shops gives what a shop says about itself, without its keys being asked. NotFound when there is no such shop.
type Shops func(ctx context.Context, id string) (api.Shop, error)

// MustStartPublic wires such a function, as MustStart does the others.
func MustStartPublic() Public {
	return wirePublic(mustRead())
}

func wirePublic(s settings, log *slog.Logger) Public {
	shops := shop.New(shop.NewClient(s.region, s.endpoint), s.stage, time.Now, log)
	return Public{Log: log, Shops: func(ctx context.Context, id string) (api.Shop, error) {
		found, err := shops.Settings(ctx, id)
		return api.Shop{ID: id, Currency: found.Currency, Banks: found.Banks, Instalments: found.Instalments}, err
	}}
}
