package checkout_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"kassa/shared/checkout"
	"kassa/shared/checkout/people"
	"kassa/shared/dynamo/memory"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// forgetful is a store whose client never hears of one save that was done. Others save on top; then the client writes
// the same once more, or gives up.
type forgetful struct {
	*memory.Store
	at        int // which of the saves; 0 = none
	strangers int
	gaveUp    bool
	saves     int
}

func (f *forgetful) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return f.write(ctx, p, f.Store.Save)
}

func (f *forgetful) Create(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return f.write(ctx, p, f.Store.Create)
}

func (f *forgetful) write(ctx context.Context, p payment.Payment,
	write func(context.Context, payment.Payment) (payment.Payment, error)) (payment.Payment, error) {
	made, err := write(ctx, p)
	if f.saves++; f.saves != f.at || err != nil {
		return made, err
	}
	for i := range f.strangers {
		made.Description = fmt.Sprint(i)
		if made, err = f.Store.Save(ctx, made); err != nil {
			return made, err
		}
	}
	if f.gaveUp {
		return payment.Payment{}, unavailable()
	}
	return write(ctx, p)
}

// useCase is one request, or one run, with what must have happened before it.
type useCase struct {
	before func(c *counter)
	act    func(ctx context.Context, c *counter) (said any, err error)
}

func useCases() map[string]useCase {
	none := func(*counter) {}
	opened := func(c *counter) { c.open("A"); c.advance(time.Minute) }
	initiate := func(change func(*checkout.Order)) func(context.Context, *counter) (any, error) {
		return func(ctx context.Context, c *counter) (any, error) {
			o := order("A", 15000)
			change(&o)
			r, err := c.svc.Initiate(ctx, o)
			return fmt.Sprint(r.Payment.ID.Attempt, r.Payment.Status, r.Replayed), err
		}
	}
	same := initiate(func(*checkout.Order) {})
	ruled := func(r payment.Ruling) func(context.Context, *counter) (any, error) {
		return func(ctx context.Context, c *counter) (any, error) {
			r.By, r.Why = payment.ByOperator("ada"), "says the bank"
			p, err := staff(c).Resolve(ctx, c.stored("A", 1).ID, r)
			return len(p.Resolutions), err
		}
	}
	refund := func(ctx context.Context, c *counter) (any, error) {
		p := c.stored("A", 1)
		r, err := c.svc.Refund(ctx, checkout.RefundOrder{ID: p.ID, Shop: p.Shop, By: "shop:k1", Key: "k1", Amount: 5000})
		return fmt.Sprint(r.Refund.Status, r.Replayed), err
	}
	sweep := func(ctx context.Context, c *counter) (any, error) { return c.svc.Sweep(ctx) }
	return map[string]useCase{
		"open":             {none, same},
		"open, refused":    {func(c *counter) { c.opens(payment.Refused) }, same},
		"open, unanswered": {func(c *counter) { c.opens(payment.Uncertain) }, same},
		"open once more": {func(c *counter) {
			c.opens(payment.Unavailable)
			_, _ = c.svc.Initiate(c.t.Context(), order("A", 15000))
			c.bank.before = nil
		}, same},
		"repeat":            {opened, same},
		"supersede":         {opened, initiate(func(o *checkout.Order) { o.Amount.Minor, o.Supersede = 16000, true })},
		"a further attempt": {func(c *counter) { c.cancel(c.open("A")) }, same},
		"poll": {approved, func(ctx context.Context, c *counter) (any, error) {
			p, err := c.poll(ctx, c.stored("A", 1))
			return p.Status, err
		}},
		"come back": {approved, func(ctx context.Context, c *counter) (any, error) {
			p, err := c.callback(ctx, c.stored("A", 1))
			return p.Status, err
		}},
		"paid late, and twice": {func(c *counter) {
			c.cancel(c.open("A"))
			paid2 := c.open("A")
			c.bank.approve("A/2.1")
			_, _ = c.callback(c.t.Context(), paid2)
			c.bank.approve("A")
			c.advance(time.Minute)
		}, func(ctx context.Context, c *counter) (any, error) {
			p, err := c.callback(ctx, c.stored("A", 1))
			return fmt.Sprint(p.Status, p.Late, p.Overpaid), err
		}},
		"cancel": {opened, func(ctx context.Context, c *counter) (any, error) {
			p, err := c.svc.Cancel(ctx, c.stored("A", 1).ID, "demo", "shop:k1")
			return p.Status, err
		}},
		"sweep":           {approved, sweep},
		"sweep, lapse":    {func(c *counter) { c.open("A"); c.advance(3 * time.Hour) }, sweep},
		"refund":          {paid, refund},
		"refund, refused": {func(c *counter) { paid(c); c.refunds(payment.Refused) }, refund},
		"refund, lost":    {func(c *counter) { paid(c); c.refunds(payment.Uncertain) }, refund},
		"refund, unsent":  {func(c *counter) { paid(c); c.refunds(payment.Unavailable) }, refund},
		"refund, again":   {cutOff, refund},
		"recover":         {lost, sweep},
		"accept": {func(c *counter) { paid(c); c.under(payment.ReviewAmount) },
			ruled(payment.Ruling{How: payment.ResolveAcceptCaptured})},
		"dismiss": {func(c *counter) { paid(c); c.under(payment.ReviewStatus) },
			ruled(payment.Ruling{How: payment.ResolveDismiss})},
		"given back at the desk": {func(c *counter) { paid(c); c.under(payment.ReviewRefund) },
			ruled(payment.Ruling{How: payment.ResolveRefundDone, Amount: 1000})},
		"a lost refund was done": {lost, func(ctx context.Context, c *counter) (any, error) {
			r := payment.Ruling{How: payment.ResolveRefundDone, Refund: c.stored("A", 1).InFlight().ID}
			return ruled(r)(ctx, c)
		}},
		"a lost refund was not done": {lost, func(ctx context.Context, c *counter) (any, error) {
			r := payment.Ruling{How: payment.ResolveRefundNotDone, Refund: c.stored("A", 1).InFlight().ID}
			return ruled(r)(ctx, c)
		}},
		"redeliver": {paid, func(ctx context.Context, c *counter) (any, error) {
			p, err := staff(c).Redeliver(ctx, c.stored("A", 1).ID, []int64{3})
			return p.Deliveries, err
		}},
	}
}

