package outbox_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// waning is an invocation whose time runs down while shops are told.
type waning struct {
	context.Context
	left func() time.Duration
}

func (w waning) Deadline() (time.Time, bool) { return time.Now().Add(w.left()), true }

// TestARunWithoutTimeReadsNothingMore: a long list must not keep a run from ending by itself.
func TestARunWithoutTimeReadsNothingMore(t *testing.T) {
	b := newBench()
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	for n := range 40 {
		b.wake(t, b.paid(t, "az", strconv.Itoa(n)))
	}
	b.now = b.now.Add(time.Hour)
	loads := 0
	b.store.Before = func(op memory.Op, _ payment.ID) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if op == memory.Load {
			loads++
		}
		return nil
	}
	b.sent = nil
	counts, err := b.Run(waning{t.Context(), func() time.Duration { return 19 * time.Second }})
	if err != nil || counts.Skipped != 40 || loads != 0 {
		t.Errorf("%v: %+v, %d payments were read", err, counts, loads)
	}
	b.wantSent(t)
}
