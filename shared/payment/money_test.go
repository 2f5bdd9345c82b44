package payment

import (
	"strconv"
	"strings"
	"testing"
)

func TestMoneyIsWrittenWithTwoDecimals(t *testing.T) {
	for minor, want := range map[int64]string{
		0: "0.00", 1: "0.01", 9: "0.09", 10: "0.10", 99: "0.99", 100: "1.00", 819: "8.19", 820: "8.20", 58242: "582.42",
		15000: "150.00",
		-1:    "-0.01", -100: "-1.00", -15050: "-150.50", 1<<63 - 1: "92233720368547758.07",
		-1 << 63: "-92233720368547758.08",
	} {
		if got := (Money{minor, AZN}).Decimal(); got != want {
			t.Errorf("%d is %s, want %s", minor, got, want)
		}
	}
	if got := (Money{15000, AZN}).String(); got != "150.00 AZN" {
		t.Errorf("150 manat are %q", got)
	}
}

// Amounts come back from their decimals unchanged: every one up to 9 999.99, and every 89th up to 99 999.99.
func TestDecimalsLoseNothing(t *testing.T) {
	for minor := int64(0); minor < 10_000_000; minor++ {
		if minor >= 1_000_000 {
			minor += 88
		}
		text := (Money{minor, BYN}).Decimal()
		whole, cents, found := strings.Cut(text, ".")
		if back, err := strconv.ParseInt(whole+cents, 10, 64); !found || len(cents) != 2 || err != nil || back != minor {
			t.Fatalf("%d is written %q", minor, text)
		}
	}
}

func TestCurrencies(t *testing.T) {
	for code, numeric := range map[Currency]string{AZN: "944", BYN: "933"} {
		if got := ReadCurrency(numeric); got != code || ReadCurrency(string(code)) != code || code.Numeric() != numeric ||
			!code.Known() {
			t.Errorf("%s: numeric %q, and %s is %q", code, code.Numeric(), numeric, got)
		}
	}
	for code, want := range map[string]Currency{"": "", "974": "974", "Byn": BYN, "0944": "", "9": "", "840": "840",
		"USD": "USD", "usd": "USD", "AZNN": "", "US": "", "dollars": ""} {
		if got := ReadCurrency(code); got != want {
			t.Errorf("%q is read as %q", code, got)
		}
	}
	if got := ReadCurrency(" 944 "); got != AZN {
		t.Errorf("with blanks around it is read as %q", got)
	}
	for _, code := range []Currency{"", "BYR", "azn", "USD", "AZN "} {
		if code.Known() || code.Numeric() != "" {
			t.Errorf("%q is taken for a currency of ours", code)
		}
	}
}
