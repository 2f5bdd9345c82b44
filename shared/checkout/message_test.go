package checkout_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/metric"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// unfinished lets the opening of order A fail, and gives what is on record.
func (c *counter) unfinished(kind payment.Kind) payment.Payment {
	c.t.Helper()
	c.opens(kind)
	if _, err := c.svc.Initiate(c.t.Context(), order("A", 15000)); err == nil {
		c.t.Fatal("it is opened")
	}
	c.bank.before = nil
	return c.stored("A", 1)
}

func broken(kind payment.Kind) error { return &payment.Error{Kind: kind, Message: "So it is."} }

// A message that proves nothing is a reason to ask, where there is something to learn. What is told then decides
// whether the bank's server calls again; a browser is sent back to its shop in any case.
func TestAMessageThatProvesNothing(t *testing.T) {
	open := func(c *counter) payment.Payment { return c.open("A") }
	paid := func(c *counter) payment.Payment { return c.paid("A") }
	lost := func(c *counter) payment.Payment { return c.unfinished(payment.Uncertain) }
	refused := func(c *counter) payment.Payment { return c.unfinished(payment.Refused) }
	for name, m := range map[string]struct {
		before func(c *counter) payment.Payment
		unread error
		banks  checkout.Banks // if not the counter's
		kind   payment.Kind   // Internal for no error
		code   string
		asked  int
	}{
		"open":                               {open, nil, nil, payment.Internal, "", 1},
		"open, not to be read":               {open, broken(payment.Malformed), nil, payment.Internal, "", 1},
		"open, the keys are wrong":           {open, broken(payment.Misconfigured), nil, payment.Internal, "", 1},
		"open, forged":                       {open, broken(payment.Forged), nil, payment.Forged, "", 0},
		"open, its bank is gone":             {open, nil, noBanks{}, payment.Misconfigured, "", 0},
		"paid":                               {paid, nil, nil, payment.Internal, "", 0},
		"paid, not to be read":               {paid, broken(payment.Malformed), nil, payment.Internal, "", 0},
		"paid, the keys are wrong":           {paid, broken(payment.Misconfigured), nil, payment.Misconfigured, "", 0},
		"paid, its bank is gone":             {paid, nil, noBanks{}, payment.Misconfigured, "", 0},
		"paid, its settings are broken":      {paid, nil, brokenBanks{}, payment.Misconfigured, "", 0},
		"not opened yet":                     {lost, nil, nil, payment.Unavailable, "not_opened_yet", 0},
		"never opened, since it was refused": {refused, nil, nil, payment.Internal, "", 0},
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := m.before(c)
			c.advance(time.Minute)
			s := c.speaks(bank.Reading{Handle: p.Handle}, m.unread)
			if m.banks != nil {
				c.svc.Banks = m.banks
			}
			asked := c.questions()
			got, err := c.callback(c.within(29*time.Second), p)
			if (err != nil) != (m.kind != payment.Internal) || payment.KindOf(err) != m.kind ||
				payment.CodeOf(err) != m.code || got.ID != p.ID || len(*asked) != m.asked {
				t.Errorf("%s: %q, %v, asked %d times", name, got.ID, err, len(*asked))
			}
			if m.banks == nil && (s.came.Handle != p.Handle || !s.came.Now.Equal(time.Now())) {
				t.Errorf("%s: the bank reads it as about %v, at %s", name, s.came.Handle, s.came.Now)
			}
			if e, ok := errors.AsType[*payment.Error](err); m.code != "" && (!ok || e.RetryAfter != 5*time.Second) {
				t.Errorf("%s: when to repeat it is told by %v", name, err)
			}
		})
	}
}

// What the bank has signed is asked about once, and only where it is news.
func TestASignedMessageIsAskedAboutOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.advance(time.Minute)
		idle := rechecked(p)
		idle.Report = payment.Report{State: payment.BankOpen, Word: "CREATED"}
		c.speaks(idle, nil)
		asked := c.questions()
		if got, err := c.callback(t.Context(), p); err != nil || got.ID != p.ID || len(*asked) != 0 {
			t.Errorf("no news: %v, asked %d times", err, len(*asked))
		}
		c.speaks(rechecked(p), nil)
		c.bank.approve("A")
		c.once(memory.Save, 1, func() { _, _ = c.poll(t.Context(), p) })
		got, err := c.callback(t.Context(), p)
		if err != nil || got.ID != p.ID || got.Status != payment.Paid || len(*asked) != 1 {
			t.Errorf("another was faster: %s, %v, asked %d times", got.Status, err, len(*asked))
		}
	})
	inBubble(t, func(t *testing.T, c *counter) { // before its opening is saved
		p := c.unfinished(payment.Uncertain)
		early := rechecked(p)
		early.Handle.OrderID = "1"
		c.speaks(early, nil)
		asked := c.questions()
		got, err := c.callback(t.Context(), p)
		if err != nil || len(got.Notices) != 1 || len(c.stored("A", 1).Notices) != 1 || len(*asked) != 0 {
			t.Errorf("too early: kept %v, %v, asked %d times", got.Notices, err, len(*asked))
		}
	})
}

