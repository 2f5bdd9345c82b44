package shop

import (
	"strings"

	"kassa/shared/payment"
)

// The bounds of what a shop may settle about instalments: payment.Instalments plans no other terms.
const (
	minTerm = 2
	maxTerm = 60
)

// instalments reads how the shop sells by instalments.
func (d *decoder) instalments(at string, raw []byte, to *payment.InstalmentPolicy) {
	d.object(at, raw, map[string]func(string, []byte){
		"terms":      func(at string, raw []byte) { d.terms(at, raw, &to.Terms) },
		"min_amount": func(at string, raw []byte) { d.limit(at, raw, &to.MinAmount) },
		"max_amount": func(at string, raw []byte) { d.limit(at, raw, &to.MaxAmount) },
		"banks":      func(at string, raw []byte) { d.termsAtBanks(at, raw, &to.Banks) },
	}, "terms")
	if to.MaxAmount > 0 && to.MinAmount > to.MaxAmount {
		d.fail(at+"/max_amount", "must not be below min_amount")
	}
}

// termsAtBanks reads the terms of single banks, where they are not those of all.
func (d *decoder) termsAtBanks(at string, raw []byte, to *map[string][]int) {
	*to = map[string][]int{}
	d.members(at, raw, func(name, at string, raw []byte) {
		var terms []int
		if strings.TrimSpace(string(raw)) != "[]" { // it sells by none
			d.terms(at, raw, &terms)
		}
		(*to)[name] = terms
	})
}

// terms reads months in ascending order, so that a term that stands twice, or slipped, is noticed.
func (d *decoder) terms(at string, raw []byte, to *[]int) {
	d.list(at, raw, func(at string, raw []byte) {
		var term int
		switch {
		case !d.value(at, raw, &term, "must be a number of months from 2 to 60"):
			return
		case term < minTerm || term > maxTerm:
			d.fail(at, "must be a number of months from 2 to 60")
		case len(*to) > 0 && term <= (*to)[len(*to)-1]:
			d.fail(at, "must be longer than the term before it")
		}
		*to = append(*to, term)
	})
}

func (d *decoder) limit(at string, raw []byte, to *int64) {
	const detail = "must be an amount in minor units, at least 1 and no more than an order may have; leave it out for " +
		"no limit"
	if d.value(at, raw, to, detail) && (*to < 1 || *to > payment.MaxAmount) {
		d.fail(at, detail)
	}
}
