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
	"kassa/shared/payment"
)

// vault holds one secret of shop "s" for bank "tiny"; next is what a fetch after a doubt finds.
type vault struct {
	mu     sync.Mutex
	now    string
	next   string
	doubts int
}

func (v *vault) fetch(_ context.Context, shop, _ string, doubted bool) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if shop != "s" {
		return nil, &payment.Error{Kind: payment.NotFound}
	}
	if doubted {
		v.doubts++
		v.now = cmp.Or(v.next, v.now)
	}
	return []byte(v.now), nil
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
func (b tiny) Callback(bank.Callback) (bank.Notice, error) { return bank.Notice{}, nil }

// giving is a tiny bank with both optional powers.
type giving struct{ tiny }

func (b giving) Refund(context.Context, bank.Refund) (bank.Report, error) {
	return bank.Report{RefundID: b.key}, b.err()
}
func (giving) Check(bank.Order) []payment.FieldError { return []payment.FieldError{{Pointer: "/x"}} }

// silent meters for nobody.
func silent() meter { return meter{"prod", time.Now, slog.New(slog.DiscardHandler)} }

func tinyBanks(v *vault, made *int) *banks {
	build := func(wrap func(tiny) bank.Bank) maker {
		return func(raw []byte) (bank.Bank, error) {
			*made++
			if string(raw) == "broken" {
				return nil, &payment.Error{Kind: payment.Misconfigured, Message: "a field is wrong"}
			}
			if string(raw) == "half" {
				return wrap(tiny{key: "right"}), &payment.Error{Kind: payment.Misconfigured, Message: "a field is wrong"}
			}
			return wrap(tiny{string(raw)}), nil
		}
	}
	return newBanks(map[string]maker{
		"tiny":   build(func(b tiny) bank.Bank { return b }),
		"giving": build(func(b tiny) bank.Bank { return giving{b} }),
	}, v.fetch, silent())
}

func TestBankIsKeptUntilItsSecretChanges(t *testing.T) {
	made, v := 0, &vault{now: "right"}
	all := tinyBanks(v, &made)
	for range 3 {
		if _, err := all.Bank(t.Context(), "s", "tiny"); err != nil {
			t.Fatal(err)
		}
	}
	if made != 1 {
		t.Errorf("built %d times", made)
	}
	v.now = "down"
	b, err := all.Bank(t.Context(), "s", "tiny")
	if err != nil || made != 2 {
		t.Fatalf("built %d times, %v", made, err)
	}
	_, err = b.Open(t.Context(), bank.Order{})
	if payment.KindOf(err) != payment.Unavailable || payment.CodeOf(err) != "bank_unavailable" || v.doubts != 0 {
		t.Errorf("%v after %d doubts", err, v.doubts)
	}
}

func TestUnknownBanks(t *testing.T) {
	made := 0
	all := tinyBanks(&vault{now: "right"}, &made)
	for _, w := range []which{{"s", "nosuch"}, {"other", "tiny"}, {"s", ""}} {
		if b, err := all.Bank(t.Context(), w.shop, w.name); b != nil || payment.KindOf(err) != payment.NotFound {
			t.Errorf("%v: %v, %v", w, b, err)
		}
	}
}

// TestRotationIsFollowed: a call that the bank rejects is made once more, with the secret that came meanwhile.
func TestRotationIsFollowed(t *testing.T) {
	calls := map[string]func(bank.Bank) error{
		"open":   func(b bank.Bank) error { _, err := b.Open(t.Context(), bank.Order{}); return err },
		"status": func(b bank.Bank) error { _, err := b.Status(t.Context(), bank.Handle{}); return err },
		"refund": func(b bank.Bank) error { _, err := b.(bank.Refunder).Refund(t.Context(), bank.Refund{}); return err },
	}
	for name, call := range calls {
		made, v := 0, &vault{now: "old", next: "right"}
		all := tinyBanks(v, &made)
		b, err := all.Bank(t.Context(), "s", "giving")
		if err != nil {
			t.Fatal(err)
		}
		if err := call(b); err != nil || made != 2 || v.doubts != 1 {
			t.Errorf("%s: %v, built %d, doubts %d", name, err, made, v.doubts)
		}
		v = &vault{now: "old"}
		if b, err = tinyBanks(v, &made).Bank(t.Context(), "s", "giving"); err != nil {
			t.Fatal(err)
		}
		if err := call(b); payment.KindOf(err) != payment.Misconfigured || v.doubts != 1 {
			t.Errorf("%s: without a new secret the refusal stands: %v, doubts %d", name, err, v.doubts)
		}
	}
}

func TestSecretThatCannotBeBuilt(t *testing.T) {
	made, v := 0, &vault{now: "broken", next: "right"}
	b, err := tinyBanks(v, &made).Bank(t.Context(), "s", "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Status(t.Context(), bank.Handle{}); err != nil {
		t.Error(err)
	}
	if b, err := tinyBanks(&vault{now: "broken"}, &made).Bank(t.Context(), "s", "tiny"); b != nil ||
		payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("%v, %v", b, err)
	}
}

// TestPowersStayVisible: a bank shows through the guard what it can do, and no more.
func TestPowersStayVisible(t *testing.T) {
	made := 0
	all := tinyBanks(&vault{now: "right"}, &made)
	plain, err := all.Bank(t.Context(), "s", "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := plain.(bank.Refunder); ok || len(plain.(bank.Checker).Check(bank.Order{})) != 0 {
		t.Error("a bank without powers shows some")
	}
	able, err := all.Bank(t.Context(), "s", "giving")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := able.(bank.Refunder); !ok || len(able.(bank.Checker).Check(bank.Order{})) != 1 {
		t.Error("a bank's powers are hidden")
	}
}

func TestBanksConcurrently(t *testing.T) {
	made, v := 0, &vault{now: "old", next: "right"}
	all := tinyBanks(v, &made)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			b, err := all.Bank(t.Context(), "s", "tiny")
			if err == nil {
				_, err = b.Status(t.Context(), bank.Handle{})
			}
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

// TestMakers: each bank of the map refuses an empty secret in words instead of becoming a nil bank.
func TestMakers(t *testing.T) {
	for name, build := range makers("prod", slog.New(slog.DiscardHandler)) {
		if b, err := build([]byte("{}")); b != nil || payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%s: %v, %v", name, b, err)
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
		b, err := all.Bank(t.Context(), "s", "tiny")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Status(t.Context(), bank.Handle{}); err != nil {
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
	if _, err := all.Bank(t.Context(), "s", "tiny"); err != nil ||
		strings.Count(lines.String(), `"Operation":"settings"`) != 3 {
		t.Errorf("mended, and still counted: %v", err)
	}
	if b, err := NewBank("kapital", []byte("{}"), "prod", slog.New(slog.DiscardHandler)); b != nil || err == nil {
		t.Errorf("%v, %v", b, err)
	}
}
