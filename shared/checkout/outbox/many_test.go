package outbox_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/checkout/outbox"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// sharded is a store of payments in sixteen parts, so that reading one shard of a list does not go through all
// payments. It hands what is saved to the stream, as the table does.
type sharded struct {
	parts  [payment.Shards]memory.Store
	stream func(payment.Payment)
}

func (s *sharded) of(id payment.ID) *memory.Store { return &s.parts[id.Shard()] }

func (s *sharded) Create(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	saved, err := s.of(p.ID).Create(ctx, p)
	return s.streamed(saved, err)
}

func (s *sharded) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	saved, err := s.of(p.ID).Save(ctx, p)
	return s.streamed(saved, err)
}

func (s *sharded) streamed(p payment.Payment, err error) (payment.Payment, error) {
	if err == nil && !delivery.NeverTried(p.Deliveries).IsZero() {
		s.stream(p)
	}
	return p, err
}

func (s *sharded) Load(ctx context.Context, id payment.ID) (payment.Payment, error) {
	return s.of(id).Load(ctx, id)
}

func (s *sharded) Attempts(ctx context.Context, order string) ([]payment.Payment, error) {
	return s.of(payment.ID{Order: order}).Attempts(ctx, order)
}

func (s *sharded) Due(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return s.parts[shard].Due(ctx, shard, now)
}

func (s *sharded) Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return s.parts[shard].Outbox(ctx, shard, now)
}

// town is a deployment with a day of its own: payments, the stream, the outbox, the sweep, and one shop that fails.
type town struct {
	t      *testing.T
	now    time.Time
	store  *sharded
	outbox *outbox.Outbox
	sweep  *checkout.Service

	mu      sync.Mutex
	rng     *rand.Rand
	records []payment.ID        // of the stream, still to be handed over
	lost    int                 // records that the stream lost
	heard   map[string][]string // by webhook id: each thing that the shop took under it
	tried   map[string]int
	calls   int
	failed  int
}

// Deliver is the shop: three of ten times it fails, and half of these it has taken the message all the same.
func (w *town) Deliver(_ context.Context, p payment.Payment, e payment.Entry) (delivery.Answer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	id := fmt.Sprintf("evt_%s_%d", p.ID, e.Sequence)
	w.tried[id]++
	fate := fateOf(id, w.tried[id])
	if fate >= 15 {
		w.heard[id] = append(w.heard[id], e.Announced())
	}
	if fate < 30 {
		w.failed++
		return no, nil
	}
	return yes, nil
}

// fateOf is 0 to 99, and the same in each run whichever worker comes first: nothing fails ten times by chance.
func fateOf(id string, try int) int {
	sum := sha256.Sum256([]byte(id + strconv.Itoa(try)))
	return int(binary.BigEndian.Uint32(sum[:]) % 100)
}

// streaming hands a record to the stream: one in a hundred is lost, one in twenty comes twice.
func (w *town) streaming(p payment.Payment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch fate := w.rng.IntN(100); {
	case fate == 0:
		w.lost++
	case fate <= 5:
		w.records = append(w.records, p.ID, p.ID)
	default:
		w.records = append(w.records, p.ID)
	}
}

func newTown(t *testing.T) *town {
	w := &town{t: t, now: start, store: new(sharded), rng: rand.New(rand.NewPCG(7, 7)), heard: map[string][]string{},
		tried: map[string]int{}}
	w.store.stream = w.streaming
	clock := func() time.Time { return w.now }
	w.outbox = &outbox.Outbox{Store: w.store, Courier: w, Now: clock, Log: slog.New(slog.DiscardHandler)}
	w.sweep = &checkout.Service{Store: w.store, Now: clock, Log: slog.New(slog.DiscardHandler)}
	return w
}

