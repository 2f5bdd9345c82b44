package attribute

import (
	"strconv"
	"strings"

	"kassa/infra/local/engine/wire"
)

// DynamoDB's number: up to 38 significant digits, magnitude from 1E-130 to 9.9...E+125. The value here is 0.digits x
// 10^exponent, which shifts both exponents up by one.
const (
	maxDigits   = 38
	minExponent = -129
	maxExponent = 126
)

// number is a decimal in its one normal form: digits without leading or trailing zeros, none at all for zero. Two equal
// numbers are identical structs, so nothing here ever needs a float.
type number struct {
	negative bool
	digits   string
	exponent int
}

// parseNumber reads what DynamoDB takes: sign, digits, a point, an exponent. Blanks, hexadecimal forms and infinities
// are none.
func parseNumber(text string) (number, error) {
	mantissa, exponent, ok := splitExponent(text)
	unsigned := strings.TrimLeft(mantissa, "+-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	digits := whole + fraction
	if !ok || len(mantissa)-len(unsigned) > 1 || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return number{}, wire.Validation("The parameter cannot be converted to a numeric value: %s", text)
	}
	significant := strings.TrimLeft(digits, "0")
	n := number{
		negative: strings.HasPrefix(mantissa, "-"),
		digits:   strings.TrimRight(significant, "0"),
		exponent: exponent + len(whole) - (len(digits) - len(significant)),
	}
	return n.checked()
}

// splitExponent cuts "12e-3" into "12" and -3. A huge exponent is cut off at a value that is out of range anyway, so
// that sums cannot wrap.
func splitExponent(text string) (mantissa string, exponent int, ok bool) {
	at := strings.IndexAny(text, "eE")
	if at < 0 {
		return text, 0, true
	}
	exponent, err := strconv.Atoi(text[at+1:])
	return text[:at], min(max(exponent, -1e9), 1e9), err == nil
}

// checked refuses what is out of range by DynamoDB's own messages. Zero has one form, whatever its sign and exponent
// were.
func (n number) checked() (number, error) {
	switch {
	case n.digits == "":
		return number{}, nil
	case len(n.digits) > maxDigits:
		return number{}, wire.Validation("Attempting to store more than 38 significant digits in a Number")
	case n.exponent > maxExponent:
		return number{}, wire.Validation(
			"Number overflow. Attempting to store a number with magnitude larger than supported range")
	case n.exponent < minExponent:
		return number{}, wire.Validation(
			"Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return n, nil
}

// String is the plain decimal, the form in which DynamoDB gives numbers back.
func (n number) String() string {
	sign := ""
	if n.negative {
		sign = "-"
	}
	switch {
	case n.digits == "":
		return "0"
	case n.exponent <= 0:
		return sign + "0." + strings.Repeat("0", -n.exponent) + n.digits
	case n.exponent >= len(n.digits):
		return sign + n.digits + strings.Repeat("0", n.exponent-len(n.digits))
	}
	return sign + n.digits[:n.exponent] + "." + n.digits[n.exponent:]
}

// size is what a number counts for in the size of an item: a byte for every two significant digits, one more, and one
// for a minus sign.
func (n number) size() int {
	size := (len(n.digits)+1)/2 + 1
	if n.negative {
		size++
	}
	return size
}
