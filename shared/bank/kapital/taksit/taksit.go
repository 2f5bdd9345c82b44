// Package taksit is how an order at Kapital Bank is paid by instalments (Birbank taksit): the bank finds the months in
// the order's description, whoever wrote them there. The shop gets the whole sum at once, so nothing else differs from
// a card payment.
package taksit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// orders says whether a text holds the bank's word, as its software might read it: in any letter case, with the Turkic
// letters, in full width, with marks on its letters, and with blanks or what is not seen in between.
func orders(text string) bool {
	bare := strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Cf, unicode.Z, unicode.Other_Default_Ignorable_Code_Point), unicode.IsSpace(r):
			return -1
		case r >= '！' && r <= '～': // the full-width forms of ASCII, in its order
			r -= '！' - '!'
		case r == 'ı':
			return 'i'
		case r == 'ſ':
			return 's'
		}
		return unicode.ToLower(r)
	}, text)
	return strings.Contains(bare, "taksit=")
}

// The bounds of a term, in months.
const (
	least = 2
	most  = 60
)

// Read takes the setting taksit_terms, the months that the contract allows, and gives them ascending.
func Read(s *exchange.Secret) []int {
	terms := s.Numbers("taksit_terms")
	for _, months := range terms {
		if months < least || months > most {
			s.Wrong("taksit_terms",
				fmt.Sprintf("must be months from %d to %d, as the contract with the bank allows", least, most))
			return nil
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// Rules refuses a text that the bank would take for an order to pay by instalments, and instalments in another currency
// than the cards that have them.
func Rules(o bank.Order) (wrong []payment.FieldError) {
	if orders(o.Description) {
		wrong = append(wrong, payment.FieldError{Pointer: "/description", Code: "bad_text",
			Detail: "Must not hold TAKSIT=, which switches the bank to instalments; the term says that."})
	}
	if o.Term != 0 && o.Amount.Currency != payment.AZN {
		wrong = append(wrong, payment.FieldError{Pointer: "/currency", Code: "currency_refused",
			Detail: "Kapital Bank sells by instalments in AZN only; leave the term out to pay at once."})
	}
	return wrong
}

// Description asks the bank for instalments. The bank's own sample holds nothing else in the field.
func Description(months int) string { return "TAKSIT=" + strconv.Itoa(months) }