// pay makes one payment and all that will ever happen to it.
func (w *town) pay(n int) payment.ID {
	w.t.Helper()
	handle := payment.Handle{OrderID: "828", Private: "s", Account: payment.Account{Merchant: "m", Environment: "test"}}
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("shop", strconv.Itoa(n)), Attempt: 1},
		Shop: "shop", OrderRef: strconv.Itoa(n),
		Bank: "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Notify: true}, w.now,
		w.now.Add(time.Minute))
	p, err := w.store.Create(w.t.Context(), p)
	if err != nil {
		w.t.Fatal(err)
	}
	ends := []payment.Report{{State: payment.BankApproved}, {State: payment.BankApproved}, {State: payment.BankDeclined},
		{State: payment.BankExpired},
		{State: payment.BankApproved, Amount: payment.Money{Minor: 14999, Currency: payment.AZN}}}
	list := []payment.Event{
		payment.OpeningDone{Handle: handle, RedirectURL: "https://bank.example/", ExpiresAt: w.now.Add(time.Hour)},
		payment.Statement{Handle: handle, Report: ends[n%len(ends)]},
	}
	if n%len(ends) == 1 {
		list = append(list, payment.RefundIntent{ID: "rf_1", Amount: 100, By: "shop:k1", Until: w.now},
			payment.RefundAnswer{ID: "rf_1", Answer: payment.AnswerLost}, payment.Ruling{How: payment.ResolveRefundDone,
				Refund: "rf_1", By: "operator:a", Why: "b"})
	}
	for i, e := range list {
		at := w.now
		if i == 4 {
			at = at.Add(time.Hour) // a person decides when nobody is at work any more
		}
		if p, err = payment.Apply(p, e, at); err == nil {
			p, err = w.store.Save(w.t.Context(), p)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return p.ID
}

// minute lets one pass: the stream hands over what it has, the outbox and the sweep run.
func (w *town) minute() {
	for batch := range slices.Chunk(w.takeRecords(), 25) {
		if _, unsaved := w.outbox.Wake(w.t.Context(), batch); len(unsaved) > 0 {
			w.t.Fatalf("unsaved: %v", unsaved)
		}
	}
	_, err := w.outbox.Run(w.t.Context())
	_, sweepErr := w.sweep.Sweep(w.t.Context())
	if err != nil || sweepErr != nil {
		w.t.Fatal(err, sweepErr)
	}
	w.now = w.now.Add(time.Minute)
}

// rest lets the time pass until there is something to do again; false when there will never be.
func (w *town) rest() bool {
	var next time.Time
	for shard := range payment.Shards {
		var due []payment.ID
		for _, list := range []iter.Seq2[payment.ListEntry, error]{w.store.Due(w.t.Context(), shard, w.now.AddDate(1, 0, 0)),
			w.store.Outbox(w.t.Context(), shard, w.now.AddDate(1, 0, 0))} {
			for first := range list {
				due = append(due, first.ID)
				break
			}
		}
		for _, id := range due {
			p, err := w.store.Load(w.t.Context(), id)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, at := range []time.Time{p.DueAt, delivery.Next(p.Deliveries)} {
				if !at.IsZero() && (next.IsZero() || at.Before(next)) {
					next = at
				}
			}
		}
	}
	if next.After(w.now) {
		w.now = next.Truncate(time.Minute).Add(time.Minute)
	}
	return !next.IsZero()
}

func (w *town) takeRecords() []payment.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	records := w.records
	w.records = nil
	return records
}

// TestTenThousandPayments of a shop that fails three of ten times, over a stream that loses and repeats records: every
// announced entry is delivered, none is lost or given up, and what comes twice comes under its own id.
func TestTenThousandPayments(t *testing.T) {
	w := newTown(t)
	var ids []payment.ID
	all := 10_000
	if testing.Short() { // with the race detector
		all = 1000
	}
	for n := range all {
		ids = append(ids, w.pay(n))
		if n%100 == 99 {
			w.minute()
		}
	}
	for w.rest() && w.now.Before(start.AddDate(0, 0, 7)) {
		w.minute()
	}
	events, twice := 0, 0
	for _, id := range ids {
		p, err := w.store.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.History {
			name := fmt.Sprintf("evt_%s_%d", id, e.Sequence)
			took := w.heard[name]
			if e.Announced() == "" && len(took) == 0 {
				continue
			}
			events++
			if slices.Sort(took); len(took) == 0 || took[0] != e.Announced() || took[len(took)-1] != e.Announced() {
				t.Fatalf("%s of %q was heard as %q", name, e.What, took)
			}
			twice += min(len(took)-1, 1)
			delete(w.heard, name)
		}
		for _, d := range p.Deliveries {
			if d.State != delivery.Delivered {
				t.Fatalf("%s: %+v", id, d)
			}
		}
	}
	t.Logf("%d events in %d calls of which %d failed, %d heard more than once, %d records lost, the last after %v",
		events, w.calls, w.failed, twice, w.lost, w.now.Sub(start))
	if len(w.heard) > 0 || events < all*14/10 || w.failed < w.calls/4 || w.lost == 0 || twice == 0 {
		t.Errorf("heard of what never happened: %v", w.heard)
	}
}
