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

// TestTheCurrencySaysHowManyDecimals: yen have none and dinars three, so a currency that joins the table is written
// right from its first payment.
func TestTheCurrencySaysHowManyDecimals(t *testing.T) {
	for want, written := range map[string]string{
		"0": pointed(0, 0), "15000": pointed(15000, 0), "-5": pointed(-5, 0), "-9223372036854775808": pointed(-1<<63, 0),
		"0.00": pointed(0, 2), "150.00": pointed(15000, 2),
		"0.000": pointed(0, 3), "0.001": pointed(1, 3), "15.000": pointed(15000, 3), "-0.050": pointed(-50, 3),
		"9223372036854775.807": pointed(1<<63-1, 3),
	} {
		if written != want {
			t.Errorf("%s is written %s", want, written)
		}
	}
}

// TestEveryCurrencyHasTwoDecimals: what staff types at the command, what a portal writes, the module for Bitrix, the
// badge and the demo shop count in hundredths. A currency with others needs those first.
func TestEveryCurrencyHasTwoDecimals(t *testing.T) {
	for _, c := range Currencies() {
		if c.Decimals() != 2 {
			t.Errorf("%s has %d", c, c.Decimals())
		}
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
	for code, numeric := range map[Currency]string{AZN: "944", BYN: "933", USD: "840", EUR: "978"} {
		if got := ReadCurrency(numeric); got != code || ReadCurrency(string(code)) != code || code.Numeric() != numeric ||
			!code.Known() {
			t.Errorf("%s: numeric %q, and %s is %q", code, code.Numeric(), numeric, got)
		}
	}
	if got := Listed(Currencies()) + "; " + Listed(Currencies()[:2]) + "; " + Listed(Currencies()[:1]); got !=
		"AZN, BYN, USD or EUR; AZN or BYN; AZN" {
		t.Errorf("people read %q", got)
	}
	for code, want := range map[string]Currency{"": "", "974": "974", "Byn": BYN, "0944": "", "9": "", "840": USD,
		"392": "392", "JPY": "JPY", "usd": USD, "Eur": EUR, "AZNN": "", "US": "", "dollars": ""} {
		if got := ReadCurrency(code); got != want {
			t.Errorf("%q is read as %q", code, got)
		}
	}
	if got := ReadCurrency(" 944 "); got != AZN {
		t.Errorf("with blanks around it is read as %q", got)
	}
	for _, code := range []Currency{"", "BYR", "azn", "JPY", "AZN "} {
		if code.Known() || code.Numeric() != "" || code.Decimals() != 2 {
			t.Errorf("%q is taken for a currency of ours", code)
		}
	}
}
