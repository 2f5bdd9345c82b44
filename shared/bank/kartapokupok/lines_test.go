package kartapokupok

import (
	"fmt"
	"strings"
	"testing"

	"kassa/shared/payment"
)

// TestAllLinesOfAnOrderMayComeBack: a bank may repeat the whole order, its texts escaped, in whatever it says.
func TestAllLinesOfAnOrderMayComeBack(t *testing.T) {
	line := fmt.Sprintf(`{"name":"%s","sku":"%s","quantity":1,"price":1.00}`, strings.Repeat(`\u0447`, longestName),
		strings.Repeat(`\u0447`, longestSKU))
	order := `"session_id":"S-7f3a","payment_url":"https://pay.bank.test/x","status":"APPROVED","items":[` +
		strings.Repeat(line+",", mostItems-1) + line + `]`
	x := tell(t, map[string][]reply{createPath: {{200, "{" + order + "}"}}, statusPath: {{200, "{" + order + "}"}}}, nil)
	if session, err := x.Open(t.Context(), someOrder()); err != nil || session.Handle.OrderID != "S-7f3a" {
		t.Errorf("%+v, %v", session, err)
	}
	if report, err := x.Status(t.Context(), ourHandle()); err != nil || report.State != payment.BankApproved {
		t.Errorf("%+v, %v", report, err)
	}
	b := newBureau(t, nil)
	if notice, err := b.Read(b.signed(t, "{"+order+"}")); err != nil || notice.Unclear != "" ||
		notice.Report.State != payment.BankApproved {
		t.Errorf("%+v, %v", notice, err)
	}
}
