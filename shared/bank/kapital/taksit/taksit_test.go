package taksit

import (
	"slices"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
)

func TestRead(t *testing.T) {
	for text, want := range map[string]struct {
		terms Terms
		wrong string
	}{
		`{}`:                          {nil, ""},
		`{"taksit_terms":[]}`:         {Terms{}, ""},
		`{"taksit_terms":[12,3,6,3]}`: {Terms{3, 6, 12}, ""},
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

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		terms Terms
		order bank.Order
		want  []string
	}{
		"a card payment":          {nil, bank.Order{Description: "Taksit barədə kitab"}, nil},
		"a term without contract": {nil, bank.Order{Term: 6}, []string{"/term"}},
		"a term of the contract":  {Terms{3, 6}, bank.Order{Term: 6}, nil},
		"another term":            {Terms{3, 6}, bank.Order{Term: 12}, []string{"/term"}},
		"the bank's keyword":      {Terms{6}, bank.Order{Description: "12345/TAKSIT=6"}, []string{"/description"}},
		"in small letters":        {nil, bank.Order{Description: "x;taksit = 6"}, []string{"/description"}},
		"with a dotted I":         {nil, bank.Order{Description: "TAKSİT=6"}, []string{"/description"}},
		"in full width":           {nil, bank.Order{Description: "ＴＡＫＳＩＴ＝６"}, []string{"/description"}},
		"with a dot put on":       {nil, bank.Order{Description: "TAKSI\u0307T=6"}, []string{"/description"}},
		"a blank that is none":    {nil, bank.Order{Description: "TAKSIT\u00a0=6"}, []string{"/description"}},
		"a letter that is unseen": {nil, bank.Order{Description: "TAK\u200dSIT=6"}, []string{"/description"}},
		"in letters of signs":     {nil, bank.Order{Description: "TA\u212aSIT=6"}, []string{"/description"}},
		"a word with its sign":    {nil, bank.Order{Description: "taksit: 6 = altı"}, nil},
		"both":                    {nil, bank.Order{Term: 3, Description: "taksıt=3"}, []string{"/term", "/description"}},
	} {
		var got []string
		for _, f := range c.terms.Check(c.order) {
			got = append(got, f.Pointer)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if Description(6) != "TAKSIT=6" {
		t.Error(Description(6))
	}
}
