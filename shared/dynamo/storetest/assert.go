package storetest

import (
	"errors"
	"reflect"
	"testing"

	"kassa/shared/checkout"
	"kassa/shared/payment"
)

func mustCreate(t *testing.T, s Store, p payment.Payment) payment.Payment {
	t.Helper()
	created, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatalf("create %s: %v", p.ID, err)
	}
	return created
}

func mustSave(t *testing.T, s Store, p payment.Payment) payment.Payment {
	t.Helper()
	saved, err := s.Save(t.Context(), p)
	if err != nil {
		t.Fatalf("save %s: %v", p.ID, err)
	}
	return saved
}

func mustLoad(t *testing.T, s Store, id payment.ID) payment.Payment {
	t.Helper()
	p, err := s.Load(t.Context(), id)
	if err != nil {
		t.Fatalf("load %s: %v", id, err)
	}
	return p
}

// wantEqual checks that two payments are the same to the last field, the version included.
func wantEqual(t *testing.T, got, want payment.Payment) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("payment\n%+v\nwant\n%+v", got, want)
	}
}

// wantStored checks that a write gave what was written, under a new version, and that this is what stands there.
func wantStored(t *testing.T, s Store, gave, wrote payment.Payment) {
	t.Helper()
	if gave.Rev == "" || gave.Rev == wrote.Rev {
		t.Fatalf("version %q after a write of version %q, want a new one", gave.Rev, wrote.Rev)
	}
	wantEqual(t, mustLoad(t, s, wrote.ID), gave)
	gave.Rev = wrote.Rev
	wantEqual(t, gave, wrote)
}

// wantConflict checks that a write was refused and gave what stands there instead.
func wantConflict(t *testing.T, gave payment.Payment, err error, standing payment.Payment) {
	t.Helper()
	if !errors.Is(err, checkout.ErrConflict) {
		t.Fatalf("error %v, want a conflict", err)
	}
	wantEqual(t, gave, standing)
}

func wantKind(t *testing.T, err error, kind payment.Kind) {
	t.Helper()
	if err == nil || payment.KindOf(err) != kind {
		t.Fatalf("error %v, want one of kind %s", err, kind)
	}
}
