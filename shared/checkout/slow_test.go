package checkout_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// slowBank gives money back when it pleases: its answer, its ledger and its total each have a time of their own.
type slowBank struct {
	now    func() time.Time
	totals bool
	next   howSlow
	given  []slowRefund
}

// howSlow is what becomes of the next refund that the bank is asked for.
type howSlow struct {
	name           string
	yes, lost, not bool          // a definite yes; or the answer is lost; or it is lost and the bank never does it
	queued, shown  time.Duration // until it is carried out, and until the total shows that
}

type slowRefund struct {
	id          string // ours; "" at the bank's desk
	amount      int64
	done, shown time.Time
}

func (b *slowBank) Open(_ context.Context, o bank.Order) (bank.Session, error) {
	return bank.Session{Handle: bank.Handle{OrderID: "1", Private: "s",
		Account: bank.Account{Merchant: "M", Environment: "test"}},
		RedirectURL: "https://bank.example/page", ExpiresAt: o.Now.Add(20 * time.Minute)}, nil
}

func (b *slowBank) Profile() bank.Profile {
	return bank.Profile{Currencies: []payment.Currency{payment.AZN}, Refunds: true}
}

func (b *slowBank) Read(bank.Message) (bank.Reading, error) { return bank.Reading{}, nil }

// Status shows what the total has come to; what the ledger would not bear was never carried out.
func (b *slowBank) Status(context.Context, bank.Handle) (bank.Report, error) {
	r := bank.Report{State: payment.BankApproved, Word: "APPROVED"}
	if b.totals {
		total := b.sum(func(g slowRefund) time.Time { return g.shown })
		r.Amount, r.Refunded = payment.Money{Minor: 15000, Currency: payment.AZN}, payment.Said(total)
	}
	return r, nil
}

func (b *slowBank) sum(when func(slowRefund) time.Time) (sum int64) {
	for _, g := range b.given {
		if !when(g).After(b.now()) {
			sum += g.amount
		}
	}
	return sum
}

func (b *slowBank) Refund(_ context.Context, r bank.Refund) (id string, err error) {
	how := b.next
	b.next = howSlow{name: "at once", yes: true}
	if !how.not {
		if !b.give(slowRefund{id: r.ID, amount: r.Amount.Minor, done: b.now().Add(how.queued),
			shown: b.now().Add(how.queued + how.shown)}) {
			return "", &payment.Error{Kind: payment.Refused, BankCode: "054"}
		}
	}
	if how.lost {
		return "", &payment.Error{Kind: payment.Uncertain, Message: "The answer was lost."}
	}
	return "", nil
}

// give takes an order as far as the money reaches.
func (b *slowBank) give(g slowRefund) bool {
	var all int64
	for _, have := range b.given {
		all += have.amount
	}
	if all+g.amount > 15000 {
		return false
	}
	b.given = append(b.given, g)
	return true
}

// slowStory is one payment at a slow bank, and one crash.
type slowStory struct {
	t     *testing.T
	bank  *slowBank
	store *memory.Store
	svc   *checkout.Service
	clock time.Time
	id    payment.ID
	calls int // of the store and the bank in the first refund
	crash int // the call that is the invocation's last; 0 = none
}

func newSlowStory(t *testing.T, totals bool) *slowStory {
	s := &slowStory{t: t, clock: start, store: &memory.Store{}}
	s.bank = &slowBank{now: func() time.Time { return s.clock }, totals: totals, next: howSlow{yes: true}}
	s.svc = &checkout.Service{Store: s.store, Banks: banks{crashing{s.bank, s}}, Now: s.bank.now,
		Log: slog.New(slog.DiscardHandler), CallbackURL: "https://callback.example"}
	opened, err := s.svc.Initiate(t.Context(), order("A", 15000))
	if err != nil {
		t.Fatal(err)
	}
	s.id = opened.Payment.ID
	s.clock = s.clock.Add(time.Minute)
	if _, err = s.svc.Read(t.Context(), s.id, opened.Payment.CallbackToken, callbackFromBrowser); err != nil {
		t.Fatal(err)
	}
	return s
}

// crashing is the bank as an invocation sees it that may be killed before or after each call.
type crashing struct {
	*slowBank
	story *slowStory
}

func (c crashing) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	c.story.point()
	defer c.story.point()
	return c.slowBank.Status(ctx, h)
}

func (c crashing) Refund(ctx context.Context, r bank.Refund) (string, error) {
	c.story.point()
	defer c.story.point()
	return c.slowBank.Refund(ctx, r)
}

// point is a place where the invocation may end.
func (s *slowStory) point() {
	if s.calls++; s.calls == s.crash {
		panic(errCrash)
	}
}

// first asks for a refund in an invocation that is killed at the story's point; it gives how many points there were.
func (s *slowStory) first(amount int64, how howSlow, crash int) int {
	s.bank.next, s.calls, s.crash = how, 0, crash
	hook := func(memory.Op, payment.ID) error { s.point(); return nil }
	s.store.Before, s.store.After = hook, hook
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(errCrash) {
				panic(r)
			}
		}()
		_ = s.refund("k1", amount)
	}()
	s.store.Before, s.store.After = nil, nil
	reached := s.calls
	s.crash, s.bank.next = 0, howSlow{yes: true}
	return reached
}

func (s *slowStory) refund(key string, amount int64) error {
	_, err := s.svc.Refund(s.t.Context(), checkout.RefundOrder{ID: s.id, Shop: "demo", By: "shop:k1", Key: key,
		Amount: amount})
	return err
}

