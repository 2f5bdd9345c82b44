package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/checkout/outbox"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

var start = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

// bench is an outbox on a store in memory, with a clock of its own and a shop that answers as told.
type bench struct {
	*outbox.Outbox
	store  *memory.Store
	logged *strings.Builder
	now    time.Time

	mu   sync.Mutex
	sent []string // "<shop> <type> <sequence>", in order
	shop func(p payment.Payment, e payment.Entry) (delivery.Answer, error)
}

func newBench() *bench {
	b := &bench{store: new(memory.Store), logged: new(strings.Builder), now: start}
	b.Outbox = &outbox.Outbox{Store: b.store, Courier: b, Now: func() time.Time {
		return b.now
	}, Log: slog.New(slog.NewJSONHandler(b.logged, nil))}
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return yes, nil }
	return b
}

var (
	yes  = delivery.Answer{Accepted: true, Code: "200"}
	no   = delivery.Answer{Code: "500"}
	gone = delivery.Answer{Gone: true, Code: "410"}
)

func (b *bench) Deliver(_ context.Context, p payment.Payment, e payment.Entry) (delivery.Answer, error) {
	answer, err := b.shop(p, e)
	if err == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sent = append(b.sent, p.Shop+" "+e.Announced())
	}
	return answer, err
}

// paid puts a payment into the store that is paid with a unit too little: two entries wait to be told.
func (b *bench) paid(t *testing.T, shop, ref string) payment.ID {
	t.Helper()
	handle := payment.Handle{OrderID: "828", Private: "s", Account: payment.Account{Merchant: "m", Environment: "test"}}
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey(shop, ref), Attempt: 1}, Shop: shop,
		OrderRef: ref, Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Notify: true}, b.now, b.now.Add(time.Minute))
	for _, e := range []payment.Event{
		payment.OpeningDone{Handle: handle, RedirectURL: "https://bank.example/", ExpiresAt: b.now.Add(time.Hour)},
		payment.Statement{Handle: handle, Report: payment.Report{State: payment.BankApproved,
			Amount: payment.Money{Minor: 14999, Currency: payment.AZN}}},
	} {
		var err error
		if p, err = payment.Apply(p, e, b.now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.store.Create(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func (b *bench) deliveries(t *testing.T, id payment.ID) (list []string) {
	t.Helper()
	p, err := b.store.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range p.Deliveries {
		list = append(list, string(d.State)+" "+d.Code)
	}
	return list
}

func (b *bench) want(t *testing.T, id payment.ID, want ...string) {
	t.Helper()
	if got := b.deliveries(t, id); !slices.Equal(got, want) {
		t.Errorf("deliveries %q, want %q", got, want)
	}
}

func (b *bench) wantSent(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.sent, want) {
		t.Errorf("sent %q, want %q", b.sent, want)
	}
	b.sent = nil
}

func (b *bench) wake(t *testing.T, ids ...payment.ID) outbox.Counts {
	t.Helper()
	counts, unsaved := b.Wake(t.Context(), ids)
	if len(unsaved) > 0 {
		t.Fatalf("unsaved %v\n%s", unsaved, b.logged)
	}
	return counts
}

func (b *bench) run(t *testing.T) outbox.Counts {
	t.Helper()
	counts, err := b.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// TestEachEventGoesOutOnce: however often the stream wakes us.
func TestEachEventGoesOutOnce(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	if got := b.wake(t, id); got != (outbox.Counts{Delivered: 2}) {
		t.Errorf("%+v", got)
	}
	b.wantSent(t, "az payment.paid", "az payment.review")
	b.want(t, id, "delivered 200", "delivered 200")
	b.wake(t, id, id)
	b.now = b.now.Add(time.Hour)
	b.run(t)
	b.wantSent(t)
}

// TestANewerEventDoesNotWaitForAFailingOlderOne, and the older one is repeated on its own schedule until it is dead.
func TestANewerEventDoesNotWaitForAFailingOlderOne(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(_ payment.Payment, e payment.Entry) (delivery.Answer, error) {
		if e.Announced() == "payment.paid" {
			return no, nil
		}
		return yes, nil
	}
	b.wake(t, id)
	b.wantSent(t, "az payment.paid", "az payment.review")
	b.want(t, id, "retry 500", "delivered 200")

	dead, tried := 0, 1
	for range 4 * 24 * 60 {
		b.now = b.now.Add(time.Minute)
		counts := b.run(t)
		tried, dead = tried+counts.Failed+counts.Dead, dead+counts.Dead
	}
	b.want(t, id, "dead 500", "delivered 200")
	if tried != 10 || dead != 1 || strings.Count(b.logged.String(), "kassa payment redeliver") != 1 {
		t.Errorf("tried %d times, dead %d\n%s", tried, dead, b.logged)
	}
}

func TestGoneIsDeadAtOnce(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return gone, nil }
	if got := b.wake(t, id); got != (outbox.Counts{Dead: 2}) {
		t.Errorf("%+v", got)
	}
	b.want(t, id, "dead 410", "dead 410")
}

// TestAFailingShopIsLeftAlone after three failures in a row: what is skipped counts as no try and goes out later. Other
// shops do not notice.
func TestAFailingShopIsLeftAlone(t *testing.T) {
	b := newBench()
	var bad []payment.ID
	for _, ref := range strings.Split("abcdefghijkl", "") {
		bad = append(bad, b.paid(t, "bad", ref))
	}
	good := b.paid(t, "good", "1")
	b.shop = func(p payment.Payment, _ payment.Entry) (delivery.Answer, error) {
		if p.Shop == "bad" {
			return no, nil
		}
		return yes, nil
	}
	counts := b.wake(t, append(bad, good)...)
	if counts.Delivered != 2 || counts.Failed < 3 || counts.Failed > 2+8 || counts.Skipped < 3 {
		t.Errorf("%+v", counts)
	}
	for _, id := range bad {
		p, _ := b.store.Load(t.Context(), id)
		for _, d := range p.Deliveries {
			if d.State != delivery.Retry || d.Tries == 0 && !d.At.Equal(b.now.Add(time.Minute)) {
				t.Errorf("%+v", d)
			}
		}
	}
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return yes, nil }
	b.now = b.now.Add(time.Minute)
	if got := b.run(t); got.Delivered != 24 {
		t.Errorf("after it came back: %+v", got)
	}
}

// TestAShopThatCannotBeReached keeps its messages in the outbox, untried.
func TestAShopThatCannotBeReached(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) {
		return delivery.Answer{}, &payment.Error{Kind: payment.Unavailable, Message: "the settings cannot be fetched"}
	}
	for range 20 {
		b.wake(t, id)
		b.now = b.now.Add(time.Hour)
		b.run(t)
	}
	b.wantSent(t)
	b.want(t, id, "retry ", "retry ")
}

