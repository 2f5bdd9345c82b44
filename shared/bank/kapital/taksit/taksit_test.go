package taksit

import (
	"slices"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

func TestRead(t *testing.T) {
	for text, want := range map[string]struct {
		terms []int
		wrong string
	}{
		`{}`:                          {nil, ""},
		`{"taksit_terms":[]}`:         {[]int{}, ""},
		`{"taksit_terms":[12,3,6,3]}`: {[]int{3, 6, 12}, ""},
		`{"taksit_terms":[1]}`: {nil,
			"taksit_terms must be months from 2 to 60, as the contract with the bank allows"},
		`{"taksit_terms":[61,3]}`: {nil,
			"taksit_terms must be months from 2 to 60, as the contract with the bank allows"},
		`{"taksit_terms":["3"]}`: {nil,
			"taksit_terms must be a list of whole numbers; taksit_terms must be months from 2 to 60, as the contract with " +
				"the bank allows"},
		`{"taksit_terms":"off"}`: {nil, "taksit_terms must be a list of whole numbers"},
		`{"taksit_terms":[3.5,6,null]}`: {nil,
			"taksit_terms must be a list of whole numbers; taksit_terms must be months from 2 to 60, as the contract with " +
				"the bank allows"},
	} {
		s, err := exchange.ReadSecret("kapital", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		terms, wrong := Read(s), s.Verdict()
		if !slices.Equal(terms, want.terms) || wrong == nil != (want.wrong == "") || wrong != nil &&
			wrong.Error() != want.wrong {
			t.Errorf("%s: %v, %v", text, terms, wrong)
		}
	}
}

func TestRules(t *testing.T) {
	for text, refused := range map[string]bool{"Taksit barədə kitab": false, "12345/TAKSIT=6": true,
		"x;taksit = 6": true, "TAKSİT=6": true, "taksıt=3": true, "ＴＡＫＳＩＴ＝６": true, "TAKSI\u0307T=6": true,
		"TAKSIT\u00a0=6": true, "TAK\u200dSIT=6": true, "TA\u212aSIT=6": true, "taksit: 6 = altı": false} {
		wrong := Rules(bank.Order{Description: text})
		if len(wrong) > 0 != refused || refused && wrong[0].Pointer != "/description" {
			t.Errorf("%s: %v", text, wrong)
		}
	}
	for currency, refused := range map[payment.Currency]bool{payment.AZN: false, payment.USD: true, payment.EUR: true} {
		o := bank.Order{Term: 6, Amount: payment.Money{Minor: 100, Currency: currency}}
		wrong := Rules(o)
		if len(wrong) > 0 != refused || refused && wrong[0].Code != "currency_refused" {
			t.Errorf("six months in %s: %v", currency, wrong)
		}
		if o.Term = 0; len(Rules(o)) > 0 {
			t.Errorf("at once in %s: %v", currency, Rules(o))
		}
	}
	if Description(6) != "TAKSIT=6" {
		t.Error(Description(6))
	}
}
