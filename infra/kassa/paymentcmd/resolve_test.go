package paymentcmd

import (
	"testing"

	"kassa/shared/payment"
)

// TestAPartOfARefund: what the bank gave back of a refund goes to the payment with the refund's name.
func TestAPartOfARefund(t *testing.T) {
	e, err := resolveFlags{how: "refund-done", refund: "rf_one", amount: "5.00", reason: "the bank's desk",
		as: "aysel"}.event()
	if want := (payment.Ruling{How: payment.ResolveRefundDone, Refund: "rf_one", Amount: 500,
		By: payment.ByOperator("aysel"), Why: "the bank's desk"}); err != nil || e != want {
		t.Errorf("%+v, %v", e, err)
	}
	p := payment.Payment{Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		Refunds: []payment.Refund{{ID: "rf_one", Amount: 2000, Status: payment.RefundUnknown}}}
	if err := named(e, p); err != nil {
		t.Error(err)
	}
}
