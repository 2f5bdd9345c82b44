package payment

import (
	"fmt"
	"regexp"
	"slices"
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

// The terms that an instalment plan may have, in months.
const (
	minTerm = 2
	maxTerm = 60
)

// Plan pays a total by monthly instalments: Term-1 times Monthly, then Last. All amounts are minor units and add up
// exactly.
type Plan struct {
	Term    int   // months
	Monthly int64 // the total divided by the term, rounded up
	Last    int64 // what is then left, from 1 to Monthly
	Total   int64
}

// Instalments plans a total over each of the terms (months), the shortest first and each once. A term outside 2..60 is
// left out, and so is one whose last instalment would be nothing: 0.05 over four months is paid off after three.
func Instalments(total Money, terms []int) []Plan {
	var plans []Plan
	for _, term := range slices.Compact(slices.Sorted(slices.Values(terms))) {
		if term < minTerm || term > maxTerm || total.Minor <= 0 {
			continue
		}
		n := int64(term)
		monthly := total.Minor / n
		if total.Minor%n > 0 {
			monthly++
		}
		if last := total.Minor - (n-1)*monthly; last > 0 {
			plans = append(plans, Plan{Term: term, Monthly: monthly, Last: last, Total: total.Minor})
		}
	}
	return plans
}

// InstalmentPolicy is how a shop sells by instalments. The zero value is a shop that does not.
type InstalmentPolicy struct {
	Terms     []int // months, each from 2 to 60, ascending
	MinAmount int64 // minor units; 0 where there is no limit
	MaxAmount int64 // minor units; 0 where there is no limit

	Banks map[string][]int // the terms at a bank where they are others than Terms; none = it sells by none
}

// At is how the shop sells through a bank; through one that is not named, as everywhere.
func (p InstalmentPolicy) At(bank string) InstalmentPolicy {
	if terms, named := p.Banks[bank]; named {
		p.Terms = terms
	}
	return p
}

// Sells says whether the shop sells by instalments at all.
func (p InstalmentPolicy) Sells() bool { return len(p.Terms) > 0 }

// Covers says whether an amount in minor units is within the shop's limits.
func (p InstalmentPolicy) Covers(minor int64) bool {
	return minor >= max(1, p.MinAmount) && (p.MaxAmount == 0 || minor <= p.MaxAmount)
}

// Plans are the plans that the shop offers for a total, the shortest first; none for a total outside its limits.
func (p InstalmentPolicy) Plans(total Money) []Plan {
	if !p.Covers(total.Minor) {
		return nil
	}
	return Instalments(total, p.Terms)
}
