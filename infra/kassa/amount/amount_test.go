package amount

import (
	"strings"
	"testing"

	"kassa/infra/kassa/console"
	"kassa/shared/payment"
)

// TestAmounts: two decimals behind a point or a comma, with the currency behind it or not. What could mean two amounts
// is refused, and the words say what to type.
func TestAmounts(t *testing.T) {
	p := payment.Payment{Amount: payment.Money{Minor: 15000, Currency: payment.AZN}}
	for text, want := range map[string]int64{"": 0, "50.00": 5000, "50,00": 5000, "50,05 AZN": 5005, "0.01": 1,
		"50.05": 5005, "007.50": 750,
		"50.00 AZN": 5000, "50.00AZN": 5000, "50.00 azn": 5000, "9999999999.99": 999999999999,
		" 50.00\t": 5000, "50.00\u00a0AZN": 5000, "1\u202f500.00\u00a0AZN": 150000, "12\u202f345\u202f678.90": 1234567890} {
		typed, err := Read("--amount", text)
		if got, wrong := typed.Of(p); err != nil || wrong != nil || got != want {
			t.Errorf("%q is %d, want %d: %v %v", text, got, want, err, wrong)
		}
	}
	for text, want := range map[string]string{
		"5000": "can mean two amounts: type 5000.00 or 50.00", "50": "type 50.00 or 0.50", "5": "type 5.00 or 0.05",
		"05":   "type 5.00 or 0.05",
		"50,5": "type 50.50", "50.5": "type 50.50", "1,000": "such as 1500.00",
		"0,00": "is no amount", "1 500,00": "such as 1500.00",
		"1.000":    "such as 1500.00",
		"1,000.00": "such as 1500.00", "1 000.00": "such as 1500.00", "1.000,00": "such as 1500.00",
		"-5.00": "such as 1500.00", "+5.00": "such as 1500.00", "5e1": "such as 1500.00",
		"50.000": "such as 1500.00", ".50": "such as 1500.00", "50.": "such as 1500.00", "٥٠.٠٠": "such as 1500.00",
		"5o.00": "such as 1500.00", " ": "such as 1500.00",
		"1\u202f50.00": "such as 1500.00", "1500\u202f000.00": "such as 1500.00", "1\u00a0500.00": "such as 1500.00",
		"50.00\u202f000": "such as 1500.00",
		"0.00":           "is no amount", "0": "is no amount", "000": "is no amount",
		"99999999999.00": "such as 1500.00", "0x10": "such as 1500.00",
		"50.00 manat": "such as 1500.00",
	} {
		if _, err := Read("--amount", text); console.CodeOf(err) != console.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	typed, _ := Read("--amount", "50.00 BYN")
	if _, err := typed.Of(p); console.CodeOf(err) != console.Usage || !strings.Contains(err.Error(), "is in BYN") {
		t.Errorf("of another currency: %v", err)
	}
}
