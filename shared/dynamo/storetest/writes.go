package storetest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/payment"
)

func createIsReadBack(t *testing.T, s Store) {
	p := draft(order(1), 1)
	wantStored(t, s, mustCreate(t, s, p), p)
}

func createOfTakenKey(t *testing.T, s Store) {
	first := mustCreate(t, s, draft(order(1), 1))
	second := draft(order(1), 1)
	second.Amount.Minor = 1
	gave, err := s.Create(t.Context(), second)
	wantConflict(t, gave, err, first)
	wantEqual(t, mustLoad(t, s, first.ID), first)
}

func missing(t *testing.T, s Store) {
	mustCreate(t, s, draft(order(1), 1))
	_, err := s.Load(t.Context(), payment.ID{Order: order(1), Attempt: 2})
	wantKind(t, err, payment.NotFound)
	found, err := s.Attempts(t.Context(), order(2))
	if err != nil || len(found) != 0 {
		t.Fatalf("attempts of an order that never was: %v, %v", found, err)
	}
}

func brokenIsRefused(t *testing.T, s Store) {
	broken := draft(order(1), 1)
	broken.Captured = 1
	_, err := s.Create(t.Context(), broken)
	wantKind(t, err, payment.Internal)
	_, err = s.Load(t.Context(), broken.ID)
	wantKind(t, err, payment.NotFound)

	p := mustCreate(t, s, draft(order(1), 1))
	broken = p
	broken.Sequence++
	_, err = s.Save(t.Context(), broken)
	wantKind(t, err, payment.Internal)
	wantEqual(t, mustLoad(t, s, p.ID), p)
}

func saveReplaces(t *testing.T, s Store) {
	before := mustCreate(t, s, draft(order(1), 1))
	after := life()[0].apply(t, before)
	wantStored(t, s, mustSave(t, s, after), after)
}

func saveOfOlder(t *testing.T, s Store) {
	old := mustCreate(t, s, draft(order(1), 1))
	standing := mustSave(t, s, life()[0].apply(t, old))
	gave, err := s.Save(t.Context(), old)
	wantConflict(t, gave, err, standing)
	wantEqual(t, mustLoad(t, s, old.ID), standing)
}

func saveOfUnborn(t *testing.T, s Store) {
	p := draft(order(1), 1)
	for _, rev := range []string{"", "never-written"} {
		p.Rev = rev
		gave, err := s.Save(t.Context(), p)
		wantConflict(t, gave, err, payment.Payment{})
	}
	_, err := s.Load(t.Context(), p.ID)
	wantKind(t, err, payment.NotFound)
}

func createLost(t *testing.T, s Store) {
	p := draft(order(1), 1)
	lose(t, s)
	gave, err := s.Create(t.Context(), p)
	wantOwn(t, s, gave, err, p)
}

func saveLost(t *testing.T, s Store) {
	p := life()[0].apply(t, mustCreate(t, s, draft(order(1), 1)))
	lose(t, s)
	gave, err := s.Save(t.Context(), p)
	wantOwn(t, s, gave, err, p)
}

// stampsAreKept: a writer finds his own save under three others, whether they draw stamps or leave that to the store.
func stampsAreKept(t *testing.T, s Store) {
	const own, other = "OWNSTAMPOFTHISWRITER", "ANOTHERONE"
	p := mustCreate(t, s, draft(order(1), 1))
	p.Stamp = own
	p = mustSave(t, s, p)
	for n := range 4 {
		if stands := mustLoad(t, s, p.ID); p.Stamp != "" || stands.Rev != p.Rev || !stands.Bears(own) {
			t.Fatalf("after %d others: stamp %q, version %q", n, p.Stamp, p.Rev)
		}
		if p.Bears(other) != (n > 0) {
			t.Fatalf("after %d others: version %q", n, p.Rev)
		}
		if p.Stamp = ""; n%2 == 0 {
			p.Stamp = other
		}
		p = mustSave(t, s, p)
	}
	if p.Bears(own) {
		t.Fatalf("version %q keeps more than four", p.Rev)
	}
}

