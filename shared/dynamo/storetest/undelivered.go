package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// untold is a payment of a shop with one message that is in this state since, or until, a while after birth.
func untold(order, shop string, state delivery.State, after time.Duration) payment.Payment {
	p := draft(order, 1)
	p.Shop, p.DueAt, p.Notify = shop, time.Time{}, true
	p.Deliveries = []delivery.Delivery{{Sequence: 1, State: state, Tries: 1, At: birth().Add(after), Code: "500"}}
	return p
}

// wantUndelivered reads a shop's list to its end, so many at a time, and wants these orders in this order.
func wantUndelivered(t *testing.T, s Store, shop string, limit int, want ...string) {
	t.Helper()
	var got []string
	for next, pages := "", 0; pages == 0 || next != ""; pages++ {
		ids, after, err := s.Undelivered(t.Context(), shop, next, limit)
		if err != nil || len(ids) > limit || pages > len(want)+2 {
			t.Fatalf("page %d: %d of at most %d, %v", pages, len(ids), limit, err)
		}
		for _, id := range ids {
			got = append(got, id.Order)
		}
		next = after
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%d at a time: %q, want %q", limit, got, want)
	}
}

// undeliveredFollows a payment: not while its first try is under way, then while it waits, then while it is dead, and
// no longer than that. What is dead no worker finds.
func undeliveredFollows(t *testing.T, s Store) {
	mine := ordersIn(3, 1)[0]
	p := mustCreate(t, s, untold(mine, "demo-az", delivery.New, 0))
	mustCreate(t, s, untold(ordersIn(3, 2)[1], "demo-by", delivery.Retry, time.Minute))
	mustCreate(t, s, untold(ordersIn(4, 1)[0], "demo-by", delivery.Dead, time.Minute))
	wantUndelivered(t, s, "demo-az", 10)
	for _, state := range []delivery.State{delivery.Retry, delivery.Dead, delivery.Retry} {
		p.Deliveries[0].State = state
		p = mustSave(t, s, p)
		wantUndelivered(t, s, "demo-az", 10, mine)
	}
	p.Deliveries[0].State = delivery.Dead
	p = mustSave(t, s, p)
	for shard := range checkout.Shards {
		for w, err := range s.Outbox(t.Context(), shard, birth().AddDate(100, 0, 0)) {
			if err != nil || w.ID == p.ID {
				t.Errorf("the worker of shard %d finds what is dead: %v", shard, err)
			}
		}
	}
	p.Deliveries[0].State = delivery.Delivered
	mustSave(t, s, p)
	wantUndelivered(t, s, "demo-az", 10)
}

// undeliveredInPages: the dead first, the latest given up first; then what waits, the longest first within a shard.
// Other shops' stand between them and show in no page.
func undeliveredInPages(t *testing.T, s Store) {
	dead, waiting := ordersIn(2, 3), ordersIn(1, 4)
	for i, order := range dead {
		mustCreate(t, s, untold(order, "demo-az", delivery.Dead, time.Duration(i)*time.Hour))
	}
	for i, order := range waiting {
		mustCreate(t, s, untold(order, []string{"demo-az", "demo-by"}[i%2], delivery.Retry, time.Duration(i)*time.Hour))
	}
	last := ordersIn(15, 1)[0]
	mustCreate(t, s, untold(last, "demo-az", delivery.Retry, time.Second))
	// one is dead and another waits: it stands where it waits
	both := untold(ordersIn(6, 1)[0], "demo-az", delivery.Dead, time.Hour)
	both.History, both.Sequence = append(both.History, payment.Entry{Sequence: 2, At: birth(), What: "review:status"}), 2
	both.Deliveries = append(both.Deliveries, delivery.Delivery{Sequence: 2, State: delivery.Retry, At: birth()})
	mustCreate(t, s, both)
	for limit := 1; limit <= 8; limit++ {
		wantUndelivered(t, s, "demo-az", limit, dead[2], dead[1], dead[0], waiting[2], waiting[0], both.ID.Order, last)
	}
	wantUndelivered(t, s, "demo-by", 1, waiting[3], waiting[1])
	wantUndelivered(t, s, "nobody", 10)
}

func undeliveredFromNowhere(t *testing.T, s Store) {
	for _, from := range []string{"-1", "x", "99:1:", "0:1", "0:1:pay_x-1",
		fmt.Sprintf("+0:1:%s", payment.ID{Order: order(1), Attempt: 1})} {
		if ids, next, err := s.Undelivered(t.Context(), "demo-az", from, 10); payment.CodeOf(err) != "invalid_parameters" ||
			ids != nil || next != "" {
			t.Errorf("from %q: %v %q %v", from, ids, next, err)
		}
	}
}
