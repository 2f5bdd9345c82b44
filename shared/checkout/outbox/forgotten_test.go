package outbox_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// changes applies an event to a payment as somebody else does.
func (b *bench) changes(t *testing.T, id payment.ID, e payment.Event) {
	t.Helper()
	var err error = payment.ErrConflict
	for errors.Is(err, payment.ErrConflict) {
		var p payment.Payment
		if p, err = b.store.Load(t.Context(), id); err == nil {
			p, err = payment.Apply(p, e, b.now)
		}
		if err == nil {
			_, err = b.store.Save(t.Context(), p)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// dice are thrown by several workers at once.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (d *dice) IntN(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

// TestWhatIsAskedForAnewOutlivesAnOlderNo: the shop has mended its address and asks again, while a try of before is
// still under way.
func TestWhatIsAskedForAnewOutlivesAnOlderNo(t *testing.T) {
	for _, answer := range []delivery.Answer{gone, no, yes} {
		b := newBench()
		id := b.paid(t, "az", "1")
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
		b.wake(t, id)
		b.now = b.now.Add(time.Minute)
		b.shop = func(_ payment.Payment, e payment.Entry) (delivery.Answer, error) {
			b.changes(t, id, payment.Redelivery{Sequences: []int64{e.Sequence}})
			return answer, nil
		}
		b.run(t)
		if answer.Accepted {
			b.want(t, id, "delivered 200", "delivered 200")
		} else {
			b.want(t, id, "retry ", "retry ")
		}
	}
}

// TestNothingIsForgotten, whatever shops answer, whoever asks again and whichever record of the stream is lost: what
// was not taken is about to be tried, or listed as what its shop has not acknowledged; and all of it goes out once the
// shop is well and has asked.
func TestNothingIsForgotten(t *testing.T) {
	for seed := range uint64(300) {
		b, rng := newBench(), &dice{rng: rand.New(rand.NewPCG(seed, 1))}
		ids := []payment.ID{b.paid(t, "az", "1"), b.paid(t, "az", "2"), b.paid(t, "by", "1")}
		var within atomic.Bool // a run that overlaps
		b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
			if rng.IntN(6) == 0 && within.CompareAndSwap(false, true) {
				b.run(t)
				b.Wake(t.Context(), []payment.ID{p.ID})
				within.Store(false)
			}
			if rng.IntN(5) == 0 {
				b.changes(t, p.ID, payment.Redelivery{})
			}
			if rng.IntN(8) == 0 {
				return delivery.Answer{}, errors.New("no settings")
			}
			return []delivery.Answer{yes, no, gone, {Code: "503", RetryAfter: time.Hour}}[rng.IntN(4)], nil
		}
		for step := range 30 {
			id := ids[rng.IntN(len(ids))]
			switch rng.IntN(6) {
			case 0:
				b.Wake(t.Context(), []payment.ID{id})
			case 1:
				b.run(t)
			case 2:
				b.changes(t, id, payment.Redelivery{})
			case 3:
				b.changes(t, id, payment.Wakeup{})
			case 4:
				b.changes(t, id, payment.Statement{Handle: payment.Handle{OrderID: "828", Private: "s",
					Account: payment.Account{Merchant: "m", Environment: "test"}},
					Report: payment.Report{State: payment.BankApproved, Word: "WORD", Refunded: payment.Said(int64(step))}})
			case 5:
				b.now = b.now.Add(time.Duration(rng.IntN(int(3 * time.Hour))))
			}
			b.remembers(t, fmt.Sprintf("seed %d, step %d", seed, step), ids)
		}
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return yes, nil }
		for _, id := range ids {
			b.now = b.now.Add(3 * time.Minute)
			b.changes(t, id, payment.Wakeup{})
			b.changes(t, id, payment.Redelivery{})
		}
		b.now = b.now.Add(time.Minute)
		b.run(t)
		for _, id := range ids {
			p, err := b.store.Load(t.Context(), id)
			if err != nil || len(p.Undelivered()) > 0 {
				t.Fatalf("seed %d: %s has not heard %+v, %v", seed, p.Shop, p.Undelivered(), err)
			}
		}
	}
}

// remembers wants each entry that is announced to have one delivery, and each payment with an open or dead one to be
// found.
func (b *bench) remembers(t *testing.T, when string, ids []payment.ID) {
	t.Helper()
	for _, id := range ids {
		p, err := b.store.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var announced, followed []int64
		for _, e := range p.History {
			if e.Announced() != "" {
				announced = append(announced, e.Sequence)
			}
		}
		isNew, rest := false, false
		for _, d := range p.Deliveries {
			followed = append(followed, d.Sequence)
			isNew, rest = isNew || d.State == delivery.New, rest || d.State == delivery.Retry || d.State == delivery.Dead
		}
		if !slices.Equal(announced, followed) {
			t.Fatalf("%s: announced are %v, followed %v", when, announced, followed)
		}
		listed, next, err := b.store.Undelivered(t.Context(), p.Shop, "", 100)
		if err != nil || next != "" || slices.Contains(listed, id) != rest || isNew && p.DueAt.IsZero() {
			t.Fatalf("%s: %+v, due %v, listed %v, %v", when, p.Deliveries, p.DueAt, listed, err)
		}
	}
}
