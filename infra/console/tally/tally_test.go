package tally_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"kassa/infra/console/tally"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

var start = time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)

// slow is a store whose book is not read before it is let go on.
type slow struct {
	*memory.Store
	on chan struct{}
}

func (s slow) Book(ctx context.Context, part payment.BookPart) ([]payment.BookEntry, error) {
	select {
	case <-s.on:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.Store.Book(ctx, part)
}

// TestDaysThatTakeLong do not hold a page up: they come without figures first, are read on although nobody waits, and
// are there for whoever asks next.
func TestDaysThatTakeLong(t *testing.T) {
	store := slow{&memory.Store{}, make(chan struct{})}
	opened(t, store.Store)
	d := tally.New(store, func() time.Time { return start.Add(24 * time.Hour) })
	tomorrow := start.Truncate(24*time.Hour).AddDate(0, 0, 1)
	ctx, gone := context.WithCancel(t.Context())
	days := d.Before(ctx, "demo-az", tomorrow, 2)
	if len(days) != 2 || !days[0].At.IsZero() || !days[1].At.IsZero() || !days[1].From.Equal(tomorrow.AddDate(0, 0, -1)) {
		t.Fatalf("before anything was read: %+v", days)
	}
	gone() // the page was left
	close(store.on)
	for days[0].At.IsZero() || days[1].At.IsZero() {
		days = d.Before(t.Context(), "demo-az", tomorrow, 2)
	}
	if days[1].All != (tally.Counts{Opened: 1, Open: 1}) || days[0].All != (tally.Counts{}) {
		t.Errorf("%+v", days)
	}
}

// opened is a payment that somebody may still pay.
func opened(t *testing.T, store *memory.Store) payment.Payment {
	t.Helper()
	p, err := store.Create(t.Context(), payment.New(payment.Draft{
		ID: payment.ID{Order: payment.OrderKey("demo-az", "1"), Attempt: 1}, Shop: "demo-az", OrderRef: "1", Bank: "kapital",
		Amount: payment.Money{Minor: 100, Currency: payment.AZN}}, start, start.Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// paid saves that it was paid a day later.
func paid(t *testing.T, store *memory.Store, p payment.Payment) {
	t.Helper()
	at := start.Add(24 * time.Hour)
	p.Status, p.Captured, p.PaidAt, p.Sequence = payment.Paid, 100, at, 2
	p.Handle.OrderID = "1"
	p.History = append(p.History, payment.Entry{Sequence: 2, At: at, What: "paid"})
	if _, err := store.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// TestADayThatIsOverChanges: a payment of yesterday is paid today, and the console that had added yesterday up shows it
// at once. For minutes it showed what had been.
func TestADayThatIsOverChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory.Store)
		p := opened(t, store)
		now := start.Add(25 * time.Hour)
		d := tally.New(store, func() time.Time { return now })
		today := now.Truncate(24 * time.Hour)
		if days := d.Before(t.Context(), "demo-az", today, 1); days[0].All != (tally.Counts{Opened: 1, Open: 1}) {
			t.Fatalf("%+v", days)
		}
		paid(t, store, p)
		if days := d.Before(t.Context(), "demo-az", today, 1); days[0].All != (tally.Counts{Opened: 1, Paid: 1}) ||
			len(days[0].Lines) != 1 || days[0].Lines[0].Captured != 100 {
			t.Errorf("%+v", days)
		}
	})
}

// TestWhileADayIsReadAnew it is shown as it was, with the time of that.
func TestWhileADayIsReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := slow{&memory.Store{}, make(chan struct{}, 100)}
		p := opened(t, store.Store)
		now := start.Add(25 * time.Hour)
		clock := make(chan time.Time, 1)
		clock <- now
		d := tally.New(store, func() time.Time { at := <-clock; clock <- at; return at })
		today := now.Truncate(24 * time.Hour)
		for range cap(store.on) {
			store.on <- struct{}{}
		}
		if days := d.Before(t.Context(), "demo-az", today, 1); days[0].All.Open != 1 {
			t.Fatalf("%+v", days)
		}
		for len(store.on) > 0 {
			<-store.on
		}
		paid(t, store.Store, p)
		<-clock
		clock <- now.Add(time.Minute)
		if days := d.Before(t.Context(), "demo-az", today, 1); days[0].All.Open != 1 || !days[0].At.Equal(now) {
			t.Errorf("%+v, want those of %v", days, now)
		}
		close(store.on)
	})
}

// TestConversion is rounded down: 100 means that all were paid.
func TestConversion(t *testing.T) {
	for paid, want := range map[int]int{0: 0, 1: 0, 999: 99, 1000: 100} {
		if got := (tally.Counts{Opened: 1000, Paid: paid}).Conversion(); got != want {
			t.Errorf("%d of 1000: %d", paid, got)
		}
	}
	if got := (tally.Counts{}).Conversion(); got != 0 {
		t.Errorf("of nothing: %d", got)
	}
}
