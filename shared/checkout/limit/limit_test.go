package limit

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
)

var noon = time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC) // in Baku

func refundOf(id string, amount int64, status payment.RefundStatus) (payment.Payment, payment.Refund) {
	r := payment.Refund{ID: id, Amount: amount, Status: status}
	return payment.Payment{Shop: "demo", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		Refunds: []payment.Refund{r}}, r
}

func used(t *testing.T, s *memory.Store) allowance.Usage {
	t.Helper()
	s.Before, s.After = nil, nil
	u, err := s.Used(t.Context(), allowance.ID{Shop: "demo", Currency: "AZN"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// claimed is a claim of 50.00 under a limit of 120.00 that has been made.
func claimed(t *testing.T, s *memory.Store) Hold {
	t.Helper()
	c := Hold{Store: s, PerDay: 12000}
	p, r := refundOf("rf_a", 5000, payment.RefundBegun)
	if err := c.Make(t.Context(), p, r, noon); err != nil {
		t.Fatal(err)
	}
	return c
}

// overtake lets somebody else write the count before its nth write, from 1, or before each where n is below 0.
func overtake(t *testing.T, s *memory.Store, n int) (hook func(memory.Op, payment.ID) error, calls *int) {
	calls = new(int)
	return func(op memory.Op, _ payment.ID) error {
		if op != memory.Use {
			return nil
		}
		if *calls++; *calls == n || n < 0 {
			hook := s.Before
			_, err := s.Use(t.Context(), used(t, s))
			s.Before = hook
			return err
		}
		return nil
	}, calls
}

// on gives the hook that answers the nth call of an operation, from 1.
func on(op memory.Op, n int, err error) (hook func(memory.Op, payment.ID) error, calls *int) {
	calls = new(int)
	return func(o memory.Op, _ payment.ID) error {
		if o != op {
			return nil
		}
		if *calls++; *calls == n {
			return err
		}
		return nil
	}, calls
}

var errGone = &payment.Error{Kind: payment.Unavailable, Message: "the store does not answer"}

// A claim counts once for each request, with what is asked for last, however its writes are answered.
func TestAClaimCountsOnce(t *testing.T) {
	s := &memory.Store{}
	c := claimed(t, s)
	owner := c.claim.Owner
	var calls *int
	s.Before, calls = on(memory.Use, 0, nil)
	p, r := refundOf("rf_a", 5000, payment.RefundBegun)
	if err := c.Make(t.Context(), p, r, noon); err != nil || *calls != 0 || c.claim.Owner != owner {
		t.Errorf("what counts is written again: %v, %d writes, owner %q", err, *calls, c.claim.Owner)
	}
	r.Amount = 6000
	if err := c.Make(t.Context(), p, r, noon); err != nil || used(t, s).Sum != 6000 {
		t.Errorf("another amount: %v, %+v", err, used(t, s))
	}
	s.After, _ = on(memory.Use, 1, errGone)
	r.Amount = 7000
	if err := c.Make(t.Context(), p, r, noon); payment.KindOf(err) != payment.Unavailable || used(t, s).Sum != 7000 {
		t.Errorf("the answer to its write lost: %v, %+v", err, used(t, s))
	}
	if err := c.Make(t.Context(), p, r, noon); err != nil || used(t, s).Sum != 7000 {
		t.Errorf("and tried again: %v, %+v", err, used(t, s))
	}
}

func TestNoLimitIsNoCall(t *testing.T) {
	p, r := refundOf("rf_a", 5000, payment.RefundBegun)
	c := Hold{}
	if err := c.Make(t.Context(), p, r, noon); err != nil {
		t.Error(err)
	}
	c.GiveUp(t.Context(), errGone, nil, nil) // touches nothing that it has not got
}

// A store that fails ends the claim with its error, one that others keep overtaking after so many tries; nothing is
// given back then.
func TestAClaimThatCannotBeCounted(t *testing.T) {
	for _, c := range []struct {
		name  string
		op    memory.Op
		n     int
		err   error
		calls int
		kind  payment.Kind
	}{
		{"not read", memory.Used, 1, errGone, 1, payment.Unavailable},
		{"not written", memory.Use, 1, errGone, 1, payment.Unavailable},
		{"overtaken for ever", memory.Use, -1, nil, tries, payment.Unavailable},
	} {
		s := &memory.Store{}
		var calls *int
		if s.Before, calls = on(c.op, c.n, c.err); c.err == nil {
			s.Before, calls = overtake(t, s, c.n)
		}
		p, r := refundOf("rf_a", 5000, payment.RefundBegun)
		claim := Hold{Store: s, PerDay: 12000}
		err := claim.Make(t.Context(), p, r, noon)
		if payment.KindOf(err) != c.kind || *calls != c.calls || errors.Is(err, payment.ErrConflict) || c.err != nil &&
			!errors.Is(err, c.err) {
			t.Errorf("%s: %v after %d calls", c.name, err, *calls)
		}
		if used(t, s).Sum != 0 {
			t.Errorf("%s: counted %+v", c.name, used(t, s))
		}
	}
	s := &memory.Store{}
	s.Before, _ = overtake(t, s, 1)
	if claimed(t, s); used(t, s).Sum != 5000 {
		t.Errorf("overtaken once: %+v", used(t, s))
	}
}

// What does not fit says how much would, and until when; what never could is not told to come again.
func TestWhatDoesNotFit(t *testing.T) {
	midnight := time.Date(2026, 3, 4, 20, 0, 0, 0, time.UTC)
	for amount, again := range map[int64]time.Duration{7001: midnight.Sub(noon), 12000: midnight.Sub(noon), 12001: 0} {
		s := &memory.Store{}
		claimed(t, s)
		c := Hold{Store: s, PerDay: 12000}
		p, r := refundOf("rf_b", amount, payment.RefundBegun)
		err := c.Make(t.Context(), p, r, noon)
		e, ok := errors.AsType[*payment.Error](err)
		if !ok || e.Kind != payment.Standing || e.Code != "refund_limit_reached" || e.RetryAfter != again {
			t.Fatalf("%d: %v", amount, err)
		}
		for _, word := range []string{"120.00 AZN", "70.00 AZN", "2026-03-05T00:00:00+04:00"} {
			if !strings.Contains(e.Message, word) {
				t.Errorf("%d: %q does not say %s", amount, e.Message, word)
			}
		}
		c.GiveUp(t.Context(), err, func() (payment.Payment, error) { return p, errors.New("asked for nothing") }, nil)
		if used(t, s).Sum != 5000 {
			t.Errorf("%d: counted %+v", amount, used(t, s))
		}
	}
}

// A claim is given up when it is certain that nothing came of it, and otherwise stays.
func TestWhenAClaimIsGivenUp(t *testing.T) {
	standing := &payment.Error{Kind: payment.Standing, Code: "payment_not_paid"}
	invalid := &payment.Error{Kind: payment.Invalid, Code: "refund_exceeds_captured"}
	refused := &payment.Error{Kind: payment.Refused}
	for _, c := range []struct {
		name   string
		why    error
		status payment.RefundStatus // on record; "" = it is not there
		free   bool
		load   error
		left   int64
	}{
		{"no error", nil, payment.RefundFailed, true, nil, 5000},
		{"refused, and failed", refused, payment.RefundFailed, false, nil, 0},
		{"refused, and on record as under way", refused, payment.RefundUnknown, false, nil, 5000},
		{"refused, and done", refused, payment.RefundSucceeded, true, nil, 5000},
		{"never sent, and not there", errGone, "", true, nil, 0},
		{"the store silent, and not there yet", errGone, "", false, nil, 5000},
		{"it stands otherwise, and not there", standing, "", false, nil, 0},
		{"it stands otherwise, and under way", standing, payment.RefundBegun, false, nil, 5000},
		{"it never can be, and not there", invalid, "", false, nil, 0},
		{"the record cannot be read", standing, "", true, errGone, 5000},
	} {
		s := &memory.Store{}
		claim := claimed(t, s)
		if c.free {
			claim.Free()
		}
		load := func() (payment.Payment, error) {
			p, _ := refundOf("rf_a", 5000, c.status)
			if c.status == "" {
				p.Refunds = nil
			}
			return p, c.load
		}
		claim.GiveUp(t.Context(), c.why, load, slog.New(slog.DiscardHandler))
		if sum := used(t, s).Sum; sum != c.left {
			t.Errorf("%s: %d counts, want %d", c.name, sum, c.left)
		}
	}
}

// Giving up goes on when overtaken, ends without a word when somebody else has the claim by now, and is told where it
// cannot be done.
func TestGivingUpAmongOthers(t *testing.T) {
	failed := func() (payment.Payment, error) {
		p, _ := refundOf("rf_a", 5000, payment.RefundFailed)
		return p, nil
	}
	for _, c := range []struct {
		name  string
		op    memory.Op
		n     int
		err   error
		calls int
		left  int64
		told  bool
	}{
		{"at once", memory.Use, 0, nil, 1, 0, false},
		{"overtaken once", memory.Use, 1, nil, 2, 0, false},
		{"overtaken for ever", memory.Use, -1, nil, tries, 5000, true},
		{"not read", memory.Used, 1, errGone, 1, 5000, true},
		{"not written", memory.Use, 1, errGone, 1, 5000, true},
	} {
		s := &memory.Store{}
		claim := claimed(t, s)
		var calls *int
		if s.Before, calls = on(c.op, c.n, c.err); c.err == nil {
			s.Before, calls = overtake(t, s, c.n)
		}
		var lines strings.Builder
		claim.GiveUp(context.Background(), errGone, failed, slog.New(slog.NewTextHandler(&lines, nil)))
		if sum := used(t, s).Sum; sum != c.left || *calls != c.calls || strings.Contains(lines.String(), "rf_a") != c.told {
			t.Errorf("%s: %d counts after %d calls, told %q", c.name, sum, *calls, lines.String())
		}
	}
	s := &memory.Store{}
	first, second := claimed(t, s), claimed(t, s)
	stands := used(t, s)
	var lines strings.Builder
	first.GiveUp(t.Context(), errGone, failed, slog.New(slog.NewTextHandler(&lines, nil)))
	if used(t, s).Sum != 5000 || used(t, s).Rev != stands.Rev || lines.Len() != 0 {
		t.Errorf("somebody else's claim: %+v, told %q", used(t, s), lines.String())
	}
	second.GiveUp(t.Context(), errGone, failed, slog.New(slog.NewTextHandler(&lines, nil)))
	if used(t, s).Sum != 0 {
		t.Errorf("its own: %+v", used(t, s))
	}
}
