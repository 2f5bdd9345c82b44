package checkout_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// dueAt is when the first question about a card page is due after its opening.
const dueAt = 3 * time.Minute

// openRow opens orders of a shop one after the other, so that they are due in this order in one shard.
func (c *counter) openRow(shop string, n int) []string {
	c.t.Helper()
	refs := inShard(shop, n)
	for _, ref := range refs {
		o := order(ref, 15000)
		o.Shop = shop
		if _, err := c.svc.Initiate(c.t.Context(), o); err != nil {
			c.t.Fatal(err)
		}
		c.advance(time.Second) // the to-do list is in the order of whole seconds
	}
	return refs
}

// deaf lets the bank not answer questions about these references.
func (c *counter) deaf(refs ...string) {
	c.bank.before = func(_ context.Context, call, ref string) error {
		for _, r := range refs {
			if call == "status" && r == ref {
				return unavailable()
			}
		}
		return nil
	}
}

// Payments of an account that the shop has given up cannot be asked about. The bank is not even called, so that says
// nothing of it: what the shop has opened since under another account is looked after in the same run.
func TestAnAccountThatIsGoneHoldsUpNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		refs := c.openRow("demo", 11)
		gone, now := refs[:10], refs[10]
		c.bank.before = func(_ context.Context, call, ref string) error {
			if call == "status" && slices.Contains(gone, ref) {
				return &payment.Error{Kind: payment.Misconfigured, Code: "merchant_changed", Message: "Another merchant's."}
			}
			return nil
		}
		c.bank.approve(now)
		c.advance(dueAt + 2*time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 11, Asked: 11, Failed: 10}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// gateways are two of a teller's: this order is opened through the second.
type gateways struct {
	*teller
	second string
}

func (g gateways) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	session, err := g.teller.Open(ctx, o)
	if o.RefForBank == g.second {
		session.Handle.Account.Gateway = "second"
	}
	return session, err
}

// One of a bank's gateways that a shop's settings have wrong, or that does not answer, keeps no payment of the other
// one waiting.
func TestAGatewayThatIsBrokenHoldsUpNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		last := inShard("demo", 11)[10]
		c.svc.Banks = banks{gateways{c.bank, last}}
		broken := c.openRow("demo", 11)[:10]
		c.deaf(broken...)
		c.bank.approve(last)
		c.advance(dueAt + 2*time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 11, Asked: 4, Failed: 3, Skipped: 7}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		c.is(last, 1, payment.Paid)
	})
}

// A shop's bank that fails three times in a row is left alone for the rest of the run; other shops go on, and the next
// run asks anew.
func TestSweepLeavesASilentBankAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		mute := c.openRow("demo", 10)
		other := c.openRow("other", 3)
		c.deaf(mute...)
		for _, ref := range other {
			c.bank.approve(ref)
		}
		c.advance(dueAt + 2*time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 13, Asked: 6, Failed: 3, Skipped: 7}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		for _, ref := range other {
			if p, err := c.reload(payment.ID{Order: payment.OrderKey("other", ref), Attempt: 1}); err != nil ||
				p.Status != payment.Paid {
				t.Errorf("%s is %s, %v", ref, p.Status, err)
			}
		}
		c.bank.before = nil
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 7, Asked: 7}); got != want {
			t.Errorf("the next run: %+v, want %+v", got, want)
		}
	})
}

// Only failures in a row count: an answer begins the count anew, and a payment that somebody else asked about a moment
// ago says nothing about the bank.
func TestSweepCountsFailuresInARow(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		refs := c.openRow("demo", 6)
		c.deaf(refs[0], refs[1], refs[3], refs[4])
		c.advance(dueAt + 2*time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 6, Asked: 6, Failed: 4}); got != want {
			t.Errorf("an answer between: %+v, want %+v", got, want)
		}
	})
	inBubble(t, func(t *testing.T, c *counter) {
		refs := c.openRow("demo", 5)
		c.advance(dueAt - 4*time.Second)
		if _, err := c.poll(t.Context(), c.stored(refs[2], 1)); err != nil {
			t.Fatal(err)
		}
		c.deaf(refs...)
		c.advance(4 * time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 5, Asked: 3, Failed: 3, Skipped: 1}); got != want {
			t.Errorf("a recent question between: %+v, want %+v", got, want)
		}
	})
}

// Nothing is begun that could not be finished: below eight seconds the run stops by itself, without an error. The first
// question shows whether the bank answers, and the others are put beside each other then.
func TestSweepStopsBeforeItsDeadline(t *testing.T) {
	for left, want := range map[time.Duration]int{7900 * time.Millisecond: 0, 8100 * time.Millisecond: 1,
		12 * time.Second: 1, 13 * time.Second: 5} {
		inBubble(t, func(t *testing.T, c *counter) {
			c.openRow("demo", 5)
			c.advance(dueAt + time.Second)
			c.bank.before = func(context.Context, string, string) error { c.advance(4500 * time.Millisecond); return nil }
			ctx := c.within(left)
			swept, err := c.svc.Sweep(ctx)
			if err != nil || ctx.Err() != nil || swept.Looked != want || swept.Failed != 0 {
				t.Errorf("with %s to go: %+v, %v; want %d looked at", left, swept, err, want)
			}
		})
	}
}

