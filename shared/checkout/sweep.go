package checkout

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"kassa/shared/metric"
	"kassa/shared/payment"
)

// Bounds of one run of the sweep.
const (
	sweepWorkers = 16               // shards looked after at once: all, so that no shard waits for another
	sweepBatch   = 1000             // entries of one shard in one run
	sweepEnough  = 3                // failures in a row after which a shop's bank is left alone for this run
	sweepItem    = 25 * time.Second // of one payment: a bank call, and time to save what it said
	sweepReserve = 8 * time.Second  // time left below which nothing new is begun
)

// Swept counts what one run did.
type Swept struct{ Looked, Asked, Failed, Skipped int }

// Sweep looks at every payment that is due: it asks the bank where a callback or a customer did not, recovers refunds whose owner
// is gone, ends what has lapsed. Each payment has its own error boundary, and whatever is repeated is harmless. It stops by
// itself before the invocation's end; what is left is due in the next run. The error is a to-do list that could not be read.
func (s *Service) Sweep(ctx context.Context) (Swept, error) {
	run := &sweep{Service: s, now: s.Now(), failures: map[string]int{}}
	var group sync.WaitGroup
	errs := make([]error, Shards)
	for w := range sweepWorkers {
		group.Go(func() {
			for shard := w; shard < Shards; shard += sweepWorkers {
				errs[shard] = run.shard(ctx, shard)
			}
		})
	}
	group.Wait()
	swept := Swept{Looked: int(run.looked.Load()), Asked: int(run.asked.Load()), Failed: int(run.failed.Load()), Skipped: int(run.skipped.Load())}
	for _, err := range errs {
		if err != nil {
			return swept, err
		}
	}
	return swept, nil
}

// sweep is one run.
type sweep struct {
	*Service
	now                            time.Time
	looked, asked, failed, skipped atomic.Int64

	mu       sync.Mutex
	failures map[string]int // in a row, by shop and bank
}

func (w *sweep) shard(ctx context.Context, shard int) error {
	ids, err := w.Store.Due(ctx, shard, w.now, sweepBatch)
	if err != nil {
		return fmt.Errorf("shard %d of the to-do list cannot be read: %w", shard, err)
	}
	for _, id := range ids {
		if remaining(ctx) < sweepReserve {
			return w.measure(ctx, id)
		}
		if err := w.guarded(ctx, id); err != nil {
			w.failed.Add(1)
			w.Log.Log(ctx, payment.KindOf(err).Level(), "the sweep could not finish a payment; it is tried again", "payment_id", id.String(), "error", err.Error())
		}
	}
	return nil
}

// guarded keeps a payment that makes us panic from stopping the others.
func (w *sweep) guarded(ctx context.Context, id payment.ID) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, min(sweepItem, remaining(ctx)-answerTime))
	defer cancel()
	w.looked.Add(1)
	p, err := w.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	now := w.Now() // not the run's: a run is long, and a claim made late in it must not look old
	w.lags(ctx, p)
	switch payment.Due(p, now) {
	case payment.AskBank:
		return w.askBank(ctx, p, now)
	case payment.ReadSiblings:
		_, err = w.readSiblings(ctx, p, now)
	case payment.LetLapse, payment.FillOutbox, payment.NoWork:
		_, err = w.change(ctx, p, payment.Woken{}, now)
	}
	return err
}

// measure looks at how long the first of those waits that there was no time for, and nothing else.
func (w *sweep) measure(ctx context.Context, id payment.ID) error {
	p, err := w.Store.Load(ctx, id)
	if err == nil {
		w.lags(ctx, p)
	}
	return err
}

// lags notes how far beyond its time p is. Of an entry of the list that is no longer true that is nothing.
func (w *sweep) lags(ctx context.Context, p payment.Payment) {
	if late := w.now.Sub(p.DueAt); !p.DueAt.IsZero() && late > 0 {
		metric.Add(ctx, metric.SweepLag, int64(late/time.Second))
	}
}

func (w *sweep) askBank(ctx context.Context, p payment.Payment, now time.Time) error {
	key := p.Shop + "/" + p.Bank
	if w.failing(key) {
		w.skipped.Add(1)
		return nil
	}
	w.asked.Add(1)
	_, heard, err := w.ask(ctx, p, now)
	if err != nil || heard.recent {
		return err
	}
	w.count(key, heard.silent())
	if heard.silent() {
		return heard.err
	}
	return nil
}

func (w *sweep) failing(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failures[key] >= sweepEnough
}

func (w *sweep) count(key string, failed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if failed {
		w.failures[key]++
	} else {
		w.failures[key] = 0
	}
}
