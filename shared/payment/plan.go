package payment

import "slices"

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