func lose(t *testing.T, s Store) {
	t.Helper()
	lossy, ok := s.(Lossy)
	if !ok {
		t.Skipf("%T cannot be told to lose an answer", s)
	}
	lossy.LoseNextAnswer(t)
}

// wantOwn checks the end of a write whose answer was lost: done, or Unavailable with the write in place, but never a
// conflict with itself.
func wantOwn(t *testing.T, s Store, gave payment.Payment, err error, wrote payment.Payment) {
	t.Helper()
	if err != nil {
		wantKind(t, err, payment.Unavailable)
		gave = mustLoad(t, s, wrote.ID)
	}
	wantStored(t, s, gave, wrote)
}

func creatorsRace(t *testing.T, s Store) {
	race(t, func(n int) (payment.Payment, error) {
		p := draft(order(1), 1)
		p.OrderRef = strconv.Itoa(n)
		return s.Create(t.Context(), p)
	})
}

func saversRace(t *testing.T, s Store) {
	p := mustCreate(t, s, draft(order(1), 1))
	for range 3 {
		read := mustLoad(t, s, p.ID)
		winner := race(t, func(n int) (payment.Payment, error) {
			mine := read
			mine.BankCode = strconv.Itoa(n)
			return s.Save(t.Context(), mine)
		})
		wantEqual(t, mustLoad(t, s, p.ID), winner)
	}
}

// race lets 100 writers write at once. One must win, and all others be given what the winner wrote.
func race(t *testing.T, write func(n int) (payment.Payment, error)) (winner payment.Payment) {
	t.Helper()
	const writers = 100
	var gave [writers]payment.Payment
	var errs [writers]error
	var running sync.WaitGroup
	for n := range writers {
		running.Go(func() { gave[n], errs[n] = write(n) })
	}
	running.Wait()
	won := 0
	for n, err := range errs {
		if err == nil {
			winner = gave[n]
			won++
		} else if !errors.Is(err, checkout.ErrConflict) {
			t.Fatalf("writer %d: %v", n, err)
		}
	}
	if won != 1 {
		t.Fatalf("%d of %d writers won", won, writers)
	}
	for _, p := range gave {
		wantEqual(t, p, winner)
	}
	return winner
}

func wholeLife(t *testing.T, s Store) {
	p := mustCreate(t, s, draft(order(1), 1))
	for _, step := range life() {
		next := step.apply(t, p)
		p = mustSave(t, s, next)
		wantStored(t, s, p, next)
	}
	if p.Status != payment.Refunded || len(p.Refunds) != 4 {
		t.Fatalf("the suite's own life ends %s with %d refunds", p.Status, len(p.Refunds))
	}
}

func largest(t *testing.T, s Store) {
	p := Largest(order(1))
	created := mustCreate(t, s, p)
	wantStored(t, s, created, p)
	wantStored(t, s, mustSave(t, s, created), created)
}

func notShared(t *testing.T, s Store) {
	p := mustCreate(t, s, Largest(order(1)))
	want := Largest(order(1))
	want.Rev = p.Rev
	for _, mine := range []payment.Payment{p, mustLoad(t, s, p.ID)} {
		mine.Metadata["note"], mine.History[0].What, mine.Refunds[0].Amount, mine.Reviews[0] = "x", "x", 1, "x"
		wantEqual(t, mustLoad(t, s, p.ID), want)
	}
}

func callerGone(t *testing.T, s Store) {
	p := mustCreate(t, s, draft(order(1), 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, create := s.Create(ctx, draft(order(2), 1))
	_, save := s.Save(ctx, p)
	_, load := s.Load(ctx, p.ID)
	_, attempts := s.Attempts(ctx, p.ID.Order)
	_, due := dueOf(t, s)(ctx, 0, birth().Add(time.Hour), 10)
	for _, err := range []error{create, save, load, attempts, due} {
		wantKind(t, err, payment.Unavailable)
	}
}
