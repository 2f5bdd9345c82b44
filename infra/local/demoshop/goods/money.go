// Package goods is what the shop sells: its catalogue, prices, and what lies in a customer's basket.
package goods

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Money is an amount in minor units (qepik, kopeck): 15000 AZN is 150.00 AZN.
// Both currencies of Kassa have two decimals.
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// String writes the amount as a customer reads it: "150.00 AZN".
func (m Money) String() string { return FormatMinor(m.Minor) + " " + m.Currency }

// Digits writes the amount alone, as a customer would type it: "150.00".
func (m Money) Digits() string { return FormatMinor(m.Minor) }

// Times multiplies a price by a quantity; ok is false when the product does
// not fit, so that no total can wrap around into a cheaper one.
func (m Money) Times(quantity int64) (total Money, ok bool) {
	if m.Minor < 0 || quantity < 1 || m.Minor > math.MaxInt64/quantity {
		return Money{}, false
	}
	return Money{Minor: m.Minor * quantity, Currency: m.Currency}, true
}

// FormatMinor writes minor units with two decimals: "150.00".
func FormatMinor(minor int64) string {
	sign, whole, rest := "", minor/100, minor%100
	if minor < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	return fmt.Sprintf("%s%d.%02d", sign, whole, rest)
}

// AmountError is why a typed amount is refused, as a sentence for the person who
// typed it.
type AmountError string

func (e AmountError) Error() string { return string(e) }

// Why an amount is refused.
const (
	AmountEmpty    AmountError = "Type an amount, for example 12.34."
	AmountSpace    AmountError = "Type the amount without spaces, for example 1500.00."
	AmountNegative AmountError = "The amount cannot be negative."
	AmountShape    AmountError = "Type the amount in digits, for example 12.34."
	AmountDecimals AmountError = "The amount has at most two decimals, for example 12.34."
	AmountTooLarge AmountError = "The amount is too large."
	AmountZero     AmountError = "The amount must be more than zero."
)

// ParseAmount reads a typed amount into minor units by integer arithmetic
// alone: "150", "150.5", "150.50" and "150,50" are accepted. Anything that a
// person could have meant in two ways is refused with the reason in words.
func ParseAmount(typed string) (int64, error) {
	switch {
	case typed == "":
		return 0, AmountEmpty
	case strings.ContainsFunc(typed, unicode.IsSpace):
		return 0, AmountSpace
	case strings.HasPrefix(typed, "-") || strings.HasPrefix(typed, "\u2212"):
		return 0, AmountNegative
	}
	whole, decimals, separated := strings.Cut(strings.Replace(typed, ",", ".", 1), ".")
	if !allDigits(whole) || separated && !allDigits(decimals) {
		return 0, AmountShape
	}
	if len(decimals) > 2 {
		return 0, AmountDecimals
	}
	minor, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	switch {
	case err != nil:
		return 0, AmountTooLarge
	case minor == 0:
		return 0, AmountZero
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
