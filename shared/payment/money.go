package payment

import (
	"fmt"
	"regexp"
	"strings"
)

// Currency is an ISO 4217 alphabetic code that Kassa takes payments in.
// Both currencies have two decimals (facts/http-and-security.md, "Currencies"); the pre-2016 Belarusian rouble BYR had
// none and is refused like any other unknown code.
type Currency string

// The currencies of the two banks.
const (
	AZN Currency = "AZN" // Azerbaijani manat, 100 qepik
	BYN Currency = "BYN" // Belarusian rouble, 100 kopecks
)

// Numeric is the ISO 4217 numeric code, three digits; "" when the currency is not ours.
func (c Currency) Numeric() string {
	switch c {
	case AZN:
		return "944"
	case BYN:
		return "933"
	}
	return ""
}

// Known says whether Kassa takes payments in this currency.
func (c Currency) Known() bool { return c.Numeric() != "" }

// codeForm is an ISO 4217 code, alphabetic or numeric.
var codeForm = regexp.MustCompile(`^(?:[A-Z]{3}|[0-9]{3})$`)

// ReadCurrency reads the ISO 4217 code that somebody names, alphabetic in any letter case or numeric; "" when it is
// none. A code that is not ours is kept, so that it is seen to differ and not taken for nothing.
func ReadCurrency(code string) Currency {
	code = strings.ToUpper(strings.TrimSpace(code))
	for _, c := range []Currency{AZN, BYN} {
		if c.Numeric() == code {
			return c
		}
	}
	if !codeForm.MatchString(code) {
		return ""
	}
	return Currency(code)
}

// MaxAmount is the largest order that Kassa takes, in minor units: far above any card limit, far below an overflow of
// sums.
const MaxAmount = 1_000_000_000_00

// Money is an amount in minor units (qepik, kopecks: hundredths) of one currency. It is never a float.
type Money struct {
	Minor    int64
	Currency Currency
}

// String writes the amount with two decimals, for people and for banks that want decimals: 15000 AZN is "150.00 AZN".
func (m Money) String() string { return m.Decimal() + " " + string(m.Currency) }

// Decimal writes the amount with two decimals and a dot, without the currency, by integer arithmetic alone.
func (m Money) Decimal() string {
	sign, whole, rest := "", m.Minor/100, m.Minor%100
	if m.Minor < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	return fmt.Sprintf("%s%d.%02d", sign, whole, rest)
}
