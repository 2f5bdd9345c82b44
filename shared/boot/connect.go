package boot

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// Connect makes the use cases for a program that is no function: a command of an operator, with a store and a Secrets
// Manager client that it built itself. Nothing can be opened with it, since it knows no callback address.
func Connect(store checkout.Store, secrets shop.Secrets, stage string, log *slog.Logger) *checkout.Service {
	shops := shop.New(secrets, stage, time.Now, log)
	return &checkout.Service{Store: store, Banks: newBanks(makers(stage, log), rawSecrets(shops),
		meter{stage, time.Now, log}), Now: time.Now, Log: log}
}

// rawSecrets fetches banks' secrets from the shops.
func rawSecrets(shops *shop.Shops) fetch {
	return func(ctx context.Context, shop, bank string, doubted bool) ([]byte, error) {
		secret, err := shops.BankSecret(ctx, shop, bank, doubted)
		return secret.Raw(), err
	}
}

// BankNames are the banks that there are, sorted.
func BankNames() []string { return slices.Sorted(maps.Keys(makers("", slog.New(slog.DiscardHandler)))) }

// NewBank builds a bank from its raw secret as the functions do: what it takes, they take. NotFound when there is no
// bank of this name; Misconfigured when the secret is wrong, naming every field.
func NewBank(name string, secret []byte, stage string, log *slog.Logger) (bank.Bank, error) {
	build := makers(stage, log)[name]
	if build == nil {
		return nil, &payment.Error{Kind: payment.NotFound, Message: fmt.Sprintf("There is no bank %.40q; there are %q.", name,
			BankNames())}
	}
	b, err := build(secret)
	if err != nil {
		return nil, err // functions make do with a part of a bank, but nobody sets one up so
	}
	return b, nil
}
