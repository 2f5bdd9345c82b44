// Package outbox tells the shops what happened. The table's stream wakes it for what was never tried (Wake), a schedule
// for what is to be tried again (Run). Each message is sent at least once, always under the same id, and a newer one
// never waits for an older one that fails: every delivery has its own state in the payment's item (see
// payment/delivery).
package outbox

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"kassa/shared/checkout/saving"
	"kassa/shared/checkout/turns"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// Store is what is needed of the store of payments; see the package dynamo.
type Store interface {
	saving.Store
	Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error]
}

// Courier tells a payment's shop about one entry of its history, and says how the shop reacted. Its error means that
// nobody knows how to reach the shop just now, so that nothing was sent.
type Courier interface {
	Deliver(ctx context.Context, p payment.Payment, e payment.Entry) (delivery.Answer, error)
}

// Outbox sends. It may serve several invocations at once.
type Outbox struct {
	Store   Store
	Courier Courier
	Now     func() time.Time
	Log     *slog.Logger
}

// Bounds of one run.
const (
	wakeWorkers = 25               // payments of a batch of the stream told at once: all, so that none waits behind one
	workers     = 8                // payments of one shop told at once in a run
	runWorkers  = 64               // payments told at once in a run: many shops may hang, perhaps all at one host
	perShop     = 1000             // payments of one shop in one run
	perRun      = 50_000           // payments of all shops in one run, beside the first of each: they stand in memory
	sendTime    = 15 * time.Second // of one message; the courier keeps it
	hang        = 5 * time.Second  // so long for a message that was not taken, and one failure is enough
	reserve     = 5 * time.Second  // to save what came of it
)

// Counts is what one run did.
type Counts struct {
	Delivered int
	Failed    int // tries that a shop did not take; they are repeated
	Dead      int // given up for good: somebody must look
	Skipped   int // payments whose shop was left alone, or that there was no time for
	Unsaved   int // payments whose outcome could not be saved; they may be told twice
}

// Wake tries what was never tried of these payments. What there is no time for, or whose shop is just failing, goes to
// the outbox without a try. It gives those that could not be read or saved: the stream must bring them again.
func (o *Outbox) Wake(ctx context.Context, ids []payment.ID) (Counts, []payment.ID) {
	r := &run{Outbox: o}
	t := turns.New(wakeWorkers, len(ids), len(ids))
	for _, id := range ids {
		t.Add("", "", id)
	}
	t.Serve(func(string) int { return wakeWorkers }, func() bool { return true },
		func(id payment.ID) { r.one(ctx, id, r.wake) })
	return r.counts, r.unsaved
}

// Run tries what is due in the outbox, the shops by turns. It stops by itself before the invocation's end; what is left
// is due in the next run. The error is a list that could not be read.
func (o *Outbox) Run(ctx context.Context) (Counts, error) {
	r := &run{Outbox: o}
	t := turns.New(runWorkers, perShop, perRun)
	var lists []turns.List
	for shard := range payment.Shards {
		lists = append(lists, o.Store.Outbox(ctx, shard, o.Now()))
	}
	err := t.Fill(ctx, o.Now(), lists,
		func(w payment.ListEntry) (at, who string) { return "", w.Shop })
	t.Serve(r.limit, func() bool { return !late(ctx) }, func(id payment.ID) { r.one(ctx, id, r.retry) })
	r.counts.Skipped += t.Left()
	return r.counts, err
}

// late says whether there is no time left for another message.
func late(ctx context.Context) bool { return saving.Remaining(ctx) < sendTime+reserve }
