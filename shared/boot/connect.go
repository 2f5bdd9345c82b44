package boot

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/checkout"
	"kassa/shared/checkout/book"
	"kassa/shared/checkout/limit"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// Store is everything that the use cases keep.
type Store interface {
	checkout.Store
	checkout.UndeliveredList
	limit.Store
	book.Store
}

// Connect makes the use cases for a program that is no function: a command of an operator, with a store and a Secrets
// Manager client that it built itself. Nothing can be opened with it, since it knows no callback address.
func Connect(store Store, secrets shop.Secrets, stage string, log *slog.Logger) *checkout.Service {
	shops := shop.New(secrets, stage, time.Now, log)
	all := newBanks(folders(), rawSecrets(shops), meter{stage, time.Now, log})
	return over(store, all, log)
}

// over makes the use cases, each over the same store.
func over(store Store, all checkout.Banks, log *slog.Logger) *checkout.Service {
	return &checkout.Service{Store: store, Allowances: store, Undeliveries: store, Days: store, Banks: all, Now: time.Now,
		Log: log}
}

// rawSecrets fetches banks' secrets from the shops.
func rawSecrets(shops *shop.Shops) fetch {
	return func(ctx context.Context, shop, bank string, doubted bool) (string, error) {
		secret, err := shops.BankSecret(ctx, shop, bank, doubted)
		return secret.Raw(), err
	}
}

// NewBank builds a bank from its raw secret as the functions do: what it takes, they take. NotFound when there is no
// bank of this name; Misconfigured when the secret is wrong, naming every field.
func NewBank(name string, secret []byte, stage string, log *slog.Logger) (bank.Bank, error) {
	all := folders()
	i := slices.IndexFunc(all, which{name: name}.isOf)
	if i < 0 {
		return nil, &payment.Error{Kind: payment.NotFound,
			Message: fmt.Sprintf("There is no bank %.40q; there are %q.", name, slices.Sorted(maps.Keys(Profiles())))}
	}
	b, err := all[i].build(secret, exchange.Options{Stage: stage, Log: log})
	if err != nil {
		return nil, err // functions make do with a part of a bank, but nobody sets one up so
	}
	return b, nil
}