// TestOnlyAFailedSaveGoesBackToTheStream: what cannot be read for ever, or makes us panic, must not hold up the others.
func TestOnlyAFailedSaveGoesBackToTheStream(t *testing.T) {
	unavailable := &payment.Error{Kind: payment.Unavailable}
	for name, c := range map[string]struct {
		before func(op memory.Op) error
		back   bool
	}{
		"not read":  {func(op memory.Op) error { return when(op == memory.Load, unavailable) }, true},
		"not saved": {func(op memory.Op) error { return when(op == memory.Save, unavailable) }, true},
		"poison": {func(op memory.Op) error {
			return when(op == memory.Load, &payment.Error{Kind: payment.Internal})
		}, false},
		"not there": {func(op memory.Op) error {
			return when(op == memory.Load, &payment.Error{Kind: payment.NotFound})
		}, false},
		"makes a panic": {func(memory.Op) error { panic("poison") }, false},
	} {
		b := newBench()
		sick, sound := b.paid(t, "az", "sick"), b.paid(t, "az", "sound")
		b.store.Before = func(op memory.Op, id payment.ID) error {
			if id == sick {
				return c.before(op)
			}
			return nil
		}
		counts, unsaved := b.Wake(t.Context(), []payment.ID{sick, sound})
		if back := slices.Equal(unsaved, []payment.ID{sick}); back != c.back || !c.back && len(unsaved) > 0 ||
			counts.Unsaved != 1 || !strings.Contains(b.logged.String(), sick.String()) {
			t.Errorf("%s: unsaved %v, %+v, the log says %s", name, unsaved, counts, b.logged)
		}
		b.want(t, sound, "delivered 200", "delivered 200")
	}
}

func when(that bool, err error) error {
	if that {
		return err
	}
	return nil
}

// TestALostSaveIsToldTwice under the same id, which is what "at least once" means.
func TestALostSaveIsToldTwice(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.store.Before = func(op memory.Op, _ payment.ID) error {
		return when(op == memory.Save, &payment.Error{Kind: payment.Unavailable})
	}
	if _, unsaved := b.Wake(t.Context(), []payment.ID{id}); !slices.Equal(unsaved, []payment.ID{id}) {
		t.Fatalf("unsaved %v", unsaved)
	}
	b.store.Before = nil
	b.wake(t, id)
	b.wantSent(t, "az payment.paid", "az payment.review", "az payment.paid", "az payment.review")
	b.want(t, id, "delivered 200", "delivered 200")
}

// TestNoTimeIsNoTry: a run that is about to end sends nothing, and loses nothing.
func TestNoTimeIsNoTry(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	ctx, cancel := context.WithTimeout(t.Context(), 19*time.Second)
	defer cancel()
	if counts, unsaved := b.Wake(ctx, []payment.ID{id}); counts != (outbox.Counts{Skipped: 1}) || len(unsaved) > 0 {
		t.Errorf("%+v, unsaved %v", counts, unsaved)
	}
	b.wantSent(t)
	b.want(t, id, "retry ", "retry ")
}

// TestAListThatCannotBeRead is told, and the other shards are worked on all the same.
func TestAListThatCannotBeRead(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	b.wake(t, id)
	b.now, b.sent = b.now.Add(time.Hour), nil
	lists := 0
	b.store.Before = func(op memory.Op, _ payment.ID) error {
		if op != memory.Outbox {
			return nil
		}
		lists++
		return when(lists == 1+(id.Shard()+1)%payment.Shards, errors.New("no such index"))
	}
	if counts, err := b.Run(t.Context()); err == nil || counts.Failed != 2 {
		t.Errorf("%+v, %v", counts, err)
	}
}

