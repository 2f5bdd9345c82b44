package strict

import (
	"strconv"
	"strings"

	"kassa/shared/strict/ascii"
)

// mostDigits bounds a number in its smallest units; below it no sum of amounts overflows.
const mostDigits = 15

// decimal is a decimal number in its parts.
type decimal struct{ sign, whole, fraction, exponent string }

// split parts a number into its sign, the digits before and after the point, and the exponent with its sign. Its bounds
// keep a huge number from being a long one.
func split(text string) (n decimal, ok bool) {
	text, n.sign = unsigned(text)
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		n.exponent, text = text[at+1:], text[:at]
		if digits, _ := unsigned(n.exponent); !ascii.Only(digits, ascii.Digits, 1, 4) {
			return decimal{}, false
		}
	}
	n.whole, n.fraction, _ = strings.Cut(text, ".")
	return n, ascii.Only(n.whole, ascii.Digits, 0, 64) && ascii.Only(n.fraction, ascii.Digits, 0, 64)
}

func unsigned(text string) (digits, sign string) {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:], text[:1]
	}
	return text, ""
}

// Decimal reads a decimal number as JSON and people write it, times ten to the power of places: 12.5 with two places is
// 1250, and so are 12.50 and 1.25E+1. It moves the point along the digits, so nothing is ever rounded; what is then no
// whole number, or one of more than 15 digits, is refused.
func Decimal(text string, places int) (int64, bool) {
	n, ok := split(text)
	if !ok || n.whole+n.fraction == "" {
		return 0, false
	}
	exponent := 0
	if n.exponent != "" {
		exponent, _ = strconv.Atoi(n.exponent) // split lets nothing else through
	}
	digits := strings.TrimRight(n.whole+n.fraction, "0")
	zeros := len(n.whole) + exponent + places - len(digits) // that stand behind the digits
	switch digits = strings.TrimLeft(digits, "0"); {
	case digits == "":
		return 0, true
	case zeros < 0 || len(digits)+zeros > mostDigits:
		return 0, false
	}
	value, err := strconv.ParseInt(n.sign+digits+strings.Repeat("0", zeros), 10, 64)
	return value, err == nil
}

// Sum is Decimal for an amount of money, which many countries write with a comma: 12,50. One before just as many digits
// as the currency has decimals parts no thousands; any other may mean two amounts, as 1,250 does, and is refused.
func Sum(text string, places int) (int64, bool) {
	text = strings.TrimSpace(text)
	whole, fraction, found := strings.Cut(text, ",")
	if !found {
		return Decimal(text, places)
	}
	if strings.Trim(strings.TrimLeft(whole, "+-")+fraction, "0123456789") != "" || len(fraction) != places ||
		strings.TrimLeft(whole, "+-") == "" {
		return 0, false
	}
	return Decimal(whole+"."+fraction, places)
}
