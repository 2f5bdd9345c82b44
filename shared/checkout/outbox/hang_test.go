package outbox_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// TestABatchOfShopsThatHang takes the time of one of them, in which the others of the stream's shard wait: all are told
// at once.
func TestABatchOfShopsThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.now, b.Now = time.Now(), time.Now
		var ids []payment.ID
		for n := range 25 {
			ids = append(ids, b.paid(t, fmt.Sprintf("hangs-%d", n), fmt.Sprint(n)))
		}
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) {
			time.Sleep(15 * time.Second)
			return no, nil
		}
		began := time.Now()
		counts, again := b.Wake(t.Context(), ids)
		if took := time.Since(began); took > 15*time.Second || len(again) > 0 || counts.Failed != 25 {
			t.Errorf("it takes %s: %+v, %v", took, counts, again)
		}
	})
}

// TestManyShopsThatHang, perhaps all at one host, hold up nobody: some hundred leave a run time for a shop that is
// well, and where there are more, each has its turn within a few runs, however much waits of each and wherever it
// stands.
func TestManyShopsThatHang(t *testing.T) {
	for _, c := range []struct {
		shops, each, runs int
		well              string
	}{{1, 20, 1, "zzz"}, {100, 3, 1, "aaa"}, {100, 3, 1, "hangs-77x"}, {100, 3, 1, "zzz"}, {300, 2, 1, "zzz"},
		{1000, 2, 8, "zzz"}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.now, b.Now = time.Now(), time.Now
			b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
			for n := range c.shops * c.each {
				b.wake(t, b.paid(t, fmt.Sprintf("hangs-%d", n%c.shops), fmt.Sprint(n)))
			}
			b.now = time.Now()
			id := b.paid(t, c.well, "1")
			b.wake(t, id)
			time.Sleep(2 * time.Minute)
			var mu sync.Mutex
			tried := map[string]int{}
			b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
				mu.Lock()
				tried[p.Shop]++
				mu.Unlock()
				if p.Shop == c.well {
					return yes, nil
				}
				time.Sleep(15 * time.Second)
				return no, nil
			}
			for range c.runs {
				next := time.Now().Add(2 * time.Minute)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				counts, err := b.Run(ctx)
				if cancel(); err != nil || counts.Failed == 0 || counts.Failed > c.shops {
					t.Errorf("%+v, %v", counts, err)
				}
				time.Sleep(time.Until(next))
			}
			if len(tried) <= c.shops || tried[c.well] != 2 {
				t.Errorf("%d shops hang, %s: after %d runs %d had a turn, the one that is well %d", c.shops, c.well, c.runs,
					len(tried), tried[c.well])
			}
		})
	}
}
