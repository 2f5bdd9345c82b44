package shop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"kassa/shared/payment"
)

// vault is a Secrets Manager of secrets by name. A secret that is not there is answered as AWS does.
type vault struct {
	mu      sync.Mutex
	secrets map[string]string
	down    error
	calls   int
	hold    chan struct{} // answers wait for it, where it is set
}

func (v *vault) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput,
	_ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if v.hold != nil {
		select {
		case <-v.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	text, there := v.secrets[*in.SecretId]
	version := fmt.Sprint("v", v.calls)
	switch {
	case v.down != nil:
		return nil, v.down
	case !there:
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &text, VersionId: &version}, nil
}

// digestOf is a secret's digest as the settings hold it.
func digestOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// settingsWith are sound settings with one key k1 of this secret.
func settingsWith(secret string) string {
	return `{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],"keys":[{"id":"k1","sha256":"` +
		digestOf(secret) + `"}]}`
}

const (
	shopSecret = "kassa/prod/shop/demo-az"
	bankSecret = "kassa/prod/bank/demo-az/kapital"
)

// world is the shops of a stage over a vault, with a clock and a log to look at.
type world struct {
	*Shops
	vault *vault
	now   time.Time
	log   bytes.Buffer
}

func newWorld() *world {
	w := &world{now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), vault: &vault{secrets: map[string]string{
		shopSecret: settingsWith("right"), bankSecret: "PEM and more",
	}}}
	w.Shops = New(w.vault, "prod", func() time.Time { return w.now }, slog.New(slog.NewTextHandler(&w.log, nil)))
	w.settings.pause = func(_ context.Context, d time.Duration) { w.now = w.now.Add(d) }
	return w
}

// wantCalls checks how many fetches there were since it was last asked.
func (w *world) wantCalls(t *testing.T, want int) {
	t.Helper()
	if w.vault.calls != want {
		t.Fatalf("%d fetches, want %d", w.vault.calls, want)
	}
	w.vault.calls = 0
}

func (w *world) wantKey(t *testing.T, secret string, valid bool) {
	t.Helper()
	s, err := w.Authenticate(t.Context(), "demo-az", "k1", secret)
	if valid && (err != nil || !s.HasBank("kapital")) || !valid && payment.KindOf(err) != payment.Forged {
		t.Fatalf("key %q: %v, valid %t", secret, err, valid)
	}
}

func TestSettingsAreFetchedEveryFiveMinutes(t *testing.T) {
	w := newWorld()
	for range 3 {
		w.wantKey(t, "right", true)
	}
	w.wantCalls(t, 1)
	w.now = w.now.Add(5*time.Minute - time.Nanosecond)
	w.wantKey(t, "right", true)
	w.wantCalls(t, 0)
	w.now = w.now.Add(time.Nanosecond)
	w.wantKey(t, "right", true)
	w.wantCalls(t, 1)
}

// TestARotatedKeyWorksAtOnce, but wrong keys make no more than one fetch per 30 seconds.
func TestARotatedKeyWorksAtOnce(t *testing.T) {
	w := newWorld()
	w.wantKey(t, "right", true)
	w.now = w.now.Add(time.Minute)
	w.vault.secrets[shopSecret] = settingsWith("new")
	w.wantKey(t, "new", true)
	w.wantCalls(t, 2)
	for range 3 {
		w.wantKey(t, "right", false)
		w.wantKey(t, "guess", false)
	}
	w.wantCalls(t, 0)
	w.now = w.now.Add(30 * time.Second)
	for range 3 {
		w.wantKey(t, "guess", false)
	}
	w.wantCalls(t, 1)
}

// A key that is rotated just after its secret was fetched works at once, too: only a doubt makes the next doubt wait.
func TestAKeyRotatedAfterAFetchWorksAtOnce(t *testing.T) {
	w := newWorld()
	w.wantKey(t, "right", true)
	w.now = w.now.Add(3 * time.Second)
	w.vault.secrets[shopSecret] = settingsWith("new")
	w.wantKey(t, "new", true)
	w.wantCalls(t, 2)
	w.now = w.now.Add(29 * time.Second)
	w.vault.secrets[shopSecret] = settingsWith("newer")
	w.wantKey(t, "newer", false)
	w.now = w.now.Add(time.Second)
	w.wantKey(t, "newer", true)
}

func TestUnknownShopsAreRemembered(t *testing.T) {
	w := newWorld()
	delete(w.vault.secrets, shopSecret)
	for range 3 {
		w.wantKey(t, "right", false)
		if _, err := w.Settings(t.Context(), "demo-az"); payment.KindOf(err) != payment.NotFound {
			t.Fatalf("error %v, want not found", err)
		}
	}
	w.wantCalls(t, 1)
	w.vault.secrets[shopSecret] = settingsWith("right")
	w.wantKey(t, "right", false)
	w.now = w.now.Add(30 * time.Second)
	w.wantKey(t, "right", true)
	w.wantCalls(t, 1)
}

// TestARemovedShopIsGone: "there is none" is an answer, not a failure to answer.
func TestARemovedShopIsGone(t *testing.T) {
	for name, answer := range map[string]error{"deleted": nil, "marked for deletion": &types.InvalidRequestException{}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.wantKey(t, "right", true)
			delete(w.vault.secrets, shopSecret)
			w.vault.down = answer
			w.now = w.now.Add(5 * time.Minute)
			w.wantKey(t, "right", false)
		})
	}
}

