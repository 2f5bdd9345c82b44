package checkout

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"kassa/shared/checkout/saving"
	"kassa/shared/checkout/turns"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// Bounds of one run of the sweep.
const (
	sweepWorkers = 16               // payments looked after at once
	sweepPerBank = 10_000           // payments of one shop's bank in one run
	sweepPerEnd  = 50_000           // payments of all shops' one bank in one run, beside the first of each
	sweepHang    = 5 * time.Second  // so long without an answer, and one failure is enough
	sweepItem    = 25 * time.Second // of one payment: a bank call, and time to save what it said
	sweepReserve = 8 * time.Second  // time left below which nothing new is begun
	sweepMeasure = 16               // of those for whom there was no time, of each bank
)

// SweepCounts counts what one run did.
type SweepCounts struct{ Looked, Asked, Failed, Skipped int }

// Sweep looks at every payment that is due: it asks the bank where a callback or a customer did not, recovers refunds
// whose owner is gone, ends what has lapsed. The shops' banks come by turns, so that none waits behind another's long
// list, or behind one that does not answer; and the banks share the workers, so that one which hangs for all its shops
// takes no other bank's. Each payment has its own error boundary, and whatever is repeated is
// harmless. It stops by itself before the invocation's end; what is left is due in the next run. The error is a to-do
// list that could not be read.
func (s *Service) Sweep(ctx context.Context) (SweepCounts, error) {
	run := &sweep{Service: s, now: s.Now()}
	list := turns.New(sweepWorkers, sweepPerBank, sweepPerEnd)
	err := list.Fill(ctx, run.now,
		func(shard int) iter.Seq2[payment.ListEntry, error] { return s.Store.Due(ctx, shard, run.now) },
		func(w payment.ListEntry) (bank, who string) { return w.Bank, w.Shop + "/" + w.Bank })
	inTime := func() bool { return saving.Remaining(ctx) >= sweepReserve }
	list.Serve(run.limit, inTime, func(id payment.ID) {
		if inTime() { // it may have waited for its turn
			run.one(ctx, id)
		} else {
			run.measure(ctx, id)
		}
	})
	for _, id := range list.Heads(sweepMeasure) {
		run.measure(ctx, id)
	}
	swept := SweepCounts{Looked: int(run.looked.Load()), Asked: int(run.asked.Load()), Failed: int(run.failed.Load()),
		Skipped: int(run.skipped.Load())}
	if err != nil {
		return swept, fmt.Errorf("a shard of the to-do list cannot be read: %w", err)
	}
	return swept, nil
}

// sweep is one run.
type sweep struct {
	*Service
	now                            time.Time
	looked, asked, failed, skipped atomic.Int64
	banks                          saving.Patience // by shop and bank
}

// one looks after a payment.
func (w *sweep) one(ctx context.Context, id payment.ID) {
	if err := saving.Guard(func() error { return w.see(ctx, id) }); err != nil {
		w.failed.Add(1)
		w.Log.Log(ctx, payment.KindOf(err).Level(), "the sweep could not finish a payment; it is tried again", "payment_id",
			id.String(), "error", err.Error())
	}
}

// limit is how many payments of a shop's bank are looked after at once: one until it is heard to answer, and again
// while it does not, so that one which hangs holds up one worker. One that is left alone is not asked, and takes no
// time.
func (w *sweep) limit(who string) int {
	if w.banks.Answers(who) || w.banks.Over(who) || who == "/" {
		return sweepWorkers
	}
	return 1
}

// see does for a payment what is due.
func (w *sweep) see(ctx context.Context, id payment.ID) error {
	ctx, cancel := saving.Within(ctx, sweepItem, saving.AnswerTime)
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
		_, err = w.change(ctx, p, payment.Wakeup{}, now)
	}
	return err
}

// measure looks at how long one waits that there was no time for, and does nothing else. One that cannot be read is
// told of when its turn comes.
func (w *sweep) measure(ctx context.Context, id payment.ID) {
	_ = saving.Guard(func() error {
		p, err := w.Store.Load(ctx, id)
		if err == nil {
			w.lags(ctx, p)
		}
		return err
	})
}

// lags notes how far beyond its time p is. Of an entry of the list that is no longer true that is nothing.
func (w *sweep) lags(ctx context.Context, p payment.Payment) {
	if late := w.now.Sub(p.DueAt); !p.DueAt.IsZero() && late > 0 {
		metric.Add(ctx, metric.SweepLag, int64(late/time.Second))
	}
}

func (w *sweep) askBank(ctx context.Context, p payment.Payment, now time.Time) error {
	key := p.Shop + "/" + p.Bank
	if w.banks.Over(key) {
		w.skipped.Add(1)
		return nil
	}
	_, heard, err := w.ask(ctx, p, now)
	if heard.report != nil || heard.err != nil {
		w.asked.Add(1)
	}
	if err != nil || heard.recent {
		return err
	}
	w.banks.Heard(key, !heard.silent())
	if !heard.silent() {
		return nil
	}
	if w.Now().Sub(now) >= sweepHang { // it is not waited for again
		w.banks.GiveUp(key)
	}
	return heard.err
}
