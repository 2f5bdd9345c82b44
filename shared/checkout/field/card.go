package field

import (
	"html"
	"slices"
	"strings"
)

// CardRefused is what a caller is told whose field holds what looks like a card number.
const CardRefused = "Looks like a card number; card data must never be sent to Kassa. " +
	"Should it be a number of yours of 13 to 19 digits, write it with a letter or a sign among its digits."

// HoldsCardNumber says whether a text holds what is most likely a card number (ISO/IEC 7812-1): digits of any script
// that begin and end like those of a card network, satisfy the Luhn check, and stand together or in the groups in which
// cards show them, one kind of separator between them, in brackets, quotes and tags or without. What has no width does
// not separate. Percent-encoding, escapes and the references of a page count as what they stand for. Dates, times,
// phones, IBANs, EANs and UUIDs form none.
//
// A number of 16 digits that a shop made up is refused about once in thirty if its digits are random: nothing tells it
// from a card.
func HoldsCardNumber(text string) bool {
	return holds(text, func(text string) string { return text })
}

// holds looks at a text as it stands and at what it stands for, each without what is to be passed over.
func holds(text string, without func(string) string) bool {
	for range 1 + mostEncodings {
		rest := without(text)
		if scan(rest).holdsCard() {
			return true
		}
		for _, between := range []string{"", " "} { // a tag parts words on a page, or it does not
			if shown := withoutTags(rest, between); shown != rest && scan(shown).holdsCard() {
				return true
			}
		}
		plain := html.UnescapeString(decoded(text))
		if plain == text {
			break
		}
		text = plain
	}
	return false
}

// mostEncodings is how many times a text may be encoded, as an address within an address within an address is.
const mostEncodings = 4

func (s scanned) holdsCard() bool {
	all := layouts()
	for i := range s.groups {
		if s.bare(i) {
			return true
		}
		for _, lengths := range all {
			if digits, ok := s.window(i, lengths); ok && isCard(digits) {
				return true
			}
		}
	}
	return false
}

// layouts are the groups in which cards show their digits: by fours with what is left at the end, those of American
// Express and Diners Club, those of the old Visa, and digit by digit.
func layouts() [][]int {
	all := [][]int{{4, 6, 5}, {4, 6, 4}, {4, 3, 3, 3}, {4, 4, 4, 4}}
	for rest := 1; rest <= 3; rest++ {
		all = append(all, []int{4, 4, 4, rest}, []int{4, 4, 4, 4, rest})
	}
	for n := 13; n <= 19; n++ {
		all = append(all, slices.Repeat([]int{1}, n))
	}
	return all
}

// window joins the groups from the ith on where they have these lengths and one kind of separator between them.
func (s scanned) window(i int, lengths []int) (string, bool) {
	if i+len(lengths) > len(s.groups) || len(s.groups[i].digits) != lengths[0] {
		return "", false
	}
	var digits strings.Builder
	for n, length := range lengths {
		g := s.groups[i+n]
		if len(g.digits) != length || n > 0 && (g.before == "" || g.before != s.groups[i+1].before) {
			return "", false
		}
		digits.WriteString(g.digits)
	}
	return digits.String(), true
}

// bare says whether the ith group is a card number by itself, and is nothing else that has so many digits.
func (s scanned) bare(i int) bool {
	g := s.groups[i]
	phone := g.plus && len(g.digits) < 15 // E.164 has 15 digits at most
	return isCard(g.digits) && !phone && !s.isFraction(i) && !isEAN(g.digits) && !isDated(g.digits) &&
		!isHexID(s.runes, g.at)
}

// isFraction says whether the ith group is what stands behind the point of a number as programs print one: a coordinate
// such as
// 40.3645306682793, which is shorter than the cards of today, or a random number, which begins with 0.
func (s scanned) isFraction(i int) bool {
	g := s.groups[i]
	if i == 0 || g.at < 2 || s.runes[g.at-1] != '.' || !isDigit(s.runes[g.at-2]) || i > 1 && s.groups[i-1].before == "." {
		return false
	}
	whole := s.groups[i-1].digits
	return whole == "0" || len(whole) <= 3 && len(g.digits) < 16
}

// published says whether it is a bank's published test card that fails the Luhn check.
func published(digits string) bool { return digits == "4169741330151124" }

func isCard(digits string) bool {
	if len(digits) < 13 || len(digits) > 19 {
		return false
	}
	return published(digits) || ofNetwork(digits) && luhn(digits)
}

// ofNetwork knows the first digits and the lengths of the networks of the region: Visa, Mastercard, Mir, Maestro,
// UnionPay, American Express, JCB, Diners Club, Belkart, Humo, Uzcard and Troy, and of the test range of Kapital Bank's
// vendor.
func ofNetwork(digits string) bool {
	length, long := len(digits), len(digits) >= 16
	between := func(n int, from, to string) bool { return from <= digits[:n] && digits[:n] <= to }
	switch {
	case digits[0] == '4':
		return length == 13 || length == 16 || length == 19
	case between(2, "51", "55"), between(4, "2221", "2720"):
		return length == 16
	case between(2, "34", "34"), between(2, "37", "37"):
		return length == 15
	case between(3, "300", "305"), between(4, "3095", "3095"), between(2, "36", "36"), between(2, "38", "39"):
		return length == 14
	case isMir(digits), between(2, "50", "50"), between(2, "56", "69"), between(4, "3528", "3589"):
		return long
	}
	return length == 16 && slices.Contains([]string{"9112", "9860", "8600", "9792", "7777"}, digits[:4])
}

func isMir(digits string) bool {
	return len(digits) >= 16 && "2200" <= digits[:4] && digits[:4] <= "2204"
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[i] - '0')
		if (len(digits)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// isEAN says whether it is the number of an article (EAN-13). Belarus has 481 and Azerbaijan 476, which is how Visa's
// old numbers of 13 digits begin.
func isEAN(digits string) bool {
	if len(digits) != 13 {
		return false
	}
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (1 + i%2*2)
	}
	return sum%10 == 0
}

// isDated says whether a number begins with a date as order numbers do: the day first with a year of four digits, or
// the year first with a time or a padded counter behind it. None of Mir's does: its most common cards, 2202 20, would
// all be the 22nd of February.
func isDated(digits string) bool {
	at := func(from int, least, most string) bool {
		return least <= digits[from:from+2] && digits[from:from+2] <= most
	}
	if isMir(digits) {
		return false
	}
	dayFirst := at(0, "01", "31") && at(2, "01", "12") && at(4, "19", "20")
	yearFirst := at(0, "20", "33") && at(2, "01", "12") && at(4, "01", "31") // from 34 on it is American Express
	timed := at(6, "00", "23") && at(8, "00", "59") && at(10, "00", "59")
	return dayFirst || yearFirst && (timed || digits[6:10] == "0000")
}
