package api

import (
	"strconv"
	"strings"
)

// longestInteger is how many digits a number of 64 bits has at most.
const longestInteger = 19

// wholeNumber reads a JSON number that is whole, in whatever spelling: 15000, 15000.0 and 1.5e4 are one number (RFC 8259, and what JSON
// Schema calls an integer), and programs write whole numbers in each of these ways. What is written as money is written, with two
// decimals and no exponent, is refused: 150.00 is most likely 150 manat, and as minor units it would be 1.50. With a code it is none.
func wholeNumber(text string) (n int64, code, detail string) {
	mantissa, exponent, powered := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	unsigned, negative := strings.CutPrefix(whole, "-")
	if len(fraction) == 2 && !powered {
		return 0, "not_an_integer", "Is written with two decimals, as amounts in major units are; send minor units: 15000 for 150.00."
	}
	digits := strings.TrimLeft(unsigned+fraction, "0")
	if digits == "" {
		return 0, "", ""
	}
	power := 0
	if powered {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil || power > 1000 || power < -1000 {
			return 0, "out_of_range", "Is too large or too small a number."
		}
	}
	power -= len(fraction)
	significant := strings.TrimRight(digits, "0")
	power += len(digits) - len(significant)
	switch {
	case power < 0:
		return 0, "not_an_integer", "Must be a whole number, such as 15000."
	case len(significant)+power > longestInteger:
		return 0, "out_of_range", "Is too large or too small a number."
	}
	if negative {
		significant = "-" + significant
	}
	n, err := strconv.ParseInt(significant+strings.Repeat("0", power), 10, 64)
	if err != nil {
		return 0, "out_of_range", "Is too large or too small a number."
	}
	return n, "", ""
}
