package saving_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/checkout/saving"
	"kassa/shared/dynamo/memory"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// table holds one payment that is just being opened.
func table(t *testing.T) (*memory.Store, payment.Payment) {
	t.Helper()
	s := &memory.Store{}
	p, err := s.Create(t.Context(),
		payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo", "A"), Attempt: 1}, Shop: "demo",
			OrderRef: "A", Bank: "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN}}, start,
			start.Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

var opened = payment.OpeningDone{Handle: payment.Handle{OrderID: "1"}, RedirectURL: "https://bank.example",
	ExpiresAt: start.Add(time.Hour)}

func unavailable() error { return &payment.Error{Kind: payment.Unavailable, Message: "no answer"} }

// TestEventsThatCameTogetherAreOneWrite, and none of them is saved when one is refused.
func TestEventsThatCameTogetherAreOneWrite(t *testing.T) {
	s, p := table(t)
	writes := 0
	s.Before = func(op memory.Op, _ payment.ID) error {
		if op == memory.Save {
			writes++
		}
		return nil
	}
	if same, err := saving.All(start, opened, opened)(p); err == nil || same.ID != p.ID || same.Status != p.Status {
		t.Errorf("beside %v stands %+v", err, same)
	}
	if _, err := saving.Change(t.Context(), s, p, saving.All(start, opened, opened)); payment.KindOf(
		err) != payment.Standing || writes != 0 {
		t.Fatalf("%v, %d writes", err, writes)
	}
	p, err := saving.Change(t.Context(), s, p, saving.All(start, opened, payment.Question{}))
	if err != nil || writes != 1 || p.Status != payment.Pending || !p.AskedAt.Equal(start) {
		t.Fatalf("%v, %d writes: %+v", err, writes, p)
	}
	if again, err := saving.Change(t.Context(), s, p, saving.All(start, payment.OpeningLoss{})); err != nil ||
		writes != 1 ||
		again.Rev != p.Rev {
		t.Errorf("what changes nothing was written: %v, %d writes", err, writes)
	}
}

// TestAStepIsTakenAgainFromWhatStandsThere when somebody else was faster; not for ever, and never over the other's
// head.
func TestAStepIsTakenAgainFromWhatStandsThere(t *testing.T) {
	s, p := table(t)
	stale := p
	if _, err := saving.Change(t.Context(), s, p, saving.All(start, opened)); err != nil {
		t.Fatal(err)
	}
	var seen []payment.Status
	p, err := saving.Change(t.Context(), s, stale, func(p payment.Payment) (payment.Payment, error) {
		seen = append(seen, p.Status)
		return payment.Apply(p, payment.Cancellation{By: "shop:k1"}, start)
	})
	if err != nil || p.Status != payment.Cancelled || p.Handle != opened.Handle || len(seen) != 2 ||
		seen[1] != payment.Pending {
		t.Errorf("%v: %s after %v", err, p.Status, seen)
	}
	overtaken := overtaking{s, new(int)}
	stands, err := saving.Change(t.Context(), overtaken, p, saving.All(start, payment.Question{}))
	if e, ok := errors.AsType[*payment.Error](err); !ok || !errors.Is(err, payment.ErrConflict) || e.Payment == nil ||
		e.Payment.ID != p.ID || stands.Rev != p.Rev || *overtaken.saves != 8 {
		t.Errorf("%v, with %+v after %d saves", err, stands, *overtaken.saves)
	}
	if _, err := saving.Once(t.Context(), overtaken, p, p); !errors.Is(err, payment.ErrConflict) {
		t.Errorf("once: %v", err)
	}
}

// TestSurelyGoesOnBehindOthers until there is just time to answer, and gives an error of the step at once.
func TestSurelyGoesOnBehindOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := table(t)
		overtaken := overtaking{s, new(int)}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		stands, err := saving.Surely(ctx, overtaken, p, saving.All(start, opened))
		if !errors.Is(err, payment.ErrConflict) || stands.Rev != p.Rev || time.Since(began) != 9*time.Second {
			t.Errorf("%v after %s, with %+v", err, time.Since(began), stands)
		}
		if *overtaken.saves != 13*8 { // pauses of 50 ms, 100, 200, 400, 800, and then of a second
			t.Errorf("%d saves", *overtaken.saves)
		}
		began = time.Now()
		stands, err = saving.Surely(t.Context(), s, p, saving.All(start, payment.QuestionPromise{}))
		if payment.KindOf(err) != payment.Standing || stands.Rev != p.Rev || time.Since(began) != 0 {
			t.Errorf("%v after %s, with %+v", err, time.Since(began), stands)
		}
	})
}

// TestSurelyLooksBeforeItSavesAgain: what has come through is not written a second time, and what others have saved
// meanwhile is known before the next write.
func TestSurelyLooksBeforeItSavesAgain(t *testing.T) {
	for _, lost := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s, p := table(t)
			saves := 0
			fail := func(op memory.Op, id payment.ID) error {
				if op != memory.Save {
					return nil
				}
				if saves++; saves > 1 {
					return nil
				}
				if !lost { // and somebody else saves meanwhile
					before := s.Before
					s.Before = nil
					stands, _ := s.Load(t.Context(), id)
					stands.BankCode = "001"
					if _, err := s.Save(t.Context(), stands); err != nil {
						t.Error(err)
					}
					s.Before = before
				}
				return unavailable()
			}
			if s.Before = fail; lost {
				s.Before, s.After = nil, fail
			}
			p, err := saving.Surely(t.Context(), s, p, saving.All(start, opened))
			if want := map[bool]int{true: 1, false: 2}[lost]; err != nil || p.Status != payment.Pending || saves != want {
				t.Errorf("lost %t: %v, %s after %d saves", lost, err, p.Status, saves)
			}
		})
	}
}

