package tally_test

import (
	"context"
	"testing"
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
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo-az", "1"), Attempt: 1}, Shop: "demo-az",
		OrderRef: "1", Bank: "kapital", Amount: payment.Money{Minor: 100, Currency: payment.AZN}}, start,
		start.Add(time.Minute))
	if _, err := store.Create(t.Context(), p); err != nil {
		t.Fatal(err)
	}
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
