package kartapokupok

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"kassa/shared/bank/wire"
	"kassa/shared/payment"
)

// amountFormat is how amounts travel, in both directions. They never pass through binary fractions.
type amountFormat string

const (
	asDecimal amountFormat = "decimal" // a JSON number with two decimals: 119.90
	asString  amountFormat = "string"  // "119.90"
	asMinor   amountFormat = "minor"   // kopecks: 11990
)

// mostDigits bounds an amount in minor units; below it no sum of amounts overflows.
const mostDigits = 15

// numberForm has the digits before and after the point, and the exponent. Its bounds keep a huge number from being a long one.
var numberForm = regexp.MustCompile(`^\+?([0-9]{0,64})(?:\.([0-9]{0,64}))?(?:[eE]([+-]?[0-9]{1,4}))?$`)

var errAmount = errors.New("an amount is not one in whole minor units")

// write is the amount as it is sent; minor in minor units.
func (f amountFormat) write(minor int64) json.RawMessage {
	decimal := payment.Money{Minor: minor}.Decimal()
	switch f {
	case asString:
		decimal = `"` + decimal + `"`
	case asMinor:
		decimal = strconv.FormatInt(minor, 10)
	case asDecimal:
	}
	return json.RawMessage(decimal)
}

// read takes an amount that the bank wrote, in minor units. Whatever means one amount is read as that: a number and a string of
// the same text, 120, 120.000 and 1.2E+2. What is no whole number of minor units, and what has a sign or a comma, is refused.
func (f amountFormat) read(v *wire.Value) (int64, error) {
	text, _ := v.Plain()
	places := 2
	if f == asMinor {
		places = 0
	}
	return exact(strings.TrimSpace(text), places)
}

// exact gives a decimal number times ten to the power of places. It moves the point along the digits, so nothing is ever rounded.
func exact(text string, places int) (int64, error) {
	m := numberForm.FindStringSubmatch(text)
	if m == nil || m[1]+m[2] == "" {
		return 0, errAmount
	}
	exponent := 0
	if m[3] != "" {
		exponent, _ = strconv.Atoi(m[3]) // numberForm lets nothing else through
	}
	digits := strings.TrimRight(m[1]+m[2], "0")
	zeros := len(m[1]) + exponent + places - len(digits) // that stand behind the digits
	switch digits = strings.TrimLeft(digits, "0"); {
	case digits == "":
		return 0, nil
	case zeros < 0 || len(digits)+zeros > mostDigits:
		return 0, errAmount
	}
	return strconv.ParseInt(digits+strings.Repeat("0", zeros), 10, 64)
}