// TestBadTimes: whatever is wrong with the newest version of a secret, the last good one stays in use, and the log says
// so.
func TestBadTimes(t *testing.T) {
	for name, spoil := range map[string]func(*vault){
		"unreachable": func(v *vault) { v.down = errors.New("connection refused") },
		"misspelt":    func(v *vault) { v.secrets[shopSecret] = `{"canary":"sk_canary"}` },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.wantKey(t, "right", true)
			w.wantCalls(t, 1)
			spoil(w.vault)
			w.now = w.now.Add(5 * time.Minute)
			for range 3 {
				w.wantKey(t, "right", true)
				w.wantKey(t, "guess", false)
			}
			w.wantCalls(t, 1)
			if log := w.log.String(); !strings.Contains(log, "last good version") || !strings.Contains(log, shopSecret) ||
				strings.Contains(log, "sk_canary") {
				t.Errorf("log %q", log)
			}
			w.vault.down, w.vault.secrets[shopSecret] = nil, settingsWith("new")
			w.now = w.now.Add(30 * time.Second)
			w.wantKey(t, "new", true)
		})
	}
}

// TestNothingKnown: without an older version the reason is told, and the next caller tries again.
func TestNothingKnown(t *testing.T) {
	w := newWorld()
	w.vault.down = errors.New("connection refused")
	_, err := w.Settings(t.Context(), "demo-az")
	if e, ok := errors.AsType[*payment.Error](err); !ok || e.Kind != payment.Unavailable || e.RetryAfter == 0 {
		t.Errorf("unreachable: %v", err)
	}
	w.vault.down, w.vault.secrets[shopSecret] = nil, "{}"
	if _, err = w.Authenticate(t.Context(), "demo-az", "k1", "right"); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("unreadable: %v", err)
	}
	w.vault.secrets[shopSecret] = settingsWith("right")
	w.wantKey(t, "right", true)
	w.wantCalls(t, 3)
}

func TestBankSecret(t *testing.T) {
	w := newWorld()
	for range 2 {
		b, err := w.BankSecret(t.Context(), "demo-az", "kapital", false)
		if err != nil || b.Raw() != "PEM and more" || b.Version() != "v1" {
			t.Fatalf("%q %q, %v", b.Raw(), b.Version(), err)
		}
	}
	w.vault.secrets[bankSecret] = "rotated" // a moment after the fetch, and the bank has refused the old one already
	for i, want := range []string{"PEM and more", "rotated", "rotated"} {
		if b, err := w.BankSecret(t.Context(), "demo-az", "kapital", i == 1); err != nil || b.Raw() != want {
			t.Errorf("%q, %v; want %q", b.Raw(), err, want)
		}
	}
	w.wantCalls(t, 2)
	if _, err := w.BankSecret(t.Context(), "demo-az", "other", false); payment.KindOf(err) != payment.NotFound {
		t.Errorf("a bank that the shop has not: %v", err)
	}
}

// TestStrangeNames are refused before anything is asked.
func TestStrangeNames(t *testing.T) {
	w := newWorld()
	for _, name := range []string{"", "Demo", "a/b", "../x", "a b", "a_b", "ş", "a\n", strings.Repeat("a", 33)} {
		_, settings := w.Settings(t.Context(), name)
		_, bankOf := w.BankSecret(t.Context(), name, "kapital", false)
		_, bank := w.BankSecret(t.Context(), "demo-az", name, false)
		_, key := w.Authenticate(t.Context(), name, "k1", "right")
		for _, err := range []error{settings, bankOf, bank} {
			if payment.KindOf(err) != payment.NotFound {
				t.Errorf("%q: %v", name, err)
			}
		}
		if payment.KindOf(key) != payment.Forged {
			t.Errorf("key of %q: %v", name, key)
		}
	}
	w.wantCalls(t, 0)
}

// TestStrangersCannotPushOutAShop fills the cache with names of shops that are none.
func TestStrangersCannotPushOutAShop(t *testing.T) {
	w := newWorld()
	w.wantKey(t, "right", true)
	for i := range 3 * maxEntries {
		w.now = w.now.Add(time.Millisecond)
		if _, err := w.Settings(t.Context(), fmt.Sprint("stranger-", i)); payment.KindOf(err) != payment.NotFound {
			t.Fatal(err)
		}
	}
	if n := len(w.settings.entries); n != maxEntries {
		t.Errorf("%d entries, want %d", n, maxEntries)
	}
	w.wantCalls(t, 1+3*maxEntries)
	if _, known := w.settings.entries[shopSecret]; !known {
		t.Error("the shop was pushed out")
	}
	w.wantKey(t, "right", true)
	w.wantCalls(t, 1) // the names were looked up one after the other, which took longer than its settings stand
	_, _ = w.Settings(t.Context(), fmt.Sprint("stranger-", 3*maxEntries-1))
	w.wantCalls(t, 0)
}

// TestOneFetchForAll lets many ask at once. One of them goes, and neither stops the fetch nor waits for it.
func TestOneFetchForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.vault.hold = make(chan struct{})
		gone, cancel := context.WithCancel(t.Context())
		var impatient error
		var waiting sync.WaitGroup
		waiting.Go(func() { _, impatient = w.Settings(gone, "demo-az") })
		synctest.Wait()
		errs := make([]error, 50)
		for i := range errs {
			waiting.Go(func() { _, errs[i] = w.Settings(t.Context(), "demo-az") })
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if payment.KindOf(impatient) != payment.Unavailable || impatient == nil {
			t.Errorf("who has gone: %v", impatient)
		}
		close(w.vault.hold)
		waiting.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		w.wantCalls(t, 1)
	})
}
