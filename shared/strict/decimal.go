package strict

import (
	"regexp"
	"strconv"
	"strings"
)

// mostDigits bounds a number in its smallest units; below it no sum of amounts overflows.
const mostDigits = 15

// decimalForm has the sign, the digits before and after the point, and the exponent. Its bounds keep a huge number
// from being a long one.
var decimalForm = regexp.MustCompile(`^([+-]?)([0-9]{0,64})(?:\.([0-9]{0,64}))?(?:[eE]([+-]?[0-9]{1,4}))?$`)

// Decimal reads a decimal number as JSON and people write it, times ten to the power of places: 12.5 with two places is
// 1250, and so are 12.50 and 1.25E+1. It moves the point along the digits, so nothing is ever rounded; what is then no
// whole number, or one of more than 15 digits, is refused.
func Decimal(text string, places int) (int64, bool) {
	m := decimalForm.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" {
		return 0, false
	}
	exponent := 0
	if m[4] != "" {
		exponent, _ = strconv.Atoi(m[4]) // decimalForm lets nothing else through
	}
	digits := strings.TrimRight(m[2]+m[3], "0")
	zeros := len(m[2]) + exponent + places - len(digits) // that stand behind the digits
	switch digits = strings.TrimLeft(digits, "0"); {
	case digits == "":
		return 0, true
	case zeros < 0 || len(digits)+zeros > mostDigits:
		return 0, false
	}
	number, err := strconv.ParseInt(m[1]+digits+strings.Repeat("0", zeros), 10, 64)
	return number, err == nil
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
