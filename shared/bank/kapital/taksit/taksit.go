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

// Terms are the months that a contract allows, ascending.
type Terms []int

// The bounds of a term, in months.
const (
	least = 2
	most  = 60
)

// Read takes the setting taksit_terms, a list of months.
func Read(s *exchange.Secret) Terms {
	terms := Terms(s.Numbers("taksit_terms"))
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

// Check refuses a term that the contract does not have, and texts that the bank would take for an order to pay by
// instalments.
func (t Terms) Check(o bank.Order) (wrong []payment.FieldError) {
	switch {
	case o.Term != 0 && len(t) == 0:
		wrong = append(wrong, payment.FieldError{Pointer: "/term", Code: "term_refused",
			Detail: "Kapital Bank's page takes card payments; leave the term out."})
	case o.Term != 0 && !slices.Contains(t, o.Term):
		wrong = append(wrong, payment.FieldError{Pointer: "/term", Code: "term_refused",
			Detail: "Is no term that the shop's contract with Kapital Bank has."})
	}
	if orders(o.Description) {
		wrong = append(wrong, payment.FieldError{Pointer: "/description", Code: "bad_text",
			Detail: "Must not hold TAKSIT=, which switches the bank to instalments; the term says that."})
	}
	return wrong
}

// Description asks the bank for instalments. The bank's own sample holds nothing else in the field.
func Description(months int) string { return "TAKSIT=" + strconv.Itoa(months) }
