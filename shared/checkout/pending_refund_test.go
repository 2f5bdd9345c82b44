package checkout_test

import (
	"context"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// postponing is a bank that answers a refund with its id, and does not call it done.
type postponing struct{ bank.Bank }

func (b postponing) Refund(ctx context.Context, r bank.Refund) (string, error) {
	id, err := b.Bank.Refund(ctx, r)
	if err == nil {
		err = &payment.Error{Kind: payment.Uncertain, Message: "its status says that the refund is still to be done"}
	}
	return id, err
}

// TestARefundThatTheBankDoesLater: it signs by the id that it gave before, and by nothing else, that the refund is
// done. Nobody is called for it, and the next refund can be made.
func TestARefundThatTheBankDoesLater(t *testing.T) {
	for name, settings := range map[string]map[string]any{"by the signature alone": noStatusCall, "re-read": nil} {
		b := newPartner(t, func(s *kartapokupoksim.Settings) {
			s.CallbackOmit, s.RefundCallback, s.Totals = []string{"refunded_amount"}, "off", "off"
		}, settings)
		b.open()
		b.must(b.sim.Approve(b.session()))
		honest := b.svc.Banks.(instalmentBank).only
		b.svc.Banks = instalmentBank{postponing{honest}}
		r, err := b.refund("k1", 5000)
		b.must(err)
		if r.Refund.Status != payment.RefundUnknown || r.Refund.BankRefundID == "" {
			t.Fatalf("%s: %+v", name, r.Refund)
		}
		b.advance(time.Minute)
		_, err = b.sim.Callback(context.Background(), b.session(),
			kartapokupoksim.Message{Status: "REFUNDED", RefundID: r.Refund.BankRefundID})
		b.must(err)
		b.stands(name, payment.PartiallyRefunded, false)
		if p := b.read(); p.Refunded != 5000 || p.InFlight() != nil || count(p, "review:refund") != 0 {
			t.Errorf("%s: refunded %d, %+v", name, p.Refunded, p.History)
		}
	}
}
