package payment

import (
	"cmp"
	"strings"

	"kassa/shared/strict/ascii"
)

// Receipt is what a bank tells of a card payment for people: a customer finds it on the account's statement, and a
// bank's clerk finds the payment by it. It decides nothing. What is not known is empty.
type Receipt struct {
	ApprovalCode string // of the bank that issued the card: up to 8 letters and digits
	RRN          string // retrieval reference number (ISO 8583, field 37): up to 12 letters and digits
	Card         string // at most the first 6 and the last 4 digits, with ****** between: 416974******1778
	Brand        string // Visa, Mastercard, ..., or the bank's own word
}

// NewReceipt is the receipt of what a bank says in its own form. A card's number may stand there in full: it goes no
// further than here. An approval code may have a note behind it, as in "340623 A". What is not understood is left out.
func NewReceipt(approval, rrn, card, brand string) Receipt {
	code, _, _ := strings.Cut(strings.TrimSpace(approval), " ")
	r := Receipt{Card: maskCard(card)}
	if ascii.Only(code, ascii.Letters+ascii.Digits, 1, 8) {
		r.ApprovalCode = code
	}
	if rrn = strings.TrimSpace(rrn); ascii.Only(rrn, ascii.Letters+ascii.Digits, 1, 12) {
		r.RRN = rrn
	}
	r.Brand = cmp.Or(brandOf(strings.TrimSpace(brand)), brandByDigits(r.Card))
	return r
}

const (
	cardMask = "******"
	maxCard  = 64 // bytes of a text that may be a card's; numbers have 12 to 19 digits (ISO 7812)
)

// shownDigits are those before and behind a card number's mask, and before it alone where there is none; false where
// the text holds anything else.
func shownDigits(text string) (first, last string, ok bool) {
	masked := strings.TrimLeft(text, ascii.Digits)
	last = masked[len(strings.TrimRight(masked, ascii.Digits)):]
	return text[:len(text)-len(masked)], last, strings.Trim(masked, ascii.Digits+"*xX#.•●_") == ""
}

// withoutGaps takes away what stands between the groups of a number.
func withoutGaps(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, text)
}

// maskCard gives a card's number in the one form that is kept, however the bank masks it, and "" for another text. A
// run of digits without any mask is a whole number, or its end.
func maskCard(text string) string {
	if len(text) > maxCard {
		return ""
	}
	text = withoutGaps(text)
	first, last, ok := shownDigits(text)
	if !ok {
		return ""
	}
	if len(first) == len(text) { // nothing masks it
		switch {
		case len(text) == 4:
			first = ""
		case len(text) < 12 || len(text) > 19:
			return ""
		}
		last = text
	}
	first, last = first[:min(6, len(first))], last[max(0, len(last)-4):]
	if len(first)+len(last) < 4 {
		return ""
	}
	return first + cardMask + last
}

// brandOf is the bank's word for a brand: the scheme's own name where it is known, else the word itself.
func brandOf(word string) string {
	switch withoutGaps(strings.ToLower(word)) {
	case "visa":
		return "Visa"
	case "mc", "mastercard":
		return "Mastercard"
	case "maestro":
		return "Maestro"
	case "amex", "americanexpress":
		return "American Express"
	case "cup", "unionpay":
		return "UnionPay"
	case "mir":
		return "Mir"
	}
	if ascii.Word(word, ascii.Letters, ascii.Letters+" -", 24) { // without digits: it may be no card's number
		return word
	}
	return ""
}

// brandByDigits reads the ranges of ISO 7812 that have one owner each; "" for the others.
func brandByDigits(card string) string {
	first, _, _ := strings.Cut(card, cardMask)
	in := func(low, high string) bool {
		return len(first) >= len(low) && first[:len(low)] >= low && first[:len(low)] <= high
	}
	switch {
	case in("4", "4"):
		return "Visa"
	case in("51", "55"), in("2221", "2720"):
		return "Mastercard"
	case in("2200", "2204"):
		return "Mir"
	case in("34", "34"), in("37", "37"):
		return "American Express"
	case in("62", "62"):
		return "UnionPay"
	case in("50", "50"), in("56", "58"):
		return "Maestro"
	}
	return ""
}

// keepReceipt notes what the bank tells of paid money for people. What stands stays, and a later answer may fill what
// is blank. It is no change that anybody is told of: it comes with the answer that proves the money, or adds to it.
func (p *Payment) keepReceipt(told Report) {
	if !p.Status.Money() || !told.believable(p.Amount.Currency) {
		return
	}
	r := told.Receipt
	r = NewReceipt(r.ApprovalCode, r.RRN, r.Card, r.Brand) // whoever made it
	p.Receipt = Receipt{cmp.Or(p.Receipt.ApprovalCode, r.ApprovalCode), cmp.Or(p.Receipt.RRN, r.RRN),
		cmp.Or(p.Receipt.Card, r.Card), cmp.Or(p.Receipt.Brand, r.Brand)}
}
