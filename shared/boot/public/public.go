// Package public wires a function that answers anybody. It links no table and no bank.
package public

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"kassa/shared/api"
	"kassa/shared/boot/environment"
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

// MustStart wires such a function from its environment.
func MustStart() Public {
	return wire(environment.MustRead())
}

func wire(s environment.Settings, log *slog.Logger) Public {
	shops := shop.New(shop.NewClient(s.Region, s.Endpoint), s.Stage, time.Now, log)
	return Public{Log: log, Shops: func(ctx context.Context, id string) (api.Shop, error) {
		found, err := shops.Settings(ctx, id)
		return api.Shop{ID: id, Currency: found.Currency, Banks: found.Banks, Instalments: found.Instalments},
			cmp.Or(err, found.Broken["instalments"])
	}}
}
