package field

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// digitScan is a text as its groups of digits.
type digitScan struct {
	runes  []rune // what of it can be seen
	groups []group
}

// group is digits that nothing separates, in ASCII.
type group struct {
	digits string
	before string // what separates it from the group before, see kind; "" when something else than signs does
	plus   bool   // a plus sign stands directly before it, and no digit before that: it is not a blank of an address
	at     int    // where it begins
}

// scan reads a text as a person would who looks for digits: compatible forms as what they mean, digits of every
// script, nothing that has no width, no IBAN.
func scan(text string) (s digitScan) {
	runes := withoutReckoned(withoutUniqid(withoutIBAN(visible(text))))
	s.runes = runes
	end := 0
	for i := 0; i < len(runes); {
		if !isDigit(runes[i]) {
			i++
			continue
		}
		from := i
		for i < len(runes) && isDigit(runes[i]) {
			i++
		}
		s.groups = append(s.groups, group{digits: string(runes[from:i]), before: kind(runes[end:from]),
			plus: from > 0 && runes[from-1] == '+' && (from == 1 || !isDigit(runes[from-2])), at: from})
		end = i
	}
	return s
}

// visible leaves of a text what has a width, its digits in ASCII.
func visible(text string) []rune {
	var runes []rune
	for _, r := range norm.NFKC.String(text) {
		switch {
		case r < utf8.RuneSelf:
			runes = append(runes, r)
		case Invisible(r) || unicode.IsMark(r):
		case unicode.Is(unicode.Nd, r):
			runes = append(runes, '0'+digit(r))
		default:
			runes = append(runes, uncircled(r))
		}
	}
	return runes
}

// digit is the value of a decimal digit: Unicode has each script's ten in a row, zero first.
func digit(r rune) rune {
	for _, row := range unicode.Nd.R16 {
		if rune(row.Lo) <= r && r <= rune(row.Hi) {
			return (r - rune(row.Lo)) % 10
		}
	}
	for _, row := range unicode.Nd.R32 {
		if low, high := int64(row.Lo), int64(row.Hi); low <= int64(r) && int64(r) <= high {
			return rune((int64(r) - low) % 10)
		}
	}
	return 0
}

// uncircled gives the digits that Unicode neither calls decimal nor compatible with any: those in circles of the
// further sorts, and the Ethiopic ones. Everything else stays.
func uncircled(r rune) rune {
	for _, one := range []rune{'\u1369', '\u24f5', '\u2776', '\u2780', '\u278a'} {
		if one <= r && r < one+9 {
			return r - one + '1'
		}
	}
	if strings.ContainsRune("\u24ff\U0001f10b\U0001f10c", r) {
		return '0'
	}
	return r
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// What kind names that is no one sign.
const (
	listed = "," // a comma or a semicolon, which separate members of a list
	mixed  = "?" // several signs
)

// kind names what stands between two groups: blanks of any sort, hyphens of any sort, and so on, with or without
// blanks, brackets and quotes around them; "" where there is a letter, or a sign in the place of each hidden digit.
func kind(between []rune) string {
	if hides(between) {
		return ""
	}
	found, apart := "", false
	for _, r := range between {
		class := string(r)
		switch {
		case unicode.IsLetter(r):
			return ""
		case frames(r), unicode.IsSpace(r), r == '+': // as a form's address has a blank
			apart = true
			continue
		case unicode.Is(unicode.Pd, r) || r == '\u2212':
			class = "-"
		case strings.ContainsRune(`/\|`+"\u2044\u2215", r):
			class = "/"
		case strings.ContainsRune(".\u00b7\u2022\u3002", r):
			class = "."
		case strings.ContainsRune(",;\u3001\u060c", r):
			class = listed
		}
		switch found {
		case "", class:
			found = class
		case listed:
		default:
			found = mixed
		}
		if class == listed {
			found = listed
		}
	}
	if found == "" && apart {
		return " "
	}
	return found
}

// hides says whether signs stand in the place of the digits of a group, as in 4169 **** **** 1778. What is left of two
// such cards has as many digits as one. Fewer of a sign may also be what makes a text bold.
func hides(between []rune) bool {
	const group = 4
	for i, r := range between {
		if strings.ContainsRune("*#\u2022\u25cf", r) && len(between)-i >= group &&
			!slices.ContainsFunc(between[i:i+group], func(other rune) bool { return other != r }) {
			return true
		}
	}
	return false
}

// frames says whether a sign stands around things: brackets and quotes of any sort, and what makes text bold, slanted
// or struck out.
func frames(r rune) bool {
	return strings.ContainsRune("\"'`<>*_~", r) || unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf)
}

