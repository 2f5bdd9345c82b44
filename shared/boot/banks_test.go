package boot

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// vault holds one secret of shop "s" for bank "tiny"; next is what a fetch after a doubt finds.
type vault struct {
	mu     sync.Mutex
	now    string
	next   string
	down   bool // no fetch after a doubt is answered
	doubts int
}

func (v *vault) fetch(_ context.Context, shop, _ string, doubted bool) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if shop != "s" {
		return "", &payment.Error{Kind: payment.NotFound}
	}
	if doubted {
		v.doubts++
		if v.down {
			return "", &payment.Error{Kind: payment.Unavailable, Message: "the vault does not answer"}
		}
		v.now = cmp.Or(v.next, v.now)
	}
	return v.now, nil
}

// tiny accepts calls only under the secret "right"; "broken" cannot even be built.
type tiny struct{ key string }

func (b tiny) err() error {
	switch b.key {
	case "right":
		return nil
	case "down":
		return &payment.Error{Kind: payment.Unavailable, Cause: errors.New("dial")}
	}
	return &payment.Error{Kind: payment.Misconfigured, Message: "the bank does not know us"}
}

func (b tiny) Open(context.Context, bank.Order) (bank.Session, error) {
	return bank.Session{RedirectURL: b.key}, b.err()
}
func (b tiny) Status(context.Context, bank.Handle) (bank.Report, error) {
	return bank.Report{Word: b.key}, b.err()
}
func (tiny) Profile() bank.Profile { return bank.Profile{Refunds: true} }

// Read knows its own key alone.
func (b tiny) Read(c bank.Message) (bank.Reading, error) {
	if string(c.Body) != b.key {
		return bank.Reading{}, &payment.Error{Kind: payment.Forged}
	}
	return bank.Reading{Proven: true}, nil
}

func (b tiny) Refund(context.Context, bank.Refund) (id string, err error) { return b.key, b.err() }

// silent meters for nobody.
func silent() meter { return meter{"prod", time.Now, slog.New(slog.DiscardHandler)} }

func tinyBanks(v *vault, made *int) *banks {
	build := func(raw []byte, _ exchange.Options) (bank.Bank, error) {
		*made++
		switch string(raw) {
		case "broken":
			return nil, &payment.Error{Kind: payment.Misconfigured, Message: "a field is wrong"}
		case "half":
			return tiny{key: "right"}, &payment.Error{Kind: payment.Misconfigured, Message: "a field is wrong"}
		}
		return tiny{string(raw)}, nil
	}
	return newBanks([]folder{{bank.Profile{Name: "tiny"}, build}}, v.fetch, silent())
}

// asked is a question to a shop's tiny bank.
func (b *banks) asked(ctx context.Context) error {
	return b.With(ctx, "s", "tiny", func(b bank.Bank) error { _, err := b.Status(ctx, bank.Handle{}); return err })
}