// One payment that makes us panic, and one that cannot be read, stop none of the others.
func TestSweepGoesOnBehindABrokenPayment(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		for i := range 50 {
			c.open(fmt.Sprintf("o%d", i))
			c.bank.approve(fmt.Sprintf("o%d", i))
		}
		poison, unreadable := c.stored("o7", 1).ID, c.stored("o31", 1).ID
		c.store.Before = func(op memory.Op, id payment.ID) error {
			switch {
			case op == memory.Load && id == poison:
				panic("poison")
			case op == memory.Load && id == unreadable:
				return &payment.Error{Kind: payment.Internal, Message: "a bound is exceeded"}
			}
			return nil
		}
		c.advance(dueAt + time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 50, Asked: 48, Failed: 2}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		for i := range 50 {
			want := payment.Paid
			if i == 7 || i == 31 {
				want = payment.Pending
			}
			c.is(fmt.Sprintf("o%d", i), 1, want)
		}
		for _, line := range []string{"payment_id=" + poison.String(), "poison", "payment_id=" + unreadable.String(),
			"a bound is exceeded"} {
			if !strings.Contains(c.logs.String(), line) {
				t.Errorf("the log does not tell of %s", line)
			}
		}
	})
}

// Nor does one end the run that there was no time for, when it is only looked at how long it waits.
func TestSweepMeasuresBehindABrokenPayment(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		poison := c.openRow("demo", 3)
		c.openRow("other", 1)
		c.store.Before = func(op memory.Op, id payment.ID) error {
			if op == memory.Load && id.Order == payment.OrderKey("demo", poison[0]) {
				panic("poison")
			}
			return nil
		}
		c.advance(dueAt + time.Minute)
		for _, left := range []time.Duration{7 * time.Second, time.Minute} {
			ctx, tally := metric.Begin(c.within(left))
			_, err := c.svc.Sweep(ctx)
			if err != nil || !strings.Contains(fmt.Sprint(tally.Attrs(time.Time{}, "t")), string(metric.SweepLag)) {
				t.Errorf("with %s to go: %v, %v", left, err, tally.Attrs(time.Time{}, "t"))
			}
		}
	})
}

// What nobody finished opening ends an hour later, and not before.
func TestSweepEndsWhatWasNeverOpened(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.bank.before = func(context.Context, string, string) error { return unavailable() }
		if _, err := c.svc.Initiate(t.Context(), order("A", 15000)); payment.KindOf(err) != payment.Unavailable {
			t.Fatal(err)
		}
		c.advance(59 * time.Minute)
		c.sweep()
		c.is("A", 1, payment.Created)
		c.advance(time.Minute)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if p := c.is("A", 1, payment.Expired); !p.DueAt.IsZero() {
			t.Errorf("it is due again at %s", p.DueAt)
		}
	})
}

// A process killed between "paid" and the look at the order's other attempts leaves that look to the sweep.
func TestSweepReadsTheSiblings(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		first := c.open("A")
		if _, err := c.svc.Cancel(t.Context(), first.ID, "demo", "shop:k1"); err != nil {
			t.Fatal(err)
		}
		second := c.open("A")
		c.bank.approve("A")
		c.bank.approve("A/2.1")
		c.advance(time.Minute)
		if _, err := c.callback(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Second)
		c.store.Before = func(op memory.Op, _ payment.ID) error {
			if op == memory.Attempts {
				panic(errCrash)
			}
			return nil
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = c.callback(t.Context(), first)
		}()
		c.store.Before = nil
		if p := c.is("A", 1, payment.Paid); !p.SiblingsDue || p.Overpaid {
			t.Fatalf("the crash came at another point: %+v", p)
		}
		c.advance(61 * time.Second)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if p := c.stored("A", 1); !p.Overpaid || p.SiblingsDue || c.stored("A", 2).Overpaid {
			t.Errorf("the later one is not known as overpaid: %+v", p)
		}
		// or nobody finds the order from the alarm
		for _, line := range []string{"an order is paid twice", "a payment was paid after it had ended"} {
			want := `msg="` + line + `" payment_id=` + first.ID.String() + " shop=demo order_ref=A"
			if got := strings.Count(c.logs.String(), want); got != 1 {
				t.Errorf("%q stands %d times in\n%s", want, got, c.logs)
			}
		}
	})
}

// A run is long: each payment's question is on record with its own time, not the run's.
func TestSweepReadsTheClockForEachPayment(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		refs := c.openRow("demo", 2)
		c.advance(dueAt + time.Second)
		began := time.Now()
		c.bank.before = func(context.Context, string, string) error { c.advance(6 * time.Second); return nil }
		c.sweep()
		for i, ref := range refs {
			if want := began.Add(time.Duration(i) * 6 * time.Second); !c.stored(ref,
				1).AskedAt.Equal(want.UTC().Truncate(time.Millisecond)) {
				t.Errorf("%s was asked at %s, want %s", ref, c.stored(ref, 1).AskedAt, want)
			}
		}
	})
}

