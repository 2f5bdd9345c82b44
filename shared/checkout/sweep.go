package checkout

import (
	"context"
	"fmt"
	"sync"
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
	sweepKept    = 512              // payments that a run which looks at all shards keeps for itself, a share of each
	sweepPerBank = 10_000           // payments of one shop's bank in one run
	sweepPerEnd  = 50_000           // payments of all shops' one bank in one run, beside the first of each
	sweepHang    = 5 * time.Second  // so long without an answer, and one failure is enough
	sweepItem    = 25 * time.Second // of one payment: a bank call, and time to save what it said
	sweepReserve = 8 * time.Second  // time left below which nothing new is begun
	sweepMeasure = 16               // of those for whom there was no time, of each bank
)

// SweepCounts counts what one run did: payments, and the shards that it handed on. Left are those that it had no time
// for.
type SweepCounts struct{ Looked, Asked, Failed, Skipped, Left, HandedOn int }

// Sweep looks at every payment that is due: it asks the bank where a callback or a customer did not, recovers refunds
// whose owner is gone, ends what has lapsed. The shops' banks come by turns, so that none waits behind another's long
// list, or behind one that does not answer; and the banks share the workers, so that one which hangs for all its shops
// takes no other bank's. Each payment has its own error boundary, and whatever is repeated is
// harmless. It stops by itself before the invocation's end; what is left is due in the next run. The error is a to-do
// list that could not be read.
//
// A shard in which more waits than a run can do beside all others is handed on at once, to a run of its own.
func (s *Service) Sweep(ctx context.Context) (SweepCounts, error) {
	run := &sweep{Service: s, now: s.Now()}
	return run.through(ctx, run.lists(ctx))
}

// SweepShard is Sweep for what waits in one shard, all of it: what another run has handed on. It hands on nothing, so
// that runs never start runs without end; what it leaves is found by the next minute's, which hands it on again.
func (s *Service) SweepShard(ctx context.Context, shard int) (SweepCounts, error) {
	run := &sweep{Service: s, now: s.Now()}
	return run.through(ctx, []turns.List{s.Store.Due(ctx, shard, run.now)})
}

// sweep is one run.
type sweep struct {
	*Service
	now                                      time.Time
	looked, asked, failed, skipped, handedOn atomic.Int64
	alone                                    atomic.Bool     // what was to be handed on was not taken
	banks                                    saving.Patience // by shop and bank, and by that with the gateway
}

// lists are those of all shards, without what was handed on. Where there are more shards than one reader can look at
// without the last ones waiting, several read side by side.
func (w *sweep) lists(ctx context.Context) []turns.List {
	all := make([]turns.List, max(w.DueShards, Shards))
	readers := len(all) / Shards
	var group sync.WaitGroup
	for reader := range readers {
		group.Go(func() {
			for shard := reader; shard < len(all); shard += readers {
				all[shard] = w.list(ctx, shard, sweepKept/len(all))
			}
		})
	}
	group.Wait()
	return all
}

// list is what this run does of a shard: all that waits there, or nothing where that is more than its share and handed
// on. Where nobody takes it, the run does what it has time for, and asks nobody again.
func (w *sweep) list(ctx context.Context, shard, share int) turns.List {
	rest := w.Store.Due(ctx, shard, w.now)
	if w.HandOn == nil || w.alone.Load() {
		return rest
	}
	var kept []payment.ListEntry
	for entry, err := range rest {
		if err != nil {
			return listOf(kept, err)
		}
		if len(kept) < max(1, share) {
			kept = append(kept, entry)
			continue
		}
		if err := w.HandOn(ctx, shard); err != nil {
			w.alone.Store(true)
			w.Log.Log(ctx, payment.KindOf(err).Level(), "what is due cannot be handed on; this run does what it has time for",
				"shard", shard, "error", err.Error())
			return rest
		}
		w.handedOn.Add(1)
		return listOf(nil, nil)
	}
	return listOf(kept, nil)
}

// listOf gives these entries, and the error at last if there is one.
func listOf(entries []payment.ListEntry, err error) turns.List {
	return func(yield func(payment.ListEntry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(payment.ListEntry{}, err)
		}
	}
}

// through works through lists, as far as the time goes.
func (w *sweep) through(ctx context.Context, lists []turns.List) (SweepCounts, error) {
	waiting := turns.New(sweepWorkers, sweepPerBank, sweepPerEnd)
	err := waiting.Fill(ctx, w.now, lists,
		func(e payment.ListEntry) (bank, who string) { return e.Bank, e.Shop + "/" + e.Bank })
	inTime := func() bool { return saving.Remaining(ctx) >= sweepReserve }
	waiting.Serve(w.limit, inTime, func(id payment.ID) {
		if inTime() { // it may have waited for its turn
			w.one(ctx, id)
		} else {
			w.measure(ctx, id)
		}
	})
	for _, id := range waiting.Heads(sweepMeasure) {
		w.measure(ctx, id)
	}
	swept := SweepCounts{Looked: int(w.looked.Load()), Asked: int(w.asked.Load()), Failed: int(w.failed.Load()),
		Skipped: int(w.skipped.Load()), Left: waiting.Left(), HandedOn: int(w.handedOn.Load())}
	if err != nil {
		return swept, fmt.Errorf("a shard of the to-do list cannot be read: %w", err)
	}
	return swept, nil
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
	who := p.Shop + "/" + p.Bank
	gateway := who + "/" + p.Handle.Account.Gateway // one of a bank's may be broken
	if w.banks.Over(gateway) {
		w.skipped.Add(1)
		return nil
	}
	_, heard, err := w.ask(ctx, p, now)
	if heard.report != nil || heard.err != nil {
		w.asked.Add(1)
	}
	switch {
	case err != nil || heard.recent:
		return err
	case payment.CodeOf(heard.err) == "merchant_changed": // nobody was called, so it says nothing of the bank
		return heard.err
	}
	hung := heard.silent() && w.Now().Sub(now) >= sweepHang
	for _, key := range []string{who, gateway} {
		w.banks.Heard(key, !heard.silent())
		if hung { // it is not waited for again
			w.banks.GiveUp(key)
		}
	}
	if heard.silent() {
		return heard.err
	}
	return nil
}