// A signed message that cannot be kept is not acknowledged, so that the bank calls again. The history has no room left
// here, which only a hand in the table brings about.
func TestASignedMessageThatCannotBeKeptIsNotAcknowledged(t *testing.T) {
	for _, recheck := range []bool{true, false} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.advance(time.Minute)
			for len(p.History) < payment.MaxHistory {
				p.History = append(p.History, payment.Entry{Sequence: int64(len(p.History)) + 1, At: p.CreatedAt, What: "note",
					By: "kassa"})
			}
			p.Sequence = payment.MaxHistory
			c.seed(p)
			other := signed(p)
			other.Recheck, other.Handle.OrderID = recheck, "another's"
			c.speaks(other, nil)
			asked := c.questions()
			got, err := c.callback(t.Context(), p)
			if err == nil || payment.KindOf(err) != payment.Internal || got.ID != p.ID || len(*asked) != 0 {
				t.Errorf("to be asked about %t: %v, asked %d times", recheck, err, len(*asked))
			}
		})
	}
}

// Whoever reads the log finds each message under its payment, with what it claims and loud enough, and no card number;
// the alarm counts what nobody understands.
func TestWhatTheLogSaysOfAMessage(t *testing.T) {
	const card = "4111 1111 1111 1111" // Visa's published test number
	claim := func(r *bank.Reading) { r.Proven = false }
	for name, m := range map[string]struct {
		change  func(r *bank.Reading)
		unread  error
		line    string
		unclear int64
	}{
		"a claim": {claim, nil, `level=INFO msg="a callback came"`, 0},
		"of another's": {func(r *bank.Reading) { r.Proven, r.Handle.OrderID = false, "99" }, nil,
			`level=WARN msg="a callback names another order or session than ours`, 0},
		"not to be read": {claim, broken(payment.Malformed), `level=WARN msg="a callback that cannot be read`, 0},
		"the keys are wrong": {claim, broken(payment.Misconfigured),
			`level=ERROR msg="a callback that cannot be proven`, 0},
		"signed": {func(*bank.Reading) {}, nil, `level=INFO msg="a signed callback came"`, 0},
		"signed, not understood": {func(r *bank.Reading) { r.Unclear = "no currency" }, nil,
			`level=ERROR msg="the bank has signed a message that cannot be understood`, 1},
		"signed, an unknown word": {func(r *bank.Reading) { r.Report.State = payment.BankUnknown }, nil,
			`level=ERROR msg="the bank has signed a status that decides nothing`, 1},
	} {
		inBubble(t, func(t *testing.T, c *counter) {
			p := c.open("A")
			c.advance(time.Minute)
			reading := signed(p)
			reading.Claims = []bank.Claim{{Name: "word", Value: "FINE"}, {Name: "order", Value: card},
				{Name: "session", Value: "S1"}}
			m.change(&reading)
			c.speaks(reading, m.unread)
			ctx, tally := metric.Begin(t.Context())
			if _, err := c.callback(ctx, p); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			line := ""
			for l := range strings.Lines(c.logs.String()) {
				if strings.Contains(l, m.line) {
					line = l
				}
			}
			for _, word := range []string{"payment_id=" + p.ID.String(), "bank=kapital", "claimed_word=FINE",
				"claimed_session=S1", `claimed_order="(looks like a card number)"`} {
				if !strings.Contains(line, word) {
					t.Errorf("%s: no %s in %q of\n%s", name, word, line, c.logs)
				}
			}
			if strings.Contains(c.logs.String(), "1111 1111") || strings.Count(c.logs.String(), "claimed_word") != 1 {
				t.Errorf("%s: %s", name, c.logs)
			}
			if got := figures(t, tally)[metric.BankUnclear]; got != m.unclear {
				t.Errorf("%s is counted %d times", name, got)
			}
		})
	}
}

// fewer is a list of what shops have not taken that is a moment old.
type fewer []payment.ID

func (f fewer) Undelivered(context.Context, string, string, int) ([]payment.ID, string, error) {
	return f, "more", nil
}

// Of the list, a shop sees what is its own and still waits: a moment later it may have been taken.
func TestOnlyWhatWaitsIsUndelivered(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		waits, taken, other := c.open("A"), c.open("B"), c.open("C")
		for _, p := range []payment.Payment{waits, taken, other} {
			state := delivery.Dead
			if p.ID == taken.ID {
				state = delivery.Delivered
			}
			if p.ID == other.ID {
				p.Shop = "another"
			}
			p.Deliveries = []delivery.Delivery{{Sequence: 2, State: state, At: time.Now().UTC()}}
			c.seed(p)
		}
		c.svc.Undeliveries = fewer{taken.ID, other.ID, waits.ID}
		found, next, err := c.svc.Undelivered(t.Context(), "demo", "", 10)
		ids := slices.Collect(func(yield func(payment.ID) bool) {
			for _, p := range found {
				yield(p.ID)
			}
		})
		if err != nil || next != "more" || !slices.Equal(ids, []payment.ID{waits.ID}) {
			t.Errorf("%v, then %q, %v", ids, next, err)
		}
	})
}