// TestWhatIsLateIsCounted: each late payment once, and no other entry of it.
func TestWhatIsLateIsCounted(t *testing.T) {
	for _, late := range []bool{false, true} {
		s, p := table(t)
		ctx, tally := metric.Begin(t.Context())
		events := []payment.Event{opened}
		if late {
			events = append(events, payment.Cancellation{By: "shop:k1"})
		}
		events = append(events, payment.Statement{Handle: opened.Handle, Report: payment.Report{State: payment.BankApproved}})
		if _, err := saving.Change(ctx, s, p, saving.All(start, events...)); err != nil {
			t.Fatal(err)
		}
		want := map[bool]int64{true: 1}[late]
		if got := counted(tally, metric.PaymentsLate); got != want || counted(tally, metric.PaymentsPaid) != 1 {
			t.Errorf("late %t: counted %d times: %v", late, got, tally.Attrs(time.Time{}, "test"))
		}
	}
}

// overtaking is a store in which somebody else is always faster.
type overtaking struct {
	*memory.Store
	saves *int
}

func (s overtaking) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	*s.saves++
	stands, err := s.Load(ctx, p.ID)
	if err == nil {
		err = payment.ErrConflict
	}
	return stands, err
}

// TestSurelyOutlastsTheStore: a save that fails is repeated until it holds, one whose answer was lost changes nothing
// twice and is counted once, and when there is just time to answer the error is the store's.
func TestSurelyOutlastsTheStore(t *testing.T) {
	for name, c := range map[string]struct {
		failures int
		lost     bool
		want     error
	}{
		"three failures": {failures: 3}, "a lost answer": {failures: 1, lost: true},
		"no store": {failures: 1000, want: unavailable()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := table(t)
				fail := func(op memory.Op, _ payment.ID) error {
					if op == memory.Save && c.failures > 0 {
						c.failures--
						return unavailable()
					}
					return nil
				}
				if s.Before = fail; c.lost {
					s.Before, s.After = nil, fail
				}
				ctx, tally := metric.Begin(t.Context())
				ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
				defer cancel()
				began := time.Now()
				p, err := saving.Surely(ctx, s, p, func(p payment.Payment) (payment.Payment, error) {
					if p.Status == payment.Pending { // by ourselves
						return p, nil
					}
					return payment.Apply(p, opened, start)
				})
				if c.want != nil {
					if payment.KindOf(err) != payment.Unavailable || time.Since(began) != 9*time.Second {
						t.Errorf("%v after %s", err, time.Since(began))
					}
					return
				}
				if err != nil || p.Status != payment.Pending || p.Sequence != 2 || opens(tally) != 1 {
					t.Errorf("%v: %s at %d, counted %d times", err, p.Status, p.Sequence, opens(tally))
				}
			})
		})
	}
}

// opens is how many payments a tally says to have been opened.
func opens(tally *metric.Tally) int64 { return counted(tally, metric.PaymentsOpened) }

// counted is a figure of a tally.
func counted(tally *metric.Tally, name metric.Name) (n int64) {
	for _, a := range tally.Attrs(time.Time{}, "test") {
		if attr, ok := a.(slog.Attr); ok && attr.Key == string(name) {
			n += attr.Value.Int64()
		}
	}
	return n
}

// TestWhoeverFailsInARowIsLeftAlone, until an answer comes; nobody else is.
func TestWhoeverFailsInARowIsLeftAlone(t *testing.T) {
	var p saving.Patience
	for i, heard := range []struct{ answered, over, answers bool }{
		{false, false, false}, {false, false, false}, {true, false, true}, {false, false, false}, {false, false, false},
		{false, true, false},
		{true, false, true},
	} {
		p.Heard("a", heard.answered)
		if p.Over("a") != heard.over || p.Answers("a") != heard.answers || p.Over("b") || p.Answers("b") {
			t.Errorf("after %d: over %v, answers %v", i, p.Over("a"), p.Answers("a"))
		}
	}
	p.GiveUp("b")
	if !p.Over("b") || p.Answers("b") || p.Over("a") {
		t.Error("who was given up is not left alone, or another is")
	}
}

func TestAPanicIsAnError(t *testing.T) {
	err := saving.Guard(func() error { panic("at the disco") })
	if payment.KindOf(err) != payment.Internal || err == nil {
		t.Error(err)
	}
	want := unavailable()
	if err := saving.Guard(func() error { return want }); !errors.Is(err, want) {
		t.Error(err)
	}
}

// TestWithinLeavesTimeForWhatComesAfter, and ends at its own longest time where there is more.
func TestWithinLeavesTimeForWhatComesAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for left, want := range map[time.Duration]time.Duration{10 * time.Second: 7 * time.Second,
			time.Minute: 20 * time.Second, 0: 20 * time.Second} {
			ctx, cancel := context.WithCancel(t.Context())
			if left > 0 {
				ctx, cancel = context.WithTimeout(t.Context(), left)
			}
			work, done := saving.Within(ctx, 20*time.Second, 3*time.Second)
			if got := saving.Remaining(work); got != want {
				t.Errorf("with %s left: %s, want %s", left, got, want)
			}
			done()
			cancel()
		}
	})
}