// staff decide over the same store.
func staff(c *counter) people.Operator {
	return people.Operator{Store: c.svc.Store.(people.Store), Now: c.svc.Now}
}

// fails lets the bank answer each call of this kind so.
func (c *counter) fails(what string, kind payment.Kind) {
	c.bank.before = func(_ context.Context, call, _ string) error {
		if call == what {
			return &payment.Error{Kind: kind, Message: "So it is."}
		}
		return nil
	}
}

func (c *counter) opens(kind payment.Kind)   { c.fails("open", kind) }
func (c *counter) refunds(kind payment.Kind) { c.fails("refund", kind) }

// under puts order A under review.
func (c *counter) under(r payment.Review) {
	p := c.stored("A", 1)
	p.Reviews = append(p.Reviews, r)
	c.seed(p)
}

// story is all that a use case came to, for whomever.
func (u useCase) story(t *testing.T, f *forgetful) (story string) {
	inBubble(t, func(t *testing.T, c *counter) {
		u.before(c)
		f.Store = c.store
		c.svc.Store = f
		ctx, tally := metric.Begin(t.Context())
		said, err := u.act(ctx, c)
		var b strings.Builder
		fmt.Fprintln(&b, said, err)
		attempts, _ := c.store.Attempts(t.Context(), payment.OrderKey("demo", "A"))
		for _, p := range attempts {
			for i := range p.Refunds {
				p.Refunds[i].Owner = ""
			}
			fmt.Fprintln(&b, p.Status, p.Captured, p.Refunded, p.Lease, p.Openings, p.Reviews, p.Refunds, p.History,
				p.AskedAt, p.AskNext, p.DueAt, len(p.Resolutions), p.Deliveries)
		}
		a := c.bank.account("A")
		fmt.Fprintln(&b, c.bank.references(), a, tally.Attrs(time.Time{}, "t"))
		story = b.String()
	})
	return story
}

// TestOnesOwnSaveIsKnownAgainInEveryUseCase: whichever save of a use case was done without its writer's hearing of it,
// and however many have saved on top, it goes on as if nothing had been: what it answers, what is on record, what the
// bank is asked and what is counted.
func TestOnesOwnSaveIsKnownAgainInEveryUseCase(t *testing.T) {
	points := 0
	for name, u := range useCases() {
		sound := &forgetful{}
		want := u.story(t, sound)
		for at := 1; at <= sound.saves; at++ {
			for strangers := range 4 {
				for _, gaveUp := range []bool{false, true} {
					if gaveUp && strings.HasPrefix(name, "refund") && at == 1 {
						continue // an intent whose writer has given up is taken back: nothing was sent
					}
					points++
					f := &forgetful{at: at, strangers: strangers, gaveUp: gaveUp}
					if got := u.story(t, f); got != want {
						t.Errorf("%s, save %d, %d strangers, gave up %t:\n%s\nwant\n%s", name, at, strangers, gaveUp, got, want)
					}
				}
			}
		}
	}
	if points < 300 {
		t.Errorf("only %d points", points)
	}
	t.Logf("%d points", points)
}

// The same of what the bank signs, whether it is asked about it or settled by the signature alone.
func TestOnesOwnSaveOfASignedCallbackIsKnownAgain(t *testing.T) {
	for name, settings := range map[string]map[string]any{"re-read": nil, "by the signature alone": noStatusCall} {
		story := func(f *forgetful) string {
			b := newPartner(t, nil, settings)
			b.open()
			f.Store = b.store
			b.svc.Store = f
			b.must(b.sim.Approve(b.session()))
			b.svc.Store = b.store
			p := b.read()
			return fmt.Sprint(p.Status, p.Captured, p.Reviews, p.History, p.Notices, p.AskedAt, p.AskNext, p.DueAt, b.codes)
		}
		sound := &forgetful{}
		want := story(sound)
		if sound.saves == 0 {
			t.Fatal("nothing was saved")
		}
		for at := 1; at <= sound.saves; at++ {
			for strangers := range 4 {
				for _, gaveUp := range []bool{false, true} {
					if got := story(&forgetful{at: at, strangers: strangers, gaveUp: gaveUp}); got != want {
						t.Errorf("%s, save %d, %d strangers, gave up %t:\n%s\nwant\n%s", name, at, strangers, gaveUp, got, want)
					}
				}
			}
		}
	}
}
