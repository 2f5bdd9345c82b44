package strict

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
)

// TestDecimal: one number has one value in whatever form it stands, and nothing is rounded.
func TestDecimal(t *testing.T) {
	for text, want := range map[string]int64{
		"12.5": 1250, "12.50": 1250, "1.25E+1": 1250, "1250e-2": 1250, "+12.5": 1250, "-0.01": -1, "-0": 0, ".5": 50,
		"5.":   500,
		"0012": 1200, "12.500": 1250, "0e9": 0, "9999999999999.99": 999999999999999, "-9999999999999.99": -999999999999999,
	} {
		if got, ok := Decimal(text, 2); !ok || got != want {
			t.Errorf("%q is %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", ".", "-", "e2", "1e", "0.005", "1e-3", "1e13", "1e99999", "1,5", "1 0", "--1",
		"0x10", "NaN", "١", "1_0"} {
		if got, ok := Decimal(text, 2); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// TestEveryAmountIsReadAsItStands: a float would lose a hundredth of one in eleven.
func TestEveryAmountIsReadAsItStands(t *testing.T) {
	for minor := range int64(1_000_000) {
		text := strconv.FormatInt(minor/100, 10) + "." + strconv.FormatInt(100+minor%100, 10)[1:]
		if got, ok := Decimal(text, 2); !ok || got != minor {
			t.Fatalf("%s is read as %d", text, got)
		}
	}
}

// FuzzDecimal compares with the arithmetic of big numbers: what is read is exactly what stands there.
func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"120", "119.90", "1.2E+2", "0.05e2", "1e-2", "+1.", ".5", "00012.3400",
		"9999999999999.99", "1e13", "-1", "-0.01", "1_0", "0x10", "1/2"} {
		f.Add(seed, 2)
	}
	f.Fuzz(func(t *testing.T, text string, places int) {
		if places != 0 && places != 2 {
			return
		}
		got, ok := Decimal(text, places)
		if !ok {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok || strings.ContainsAny(text, "_/xXpPoObB") {
			t.Fatalf("%q is read as %d", text, got)
		}
		if places == 2 {
			want.Mul(want, big.NewRat(100, 1))
		}
		if !want.IsInt() || !want.Num().IsInt64() || want.Num().Int64() != got || max(got, -got) > 999_999_999_999_999 {
			t.Fatalf("%q is read as %d, want %s", text, got, want)
		}
	})
}

// TestSums: whatever means one amount to everybody is that amount, and nothing else is.
func TestSums(t *testing.T) {
	//nolint:gocritic // blanks around an amount are one of the cases
	for text, want := range map[string]int64{"12.5": 1250, "12,50": 1250, " 0,05 ": 5, "-12,50": -1250, "+7,00": 700,
		"1250": 125000, "1000,00": 100000, "1.2E+1": 1200, "120.000": 12000} {
		if got, ok := Sum(text, 2); !ok || got != want {
			t.Errorf("%q is %d, %t; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"1,250", "12,5", "12,500", "0,125", "12,", ",50", "1,25,00", "1,250.00", "1.250,00",
		"1 250,00", "12,5E1", "12,+5", "--1,50", "1-2,50", "", ",", "12,50 AZN", "١٢,٥٠", "9999999999999999,00"} {
		if got, ok := Sum(text, 2); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
	if got, ok := Sum("12,5", 0); ok {
		t.Errorf("half of the smallest unit is %d", got)
	}
}

func FuzzSum(f *testing.F) {
	f.Add("1,250.00")
	f.Add("12,50")
	f.Fuzz(func(t *testing.T, text string) {
		plain, ok := Decimal(text, 2)
		if sum, also := Sum(text, 2); ok && (!also || sum != plain) {
			t.Errorf("%q is %d and %d", text, plain, sum)
		}
	})
}
