package checkout_test

import (
	"context"
	"testing"
	"time"

	"kassa/shared/checkout/people"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// TestARefusalOfASecondCopyIsNoEnd: a line sends our request twice, the bank carries out the first copy and refuses the
// second, and it has no status question. Nothing is sent again under that key, the shop hears that it is under way, and
// the bank's signed word or a person ends it either way.
func TestARefusalOfASecondCopyIsNoEnd(t *testing.T) {
	ruled := func(how payment.RulingKind) func(*partner) {
		return func(b *partner) {
			p := b.read()
			_, err := people.Operator{Store: b.store, Now: b.now}.Resolve(context.Background(), p.ID,
				payment.Ruling{How: how, Refund: p.InFlight().ID, By: payment.ByOperator("ada"), Why: "says the bank"})
			b.must(err)
		}
	}
	for name, c := range map[string]struct {
		fault  string
		end    func(*partner)
		status payment.RefundStatus
		given  int64 // by the bank, when the key was repeated after the end
	}{
		"the bank signs it": {"http_409_after", func(b *partner) {
			_, err := b.sim.Callback(context.Background(), b.session(),
				kartapokupoksim.Message{Status: "REFUNDED", Refunded: 5000})
			b.must(err)
		}, payment.RefundSucceeded, 5000},
		"a person: done":     {"http_409_after", ruled(payment.ResolveRefundDone), payment.RefundSucceeded, 5000},
		"a person: not done": {"http_409", ruled(payment.ResolveRefundNotDone), payment.RefundSucceeded, 5000},
	} {
		b := newPartner(t, nil, noStatusCall)
		b.open()
		b.must(b.sim.Approve(b.session()))
		b.set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" })
		b.must(b.sim.Faults(kartapokupoksim.Fault{Operation: "refund", Kind: c.fault, Count: 1}))
		for i := range 3 {
			got, err := b.refund("k1", 5000)
			if err != nil || got.Refund.Status != payment.RefundUnknown || got.Replayed != (i > 0) {
				t.Fatalf("%s, %d: %s, %v", name, i, got.Refund.Status, err)
			}
			b.advance(20 * time.Minute)
			b.sweep()
		}
		if p := b.read(); !p.InReview(payment.ReviewRefund) || p.Reserved() != 5000 {
			t.Errorf("%s: reviews %v, %d held", name, p.Reviews, p.Reserved())
		}
		c.end(b)
		got, err := b.refund("k1", 5000)
		if given := b.sim.Ledger().Totals.Refunded; err != nil || got.Refund.Status != c.status || given != c.given {
			t.Errorf("%s, repeated: %s, %v, the bank gave %d", name, got.Refund.Status, err, given)
		}
		if p := b.read(); p.Refunded != c.given || len(p.Reviews) != 0 || p.InFlight() != nil {
			t.Errorf("%s: refunded %d, reviews %v", name, p.Refunded, p.Reviews)
		}
	}
}
