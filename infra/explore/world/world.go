// Package world is a shop with Kassa and a bank in one process, without sockets and without real time: the use cases,
// the bank folders and the simulated banks are the real ones, the table is a map. Every call that leaves the use
// cases, to the table, to the bank or to the shop, passes one place, where it is counted and may fail, or wait for
// another worker.
//
// A world is cheap to put back to how it stood (Mark), so that whoever looks through many histories begins each where
// they part. It lives inside a bubble of testing/synctest: what waits there costs no time.
package world

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"kassa/infra/explore/banks"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/checkout/outbox"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

const (
	shop     = "demo"
	orderRef = "A"
	price    = 15000 // of the order, minor units
	part     = 5000  // that a refund gives back
	deskPart = 1234  // that the bank's desk gives back, which no refund of the shop is about
)

// World is the shop, Kassa and the bank. Only one goroutine at a time may work in it; two workers take turns.
type World struct {
	gate

	side   *banks.Side
	store  *memory.Store
	kassa  *checkout.Service
	outbox *outbox.Outbox
	shift  time.Duration // from the bubble's clock to the world's
	order  string        // the one that everything is about, and the shard that it is in
	shard  int
	fields fields // of what digests are made of
	hands  hands
	known  map[string]bool // what was drawn before the world was marked last

	past
	lag     lag
	late    string // what that is
	overdue func() // what the bank carries out after it was given up
}

// past is what happened so far, besides what table and bank have on record.
type past struct {
	pages    []page           // that customers were sent to, in their order
	stream   []payment.ID     // records of the table's stream that nobody has taken yet
	inbox    map[string]told  // what the shop has taken, by the message's id
	asked    map[string]int64 // refunds that the shop has asked for: what the bank gave back for each
	failed   map[string]bool  // refunds whose shop was told last that nothing was given back
	done     map[string]bool  // refunds whose shop was told that they are done
	desk     int64            // given back by the bank's desk
	unseen   int64            // of that, what nobody need ask about
	lagging  time.Time        // until when the bank tells what was true before money last moved
	old      bool             // it has told a total that was no longer true
	seen     map[int]seen     // what was on record of each attempt
	rotated  bool             // the bank has other keys or another password than at the start
	renewed  bool             // and Kassa works with them
	problems []string         // what must not be, as soon as it was seen
}

// lag is how the bank stood before money last moved there: what it may still tell for a while. It never calls money
// unpaid that it has called paid.
type lag struct {
	back  func() // nil when there is nothing that it could lag behind
	books Digest // as they were then
	taken bool   // it was a payment that moved
	at    time.Time
}

// page is a page that a customer was sent to.
type page struct{ order string }

// told is what a message said.
type told struct{ what, body string }

// New makes a world with one of the banks; see Banks.
func New(name string) (*World, error) {
	order := payment.OrderKey(shop, orderRef)
	w := &World{store: &memory.Store{}, shift: time.Until(banks.Start()), order: order, fields: fields{},
		shard: payment.ID{Order: order}.Shard(), past: past{inbox: map[string]told{}, asked: map[string]int64{},
			failed: map[string]bool{}, done: map[string]bool{}, seen: map[int]seen{}}}
	var err error
	if w.side, err = banks.Open(name, banks.Host{Now: w.Now, Wire: w, Door: door{w}}); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	table := &table{w.store, w}
	w.kassa = &checkout.Service{Store: table, Allowances: w.store, Banks: w, Now: w.Now, Log: quiet,
		CallbackURL: callbacks}
	w.outbox = &outbox.Outbox{Store: table, Courier: w, Now: w.Now, Log: quiet}
	return w, nil
}

// Banks are the names of all worlds.
func Banks() []string { return banks.Names() }

// Now is the world's clock.
func (w *World) Now() time.Time { return time.Now().Add(w.shift).UTC().Truncate(time.Millisecond) }

func (w *World) advance(d time.Duration) { w.shift += max(0, d) }

