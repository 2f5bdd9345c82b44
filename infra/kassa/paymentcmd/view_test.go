package paymentcmd

import (
	"bytes"
	"strings"
	"testing"

	"kassa/shared/api"
	"kassa/shared/payment"
)

// TestWhyTheBankRefusedIsShown: also where only the customer's browser brought the bank's code, and the history has none.
func TestWhyTheBankRefusedIsShown(t *testing.T) {
	p := payment.Payment{Status: payment.Declined, Decline: payment.Decline{Code: "051", Hint: payment.HintExpired},
		History: []payment.Entry{{Sequence: 1, What: "created"}, {Sequence: 2, What: "declined"}}}
	var shown bytes.Buffer
	people(&shown, p)
	if !strings.Contains(shown.String(), "expired_card") || !strings.Contains(shown.String(), "051") {
		t.Errorf("%s", shown.String())
	}
	history := historyOf(view{PaymentView: api.ViewPayment(p, nil, p.CreatedAt)})
	if history[0].Code != nil || history[1].Code == nil || *history[1].Code != "051" {
		t.Errorf("%+v", history)
	}
}
