package boot

import (
	"context"
	"log/slog"
	"sync"

	"kassa/shared/bank"
	"kassa/shared/bank/kapital"
	"kassa/shared/payment"
)

// maker builds a shop's bank from its raw secret. Misconfigured when the secret is wrong, naming every field.
type maker func(secret []byte) (bank.Bank, error)

// makers is the one map of banks: a further bank is one line here, one folder and one secret.
func makers(stage string, log *slog.Logger) map[string]maker {
	return map[string]maker{
		"kapital": func(secret []byte) (bank.Bank, error) {
			return built(kapital.New(secret, kapital.Options{Stage: stage, Log: log}))
		},
	}
}

// built keeps a failed constructor's nil pointer from becoming a bank.
func built[B bank.Bank](b B, err error) (bank.Bank, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}

// secret is a bank's raw secret as it was last fetched. Version names that content.
type secret struct {
	raw     []byte
	version string
}

// secrets knows the banks' secrets.
type secrets interface {
	// bank gives the secret of a shop's bank. NotFound when there is none, Unavailable when it cannot be fetched.
	bank(ctx context.Context, shop, name string) (secret, error)

	// doubted gives it after it was found wrong: fetched anew, if that was not done a moment ago. Errors as bank's.
	doubted(ctx context.Context, shop, name string) (secret, error)
}

// banks finds the bank that a shop has settings for, and keeps it, with its connections, until its secret changes.
type banks struct {
	makers  map[string]maker
	secrets secrets

	mu   sync.Mutex
	kept map[which]keeping
}

type which struct{ shop, name string }

type keeping struct {
	version string
	bank    bank.Bank
}

func newBanks(m map[string]maker, s secrets) *banks {
	return &banks{makers: m, secrets: s, kept: map[which]keeping{}}
}

// Bank finds a shop's bank. NotFound when the shop has no such bank, or there is none of this name; Unavailable when its secret
// cannot be fetched; Misconfigured when the secret is wrong even after it was fetched anew.
func (b *banks) Bank(ctx context.Context, shop, name string) (bank.Bank, error) {
	w := which{shop, name}
	if b.makers[name] == nil {
		return nil, &payment.Error{Kind: payment.NotFound, Message: "There is no bank of this name."}
	}
	s, err := b.secrets.bank(ctx, shop, name)
	if err != nil {
		return nil, err
	}
	current, err := b.keep(w, s)
	if payment.KindOf(err) == payment.Misconfigured {
		if current, s, err = b.renew(ctx, w, s, err); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	g := guarded{all: b, of: w, secret: s, bank: current}
	if _, ok := current.(bank.Refunder); ok {
		return refunding{g}, nil
	}
	return g, nil
}

// keep gives the bank of this secret, building it when the kept one is of another version.
func (b *banks) keep(w which, s secret) (bank.Bank, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := b.kept[w]; ok && k.version == s.version {
		return k.bank, nil
	}
	made, err := b.makers[w.name](s.raw)
	if err == nil {
		b.kept[w] = keeping{s.version, made}
	}
	return made, err
}

// renew fetches a secret that turned out wrong once more and builds its bank; why stays the error while nothing has changed.
func (b *banks) renew(ctx context.Context, w which, old secret, why error) (bank.Bank, secret, error) {
	fresh, err := b.secrets.doubted(ctx, w.shop, w.name)
	if err != nil || fresh.version == old.version {
		return nil, old, why
	}
	made, err := b.keep(w, fresh)
	return made, fresh, err
}