// TestARacedSave: somebody else saves the payment while the shop is told. One race is applied again; one that never
// ends goes back.
func TestARacedSave(t *testing.T) {
	for races, back := range map[int]bool{1: false, 7: false, 8: true} {
		b := newBench()
		id, racing := b.paid(t, "az", "1"), false
		left := races
		b.store.Before = func(op memory.Op, _ payment.ID) error {
			if op != memory.Save || racing || left == 0 {
				return nil
			}
			racing = true
			defer func() { racing = false }()
			left--
			other, err := b.store.Load(t.Context(), id)
			if err == nil {
				_, err = b.store.Save(t.Context(), other)
			}
			return err
		}
		_, unsaved := b.Wake(t.Context(), []payment.ID{id})
		if len(unsaved) > 0 != back {
			t.Errorf("%d races: unsaved %v", races, unsaved)
		}
		if !back {
			b.want(t, id, "delivered 200", "delivered 200")
		}
	}
}

// TestWhatIsRecordedMeanwhileIsNotPutOff: a refund while the shop hears of the payment has its own record in the
// stream, and need not wait for the outbox.
func TestWhatIsRecordedMeanwhileIsNotPutOff(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(_ payment.Payment, e payment.Entry) (delivery.Answer, error) {
		if e.Announced() != "payment.paid" {
			return yes, nil
		}
		p, err := b.store.Load(t.Context(), id)
		for _, event := range []payment.Event{
			payment.RefundIntent{ID: "rf_1", Amount: 100, By: "shop:k1", Until: b.now},
			payment.RefundAnswer{ID: "rf_1", Answer: payment.AnswerDone},
		} {
			if err == nil {
				p, err = payment.Apply(p, event, b.now)
			}
			if err == nil {
				p, err = b.store.Save(t.Context(), p)
			}
		}
		return yes, err
	}
	b.wake(t, id)
	b.want(t, id, "delivered 200", "delivered 200", "new ")
	b.wake(t, id)
	b.wantSent(t, "az payment.paid", "az payment.review", "az refund.succeeded")
}

// TestEachMessageShowsThePaymentAsItIsThen: what happens while the shop is still busy with the message before stands in
// the next one.
func TestEachMessageShowsThePaymentAsItIsThen(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	var shown []int64
	b.shop = func(p payment.Payment, e payment.Entry) (delivery.Answer, error) {
		shown = append(shown, p.Sequence)
		if e.Announced() != "payment.paid" {
			return yes, nil
		}
		p, err := b.store.Load(t.Context(), id)
		if err == nil {
			p, err = payment.Apply(p, payment.RefundIntent{ID: "rf_1", Amount: 100, By: "shop:k1", Until: b.now}, b.now)
		}
		if err == nil {
			p, err = payment.Apply(p, payment.RefundDisclosure{ID: "rf_1"}, b.now)
		}
		if err == nil {
			_, err = b.store.Save(t.Context(), p)
		}
		return yes, err
	}
	b.wake(t, id)
	b.want(t, id, "delivered 200", "delivered 200")
	if !slices.Equal(shown, []int64{4, 5}) {
		t.Errorf("the shop was shown the payment at the sequences %v, want 4 and 5", shown)
	}
}

// TestTwoRunsAtOnceCountAsOneTry: the schedule is not cut short by a run that overlaps another.
func TestTwoRunsAtOnceCountAsOneTry(t *testing.T) {
	b := newBench()
	id := b.paid(t, "az", "1")
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
	b.wake(t, id)
	b.now = b.now.Add(time.Minute)
	overlapping := false
	b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) {
		if !overlapping {
			overlapping = true
			b.run(t)
		}
		return no, nil
	}
	b.run(t)
	p, err := b.store.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range p.Deliveries {
		if d.Tries != 2 || !d.At.Equal(b.now.Add(5*time.Minute)) {
			t.Errorf("%+v, want the second of ten tries", d)
		}
	}
}

// TestTwoRunsAtOnceEndAMessageOnce: one of them counts it, and calls for a person.
func TestTwoRunsAtOnceEndAMessageOnce(t *testing.T) {
	for _, answer := range []delivery.Answer{gone, yes} {
		b := newBench()
		id := b.paid(t, "az", "1")
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) { return no, nil }
		b.wake(t, id)
		b.now = b.now.Add(time.Minute)
		var inner outbox.Counts
		overlapping := false
		b.shop = func(payment.Payment, payment.Entry) (delivery.Answer, error) {
			if !overlapping {
				overlapping = true
				inner = b.run(t)
			}
			return answer, nil
		}
		outer := b.run(t)
		if ended := inner.Dead + inner.Delivered + outer.Dead + outer.Delivered; ended != 2 ||
			strings.Count(b.logged.String(), "kassa payment redeliver") != inner.Dead {
			t.Errorf("two messages were ended %d times: %+v, %+v", ended, inner, outer)
		}
	}
}