func TestBankIsKeptUntilItsSecretChanges(t *testing.T) {
	made, v := 0, &vault{now: "right"}
	all := tinyBanks(v, &made)
	for range 3 {
		if err := all.asked(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if made != 1 {
		t.Errorf("built %d times", made)
	}
	v.now = "down"
	err := all.asked(t.Context())
	unavailable := payment.KindOf(err) == payment.Unavailable && payment.CodeOf(err) == "bank_unavailable"
	if made != 2 || !unavailable || v.doubts != 0 {
		t.Errorf("built %d times, %v after %d doubts", made, err, v.doubts)
	}
}

func TestUnknownBanks(t *testing.T) {
	made := 0
	all := tinyBanks(&vault{now: "right"}, &made)
	for _, w := range []which{{"s", "nosuch"}, {"other", "tiny"}, {"s", ""}} {
		err := all.With(t.Context(), w.shop, w.name, func(bank.Bank) error { t.Error("called"); return nil })
		if payment.KindOf(err) != payment.NotFound || err == nil {
			t.Errorf("%v: %v", w, err)
		}
	}
}

// TestRotationIsFollowed: a call that the bank rejects is made once more, with the secret that came meanwhile; and so
// is the reading of a message that fails its signature, since the bank's keys stand there too.
func TestRotationIsFollowed(t *testing.T) {
	calls := map[string]func(bank.Bank) error{
		"open":   func(b bank.Bank) error { _, err := b.Open(t.Context(), bank.Order{}); return err },
		"status": func(b bank.Bank) error { _, err := b.Status(t.Context(), bank.Handle{}); return err },
		"refund": func(b bank.Bank) error { _, err := b.Refund(t.Context(), bank.Refund{}); return err },
		"read":   func(b bank.Bank) error { _, err := b.Read(bank.Message{Body: []byte("right")}); return err },
	}
	for name, call := range calls {
		made, v := 0, &vault{now: "old", next: "right"}
		if err := tinyBanks(v, &made).With(t.Context(), "s", "tiny", call); err != nil || made != 2 || v.doubts != 1 {
			t.Errorf("%s: %v, built %d, doubts %d", name, err, made, v.doubts)
		}
		v = &vault{now: "old"}
		err := tinyBanks(v, &made).With(t.Context(), "s", "tiny", call)
		if kind := payment.KindOf(err); kind != payment.Misconfigured && kind != payment.Forged || v.doubts != 1 {
			t.Errorf("%s: without a new secret the refusal stands: %v, doubts %d", name, err, v.doubts)
		}
	}
}

// TestACallIsMadeOnceMoreAtMost, and not at all where it may have had an effect.
func TestACallIsMadeOnceMoreAtMost(t *testing.T) {
	for _, kind := range []payment.Kind{payment.Misconfigured, payment.Forged, payment.Uncertain, payment.Unavailable,
		payment.Internal, payment.Refused, payment.Unsupported, payment.Malformed} {
		made, calls := 0, 0
		err := tinyBanks(&vault{now: "old", next: "new"}, &made).With(t.Context(), "s", "tiny", func(bank.Bank) error {
			calls++
			return &payment.Error{Kind: kind}
		})
		twice := kind == payment.Misconfigured || kind == payment.Forged
		if payment.KindOf(err) != kind || (calls == 2) != twice || calls > 2 {
			t.Errorf("%s: called %d times, %v", kind, calls, err)
		}
	}
}

// TestAMessageIsForgedOnlyBesideKeysThatAreLookedAtAnew: whoever signs with a key of a moment ago is to come again
// while the new one cannot be read; a call that the bank refuses stays a matter of settings.
func TestAMessageIsForgedOnlyBesideKeysThatAreLookedAtAnew(t *testing.T) {
	made, v := 0, &vault{now: "wrong", next: "right", down: true}
	all := tinyBanks(v, &made)
	signed := func() error {
		return all.With(t.Context(), "s", "tiny", func(b bank.Bank) error {
			_, err := b.Read(bank.Message{Body: []byte("right")})
			return err
		})
	}
	if err := signed(); payment.KindOf(err) != payment.Unavailable {
		t.Errorf("a signed message while no key can be fetched: %v", err)
	}
	if err := all.asked(t.Context()); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("a question while no secret can be fetched: %v", err)
	}
	v.down = false
	if err := signed(); err != nil {
		t.Errorf("a message signed with the key that can be fetched now: %v", err)
	}
}

func TestSecretThatCannotBeBuilt(t *testing.T) {
	made := 0
	if err := tinyBanks(&vault{now: "broken", next: "right"}, &made).asked(t.Context()); err != nil {
		t.Error(err)
	}
	if err := tinyBanks(&vault{now: "broken"}, &made).asked(t.Context()); payment.KindOf(err) != payment.Misconfigured {
		t.Error(err)
	}
}

func TestBanksConcurrently(t *testing.T) {
	made, v := 0, &vault{now: "old", next: "right"}
	all := tinyBanks(v, &made)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			err := all.asked(t.Context())
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if v.now != "right" {
		t.Error("nobody fetched the new secret")
	}
}

// TestFolders: each bank of the list has a name of its own, says by its profile what it is, and refuses an empty secret
// in words instead of becoming a nil bank.
func TestFolders(t *testing.T) {
	if len(Profiles()) != len(folders()) {
		t.Error("two banks have one name")
	}
	for _, f := range folders() {
		p := f.profile
		if p.Name == "" || p.Title == "" || len(p.Currencies) == 0 || p.PageLife == 0 || len(p.Secret) == 0 {
			t.Errorf("%+v says too little", p)
		}
		b, err := f.build([]byte("{}"), exchange.Options{Stage: "prod"})
		if b != nil || payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%s: %v, %v", p.Name, b, err)
		}
	}
}

// A bank of which a part works is used; that the rest does not is told at once, and counted whenever it is met.
func TestABankThatWorksInPartIsUsed(t *testing.T) {
	var lines bytes.Buffer
	made, v := 0, &vault{now: "half"}
	all := tinyBanks(v, &made)
	all.meter.log = slog.New(slog.NewJSONHandler(&lines, nil))
	for range 3 {
		if err := all.asked(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(lines.String(), `"level":"ERROR"`); got != 1 || made != 1 {
		t.Errorf("told %d times, built %d times: %s", got, made, &lines)
	}
	if got := strings.Count(lines.String(), `"Operation":"settings"`); got != 3 {
		t.Errorf("counted %d times", got)
	}
	v.now = "right"
	if err := all.asked(t.Context()); err != nil || strings.Count(lines.String(), `"Operation":"settings"`) != 3 {
		t.Errorf("mended, and still counted: %v", err)
	}
	if b, err := NewBank("kapital", []byte("{}"), "prod", slog.New(slog.DiscardHandler)); b != nil || err == nil {
		t.Errorf("%v, %v", b, err)
	}
}
