package boot

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital"
	"kassa/shared/bank/kartapokupok"
	"kassa/shared/payment"
)

// folders is the one list of banks: a further bank is one line here, one folder and one secret.
func folders() []folder {
	return []folder{
		folderOf(kapital.Profile(), kapital.New),
		folderOf(kartapokupok.Profile(), kartapokupok.New),
	}
}

// folder is a bank's: what it is, and how a shop's is built from its raw secret. Misconfigured when the secret is
// wrong, naming every field; a bank may come beside that error: then a part of it works.
type folder struct {
	profile bank.Profile
	build   func(secret []byte, o exchange.Options) (bank.Bank, error)
}

// folderOf keeps a failed constructor's nil pointer from becoming a bank.
func folderOf[B interface {
	comparable
	bank.Bank
}](p bank.Profile, build func([]byte, exchange.Options) (B, error)) folder {
	return folder{p, func(secret []byte, o exchange.Options) (bank.Bank, error) {
		var none B
		b, err := build(secret, o)
		if b == none {
			return nil, err
		}
		return b, err
	}}
}

// Profiles are the banks that there are, by their names.
func Profiles() map[string]bank.Profile {
	all := map[string]bank.Profile{}
	for _, f := range folders() {
		all[f.profile.Name] = f.profile
	}
	return all
}

// fetch gives the raw secret of a shop's bank; doubted says that the one last given was found wrong, and is to be
// fetched anew if that was not done a moment ago. NotFound when there is none, Unavailable when it cannot be fetched.
type fetch func(ctx context.Context, shop, bank string, doubted bool) (string, error)

// banks finds the bank that a shop has settings for, and keeps it, with its connections, until its secret changes.
type banks struct {
	folders []folder
	options exchange.Options
	fetch   fetch
	meter   meter

	mu   sync.Mutex
	kept map[which]keptBank
}

type which struct{ shop, name string }

// keptBank is a bank and the secret that it was built from.
type keptBank struct {
	secret string
	bank   bank.Bank
	wrong  error // why not all of it works; nil when all does
}

func newBanks(all []folder, f fetch, told meter) *banks {
	o := exchange.Options{Stage: told.stage, Log: told.log, Refused: &exchange.Lockouts{}}
	return &banks{folders: all, options: o, fetch: f, meter: told, kept: map[which]keptBank{}}
}

// With lets call a shop's bank. NotFound when the shop has no such bank, or there is none of this name; Unavailable
// when its secret cannot be fetched; Misconfigured when the secret is wrong even after it was fetched anew; else what
// the call ends with.
//
// The secret may have been rotated since it was fetched. Misconfigured promises that nothing was done, and Forged that
// a message was just read; then the secret is fetched anew and, if it has changed, the call is made once more with the
// new one. How often strangers can make us fetch it is bounded by the secrets. Each thing that the bank is asked for is
// metered.
func (b *banks) With(ctx context.Context, shop, name string, call func(bank.Bank) error) error {
	w := which{shop, name}
	current, err := b.find(ctx, w)
	if err != nil {
		return err
	}
	err = call(metered{current.bank, b.meter, w})
	if kind := payment.KindOf(err); err == nil || kind != payment.Misconfigured && kind != payment.Forged {
		return named(err)
	}
	fresh, err := b.renew(ctx, w, current.secret, err)
	if err != nil {
		return err
	}
	return named(call(metered{fresh.bank, b.meter, w}))
}

// find gives a bank that can be called.
func (b *banks) find(ctx context.Context, w which) (keptBank, error) {
	if !slices.ContainsFunc(b.folders, w.isOf) {
		return keptBank{}, &payment.Error{Kind: payment.NotFound, Message: "There is no bank of this name."}
	}
	secret, err := b.fetch(ctx, w.shop, w.name, false)
	if err != nil {
		return keptBank{}, err
	}
	current, err := b.keep(w, secret)
	if wrong := cmp.Or(err, current.wrong); payment.KindOf(wrong) == payment.Misconfigured {
		if fresh, renewErr := b.renew(ctx, w, secret, wrong); renewErr == nil {
			current, err = fresh, nil
		}
	}
	if wrong := cmp.Or(err, current.wrong); wrong != nil {
		b.meter.called(ctx, w, opSettings, slog.Attr{}, b.meter.now(), wrong)
	}
	if err == nil {
		b.meter.certificates(ctx, current.bank.Profile().Line.Ends)
	}
	return current, err
}

func (w which) isOf(f folder) bool { return f.profile.Name == w.name }

// named gives an unreachable bank the code that tells it from our own store.
func named(err error) error {
	e, ok := errors.AsType[*payment.Error](err)
	if !ok || e.Kind != payment.Unavailable || e.Code != "" {
		return err
	}
	coded := *e
	coded.Code = "bank_unavailable"
	return &coded
}

// keep gives the bank of this secret, building it when the kept one was built from another.
func (b *banks) keep(w which, secret string) (keptBank, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := b.kept[w]; ok && k.secret == secret {
		return k, nil
	}
	made, err := b.folders[slices.IndexFunc(b.folders, w.isOf)].build([]byte(secret), b.options)
	if made == nil {
		return keptBank{}, err
	}
	if err != nil {
		b.meter.log.Error("a bank's settings are wrong in part; what the wrong ones have no part in goes on", "shop", w.shop,
			"bank", w.name, "error", err.Error())
	}
	k := keptBank{secret, made, err}
	b.kept[w] = k
	return k, nil
}

// renew fetches a secret that turned out wrong once more and builds its bank; why stays the error while nothing has
// changed. While it cannot be fetched nobody can call a message forged: the sender is to come again.
func (b *banks) renew(ctx context.Context, w which, old string, why error) (keptBank, error) {
	fresh, err := b.fetch(ctx, w.shop, w.name, true)
	if err != nil && payment.KindOf(why) == payment.Forged {
		return keptBank{}, err
	}
	if err != nil || fresh == old {
		return keptBank{}, why
	}
	return b.keep(w, fresh)
}
