package demoshop

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestParseAmountAcceptsWhatPeopleType(t *testing.T) {
	accepted := map[string]int64{
		"150": 15000, "150.5": 15050, "150.50": 15050, "150,50": 15050, "0.01": 1,
		"007": 700, "92233720368547758.07": math.MaxInt64,
	}
	for typed, want := range accepted {
		if got, err := parseAmount(typed); err != nil || got != want {
			t.Errorf("parseAmount(%q) = %d, %v; want %d", typed, got, err, want)
		}
	}
}

func TestParseAmountRefusesInWords(t *testing.T) {
	refused := map[string]amountError{
		"": amountEmpty, " ": amountSpace, "1 500": amountSpace, " 5": amountSpace, "5\n": amountSpace, "1\u00a0500": amountSpace,
		"1\u202f500": amountSpace, "1\u3000500": amountSpace,
		"-5": amountNegative, "\u22125": amountNegative,
		"1.234": amountDecimals, "1,234": amountDecimals,
		"92233720368547758.08": amountTooLarge, "100000000000000000000": amountTooLarge,
		"0": amountZero, "0.00": amountZero,
		"1,234.50": amountShape, "1.2.3": amountShape, ".5": amountShape, "5.": amountShape, "5,": amountShape, "1e3": amountShape,
		"+5": amountShape, "0x10": amountShape, "٣": amountShape, "12 AZN": amountSpace, "12AZN": amountShape, "1.-5": amountShape, "NaN": amountShape,
	}
	for typed, want := range refused {
		if got, err := parseAmount(typed); !errors.Is(err, want) || got != 0 {
			t.Errorf("parseAmount(%q) = %d, %v; want %v", typed, got, err, want)
		}
	}
}

func TestFormatMinor(t *testing.T) {
	for minor, want := range map[int64]string{
		0: "0.00", 1: "0.01", 15000: "150.00", -5: "-0.05",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		if got := formatMinor(minor); got != want {
			t.Errorf("formatMinor(%d) = %q, want %q", minor, got, want)
		}
	}
}

func TestTimesNeverWraps(t *testing.T) {
	if total, ok := (money{Minor: 15000, Currency: "AZN"}).times(3); !ok || total.String() != "450.00 AZN" {
		t.Errorf("3 x 150.00 = %s, %v", total, ok)
	}
	for _, quantity := range []int64{0, -1, math.MaxInt64} {
		if total, ok := (money{Minor: 15000, Currency: "AZN"}).times(quantity); ok {
			t.Errorf("%d x 150.00 = %s, want a refusal", quantity, total)
		}
	}
}

// FuzzParseAmount holds three facts: no panic, a result is positive, and what
// was accepted reads back as the same number of minor units.
func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"150", "150.5", "150,50", "-1", "1 000", "92233720368547758.08", "0.00", "..", "1.234", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		minor, err := parseAmount(typed)
		if err != nil {
			var reason amountError
			if !errors.As(err, &reason) || minor != 0 || !strings.HasSuffix(reason.Error(), ".") {
				t.Fatalf("parseAmount(%q) = %d, %v: not a sentence with no amount", typed, minor, err)
			}
			return
		}
		again, err := parseAmount(formatMinor(minor))
		if minor <= 0 || err != nil || again != minor {
			t.Fatalf("parseAmount(%q) = %d, written and read again %d, %v", typed, minor, again, err)
		}
	})
}
