// Package shop knows the shops: what each has settled with Kassa, its API keys among it, and the raw secrets of its
// banks. All of it comes from Secrets Manager and is kept for a while:
//
//	kassa/<stage>/shop/<shop>         JSON, see Settings
//	kassa/<stage>/bank/<shop>/<bank>  whatever that bank's folder reads; raw bytes here
//
// One secret is fetched once per process and five minutes, and at most once more per 30 seconds when it is doubted:
// when a key was wrong or a bank refused us, so that a rotated secret works at once and a stranger who guesses keys
// costs nothing. That there is no such secret is remembered, too; names that strangers invent are looked up at a
// bounded rate, in turn, and push out no shop. While Secrets Manager cannot be reached, or holds a secret that cannot
// be read, what is known stays good, and a line in the log says so. Where nothing is known, a part that is wrong stops
// only what needs it.
package shop

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kassa/shared/payment"
	"kassa/shared/strict/ascii"
)

// Shops knows the shops of one stage. It may serve several invocations at once.
type Shops struct {
	stage    string
	settings *cache[Settings]
	banks    *cache[BankSecret]
}

// New makes the shops of a stage. It makes no call.
func New(client Secrets, stage string, now func() time.Time, log *slog.Logger) *Shops {
	from := source{client}
	return &Shops{
		stage: stage,
		settings: newCache(fresh, now, log, func(ctx context.Context, name string) (Settings, error) {
			content, _, err := from.fetch(ctx, name)
			if err != nil {
				return Settings{}, err
			}
			return decodeSettings(name, content, stage)
		}),
		// A bank's refusal comes after a round trip, and a rotation may lie between that and the fetch, however short it was.
		banks: newCache(0, now, log, func(ctx context.Context, name string) (BankSecret, error) {
			content, version, err := from.fetch(ctx, name)
			return BankSecret{string(content), version}, err
		}),
	}
}

func isName(text string) bool { return ascii.Only(text, ascii.Lower+ascii.Digits+"-", 1, 32) }

func isKey(text string) bool { return ascii.Only(text, ascii.Letters+ascii.Digits+"-", 1, 32) }

// Settings gives a shop's settings. NotFound when there is no such shop; Unavailable when its secret cannot be fetched,
// Misconfigured when it cannot be read, both only while nothing older is known.
func (s *Shops) Settings(ctx context.Context, shop string) (Settings, error) {
	return s.find(ctx, shop, false)
}

// Authenticate gives the settings of the shop that holds a key. Forged when there is no such shop, it has no such key,
// or the secret is another, after the shop's secret was fetched anew if that was not done a moment ago; the error does
// not tell which. Other errors as those of Settings.
func (s *Shops) Authenticate(ctx context.Context, shop, keyID, secret string) (Settings, error) {
	for _, doubted := range []bool{false, true} {
		found, err := s.find(ctx, shop, doubted)
		if err != nil && payment.KindOf(err) != payment.NotFound {
			return Settings{}, err
		}
		if found.HasKey(keyID, secret) { // the settings of an unknown shop are empty, and refuse every key just as slowly
			return found, nil
		}
	}
	return Settings{}, &payment.Error{Kind: payment.Forged, Message: "This API key is not valid."}
}

func (s *Shops) find(ctx context.Context, shop string, doubted bool) (Settings, error) {
	if !isName(shop) {
		return Settings{}, unknown("There is no such shop.")
	}
	return s.settings.get(ctx, fmt.Sprintf("kassa/%s/shop/%s", s.stage, shop), doubted)
}

// BankSecret gives the raw secret of a shop's bank. NotFound when there is none, Unavailable when it cannot be fetched
// and no older one is known. Doubted says that the one last given was found wrong: it is fetched anew, if that was not
// done a moment ago.
func (s *Shops) BankSecret(ctx context.Context, shop, bank string, doubted bool) (BankSecret, error) {
	if !isName(shop) || !isName(bank) {
		return BankSecret{}, unknown("This shop has no such bank.")
	}
	return s.banks.get(ctx, fmt.Sprintf("kassa/%s/bank/%s/%s", s.stage, shop, bank), doubted)
}

func unknown(message string) error { return &payment.Error{Kind: payment.NotFound, Message: message} }
