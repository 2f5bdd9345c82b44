package paymentcmd

import (
	"strings"
	"testing"

	"kassa/shared/payment"
)

// TestARefusalIsExplained: the bank's code and what it means stand where the alarm's page sends people, and stand there
// once.
func TestARefusalIsExplained(t *testing.T) {
	var out strings.Builder
	p := payment.Payment{Status: payment.Declined, Amount: payment.Money{Minor: 100, Currency: payment.AZN}}
	p.Decline.Code, p.Decline.Hint = "054", payment.HintExpired
	writeRows(&out, p)
	told := strings.Join(strings.Fields(out.String()), " ")
	if !strings.Contains(told, "declined expired card the bank's code is 054") || strings.Count(told, "054") != 1 {
		t.Error(out.String())
	}
	out.Reset()
	p.Status = payment.Paid
	if writeRows(&out, p); strings.Contains(out.String(), "054") {
		t.Errorf("a payment that was paid after all: %s", out.String())
	}
}

// TestTheReceiptIsTold as far as the bank has told it, beside what the payment is.
func TestTheReceiptIsTold(t *testing.T) {
	var out strings.Builder
	p := payment.Payment{Status: payment.Paid, Amount: payment.Money{Minor: 100, Currency: payment.AZN}}
	if writeRows(&out, p); strings.Contains(out.String(), "card") || strings.Contains(out.String(), "rrn") {
		t.Error(out.String())
	}
	p.Receipt = payment.NewReceipt("047347", "614012345678", "4169741330151778", "VISA")
	writeRows(&out, p)
	told := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"card 416974******1778 Visa", "approval code 047347", "rrn 614012345678"} {
		if !strings.Contains(told, want) {
			t.Errorf("%s holds no %q", told, want)
		}
	}
}
