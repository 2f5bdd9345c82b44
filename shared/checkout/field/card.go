package field

import (
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// CardRefused is what a caller is told whose field holds what looks like a card number.
const CardRefused = "Looks like a card number; card data must never be sent to Kassa. " +
	"Should it be a number of yours of 13 to 19 digits, write it with a letter or a sign among its digits."

// HoldsCardNumber says whether a text holds what is most likely a card number (ISO/IEC 7812-1): digits of any script
// that begin and end like those of a card network and satisfy the Luhn check, together or in groups. Percent-encoding,
// escapes, the references of a page, base64 and hexadecimal digits count as what they stand for, and what has no width
// does not separate. Groups
// are looked at for how cards are written and for how nothing else is, see the function parted: most ordinary texts
// are rows of numbers, too.
//
// A number of 16 or of 19 digits that a shop made up is refused about once in thirty if its digits are random: nothing
// tells it from a card, or from one with its check value. Where a text may be either, such as a list of one-digit
// quantities, it passes.
func HoldsCardNumber(text string) bool {
	return holds(text, func(text string) string { return text })
}

func holds(text string, without func(string) string) bool {
	for level := []string{text}; len(level) > 0; { // what is packed is shorter than its packing, so this ends
		var inner []string
		for _, one := range level {
			if !tooFewDigits(one) && search(one, without) {
				return true
			}
			inner = append(inner, unpacked(one)...)
		}
		level = inner
	}
	return false
}

// search looks at a text as it stands and at what it stands for, each without what is to be passed over.
func search(text string, without func(string) string) bool {
	for range 1 + mostEncodings {
		rest := without(text)
		if scan(rest).holdsCard() {
			return true
		}
		// A tag parts words on a page, or it does not.
		for _, shown := range []string{withoutTags(rest, ""), withoutTags(rest, " "), withoutNames(rest)} {
			if shown != rest && scan(shown).holdsCard() {
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

// fewestOfCard is how many digits the shortest card number has.
const fewestOfCard = 13

// tooFewDigits says of an ordinary text that it cannot hold a card number, however it is looked at: it encodes nothing,
// each of its characters is seen as itself, and too few of them are digits. Of any other text it says nothing.
func tooFewDigits(text string) bool {
	digits := 0
	for _, r := range text {
		switch {
		case isDigit(r):
			digits++
		case r == '%' || r == '\\' || r == '&' || !isOrdinary(r):
			return false
		}
	}
	return digits < fewestOfCard
}

// isOrdinary says of ASCII and of letters of the scripts of our countries that none of them can be seen as a digit.
func isOrdinary(r rune) bool { return r < utf8.RuneSelf || 0xbf < r && r < 0x530 }

// mostEncodings is how many times a text may be encoded, as an address within an address within an address is.
const mostEncodings = 4

func (s digitScan) holdsCard() bool {
	for i := range s.groups {
		if s.bare(i) {
			return true
		}
		row := row{from: i}
		for to := i; to < len(s.groups) && row.add(s.groups[to]); to++ {
			if to > i && s.parted(row, to) && (isCard(row.digits) || isGlued(row.digits)) {
				return true
			}
		}
	}
	return false
}

// bare says whether the ith group is a card number by itself, and is nothing else that has so many digits.
func (s digitScan) bare(i int) bool {
	g := s.groups[i]
	phone := g.plus && len(g.digits) < 15 // E.164 has 15 digits at most
	return (isCard(g.digits) || isGlued(g.digits)) && !phone && !s.isFraction(i) && !isEAN(g.digits) &&
		!isVariant(g.digits) && !beginsWithDate(g.digits) && !isClockID(g.digits) && !isHexID(s.runes, g.at) &&
		!s.isBrowserID(i)
}

// isBrowserID says whether the ith group is the random number by which Facebook's script knows a browser, behind the
// millisecond of its first visit: fb.1.1757430108545.190427387735094641.
func (s digitScan) isBrowserID(i int) bool {
	if i < 2 || s.groups[i].before != "." || s.groups[i-1].before != "." {
		return false
	}
	level, visit := s.groups[i-2], s.groups[i-1].digits
	return len(visit) == 13 && visit[0] == '1' && strings.HasSuffix(string(s.runes[max(0, level.at-3):level.at]), "fb.")
}

// isFraction says whether the ith group is what stands behind the point of a number as programs print one: a
// coordinate such as 40.3645306682793, which is shorter than the cards of today, or a random number, which begins with
// 0.
func (s digitScan) isFraction(i int) bool {
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
	if len(digits) < fewestOfCard || len(digits) > 19 {
		return false
	}
	return published(digits) || ofNetwork(digits) && luhn(digits)
}

// longestGlued is how many digits a card of 16 has with its expiry date and its check value behind it.
const longestGlued = 23

// isGlued says whether it is a card of 16 digits, or one of American Express, with its check value or its expiry date
// written on, or both, or with the date before it.
func isGlued(digits string) bool {
	switch len(digits) {
	case 19:
		return isCard(digits[:16]) || isCard(digits[:15])
	case 20:
		return isCard(digits[:16]) && isExpiry(digits[16:]) || isCard(digits[4:]) && isExpiry(digits[:4])
	case 22: // the year in four digits
		return isCard(digits[:16]) && isExpiry(digits[16:18]+digits[20:]) && digits[18:20] == "20"
	case longestGlued:
		return isCard(digits[:16]) && isExpiry(digits[16:20])
	}
	return false
}

// isExpiry says whether it is a month and a year, in either order, until which a card of these years may hold.
func isExpiry(digits string) bool {
	month := func(s string) bool { return "01" <= s && s <= "12" }
	year := func(s string) bool { return "20" <= s && s <= "45" }
	return month(digits[:2]) && year(digits[2:]) || year(digits[:2]) && month(digits[2:])
}

// ofNetwork knows the first digits and the lengths of the networks of the region: Visa, Mastercard, Mir, Maestro,
// UnionPay, American Express, JCB, Diners Club, Belkart, Humo, Uzcard and Troy, and of the test range of a
// bank's vendor.
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

// isVariant says whether it is a variant of a good as Shopify numbered them through most of 2021, such as
// 39329036861623. The cards of 14 digits that are issued begin with 36, and older ones with 30 or 38.
func isVariant(digits string) bool {
	return len(digits) == lengthOfVariant && strings.HasPrefix(digits, "39")
}
