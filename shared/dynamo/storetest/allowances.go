package storetest

import (
	"errors"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
)

var demo = allowance.ID{Shop: "demo-az", Currency: "AZN"}

func mustUsed(t *testing.T, s Store) allowance.Usage {
	t.Helper()
	u, err := s.Used(t.Context(), demo)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// mustTake claims an amount on a day of great allowance.
func mustTake(t *testing.T, s Store, u allowance.Usage, refund string, amount int64) allowance.Usage {
	t.Helper()
	next, _, ok := u.Take(allowance.Claim{Refund: refund, Owner: "o", Amount: amount}, 20000, 1<<50)
	if !ok {
		t.Fatal("refused")
	}
	saved, err := s.Use(t.Context(), next)
	if err != nil || saved.Rev == "" || saved.Rev == u.Rev {
		t.Fatalf("%+v, %v", saved, err)
	}
	return saved
}

func wantUsed(t *testing.T, s Store, want allowance.Usage) {
	t.Helper()
	if got := mustUsed(t, s); !reflect.DeepEqual(got, want) {
		t.Fatalf("used\n%+v\nwant\n%+v", got, want)
	}
}

func nothingUsed(t *testing.T, s Store) { wantUsed(t, s, allowance.Usage{ID: demo}) }

func usedIsReadBack(t *testing.T, s Store) {
	first := mustTake(t, s, mustUsed(t, s), "rf_1", 5000)
	wantUsed(t, s, first)
	second := mustTake(t, s, first, "rf_2", 1)
	wantUsed(t, s, second)
	if second.Sum != 5001 || len(second.Claims) != 2 {
		t.Errorf("%+v", second)
	}
	for _, other := range []allowance.ID{{Shop: "demo-by", Currency: "AZN"}, {Shop: "demo-az", Currency: "BYN"}} {
		if u, err := s.Used(t.Context(), other); err != nil || u.Sum != 0 || u.Rev != "" {
			t.Errorf("%v shares an allowance: %+v, %v", other, u, err)
		}
	}
}

func useOfOlder(t *testing.T, s Store) {
	unborn := mustUsed(t, s)
	first := mustTake(t, s, unborn, "rf_1", 1)
	second := mustTake(t, s, first, "rf_2", 2)
	for _, old := range []allowance.Usage{unborn, first} {
		next, _, _ := old.Take(allowance.Claim{Refund: "rf_3", Owner: "o", Amount: 4}, 20000, 1<<50)
		if gave, err := s.Use(t.Context(), next); !errors.Is(err, checkout.ErrConflict) || !reflect.DeepEqual(gave, second) {
			t.Errorf("%+v, %v", gave, err)
		}
	}
	wantUsed(t, s, second)
	never := allowance.Usage{ID: allowance.ID{Shop: "nobody", Currency: "AZN"}, Rev: "never-written"}
	if gave, err := s.Use(t.Context(), never); !errors.Is(err, checkout.ErrConflict) || gave.Rev != "" ||
		gave.ID != never.ID {
		t.Errorf("%+v, %v", gave, err)
	}
}

// useLost: it is written all the same, and a caller who asks again finds it.
func useLost(t *testing.T, s Store) {
	l, ok := s.(Lossy)
	if !ok {
		t.Skip("this store cannot lose an answer")
	}
	before := mustUsed(t, s)
	l.LoseNextAnswer(t)
	next, _, _ := before.Take(allowance.Claim{Refund: "rf_1", Owner: "o", Amount: 4}, 20000, 10)
	_, err := s.Use(t.Context(), next)
	if kind := payment.KindOf(err); err != nil && kind != payment.Unavailable {
		t.Fatal(err)
	}
	if u := mustUsed(t, s); u.Sum != 4 || !u.Holds(next.Claims[0], 20000) {
		t.Errorf("%+v", u)
	}
}

func brokenUse(t *testing.T, s Store) {
	_, err := s.Use(t.Context(), allowance.Usage{ID: demo, Sum: -1})
	wantKind(t, err, payment.Internal)
	nothingUsed(t, s)
}

func usersRace(t *testing.T, s Store) {
	const users, limit = 100, 30
	var all sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for i := range users {
		all.Go(func() {
			c := allowance.Claim{Refund: "rf_" + strconv.Itoa(i), Owner: "o", Amount: 1}
			u, err := s.Used(t.Context(), demo)
			for {
				if err != nil && !errors.Is(err, checkout.ErrConflict) {
					t.Error(err)
					return
				}
				next, _, ok := u.Take(c, 20000, limit)
				if !ok {
					return
				}
				if u, err = s.Use(t.Context(), next); err == nil {
					break
				}
			}
			mu.Lock()
			taken++
			mu.Unlock()
		})
	}
	all.Wait()
	if u := mustUsed(t, s); taken != limit || u.Sum != limit {
		t.Errorf("%d took, the sum is %d, the limit %d", taken, u.Sum, limit)
	}
}

// allowanceIsNoPayment: nothing that reads payments ever meets it.
func allowanceIsNoPayment(t *testing.T, s Store) {
	mustTake(t, s, mustUsed(t, s), "rf_1", 1)
	if found, err := s.Attempts(t.Context(), order(1)); err != nil || len(found) != 0 {
		t.Errorf("attempts %v, %v", found, err)
	}
	late := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for shard := range checkout.Shards {
		for w, err := range s.Due(t.Context(), shard, late) {
			t.Errorf("shard %d: %v, %v", shard, w, err)
		}
		if review, err := s.UnderReview(t.Context(), shard, late, 10); err != nil || len(review) > 0 {
			t.Errorf("shard %d: %v, %v", shard, review, err)
		}
		for w, err := range s.Outbox(t.Context(), shard, late) {
			t.Errorf("shard %d: %v, %v", shard, w, err)
		}
	}
}
