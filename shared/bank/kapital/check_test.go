package kapital

import (
	"slices"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func TestCheck(t *testing.T) {
	azn := payment.Money{Minor: 100, Currency: payment.AZN}
	for name, c := range map[string]struct {
		order bank.Order
		want  []string
	}{
		"a card payment":         {bank.Order{Amount: azn, Description: "Taksit barədə kitab"}, nil},
		"another currency":       {bank.Order{Amount: payment.Money{Minor: 100, Currency: payment.BYN}}, []string{"/currency"}},
		"a term":                 {bank.Order{Amount: azn, Term: 6}, []string{"/term"}},
		"the bank's keyword":     {bank.Order{Amount: azn, Description: "12345/TAKSIT=6"}, []string{"/description"}},
		"in small letters":       {bank.Order{Amount: azn, Description: "x;taksit = 6"}, []string{"/description"}},
		"with a dotted I":        {bank.Order{Amount: azn, Description: "TAKSİT=6"}, []string{"/description"}},
		"everything at one time": {bank.Order{Term: 3, Description: "taksıt=3"}, []string{"/currency", "/term", "/description"}},
	} {
		var got []string
		for _, f := range (*Kapital)(nil).Check(c.order) {
			got = append(got, f.Pointer)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
