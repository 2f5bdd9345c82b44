package boot

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital"
	"kassa/shared/bank/kartapokupok"
	"kassa/shared/payment"
)

// maker builds a shop's bank from its raw secret. Misconfigured when the secret is wrong, naming every field.
type maker func(secret []byte) (bank.Bank, error)

// makers is the one map of banks: a further bank is one line here, one folder and one secret.
func makers(stage string, log *slog.Logger) map[string]maker {
	refused := &exchange.Lockouts{}
	return map[string]maker{
		"kapital": func(secret []byte) (bank.Bank, error) {
			return built(kapital.New(secret, kapital.Options{Stage: stage, Log: log, Refused: refused}))
		},
		"kartapokupok": func(secret []byte) (bank.Bank, error) {
			return built(kartapokupok.New(secret, kartapokupok.Options{Stage: stage, Log: log, Refused: refused}))
		},
	}
}

// built keeps a failed constructor's nil pointer from becoming a bank. A bank may come beside an error: then a part of
// it works.
func built[B interface {
	comparable
	bank.Bank
}](b B, err error) (bank.Bank, error) {
	var none B
	if b == none {
		return nil, err
	}
	return b, err
}

// fetch gives the raw secret of a shop's bank; doubted says that the one last given was found wrong, and is to be
// fetched anew if that was not done a moment ago. NotFound when there is none, Unavailable when it cannot be fetched.
type fetch func(ctx context.Context, shop, bank string, doubted bool) ([]byte, error)

// banks finds the bank that a shop has settings for, and keeps it, with its connections, until its secret changes.
type banks struct {
	makers map[string]maker
	fetch  fetch
	meter  meter

	mu   sync.Mutex
	kept map[which]keeping
}

type which struct{ shop, name string }

// keeping is a bank and the secret that it was built from.
type keeping struct {
	secret []byte
	bank   bank.Bank
	wrong  error     // why not all of it works; nil when all does
	ends   time.Time // when a certificate ends that it needs; zero = none does
}

func newBanks(m map[string]maker, f fetch, told meter) *banks {
	return &banks{makers: m, fetch: f, meter: told, kept: map[which]keeping{}}
}

// Bank finds a shop's bank. NotFound when the shop has no such bank, or there is none of this name; Unavailable when
// its secret cannot be fetched; Misconfigured when the secret is wrong even after it was fetched anew.
func (b *banks) Bank(ctx context.Context, shop, name string) (bank.Bank, error) {
	w := which{shop, name}
	if b.makers[name] == nil {
		return nil, &payment.Error{Kind: payment.NotFound, Message: "There is no bank of this name."}
	}
	secret, err := b.fetch(ctx, shop, name, false)
	if err != nil {
		return nil, err
	}
	current, err := b.keep(w, secret)
	if wrong := cmp.Or(err, current.wrong); payment.KindOf(wrong) == payment.Misconfigured {
		if fresh, renewErr := b.renew(ctx, w, secret, wrong); renewErr == nil {
			current, err = fresh, nil
		}
	}
	if wrong := cmp.Or(err, current.wrong); wrong != nil {
		b.meter.called(ctx, w, asked{operation: opSettings}, b.meter.now(), wrong)
	}
	if err != nil {
		return nil, err
	}
	b.meter.certificates(ctx, current.ends)
	g := guarded{keeping: current, all: b, of: w}
	if _, ok := current.bank.(bank.Refunder); ok {
		return refunding{g}, nil
	}
	return g, nil
}

// keep gives the bank of this secret, building it when the kept one was built from another.
func (b *banks) keep(w which, secret []byte) (keeping, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := b.kept[w]; ok && bytes.Equal(k.secret, secret) {
		return k, nil
	}
	made, err := b.makers[w.name](secret)
	if made == nil {
		return keeping{}, err
	}
	if err != nil {
		b.meter.log.Error("a bank's settings are wrong in part; what the wrong ones have no part in goes on", "shop", w.shop,
			"bank", w.name, "error", err.Error())
	}
	k := keeping{secret: secret, bank: made, wrong: err}
	if examined, ok := made.(bank.Examined); ok {
		k.ends = examined.Line().Ends
	}
	b.kept[w] = k
	return k, nil
}

// renew fetches a secret that turned out wrong once more and builds its bank; why stays the error while nothing has
// changed.
func (b *banks) renew(ctx context.Context, w which, old []byte, why error) (keeping, error) {
	fresh, err := b.fetch(ctx, w.shop, w.name, true)
	if err != nil || bytes.Equal(fresh, old) {
		return keeping{}, why
	}
	return b.keep(w, fresh)
}
