package ledger

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/shared/simbank/book"
	"kassa/shared/simbank/kapital"
)

// TestNoSequenceBreaksTheArithmetic walks at random and checks after each step
// that what was given back never exceeds what was charged and that the
// operations add up to the totals.
func TestNoSequenceBreaksTheArithmetic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for walk := range 300 {
		now := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
		o := Order{ID: 1, Type: []string{Purchase, PreAuth}[walk%2], Amount: 1000, Currency: "944", Status: Created,
			Created: now, Lifetime: 30 * time.Minute}
		r := Rules{RefundChecks: walk % 3, LockChecks: walk % 2, AcceptExpired: walk%5 == 0, RefundFails: walk%7 == 0}
		for range 60 {
			now = now.Add(time.Duration(random.IntN(40)) * time.Minute)
			before := o
			if err := randomStep(random, &o, now, r); err != nil && o.Status != Expired && o.Charged+
				o.GivenBack() != before.Charged+before.GivenBack() {
				t.Fatalf("a refusal (%v) moved money: %+v", err, o)
			}
			check(t, o)
		}
	}
}

func randomStep(random *rand.Rand, o *Order, now time.Time, r Rules) error {
	amount := int64(random.IntN(1200))
	switch random.IntN(14) {
	case 0:
		return o.Pay(kapital.Card{PAN: Cards()[random.IntN(8)].PAN, CVV: CVV}, now, r)
	case 1:
		return o.Confirm(kapital.ChallengeCode, now, r)
	case 2:
		return o.Approve(now, r)
	case 3:
		return o.Lock(now, r)
	case 4:
		return o.Unlock(now)
	case 5:
		return o.Complete(amount, now)
	case 6:
		return o.Reverse(0, now, r)
	case 7, 8, 9:
		return o.Refund(amount/4, now, r)
	case 10:
		return o.DeskRefund(amount/4, now, r)
	case 11:
		return o.EndRefund(now, r)
	case 12:
		return o.Cancel(now, r)
	}
	o.Poll(now, r)
	return nil
}

func check(t *testing.T, o Order) {
	t.Helper()
	var taken, back int64
	for _, op := range o.Operations {
		switch {
		case op.Kind == Purchase, op.Kind == "Completion":
			taken += op.Amount
		case op.Kind == "Refund", op.Kind == "Reverse" && o.Charged > 0:
			back += op.Amount
		}
	}
	if taken != o.Charged || back != o.GivenBack() || o.GivenBack()+o.Pending > o.Charged || o.Charged > o.Amount {
		t.Fatalf("the books do not add up: %+v", o)
	}
	if o.Status == Refunded && o.Refunded != o.Charged || o.Status == OnRefund && o.Pending == 0 {
		t.Fatalf("status and money disagree: %+v", o)
	}
}

func TestASecondSimulatorIsTurnedAway(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bank.db")
	first, err := book.Open(file, Shape())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	if _, err := book.Open(file, Shape()); err == nil || !strings.Contains(err.Error(), "another simulator") {
		t.Errorf("the second got %v", err)
	}
}

func TestChangeKeepsWhatARefusalLeft(t *testing.T) {
	b, err := book.Open("", Shape())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
	o, err := b.Create(Order{Status: Created, Created: now, Lifetime: time.Minute}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Change(o.ID, func(o *Order) error { return o.Approve(now.Add(time.Hour), Rules{}) })
	if got, _ := b.Find(o.ID); err == nil || got.Status != Expired {
		t.Errorf("status %s, error %v", got.Status, err)
	}
	if _, err := b.Change(5, func(*Order) error { return nil }); !errors.Is(err, book.ErrUnknown) {
		t.Errorf("an unknown order: %v", err)
	}
}