// Mark remembers how the world stands and gives a function that puts it back so, however often.
func (w *World) Mark() (back func()) {
	store, bank, at, stood, lag := w.store.Mark(), w.side.Mark(), w.Now(), w.clone(), w.lag
	w.known = w.tokens()
	return func() {
		store()
		bank()
		w.past, w.lag, w.overdue, w.late = stood.clone(), lag, nil, ""
		w.try(w.side.Rotate(w.rotated))
		w.shift += at.Sub(w.Now())
	}
}

func (p past) clone() past {
	p.pages, p.stream, p.problems = slices.Clone(p.pages), slices.Clone(p.stream), slices.Clone(p.problems)
	p.inbox, p.asked = maps.Clone(p.inbox), maps.Clone(p.asked)
	p.failed, p.done, p.seen = maps.Clone(p.failed), maps.Clone(p.done), maps.Clone(p.seen)
	return p
}

// wrong notes what must not be.
func (w *World) wrong(format string, values ...any) {
	if text := fmt.Sprintf(format, values...); !slices.Contains(w.problems, text) {
		w.problems = append(w.problems, text)
	}
}

// attempts are the payments of the order as they stand in the table, whatever fails.
func (w *World) attempts() []payment.Payment {
	all, err := w.store.Attempts(context.Background(), w.order)
	if err != nil {
		w.wrong("the table cannot be read: %v", err)
	}
	return all
}

// last is the order's latest attempt; false when there is none.
func (w *World) last() (payment.Payment, bool) {
	all := w.attempts()
	if len(all) == 0 {
		return payment.Payment{}, false
	}
	return all[len(all)-1], true
}

// held is the attempt whose money is to be given back: the first that was paid, else the last.
func (w *World) held() (payment.Payment, bool) {
	for _, p := range w.attempts() {
		if p.Status.Money() {
			return p, true
		}
	}
	return w.last()
}

// With lets call the bank. As the functions do, it takes the bank's newest settings once those that it has turn out to
// be wrong.
func (w *World) With(_ context.Context, _, name string, call func(bank.Bank) error) error {
	if name != w.side.Name {
		return &payment.Error{Kind: payment.NotFound, Message: "There is no such bank."}
	}
	err := call(watched{w.side.Kassas[w.renewed], w})
	kind := payment.KindOf(err)
	if err == nil || kind != payment.Misconfigured && kind != payment.Forged || w.renewed == w.rotated {
		return err
	}
	w.renewed = w.rotated
	return call(watched{w.side.Kassas[w.renewed], w})
}

// watched is a bank whose refunds are known again where the bank carries them out.
type watched struct {
	bank.Bank
	w *World
}

type (
	refundKey struct{}
	question  struct{}
)

// Status asks, and moves nothing.
func (b watched) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	return b.Bank.Status(context.WithValue(ctx, question{}, true), h)
}

// Refund gives money back.
func (b watched) Refund(ctx context.Context, r bank.Refund) (string, error) {
	return b.Bank.Refund(context.WithValue(ctx, refundKey{}, r.ID), r)
}

// String tells how the payments and the bank's orders stand, for people.
func (w *World) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, "at", w.Now().Format(time.DateTime))
	for _, p := range w.attempts() {
		fmt.Fprintf(&b, "%d %s, captured %d, refunded %d, reviews %v, due %s, order %q\n", p.ID.Attempt, p.Status, p.Captured,
			p.Refunded, p.Reviews, p.DueAt.Format(time.DateTime), p.Handle.OrderID)
		for _, r := range p.Refunds {
			fmt.Fprintf(&b, "  refund %s of %d: %s, by %s, answer %q\n", r.ID, r.Amount, r.Status, r.Origin, r.Answer)
		}
		for _, e := range p.History {
			fmt.Fprintf(&b, "  %d %s %s by %s %s\n", e.Sequence, e.At.Format(time.DateTime), e.What, e.By, e.Code)
		}
	}
	for _, a := range w.side.Accounts() {
		fmt.Fprintf(&b, "bank: %+v\n", a)
	}
	return b.String()
}
