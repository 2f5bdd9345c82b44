package goods

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
		if got, err := ParseAmount(typed); err != nil || got != want {
			t.Errorf("ParseAmount(%q) = %d, %v; want %d", typed, got, err, want)
		}
	}
}

func TestParseAmountRefusesInWords(t *testing.T) {
	refused := map[string]AmountError{
		"": AmountEmpty, " ": AmountSpace, "1 500": AmountSpace, " 5": AmountSpace, "5\n": AmountSpace,
		"1\u00a0500": AmountSpace,
		"1\u202f500": AmountSpace, "1\u3000500": AmountSpace,
		"-5": AmountNegative, "\u22125": AmountNegative,
		"1.234": AmountDecimals, "1,234": AmountDecimals,
		"92233720368547758.08": AmountTooLarge, "100000000000000000000": AmountTooLarge,
		"0": AmountZero, "0.00": AmountZero,
		"1,234.50": AmountShape, "1.2.3": AmountShape, ".5": AmountShape, "5.": AmountShape, "5,": AmountShape,
		"1e3": AmountShape,
		"+5":  AmountShape, "0x10": AmountShape, "٣": AmountShape, "12 AZN": AmountSpace, "12AZN": AmountShape,
		"1.-5": AmountShape, "NaN": AmountShape,
	}
	for typed, want := range refused {
		if got, err := ParseAmount(typed); !errors.Is(err, want) || got != 0 {
			t.Errorf("ParseAmount(%q) = %d, %v; want %v", typed, got, err, want)
		}
	}
}

func TestFormatMinor(t *testing.T) {
	for minor, want := range map[int64]string{
		0: "0.00", 1: "0.01", 15000: "150.00", -5: "-0.05",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		if got := FormatMinor(minor); got != want {
			t.Errorf("FormatMinor(%d) = %q, want %q", minor, got, want)
		}
	}
}

func TestTimesNeverWraps(t *testing.T) {
	if total, ok := (Money{Minor: 15000, Currency: "AZN"}).Times(3); !ok || total.String() != "450.00 AZN" {
		t.Errorf("3 x 150.00 = %s, %v", total, ok)
	}
	for _, quantity := range []int64{0, -1, math.MaxInt64} {
		if total, ok := (Money{Minor: 15000, Currency: "AZN"}).Times(quantity); ok {
			t.Errorf("%d x 150.00 = %s, want a refusal", quantity, total)
		}
	}
}

// FuzzParseAmount holds three facts: no panic, a result is positive, and what
// was accepted reads back as the same number of minor units.
func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"150", "150.5", "150,50", "-1", "1 000", "92233720368547758.08", "0.00", "..", "1.234",
		"٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		minor, err := ParseAmount(typed)
		if err != nil {
			var reason AmountError
			if !errors.As(err, &reason) || minor != 0 || !strings.HasSuffix(reason.Error(), ".") {
				t.Fatalf("ParseAmount(%q) = %d, %v: not a sentence with no amount", typed, minor, err)
			}
			return
		}
		again, err := ParseAmount(FormatMinor(minor))
		if minor <= 0 || err != nil || again != minor {
			t.Fatalf("ParseAmount(%q) = %d, written and read again %d, %v", typed, minor, again, err)
		}
	})
}
