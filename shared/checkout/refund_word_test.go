package checkout_test

import (
	"context"
	"testing"
	"time"

	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// TestADeskRefundThatTheWordAloneConfirms: the bank signs how much went back, and its status answer says REFUNDED
// without a figure. Nothing is unknown then: nobody is called, and the shop can go on giving back.
func TestADeskRefundThatTheWordAloneConfirms(t *testing.T) {
	for name, amount := range map[string]int64{"a part": 5000, "the whole": 12000} {
		b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Totals, s.PartialWord = "off", "REFUNDED" }, nil)
		b.open()
		b.must(b.sim.Approve(b.session()))
		b.advance(time.Minute)
		b.must(b.sim.DeskRefund(b.session(), amount))
		p := b.read()
		if p.Refunded != amount || len(p.Reviews) != 0 || count(p, "review:refund") != 0 {
			t.Errorf("%s: refunded %d, reviews %v, %+v", name, p.Refunded, p.Reviews, p.History)
		}
	}
}

// TestARefundedPaymentThatWasNeverSeenPaid: the same where the approval's message never came.
func TestARefundedPaymentThatWasNeverSeenPaid(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Totals, s.Callback = "off", "drop" }, nil)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.set(func(s *kartapokupoksim.Settings) { s.Callback = "" })
	b.must(b.sim.DeskRefund(b.session(), 12000))
	b.stands("given back", payment.Refunded, false)
}

// TestTheWordAloneStaysAPersons: where nobody says how much went back, a person must look.
func TestTheWordAloneStaysAPersons(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) {
		s.Totals, s.PartialWord, s.CallbackOmit = "off", "REFUNDED", []string{"refunded_amount"}
	}, nil)
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.advance(time.Minute)
	b.must(b.sim.DeskRefund(b.session(), 5000))
	b.stands("how much is not said", payment.Paid, false, payment.ReviewRefund)
}

// TestATotalThatIsSignedAfterTheWord: the bank's answer says REFUNDED before its message arrives. A person is called,
// and the message then says what was not known.
func TestATotalThatIsSignedAfterTheWord(t *testing.T) {
	for name, amount := range map[string]int64{"a part": 5000, "the whole": 12000} {
		b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Totals, s.PartialWord = "off", "REFUNDED" }, nil)
		b.open()
		b.must(b.sim.Approve(b.session()))
		b.set(func(s *kartapokupoksim.Settings) { s.Callback = "hold" })
		b.must(b.sim.DeskRefund(b.session(), amount))
		if _, err := b.refund("k1", 1000); payment.KindOf(err) == payment.Internal {
			t.Fatal(err)
		}
		b.stands(name+", nobody says how much", payment.Paid, false, payment.ReviewRefund)
		b.advance(time.Minute)
		_, err := b.sim.Deliver(context.Background(), b.session(), false)
		b.must(err)
		if p := b.read(); p.Refunded != amount || len(p.Reviews) != 0 {
			t.Errorf("%s: refunded %d, reviews %v, %+v", name, p.Refunded, p.Reviews, p.History)
		}
	}
}

// TestAWholeRefundThatTheWordConfirms: a bank that gives nothing back in parts signs REFUNDED and answers REFUNDED,
// both without a figure and both about the whole. The refund whose answer was lost is done.
func TestAWholeRefundThatTheWordConfirms(t *testing.T) {
	whole := map[string]any{"refund": map[string]any{"partial": false}}
	for name, omit := range map[string][]string{"with a total": nil, "without": {"refunded_amount"},
		"the brief's fields": {"refund_id", "refunded_amount", "amount", "currency", "order_ref"}} {
		b := newPartner(t, func(s *kartapokupoksim.Settings) {
			s.Totals, s.NoPartial, s.Callback, s.CallbackOmit = "off", true, "hold", omit
		}, whole)
		b.open()
		b.must(b.sim.Approve(b.session()))
		_, err := b.sim.Deliver(context.Background(), b.session(), false)
		b.must(err)
		b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "cut_after", Count: 1}))
		r, err := b.refund("k1", 0)
		b.must(err)
		if r.Refund.Status != payment.RefundUnknown {
			t.Fatalf("%s: %+v", name, r.Refund)
		}
		b.advance(time.Minute)
		_, err = b.sim.Deliver(context.Background(), b.session(), false)
		b.must(err)
		b.stands(name, payment.Refunded, false)
		if p := b.read(); p.InFlight() != nil || count(p, "review:refund") != 0 {
			t.Errorf("%s: %+v", name, p.History)
		}
	}
}

// TestAWholeRefundThatTheStatusAloneShows: the same where the message never comes.
func TestAWholeRefundThatTheStatusAloneShows(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.Totals, s.NoPartial, s.RefundCallback = "off", true, "off" },
		map[string]any{"refund": map[string]any{"partial": false}})
	b.open()
	b.must(b.sim.Approve(b.session()))
	b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: "cut_after", Count: 1}))
	_, err := b.refund("k1", 0)
	b.must(err)
	b.advance(20 * time.Minute)
	b.sweep()
	b.stands("the word is all that is told", payment.Refunded, false)
	if p := b.read(); p.InFlight() != nil || count(p, "review:refund") != 0 {
		t.Errorf("%+v", p.History)
	}
}
