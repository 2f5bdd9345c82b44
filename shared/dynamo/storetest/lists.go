package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/payment"
)

func attemptsInOrder(t *testing.T, s checkout.Store) {
	mustCreate(t, s, draft(order(2), 1))
	for _, attempt := range []int{10, 2, payment.MaxAttempts, 1, 9} {
		mustCreate(t, s, draft(order(1), attempt))
	}
	wantAttempts(t, s, order(1), 1, 2, 9, 10, payment.MaxAttempts)
}

// attemptsOfManyPages writes 1.5 MB: DynamoDB gives at most 1 MB at a time.
func attemptsOfManyPages(t *testing.T, s checkout.Store) {
	var want []int
	for attempt := 1; attempt <= 15; attempt++ {
		p := draft(order(1), attempt)
		p.Description = strings.Repeat("x", 100_000)
		mustCreate(t, s, p)
		want = append(want, attempt)
	}
	wantAttempts(t, s, order(1), want...)
}

// wantAttempts checks that these attempts are found, each as it stands.
func wantAttempts(t *testing.T, s checkout.Store, order string, want ...int) {
	t.Helper()
	found, err := s.Attempts(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, p := range found {
		got = append(got, p.ID.Attempt)
		wantEqual(t, p, mustLoad(t, s, payment.ID{Order: order, Attempt: p.ID.Attempt}))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("attempts %v, want %v", got, want)
	}
}

func dueFromItsSecond(t *testing.T, s checkout.Store) {
	orders := ordersIn(3, 3)
	whole, part, never := orders[0], orders[1], orders[2]
	mustCreate(t, s, dueAt(whole, birth().Truncate(time.Second)))
	mustCreate(t, s, dueAt(part, birth()))
	mustCreate(t, s, dueAt(never, time.Time{}))

	second := birth().Truncate(time.Second)
	wantDue(t, s, 3, second.Add(-time.Millisecond), 10)
	wantDue(t, s, 3, second, 10, whole)
	wantDue(t, s, 3, second.Add(time.Second), 10, whole, part)
	wantDue(t, s, 3, second.AddDate(100, 0, 0), 10, whole, part)
}

func dueInOrder(t *testing.T, s checkout.Store) {
	orders := ordersIn(0, 5)
	for i, wait := range []time.Duration{3, 1, 5, 2, 4} {
		mustCreate(t, s, dueAt(orders[i], birth().Add(wait*time.Minute)))
	}
	now := birth().Add(time.Hour)
	wantDue(t, s, 0, now, 10, orders[1], orders[3], orders[0], orders[4], orders[2])
	wantDue(t, s, 0, now, 2, orders[1], orders[3])
	wantDue(t, s, 0, birth().Add(3*time.Minute+time.Second), 10, orders[1], orders[3], orders[0])
}

func dueFollows(t *testing.T, s checkout.Store) {
	orders := ordersIn(7, 2)
	p := mustCreate(t, s, dueAt(orders[0], birth().Add(time.Minute)))
	mustCreate(t, s, dueAt(orders[1], birth().Add(time.Hour)))
	now := birth().AddDate(0, 0, 1)
	wantDue(t, s, 7, now, 10, orders[0], orders[1])

	p.DueAt = birth().Add(2 * time.Hour)
	p = mustSave(t, s, p)
	wantDue(t, s, 7, now, 10, orders[1], orders[0])
	wantDue(t, s, 7, birth().Add(90*time.Minute), 10, orders[1])

	p.DueAt = time.Time{}
	p = mustSave(t, s, p)
	wantDue(t, s, 7, now, 10, orders[1])

	p.DueAt = birth()
	mustSave(t, s, p)
	wantDue(t, s, 7, now, 10, orders[0], orders[1])
}

func dueByShard(t *testing.T, s checkout.Store) {
	now := birth().Add(time.Hour)
	for shard := range checkout.Shards {
		mustCreate(t, s, dueAt(ordersIn(shard, 1)[0], birth()))
	}
	for shard := range checkout.Shards {
		wantDue(t, s, shard, now, 10, ordersIn(shard, 1)[0])
	}
}

// wantDue checks which orders' first attempts are due. A to-do list may be a moment old, so it is read again, up to 100 times,
// until it says so.
func wantDue(t *testing.T, s checkout.Store, shard int, now time.Time, limit int, want ...string) {
	t.Helper()
	var got []string
	for range 100 {
		ids, err := s.Due(t.Context(), shard, now, limit)
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for _, id := range ids {
			if id.Attempt == 1 {
				got = append(got, id.Order)
			}
		}
		if len(ids) == len(want) && slices.Equal(got, want) {
			return
		}
	}
	t.Fatalf("due in shard %d at %s: %q, want %q", shard, now, got, want)
}
