package checkout_test

import (
	"context"
	"testing"
	"time"

	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// A notice can prove that a refund was done, never that it was not: an old message about another refund, heard twice,
// does not fail the one in flight, and nothing is sent to the bank a second time.
func TestAnOldRefundNoticeFailsNothing(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.CallbackOmit = []string{"refund_id"} }, noStatusCall)
	b.open()
	b.must(b.sim.Approve(b.session()))
	_, err := b.refund("k1", 1000)
	b.must(err)
	b.set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" })
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "cut_after", Count: 1}))
	_, err = b.refund("k2", 5000)
	b.must(err)
	b.set(func(s *kartapokupoksim.Settings) { s.Callback = "" })
	for range 5 {
		b.advance(20 * time.Minute)
		_, err := b.sim.Callback(context.Background(), b.session(),
			kartapokupoksim.Message{Status: "REFUNDED", Refunded: 1000})
		b.must(err)
		b.sweep()
		_, err = b.refund("k2", 5000)
		b.must(err)
	}
	if p, l := b.read(), b.sim.Ledger().Totals.Refunded; l != 6000 || p.Refunded != 1000 || p.Reserved() != 5000 ||
		!p.InReview(payment.ReviewRefund) {
		t.Errorf("the bank gave back %d, we say %d and hold %d, reviews %v", l, p.Refunded, p.Reserved(), p.Reviews)
	}
	_, err = b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "REFUNDED", Refunded: 6000})
	b.must(err)
	b.stands("the total proves it", payment.PartiallyRefunded, false)
	if p := b.read(); p.Refunded != 6000 || p.InFlight() != nil {
		t.Errorf("refunded %d, in flight %v", p.Refunded, p.InFlight())
	}
}

// The desk gives back while our refund is lost without effect: its message is not taken for ours.
func TestTheDesksMessageIsNotOurs(t *testing.T) {
	b := newPartner(t, nil, noStatusCall)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.must(b.sim.DeskRefund(b.session(), 500))
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "refuse_connection", Count: 1}))
	_, err := b.refund("k1", 5000)
	b.must(err)
	_, err = b.sim.Replay(context.Background(), b.session())
	b.must(err)
	if p := b.read(); p.Refunded != 500 || p.Reserved() != 5000 {
		t.Errorf("a replayed message of the desk: refunded %d, held %d", p.Refunded, p.Reserved())
	}
	b.must(b.sim.DeskRefund(b.session(), 2000))
	b.advance(20 * time.Minute) // until then our own asker may have more to say
	b.sweep()
	if p := b.read(); p.Refunded != 500 || p.Reserved() != 5000 || !p.InReview(payment.ReviewRefund) {
		t.Errorf("another refund of the desk: refunded %d, held %d, reviews %v", p.Refunded, p.Reserved(), p.Reviews)
	}
}

// A signed approval of a session that never became ours, and a payment that has ended without one: a human must look,
// and nothing waits for ever.
func TestApprovalOfAnOpeningThatFailed(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "early_paid" }, nil)
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "create", Kind: "cut_after", Count: 1}))
	o := b.order()
	if _, err := b.svc.Initiate(context.Background(), o); err == nil {
		t.Fatal("the answer was to be lost")
	}
	_, err := b.svc.Cancel(context.Background(), b.read().ID, "demo", "shop:k1")
	b.must(err)
	b.stands("cancelled, and the bank has paid", payment.Cancelled, false, payment.ReviewSession)
	if p := b.read(); !p.DueAt.IsZero() && payment.Due(p, b.now().Add(48*time.Hour)) == payment.AskBank {
		t.Errorf("due %v though there is nothing to ask", p.DueAt)
	}
	if _, err := b.svc.Initiate(context.Background(), o); payment.CodeOf(err) != "order_under_review" {
		t.Errorf("the order is opened again: %v", err)
	}
}

// A rejection that the bank confirms is not held up by a pending notice that came before.
func TestPendingIsNoNews(t *testing.T) {
	b := newPartner(t, nil, nil)
	b.open()
	_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "PENDING"})
	b.must(err)
	b.advance(time.Minute)
	b.must(b.sim.Reject(b.session()))
	b.stands("rejected", payment.Declined, false)
}

// A status call that lags behind does not swallow what the desk gave back.
func TestALaggingTotalKeepsTheNotice(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "drop" }, nil)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.advance(2 * time.Minute)
	b.sweep()
	b.stands("paid", payment.Paid, false)
	b.advance(2 * time.Minute)
	_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "REFUNDED", Refunded: 3000,
		RefundID: "rf-desk"})
	b.must(err)
	if p := b.read(); len(p.Notices) != 1 || p.DueAt.IsZero() {
		t.Fatalf("notices %v, due %v", p.Notices, p.DueAt)
	}
	b.must(b.sim.DeskRefund(b.session(), 3000))
	b.advance(2 * time.Minute)
	b.sweep()
	if p := b.read(); p.Refunded != 3000 || len(p.Notices) != 0 {
		t.Errorf("refunded %d, notices %v", p.Refunded, p.Notices)
	}
}

// A message about the bank's desk that names its refund and no total: nobody can tell whose it was, so a human must
// look.
func TestANamedRefundWithoutATotalIsReviewed(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.CallbackOmit = []string{"refunded_amount"} }, noStatusCall)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "refuse_connection", Count: 1}))
	_, err := b.refund("k1", 5000)
	b.must(err)
	b.must(b.sim.DeskRefund(b.session(), 2000))
	b.advance(20 * time.Minute)
	b.sweep()
	if p := b.read(); !p.InReview(payment.ReviewRefund) {
		t.Errorf("refunded %d, held %d, reviews %v", p.Refunded, p.Reserved(), p.Reviews)
	}
}

