package payment

import (
	"strconv"
	"strings"

	"kassa/shared/strict/ascii"
)

// Currency is an ISO 4217 alphabetic code that Kassa takes payments in. Which of them a shop can sell in is its banks'
// to say, by their profiles. The pre-2016 Belarusian rouble BYR is refused like any other unknown code.
type Currency string

// The currencies that Kassa takes payments in.
const (
	AZN Currency = "AZN" // Azerbaijani manat, 100 qepik
	BYN Currency = "BYN" // Belarusian rouble, 100 kopecks
	USD Currency = "USD" // United States dollar, 100 cents
	EUR Currency = "EUR" // euro, 100 cents
)

// standard is what ISO 4217 says of a currency. Whoever needs a code's number or its decimals reads them here.
type standard struct {
	code     Currency
	number   string // three digits
	decimals int    // of the major unit
}

func standards() []standard {
	return []standard{{AZN, "944", 2}, {BYN, "933", 2}, {USD, "840", 2}, {EUR, "978", 2}}
}

// Currencies are those that Kassa takes payments in.
func Currencies() []Currency {
	all := make([]Currency, 0, len(standards()))
	for _, s := range standards() {
		all = append(all, s.code)
	}
	return all
}

// Listed writes currencies for people: AZN, USD or EUR.
func Listed(all []Currency) string {
	text := ""
	for i, c := range all {
		switch {
		case i > 0 && i == len(all)-1:
			text += " or "
		case i > 0:
			text += ", "
		}
		text += string(c)
	}
	return text
}

func (c Currency) standard() standard {
	for _, s := range standards() {
		if s.code == c {
			return s
		}
	}
	return standard{decimals: 2} // as most of the world's have it
}

// Numeric is the ISO 4217 numeric code, three digits; "" when the currency is not ours.
func (c Currency) Numeric() string { return c.standard().number }

// Decimals is how many digits of the major unit stand behind the point; 2 when the currency is not ours.
func (c Currency) Decimals() int { return c.standard().decimals }

// Known says whether Kassa takes payments in this currency.
func (c Currency) Known() bool { return c.Numeric() != "" }

// ReadCurrency reads the ISO 4217 code that somebody names, alphabetic in any letter case or numeric; "" when it is
// none. A code that is not ours is kept, so that it is seen to differ and not taken for nothing.
func ReadCurrency(code string) Currency {
	code = strings.ToUpper(strings.TrimSpace(code))
	for _, s := range standards() {
		if s.number == code {
			return s.code
		}
	}
	if !ascii.Only(code, ascii.Upper, 3, 3) && !ascii.Only(code, ascii.Digits, 3, 3) {
		return ""
	}
	return Currency(code)
}

// MaxAmount is the largest order that Kassa takes, in minor units: far above any card limit, far below an overflow of
// sums.
const MaxAmount = 1_000_000_000_00

// Money is an amount in minor units (qepik, kopecks, cents) of one currency. It is never a float.
type Money struct {
	Minor    int64
	Currency Currency
}

// String writes the amount with the currency's decimals, for people: 15000 AZN is "150.00 AZN".
func (m Money) String() string { return m.Decimal() + " " + string(m.Currency) }

// Decimal writes the amount in major units with the currency's decimals and a dot, without the currency, for people and
// for banks that want decimals.
func (m Money) Decimal() string { return pointed(m.Minor, m.Currency.Decimals()) }

// pointed puts the point before the last digits of a number, by its digits alone: nothing is ever rounded.
func pointed(minor int64, decimals int) string {
	digits, negative := strings.CutPrefix(strconv.FormatInt(minor, 10), "-")
	digits = strings.Repeat("0", max(0, decimals+1-len(digits))) + digits
	if decimals > 0 {
		digits = digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}
