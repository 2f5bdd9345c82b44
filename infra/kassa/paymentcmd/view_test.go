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