// While a message of the desk's waits for a status call that lags, no refund is begun: it could not be told from the
// desk's.
func TestNoRefundBesideAnUnsettledNotice(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Callback = "drop" }, nil)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.advance(2 * time.Minute)
	b.sweep()
	b.advance(2 * time.Minute)
	_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "REFUNDED", Refunded: 3000,
		RefundID: "rf-desk"})
	b.must(err)
	if _, err := b.refund("k1", 3000); payment.CodeOf(err) != "refund_in_progress" {
		t.Errorf("%v", err)
	}
	b.must(b.sim.DeskRefund(b.session(), 3000))
	b.advance(2 * time.Minute)
	b.sweep()
	_, err = b.refund("k1", 3000)
	b.must(err)
	if p, l := b.read(), b.sim.Ledger().Totals.Refunded; p.Refunded != 6000 || l != 6000 {
		t.Errorf("we say %d, the bank %d", p.Refunded, l)
	}
}

// A total counts beside whatever word is signed: the desk's own message was lost, and the next one, about the order,
// tells of it.
func TestASignedApprovalTellsOfTheDesk(t *testing.T) {
	for name, settings := range map[string]map[string]any{"by the signature alone": noStatusCall, "re-read": nil} {
		b := newPartner(t, nil, settings)
		b.open()
		b.must(b.sim.Approve(b.session()))
		b.stands(name, payment.Paid, false)
		b.set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" })
		b.must(b.sim.DeskRefund(b.session(), 3000))
		b.advance(time.Minute)
		_, err := b.sim.Callback(context.Background(), b.session(),
			kartapokupoksim.Message{Status: "APPROVED", Refunded: 3000})
		b.must(err)
		b.stands(name+", told of the desk", payment.PartiallyRefunded, false)
		_, err = b.refund("k1", 0)
		b.must(err)
		if p, l := b.read(), b.sim.Ledger().Totals.Refunded; p.Status != payment.Refunded || p.Refunded != l {
			t.Errorf("%s: %s, we say %d, the bank %d", name, p.Status, p.Refunded, l)
		}
	}
}

// Of a refund in another currency, or in none that can be read, nobody knows how much went back: nothing is sent until
// a person has looked.
func TestASignedRefundInNoCurrencyOfOursStopsRefunds(t *testing.T) {
	for name, settings := range map[string]map[string]any{"by the signature alone": noStatusCall, "re-read": nil} {
		for _, currency := range []string{"RUB", "rubles"} {
			b := newPartner(t, nil, settings)
			b.open()
			b.must(b.sim.Approve(b.session()))
			b.set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" })
			b.advance(time.Minute)
			_, err := b.sim.Callback(context.Background(), b.session(),
				kartapokupoksim.Message{Status: "REFUNDED", Currency: currency, Refunded: 3000})
			b.must(err)
			b.advance(time.Minute)
			result, err := b.refund("k1", 5000)
			if payment.KindOf(err) != payment.Standing || b.sim.Ledger().Totals.Refunded != 0 || len(b.read().Reviews) == 0 {
				t.Errorf("%s, %s: %+v, %v, reviews %v", name, currency, result.Refund, err, b.read().Reviews)
			}
		}
	}
}

// The message of a desk refund that comes after a refund of ours names one that is on nobody's record, and a total that
// is older than ours, be it as much: it proves that more went back than we know, also where no status answer has a
// total.
func TestADelayedMessageOfTheDesksIsHeard(t *testing.T) {
	for name, c := range map[string]struct {
		totals   string
		settings map[string]any
		desk     int64
		back     int64
		reviews  []payment.Review
	}{
		"no status call":              {"", noStatusCall, 2000, 4000, []payment.Review{payment.ReviewRefund}},
		"a word alone":                {"off", nil, 2000, 4000, []payment.Review{payment.ReviewRefund}},
		"the bank's own total":        {"amount", nil, 2000, 6000, nil},
		"as much, no status call":     {"", noStatusCall, 4000, 4000, []payment.Review{payment.ReviewRefund}},
		"as much, the bank's own one": {"amount", nil, 4000, 8000, nil},
	} {
		b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Totals, s.RefundCallback = c.totals, "desk" }, c.settings)
		b.open()
		b.must(b.sim.Approve(b.session()))
		b.set(func(s *kartapokupoksim.Settings) { s.Callback = "hold" })
		b.must(b.sim.DeskRefund(b.session(), c.desk))
		b.advance(time.Hour)
		_, err := b.refund("k1", 4000)
		b.must(err)
		b.advance(time.Hour)
		for range 2 { // banks repeat themselves
			_, err = b.sim.Deliver(context.Background(), b.session(), false)
			b.must(err)
			b.advance(time.Minute)
			b.sweep()
		}
		b.stands(name, payment.PartiallyRefunded, false, c.reviews...)
		if p := b.read(); p.Refunded != c.back || len(p.Notices) != 0 {
			t.Errorf("%s: refunded %d, notices %v", name, p.Refunded, p.Notices)
		}
		if _, err := b.refund("k2", 1000); (err == nil) != (c.reviews == nil) {
			t.Errorf("%s: another refund: %v", name, err)
		}
	}
}
