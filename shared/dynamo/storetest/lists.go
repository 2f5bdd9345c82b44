package storetest

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

func attemptsInOrder(t *testing.T, s Store) {
	mustCreate(t, s, draft(order(2), 1))
	for _, attempt := range []int{10, 2, payment.MaxAttempts, 1, 9} {
		mustCreate(t, s, draft(order(1), attempt))
	}
	wantAttempts(t, s, order(1), 1, 2, 9, 10, payment.MaxAttempts)
}

// attemptsOfManyPages writes 1.5 MB: DynamoDB gives at most 1 MB at a time.
func attemptsOfManyPages(t *testing.T, s Store) {
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
func wantAttempts(t *testing.T, s Store, order string, want ...int) {
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

func dueFromItsSecond(t *testing.T, s Store) {
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

func dueInOrder(t *testing.T, s Store) {
	orders := ordersIn(0, 5)
	for i, wait := range []time.Duration{3, 1, 5, 2, 4} {
		mustCreate(t, s, dueAt(orders[i], birth().Add(wait*time.Minute)))
	}
	now := birth().Add(time.Hour)
	wantDue(t, s, 0, now, 10, orders[1], orders[3], orders[0], orders[4], orders[2])
	wantDue(t, s, 0, now, 2, orders[1], orders[3])
	wantDue(t, s, 0, birth().Add(3*time.Minute+time.Second), 10, orders[1], orders[3], orders[0])
}

func dueFollows(t *testing.T, s Store) {
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

func dueByShard(t *testing.T, s Store) {
	now := birth().Add(time.Hour)
	for shard := range checkout.Shards {
		mustCreate(t, s, dueAt(ordersIn(shard, 1)[0], birth()))
	}
	for shard := range checkout.Shards {
		wantDue(t, s, shard, now, 10, ordersIn(shard, 1)[0])
	}
}

// outboxFollows a payment through deliveries that fail, at first with nobody trying.
func outboxFollows(t *testing.T, s Store) {
	first, second := ordersIn(5, 2)[0], ordersIn(5, 2)[1]
	mustCreate(t, s, dueAt(second, birth()))
	p := dueAt(first, birth())
	p.Notify = true
	p.Deliveries = []delivery.Delivery{{Sequence: 1, State: delivery.New, At: birth()}}
	p = mustCreate(t, s, p)
	now := birth().AddDate(0, 0, 1)
	wantListed(t, outboxOf(t, s), 5, now, 10)

	p.Deliveries[0] = p.Deliveries[0].Tried(delivery.Answer{Code: "500"}, birth())
	p = mustSave(t, s, p)
	wantListed(t, outboxOf(t, s), 5, birth().Add(time.Minute-time.Second), 10)
	wantListed(t, outboxOf(t, s), 5, birth().Add(time.Minute+time.Second), 10, first)
	wantListed(t, outboxOf(t, s), 6, now, 10)

	p.Deliveries[0] = p.Deliveries[0].Tried(delivery.Answer{Accepted: true, Code: "200"}, now)
	mustSave(t, s, p)
	wantListed(t, outboxOf(t, s), 5, now, 10)
}

// outboxOf reads the outbox as the other lists are read, and holds that it names each payment's shop.
func outboxOf(t *testing.T, s Store) list {
	return listOf(t, s.Outbox, func(w payment.ListEntry) bool { return w.Shop == draft(w.ID.Order, 1).Shop })
}

// dueOf reads the bank's list so; it names the bank, too.
func dueOf(t *testing.T, s Store) list {
	return listOf(t, s.Due, func(w payment.ListEntry) bool {
		want := draft(w.ID.Order, 1)
		return w.Shop == want.Shop && w.Bank == want.Bank
	})
}

// Ids are those of a to-do list that is read to its end.
func Ids(list iter.Seq2[payment.ListEntry, error]) (ids []payment.ID, err error) {
	for w, err := range list {
		if err != nil {
			return ids, err
		}
		ids = append(ids, w.ID)
	}
	return ids, nil
}

func listOf(t *testing.T, read func(context.Context, int, time.Time) iter.Seq2[payment.ListEntry, error],
	named func(payment.ListEntry) bool) list {
	return func(ctx context.Context, shard int, now time.Time, limit int) (ids []payment.ID, err error) {
		for w, err := range read(ctx, shard, now) {
			if err != nil {
				return nil, err
			}
			if !named(w) { // all payments of the suite are one shop's, at one bank
				t.Errorf("%s waits for shop %q at %q", w.ID, w.Shop, w.Bank)
			}
			if ids = append(ids, w.ID); len(ids) == limit {
				break
			}
		}
		return ids, nil
	}
}

// outboxOfManyPages: one page of DynamoDB's holds a thousand.
func outboxOfManyPages(t *testing.T, s Store) {
	want := ordersIn(9, 1100)
	for i, order := range want {
		p := dueAt(order, time.Time{})
		p.Deliveries = []delivery.Delivery{{Sequence: 1, State: delivery.Retry,
			At: birth().Add(time.Duration(i) * time.Second)}}
		mustCreate(t, s, p)
	}
	wantListed(t, outboxOf(t, s), 9, birth().AddDate(0, 0, 1), 0, want...)
	for first, err := range s.Outbox(t.Context(), 9, birth().AddDate(0, 0, 1)) {
		if err != nil || first.ID.Order != want[0] {
			t.Errorf("first %v, %v", first, err)
		}
		break // a reader who has enough
	}
}

func reviewFollows(t *testing.T, s Store) {
	first, second := ordersIn(5, 2)[0], ordersIn(5, 2)[1]
	mustCreate(t, s, dueAt(second, birth()))
	p := dueAt(first, birth())
	p.Reviews = []payment.Review{payment.ReviewSession}
	p = mustCreate(t, s, p)
	now := birth().AddDate(0, 0, 1)
	wantListed(t, s.UnderReview, 5, now, 10, first)
	wantListed(t, s.UnderReview, 6, now, 10)

	p.Reviews = nil
	mustSave(t, s, p)
	wantListed(t, s.UnderReview, 5, now, 10)
}

// wantDue checks which orders are due.
func wantDue(t *testing.T, s Store, shard int, now time.Time, limit int, want ...string) {
	t.Helper()
	wantListed(t, dueOf(t, s), shard, now, limit, want...)
}

// list reads one shard of a to-do list.
type list func(ctx context.Context, shard int, now time.Time, limit int) ([]payment.ID, error)

// wantListed checks which orders' first attempts are listed. A to-do list may be a moment old, so it is read again, up
// to 100 times, until it says so.
func wantListed(t *testing.T, read list, shard int, now time.Time, limit int, want ...string) {
	t.Helper()
	var got []string
	for range 100 {
		ids, err := read(t.Context(), shard, now, limit)
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
	t.Fatalf("listed in shard %d at %s: %q, want %q", shard, now, got, want)
}
