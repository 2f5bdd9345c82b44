package consolecmd

import (
	"context"
	"slices"
	"sync"
	"time"

	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/vault"
	"kassa/shared/checkout/book"
	"kassa/shared/payment/allowance"
)

// shops tells what is known of the shops, and remembers it for a while: every page asks.
type shops struct {
	vault *vault.Vault
	store book.Store
	first string // the one that the command line names

	mu     sync.Mutex
	listed []string
	when   time.Time
	zones  map[string]*time.Location
}

func newShops(at stage.Stage, first string) *shops {
	return &shops{vault: vault.New(at.Secrets(), at.Name), store: at.Store(), first: first,
		zones: map[string]*time.Location{}}
}

// fresh is how long the list of shops is believed.
const fresh = time.Minute

// All are the shops, the one of the command line first. Whoever may not list them has that one alone, or names it by
// hand: that is no error, since the payments are all there.
func (s *shops) All(ctx context.Context) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.when) > fresh {
		if found, err := s.vault.Shops(ctx); err == nil {
			s.listed = found
		}
		s.when = time.Now()
	}
	all := slices.Clone(s.listed)
	if s.first != "" {
		all = append([]string{s.first}, slices.DeleteFunc(all, func(id string) bool { return id == s.first })...)
	}
	return all
}

// Zone is that of the country of the shop's currency. Whoever may not read the shop's settings has the currency from
// its newest payment; where there is none of the last month either, it is UTC.
func (s *shops) Zone(ctx context.Context, shop string) *time.Location {
	s.mu.Lock()
	zone := s.zones[shop]
	s.mu.Unlock()
	if zone != nil {
		return zone
	}
	currency := ""
	if settings, found, err := s.vault.Shop(ctx, shop); err == nil && found {
		currency = settings.Currency
	} else {
		now := time.Now()
		q := book.Query{Shop: shop, From: now.AddDate(0, 0, -30), To: now.AddDate(0, 0, 1), Changed: true}
		page, err := book.Read(ctx, s.store, q, book.Place{}, 1, now)
		if err == nil && len(page.Payments) > 0 {
			currency = string(page.Payments[0].Amount.Currency)
		}
	}
	if currency == "" {
		return time.UTC
	}
	zone = allowance.Zone(currency)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones[shop] = zone
	return zone
}
