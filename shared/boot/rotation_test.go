package boot

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// rotating holds one bank secret and the one key that its bank accepts. It is rotated during one of the bank's calls.
type rotating struct {
	mu       sync.Mutex
	key      string
	calls    int
	rotateAt int
	fetches  int
}

func (r *rotating) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput,
	...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fetches++
	content, version := r.key, r.key
	return &secretsmanager.GetSecretValueOutput{SecretString: &content, VersionId: &version}, nil
}

// accepts is a call at the bank: from a rotation on, the old key is worth nothing.
func (r *rotating) accepts(key string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls++; r.calls == r.rotateAt {
		r.key = "new"
	}
	if key != r.key {
		return &payment.Error{Kind: payment.Misconfigured, Message: "the bank does not know us"}
	}
	return nil
}

// lively is a bank of one key that a rotating knows.
type lively struct {
	tiny
	at *rotating
}

func (b lively) Status(context.Context, bank.Handle) (bank.Report, error) {
	return bank.Report{Word: b.key}, b.at.accepts(b.key)
}

// TestRotationDuringTraffic: while many calls are under way the secret changes and the bank takes the old one no more.
// No call fails, and the secret is fetched once more, not once for each.
func TestRotationDuringTraffic(t *testing.T) {
	const workers, each = 8, 50
	for _, rotateAt := range []int{1, 2, workers * each / 2, workers*each - 1} {
		synctest.Test(t, func(t *testing.T) {
			r := &rotating{key: "old", rotateAt: rotateAt}
			shops := shop.New(r, "prod", time.Now, slog.New(slog.DiscardHandler))
			build := func(secret []byte, _ exchange.Options) (bank.Bank, error) {
				return lively{tiny{string(secret)}, r}, nil
			}
			all := newBanks([]folder{{bank.Profile{Name: "tiny"}, build}},
				func(ctx context.Context, shop, bank string, doubted bool) (string, error) {
					secret, err := shops.BankSecret(ctx, shop, bank, doubted)
					return secret.Raw(), err
				}, silent())
			if err := all.With(t.Context(), "s", "tiny", func(bank.Bank) error { return nil }); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute) // a doubt is heard again only half a minute after the last fetch
			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for range each {
						if err := all.asked(t.Context()); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			if r.key != "new" || r.calls <= workers*each || r.fetches != 2 {
				t.Errorf("rotated at call %d: %d calls, %d fetches, key %s", rotateAt, r.calls, r.fetches, r.key)
			}
		})
	}
}
