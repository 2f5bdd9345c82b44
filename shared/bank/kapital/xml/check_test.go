package xml

import (
	"slices"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func TestCheck(t *testing.T) {
	plain := simulate(t, "certificate", nil)
	azn := payment.Money{Minor: 100, Currency: payment.AZN}
	for name, c := range map[string]struct {
		order bank.Order
		want  []string
	}{
		"a card payment": {bank.Order{Amount: azn, Description: "Taksit barədə kitab"}, nil},
		"another currency": {bank.Order{Amount: payment.Money{Minor: 100, Currency: payment.BYN}},
			[]string{"/currency"}},
		"a term": {bank.Order{Amount: azn, Term: 6}, []string{"/term"}},
		"everything at one time": {bank.Order{Term: 3, Description: "taksıt=3"},
			[]string{"/currency", "/term", "/description", "/currency"}},
	} {
		var got []string
		for _, f := range plain.Profile().Examine(c.order) {
			got = append(got, f.Pointer)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Months of the contract stand in the description, alone: the bank's own sample holds nothing else there.
func TestTaksit(t *testing.T) {
	s := simulate(t, "certificate", map[string]any{"taksit_terms": []int{6, 3}})
	o := s.order()
	if o.Term = 6; len(s.Profile().Examine(o)) != 0 {
		t.Errorf("%v", s.Profile().Examine(o))
	}
	if _, err := s.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if e := s.sim.Ledger().Orders[0]; e.Description != "TAKSIT=6" {
		t.Errorf("the bank was told %+v", e)
	}
}