func (s *slowStory) read() payment.Payment {
	p, err := s.store.Load(s.t.Context(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// until lets the sweep do all that is due up to a time.
func (s *slowStory) until(at time.Time) {
	for {
		due := s.read().DueAt
		if due.IsZero() || due.After(at) {
			break
		}
		if due.After(s.clock) {
			s.clock = due.Add(30 * time.Second) // the sweep comes by each minute
		}
		if _, err := s.svc.Sweep(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		s.clock = s.clock.Add(time.Second)
	}
	if at.After(s.clock) {
		s.clock = at
	}
}

// ask puts one last question, since nobody asks about what the desk gives back when nothing of ours is open.
func (s *slowStory) ask() payment.Payment {
	report, err := s.bank.Status(s.t.Context(), bank.Handle{})
	if err != nil {
		s.t.Fatal(err)
	}
	p := s.read()
	if p, err = payment.Apply(p, payment.Statement{Handle: p.Handle, Report: report}, s.clock); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// hold compares the books when everything has come to rest.
func (s *slowStory) hold(when string) {
	p, asked := s.ask(), map[string]int{}
	var desk int64
	for _, g := range s.bank.given {
		if g.id == "" {
			desk += g.amount
		} else if asked[g.id]++; asked[g.id] > 1 {
			s.t.Fatalf("%s: the bank gave one key's money back twice: %+v\n%+v", when, s.bank.given, p)
		}
	}
	looked := p.InReview(payment.ReviewRefund) // a person has been called, and the rest is held
	if p.InFlight() != nil && !looked {
		s.t.Fatalf("%s: in flight, and nobody looks: %+v", when, p.Refunds)
	}
	truth := s.bank.sum(func(g slowRefund) time.Time { return g.done })
	switch {
	case s.bank.totals && !looked && p.Refunded != truth:
		s.t.Fatalf("%s: the bank gave back %d, we say %d: %+v", when, truth, p.Refunded, p.Refunds)
	case p.Refunded+p.Reserved() < truth-desk:
		s.t.Fatalf("%s: the bank gave back %d of ours, we know of %d and hold %d: %+v", when, truth-desk, p.Refunded,
			p.Reserved(), p.Refunds)
	}
}

// However slow the bank is, whatever is lost and wherever an invocation is killed, and whatever the shop and the bank's
// desk do meanwhile: no key's money goes back twice, and nothing that the bank carried out stays failed. The race
// detector, which has nothing to find here, slows it tenfold and gets one story in eight.
func TestASlowBankGivesNothingBackTwice(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	var ways []howSlow
	for _, d := range []time.Duration{0, 10 * time.Minute, time.Hour, 20 * time.Hour, 25 * time.Hour, 3 * day, 12 * day,
		30 * day} {
		ways = append(ways, howSlow{name: fmt.Sprintf("yes, shown after %v", d), yes: true, shown: d},
			howSlow{name: fmt.Sprintf("yes, done after %v", d), yes: true, queued: d},
			howSlow{name: fmt.Sprintf("lost, done after %v", d), lost: true, queued: d},
			howSlow{name: fmt.Sprintf("lost, done at once, shown after %v", d), lost: true, shown: d})
	}
	ways = append(ways, howSlow{name: "lost, never done", lost: true, not: true})
	then := map[string]func(s *slowStory, amount int64){
		"nothing":        func(*slowStory, int64) {},
		"the key again":  func(s *slowStory, amount int64) { _ = s.refund("k1", amount) },
		"another key":    func(s *slowStory, amount int64) { _ = s.refund("k2", amount) },
		"another amount": func(s *slowStory, _ int64) { _ = s.refund("k2", 2500) },
		"the desk": func(s *slowStory, amount int64) {
			s.bank.give(slowRefund{amount: amount, done: s.clock, shown: s.clock})
		},
		"both keys": func(s *slowStory, amount int64) { _, _ = s.refund("k2", amount), s.refund("k1", amount) },
		"the desk, then key": func(s *slowStory, amount int64) {
			s.bank.give(slowRefund{amount: amount, done: s.clock, shown: s.clock})
			_ = s.refund("k1", amount)
		},
	}
	rng, stories := rand.New(rand.NewPCG(2, 9)), 0
	for _, totals := range []bool{true, false} {
		for _, how := range ways {
			for crash, points := 0, 1; crash <= points; crash++ {
				for _, name := range slices.Sorted(maps.Keys(then)) {
					for _, amount := range []int64{5000, 0} {
						if sampled && crash > 0 && rng.IntN(32) > 0 {
							continue
						}
						s := newSlowStory(t, totals)
						points = max(points, s.first(amount, how, crash))
						if amount == 0 {
							amount = 15000
						}
						// Twice, each time between a minute and six weeks later: most soon, some late.
						for range 2 {
							later := time.Minute << rng.IntN(16)
							s.until(s.clock.Add(later))
							then[name](s, amount)
						}
						s.until(s.clock.Add(80 * day))
						s.hold(fmt.Sprintf("totals %t, %s, killed at call %d, then twice %s, amount %d", totals, how.name, crash, name,
							amount))
						stories++
					}
				}
			}
		}
	}
	t.Logf("%d stories", stories)
	if most := 10_000; !sampled && stories < most || stories < most/10 {
		t.Errorf("only %d stories", stories)
	}
}
