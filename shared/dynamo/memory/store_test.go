package memory_test

import (
	"errors"
	"slices"
	"testing"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/dynamo/storetest"
	"kassa/shared/payment"
)

var _ checkout.Store = (*memory.Store)(nil)

// lossy loses an answer by its After hook.
type lossy struct{ *memory.Store }

func (s lossy) LoseNextAnswer(*testing.T) {
	s.After = func(memory.Op, payment.ID) error {
		s.After = nil
		return &payment.Error{Kind: payment.Unavailable, Message: "The answer was lost."}
	}
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Store { return lossy{new(memory.Store)} })
}

// TestHooksSeeEveryCall goes through all calls with hooks that fail: before, nothing is done; after, everything is.
func TestHooksSeeEveryCall(t *testing.T) {
	p := storetest.Largest(payment.OrderKey("shop", "1"))
	failure := errors.New("out of order")
	for _, moment := range []string{"before", "after"} {
		t.Run(moment, func(t *testing.T) {
			s := new(memory.Store)
			var seen []memory.Op
			fail := func(op memory.Op, id payment.ID) error {
				seen = append(seen, op)
				if id != p.ID && id != (payment.ID{Order: p.ID.Order}) && id != (payment.ID{}) {
					t.Errorf("%s of %s, want of %s", op, id, p.ID)
				}
				return failure
			}
			setUp := func(hook func(memory.Op, payment.ID) error) {
				if moment == "before" {
					s.Before = hook
				} else {
					s.After = hook
				}
			}
			setUp(fail)
			_, create := s.Create(t.Context(), p)
			setUp(nil)
			stored, err := s.Load(t.Context(), p.ID)
			if done := err == nil; done != (moment == "after") {
				t.Fatalf("done: %t (%v)", done, err)
			}
			setUp(fail)
			_, load := s.Load(t.Context(), p.ID)
			_, save := s.Save(t.Context(), stored)
			_, attempts := s.Attempts(t.Context(), p.ID.Order)
			_, due := storetest.Ids(s.Due(t.Context(), 0, p.CreatedAt))
			for _, err := range []error{create, load, attempts, due, save} {
				if !errors.Is(err, failure) {
					t.Errorf("error %v, want the hook's", err)
				}
			}
			if want := []memory.Op{memory.Create, memory.Load, memory.Save, memory.Attempts, memory.Due}; !slices.Equal(seen,
				want) {
				t.Errorf("the hook saw %q, want %q", seen, want)
			}
		})
	}
}

// TestBeforeMayPlayAFasterWriter lets another writer save between our read and our save.
func TestBeforeMayPlayAFasterWriter(t *testing.T) {
	s := new(memory.Store)
	p, err := s.Create(t.Context(), storetest.Largest(payment.OrderKey("shop", "1")))
	if err != nil {
		t.Fatal(err)
	}
	s.Before = func(memory.Op, payment.ID) error {
		s.Before = nil
		_, err := s.Save(t.Context(), p)
		return err
	}
	if _, err := s.Save(t.Context(), p); !errors.Is(err, payment.ErrConflict) {
		t.Fatalf("error %v, want a conflict", err)
	}
}