// An amount that no bank can mean is no news: a poll answers with what is on record, the sweep counts a failure, and a
// day after the page's end a person is called.
func TestImpossibleReport(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.says("A", payment.Report{State: payment.BankApproved, Word: "APPROVED",
			Amount: payment.Money{Currency: payment.AZN}})
		c.advance(time.Minute)
		if got, err := c.poll(t.Context(), p); err != nil || got.Status != payment.Pending || got.Sequence != p.Sequence {
			t.Errorf("%s, %v", got.Status, err)
		}
		c.advance(dueAt)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 1, Asked: 1, Failed: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		c.advance(25 * time.Hour)
		c.sweep()
		if p := c.is("A", 1, payment.Pending); len(p.Reviews) != 1 || !p.InReview(payment.ReviewStatus) {
			t.Errorf("reviews %v", p.Reviews)
		}
	})
}

// A dead bank's list, however long, stands before nobody's: a neighbour whose payments became due last is looked after
// in the same run, and so is what the shop of the dead bank has to do without it.
func TestADeadBanksListHoldsUpNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		mute := c.openRow("demo", 1300)
		lapsing := c.openRow("demo-lapsing", 1)[0]
		neighbour := c.openRow("other", 1)[0]
		c.deaf(mute...)
		c.bank.approve(neighbour)
		c.advance(dueAt + time.Minute)
		p := c.at("demo-lapsing", lapsing)
		p.Shop, p.Status, p.Handle, p.DueAt = "demo", payment.Created, payment.Handle{}, time.Now().Add(-time.Second)
		p.OpeningAt, p.Lease = time.Now().Add(-2*time.Hour), time.Time{}
		c.seed(p)
		if got, want := c.sweep(), (checkout.SweepCounts{Looked: 1302, Asked: 4, Failed: 3, Skipped: 1297}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if p := c.at("other", neighbour); p.Status != payment.Paid {
			t.Errorf("the neighbour's payment is %s", p.Status)
		}
		if p := c.at("demo-lapsing", lapsing); p.Status != payment.Expired {
			t.Errorf("what lapses without the bank is %s", p.Status)
		}
	})
}

// A bank that hangs holds up one worker, and once; one that is merely slow, and a shop with very many payments, have
// their turns, and everybody else's come between.
func TestASlowBankAndAFloodHoldUpNobody(t *testing.T) {
	for name, c := range map[string]struct {
		answer time.Duration
		fails  bool
		most   time.Duration // until the neighbours are paid
	}{
		"hangs": {20 * time.Second, true, 2 * time.Second}, "slow": {15 * time.Second, false, 2 * time.Second},
		"flood": {10 * time.Millisecond, false, 2 * time.Second},
	} {
		inBubble(t, func(t *testing.T, w *counter) {
			many := w.openRow("demo", 300)
			few := w.openRow("other", 5)
			for _, ref := range few {
				w.bank.approve(ref)
			}
			w.advance(dueAt + time.Minute)
			began, last := time.Now(), time.Time{}
			w.bank.before = func(_ context.Context, _, ref string) error {
				if !slices.Contains(many, ref) {
					last = time.Now()
					return nil
				}
				if w.advance(c.answer); c.fails {
					return unavailable()
				}
				return nil
			}
			got := w.sweep()
			for _, ref := range few {
				if p := w.at("other", ref); p.Status != payment.Paid {
					t.Errorf("%s: %s is %s", name, ref, p.Status)
				}
			}
			if last.Sub(began) > c.most {
				t.Errorf("%s: the neighbour was asked about after %s", name, last.Sub(began))
			}
			if c.fails && got.Asked != 6 {
				t.Errorf("%s: %+v", name, got)
			}
		})
	}
}

// at reads a shop's payment.
func (c *counter) at(shop, ref string) payment.Payment {
	c.t.Helper()
	p, err := c.reload(payment.ID{Order: payment.OrderKey(shop, ref), Attempt: 1})
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// TestTheSweepFindsWhatTheDeskGaveBack on the morning after, where the shop has recheck_paid, and asks no more.
func TestTheSweepFindsWhatTheDeskGaveBack(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		o := order("1", 15000)
		o.Recheck = true
		opened, err := c.svc.Initiate(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		c.bank.approve("1")
		if _, err := c.callback(t.Context(), opened.Payment); err != nil {
			t.Fatal(err)
		}
		c.is("1", 1, payment.Paid)
		c.bank.says("1", payment.Report{State: payment.BankRefunded, Word: "REFUNDED", Refunded: payment.Said(2000)})
		asked := 0
		for range 60 { // hours
			c.advance(time.Hour)
			asked += c.sweep().Asked
		}
		p := c.is("1", 1, payment.PartiallyRefunded)
		if asked != 1 || p.Refunded != 2000 || p.Refunds[0].Origin != payment.OriginBank {
			t.Errorf("asked %d times; %+v", asked, p.Refunds)
		}
	})
}
