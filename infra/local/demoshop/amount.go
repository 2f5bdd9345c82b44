package demoshop

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// money is an amount in minor units (qepik, kopeck): 15000 AZN is 150.00 AZN.
// Both currencies of Kassa have two decimals.
type money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// String writes the amount as a customer reads it: "150.00 AZN".
func (m money) String() string { return formatMinor(m.Minor) + " " + m.Currency }

// Digits writes the amount alone, as a customer would type it: "150.00".
func (m money) Digits() string { return formatMinor(m.Minor) }

// times multiplies a price by a quantity; ok is false when the product does
// not fit, so that no total can wrap around into a cheaper one.
func (m money) times(quantity int64) (total money, ok bool) {
	if m.Minor < 0 || quantity < 1 || m.Minor > math.MaxInt64/quantity {
		return money{}, false
	}
	return money{Minor: m.Minor * quantity, Currency: m.Currency}, true
}

func formatMinor(minor int64) string {
	sign, whole, rest := "", minor/100, minor%100
	if minor < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	return fmt.Sprintf("%s%d.%02d", sign, whole, rest)
}

// amountError is why a typed amount is refused, as a sentence for the person who
// typed it.
type amountError string

func (e amountError) Error() string { return string(e) }

const (
	amountEmpty    amountError = "Type an amount, for example 12.34."
	amountSpace    amountError = "Type the amount without spaces, for example 1500.00."
	amountNegative amountError = "The amount cannot be negative."
	amountShape    amountError = "Type the amount in digits, for example 12.34."
	amountDecimals amountError = "The amount has at most two decimals, for example 12.34."
	amountTooLarge amountError = "The amount is too large."
	amountZero     amountError = "The amount must be more than zero."
)

// parseAmount reads a typed amount into minor units by integer arithmetic
// alone: "150", "150.5", "150.50" and "150,50" are accepted. Anything that a
// person could have meant in two ways is refused with the reason in words.
func parseAmount(typed string) (int64, error) {
	switch {
	case typed == "":
		return 0, amountEmpty
	case strings.ContainsFunc(typed, unicode.IsSpace):
		return 0, amountSpace
	case strings.HasPrefix(typed, "-") || strings.HasPrefix(typed, "\u2212"):
		return 0, amountNegative
	}
	whole, decimals, separated := strings.Cut(strings.Replace(typed, ",", ".", 1), ".")
	if !allDigits(whole) || separated && !allDigits(decimals) {
		return 0, amountShape
	}
	if len(decimals) > 2 {
		return 0, amountDecimals
	}
	minor, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	switch {
	case err != nil:
		return 0, amountTooLarge
	case minor == 0:
		return 0, amountZero
	}
	return minor, nil
}

func allDigits(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