// isHexID says whether the digits at this place are within a digest, an id or a token in hexadecimal, such as a UUID
// without hyphens or a wallet's address behind 0x. Where they are its beginning or its end, or all of its digits, they
// are more likely a number that letters were put around.
func isHexID(runes []rune, at int) bool {
	const longest = 128
	alphanumeric := func(r rune) bool { return isDigit(r) || unicode.IsLetter(r) }
	from, to, end := at, at, at
	for from > 0 && at-from <= longest && alphanumeric(runes[from-1]) {
		from--
	}
	for ; to < len(runes) && to-from <= longest && alphanumeric(runes[to]); to++ {
		if to == end && isDigit(runes[to]) {
			end++
		}
	}
	if from+2 < at && string(runes[from:from+2]) == "0x" {
		from += 2
	}
	around := string(runes[from:at]) + string(runes[end:to])
	return from < at && end < to && strings.ContainsAny(around, "0123456789") &&
		strings.Trim(around, "0123456789abcdefABCDEF") == "" &&
		slices.Contains([]int{24, 32, 40, 48, 56, 64, 96, longest}, to-from)
}

// withoutIBAN puts a letter in the place of every IBAN (ISO 13616), together or by fours: their digits look like those
// of cards.
func withoutIBAN(runes []rune) []rune {
	for from := range runes {
		if from > 0 && (isDigit(runes[from-1]) || unicode.IsLetter(runes[from-1])) {
			continue
		}
		if end := endOfIBAN(runes, from); end > 0 {
			for i := from; i < end; i++ {
				runes[i] = 'x'
			}
		}
	}
	return runes
}

// withoutUniqid puts a letter in the place of every digit of an id that PHP's uniqid has made with more entropy, which
// shops number orders by: second and microsecond in 13 hexadecimal digits, with a letter among them, and nine decimal
// ones, with or without the point behind the first, as in 69ba8f49077059.70688644.
func withoutUniqid(runes []rune) []rune {
	for from := range runes {
		if from > 0 && isDigit(runes[from-1]) || runes[from] != '6' && runes[from] != '7' {
			continue // the seconds of 2021 to 2038
		}
		at := from
		run := func(of string, most int) string {
			begin := at
			for at < len(runes) && at-begin < most && strings.ContainsRune(of, runes[at]) {
				at++
			}
			return string(runes[begin:at])
		}
		const decimal = "0123456789"
		clock, chance := run(decimal+"abcdef", 13), run(decimal, 1)
		_ = run(".", 1)
		chance += run(decimal, 8)
		last := at == len(runes) || !isDigit(runes[at]) && !unicode.IsLetter(runes[at])
		if len(clock) == 13 && strings.Trim(clock, decimal) != "" && len(chance) == 9 && last {
			for ; from < at; from++ {
				runes[from] = 'x'
			}
		}
	}
	return runes
}

// endOfIBAN gives the end of the longest IBAN that begins here, 0 when none does. One of Azerbaijan or Belarus is
// known by its form, 28 characters with four letters of the bank's, all others by their check digits.
func endOfIBAN(runes []rune, from int) (end int) {
	var plain []rune
	for i := from; i < len(runes) && len(plain) <= 34; i++ {
		r := unicode.ToUpper(runes[i])
		switch n := len(plain); {
		case isDigit(r) && n >= 2, 'A' <= r && r <= 'Z' && n != 2 && n != 3:
			plain = append(plain, r)
		case (r == ' ' || r == '\u00a0' || r == '-') && n%4 == 0 && n > 0:
		default:
			return end
		}
		ends := i+1 == len(runes) || !isDigit(runes[i+1]) && !unicode.IsLetter(runes[i+1])
		if len(plain) >= 15 && ends && isIBAN(string(plain)) {
			end = i + 1
		}
	}
	return end
}

func isIBAN(text string) bool {
	if country := text[:2]; (country == "AZ" || country == "BY") && len(text) == 28 {
		return strings.Trim(text[4:8], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	rest := 0
	for _, c := range text[4:] + text[:4] {
		switch {
		case c >= 'A':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}
