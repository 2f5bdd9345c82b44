package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/payment"
)

// TestAnInventedShopThatIsACardNumber: strangers write what they like, and the log takes the error.
func TestAnInventedShopThatIsACardNumber(t *testing.T) {
	for _, down := range []error{nil, errors.New("no answer")} {
		w := newWorld()
		w.vault.down = down
		for name, told := range map[string]bool{"4169741330151124": false, "4169-7413-3015-1124": false,
			"a4169741330151124z": false, "demo-bi": true, "shop-20261121": true} {
			_, err := w.Settings(t.Context(), name)
			if err == nil || strings.Contains(err.Error(), name) != told {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestAFloodOfInventedShops: however strangers' names come, the fetches that they cause stay below the rate; a shop
// that is asked for the first time meanwhile is served after one interval at most, one that is known at once, and one
// that has just been made in half a minute.
func TestAFloodOfInventedShops(t *testing.T) {
	seeds := uint64(20)
	if testing.Short() { // with the race detector
		seeds = 4
	}
	for seed := range seeds {
		w := newWorld()
		w.wantKey(t, "right", true)
		w.vault.calls = 0
		r := rand.New(rand.NewPCG(seed, 7))
		began, honest := w.now, 0
		for i := range 2000 {
			w.now = w.now.Add(time.Duration(r.IntN(3000)) * time.Microsecond)
			name := fmt.Sprint("invented-", r.IntN(5000))
			if _, err := w.Settings(t.Context(), name); payment.KindOf(err) != payment.NotFound {
				t.Fatalf("seed %d, %s: %v", seed, name, err)
			}
			asked := w.now
			switch i % 100 {
			case 50: // a real shop's first request
				honest++
				name = fmt.Sprint("real-", i)
				w.vault.secrets["kassa/prod/shop/"+name] = settingsWith("right")
				if _, err := w.Authenticate(t.Context(), name, "k1", "right"); err != nil || w.now.Sub(asked) > perUnknown {
					t.Fatalf("seed %d: a shop's first request in the flood: %v after %s", seed, err, w.now.Sub(asked))
				}
			case 75: // one that is known
				if w.wantKey(t, "right", true); w.now != asked {
					t.Fatalf("seed %d: a known shop waits %s", seed, w.now.Sub(asked))
				}
			}
		}
		took := w.now.Sub(began)
		most := strangers + int(took/perUnknown) + 1 + honest + int(took/goodFor) + 1
		if w.vault.calls > most {
			t.Errorf("seed %d: %d fetches in %s, want at most %d", seed, w.vault.calls, took, most)
		}
		if n := len(w.settings.entries); n > maxEntries {
			t.Errorf("seed %d: %d entries", seed, n)
		}
	}
}

func TestANewShopIsServedSoonInAFlood(t *testing.T) {
	w := newWorld()
	flood := func(n int) {
		for i := range n {
			_, _ = w.Settings(t.Context(), fmt.Sprint("invented-", w.now.UnixNano(), "-", i))
		}
	}
	delete(w.vault.secrets, shopSecret)
	w.wantKey(t, "right", false) // too early, and remembered
	flood(2 * strangers)
	w.vault.secrets[shopSecret] = settingsWith("right")
	w.now = w.now.Add(doubtAfter)
	flood(2 * strangers)
	asked := w.now
	if w.wantKey(t, "right", true); w.now.Sub(asked) > perUnknown {
		t.Errorf("it waited %s", w.now.Sub(asked))
	}
}

// Real shops use nothing up: a deployment with many serves all at once after a start.
func TestManyRealShopsDoNotWait(t *testing.T) {
	w := newWorld()
	began := w.now
	for i := range 4 * strangers {
		name := fmt.Sprint("real-", i)
		w.vault.secrets["kassa/prod/shop/"+name] = settingsWith("right")
		if _, err := w.Settings(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if w.now != began {
		t.Errorf("they waited %s", w.now.Sub(began))
	}
}

// A cache full of real shops forgets none for a name that nobody has, but takes a further real one.
func TestAFullCacheForgetsNoShopForAGuess(t *testing.T) {
	w := newWorld()
	for i := range maxEntries {
		name := fmt.Sprint("real-", i)
		w.vault.secrets["kassa/prod/shop/"+name] = settingsWith("right")
		if _, err := w.Settings(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = w.Settings(t.Context(), "invented")
	w.vault.calls = 0
	for i := range maxEntries {
		_, _ = w.Settings(t.Context(), fmt.Sprint("real-", i))
	}
	w.wantCalls(t, 0)
	w.wantKey(t, "right", true)
	if n := len(w.settings.entries); n != maxEntries {
		t.Errorf("%d entries", n)
	}
}

// Where many wait already, a further one is told to come again: not that its key is wrong, which it may not be.
func TestTheQueueOfStrangersIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{secrets: map[string]string{}}
		s := New(v, "prod", time.Now, slog.New(slog.DiscardHandler))
		began := time.Now()
		kinds := map[payment.Kind]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 10 * strangers {
			all.Go(func() {
				_, err := s.Authenticate(context.Background(), fmt.Sprint("invented-", i), "k1", "right")
				mu.Lock()
				defer mu.Unlock()
				kinds[payment.KindOf(err)]++
			})
		}
		all.Wait()
		const served = strangers + int(maxWait/perUnknown)
		if kinds[payment.Forged] != served || kinds[payment.Unavailable] != 10*strangers-served || v.calls != served ||
			time.Since(began) > maxWait {
			t.Errorf("%v, %d fetches in %s", kinds, v.calls, time.Since(began))
		}
	})
}

// A secret that cannot be read, or fetched, is no way around the rate.
func TestWhatCannotBeReadIsPacedToo(t *testing.T) {
	w := newWorld()
	w.vault.secrets[shopSecret] = "{}"
	began := w.now
	for range 4 * strangers {
		if _, err := w.Settings(t.Context(), "demo-az"); err == nil || strings.Contains(err.Error(), "Too many") {
			t.Fatal(err)
		}
	}
	if took := w.now.Sub(began); w.vault.calls > strangers+int(took/perUnknown) {
		t.Errorf("%d fetches in %s", w.vault.calls, took)
	}
}
