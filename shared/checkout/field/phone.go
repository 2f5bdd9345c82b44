package field

import (
	"slices"
	"strings"
	"unicode"

	"kassa/shared/payment"
)

// Phone gives a phone number in the one form that banks are told (ITU-T E.164): + and digits. People of the currency's
// country write it without its code, after a trunk prefix (0; in Belarus 8, or 80 with the area's code), after what
// dials abroad (00, 8 10), with a trunk prefix between code and area, or behind Russia's +7 where a form shows that,
// with blanks, hyphens, dots, slashes and brackets, with words and signs before and behind it, as in
// "тел. 8 029 1234567 (Viber)", and in digits of any script. What cannot be read as a whole number stays as it is.
func Phone(s string, of payment.Currency) string {
	var digits strings.Builder
	plus, shown := false, ""
	text := strings.TrimLeftFunc(string(withoutLabels(visible(s))), func(r rune) bool { return !isDigit(r) && r != '+' })
	text = strings.TrimRightFunc(text, func(r rune) bool { return !isDigit(r) })
	// A table that took the number for a decimal has put noughts behind it: they are no digits of it.
	if point := strings.IndexAny(text, ".,"); point >= 0 && strings.Trim(text[point+1:], "0") == "" &&
		strings.Trim(text[:point], "+0123456789") == "" {
		text = text[:point]
	}
	for _, r := range text {
		switch {
		case isDigit(r):
			digits.WriteRune(r)
		case r == '+' && digits.Len() == 0: // a form may have shown one already
			plus = true
		case r == '+' && plus && slices.Contains(codes(), digits.String()): // a form showed the code already
			shown = digits.String()
			digits.Reset()
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("()[]./_~\u00b7\u2022\u2212\u223c", r):
		default:
			return s
		}
	}
	number := ours(shown + digits.String()) // the plus may stand before what is behind the code
	if number == "" {
		number = international(digits.String(), plus, of)
	}
	if len(number) < 8 || len(number) > 15 || number[0] == '0' {
		return s
	}
	return "+" + number
}

// withoutLabels blanks what is no part of a number: digits of a word before it, as in "A1 8029...", "тел1 8029..." and
// "тел.2 8029...", the number of a list, as in "1. 8029..." and "2) 8029...", and the operator A1 behind it. What may
// be a trunk prefix stays: 8, and noughts.
func withoutLabels(runes []rune) []rune {
	first := true
	for i := 0; i < len(runes); i++ {
		if !isDigit(runes[i]) {
			first = first && runes[i] != '+'
			continue
		}
		end := i + 1
		for end < len(runes) && isDigit(runes[end]) {
			end++
		}
		before, behind := string(runes[:i]), string(runes[end:])
		word := i > 0 && unicode.IsLetter(runes[i-1])
		point := i > 1 && runes[i-1] == '.' && unicode.IsLetter(runes[i-2])
		listed := strings.HasPrefix(behind, ")") && !strings.Contains(before, "(") || strings.HasPrefix(behind, ". ")
		operator := word && string(runes[i:end]) == "1" && strings.ContainsRune("AaАа", runes[i-1]) &&
			(i < 2 || !unicode.IsLetter(runes[i-2]))
		label := operator || first && end-i <= 2 && runes[i] != '8' && runes[i] != '0' &&
			(word || listed || point && strings.HasPrefix(behind, " "))
		for ; i < end; i++ {
			if label {
				runes[i] = ' '
			}
		}
		first, i = first && label, end-1
	}
	return runes
}

// IsPhone says whether a number is in that form, and of a length that is possible where the code is ours. Behind
// Russia's 7 there is no 0.
func IsPhone(s string) bool {
	number, plus := strings.CutPrefix(s, "+")
	ours := strings.HasPrefix(number, "375") || strings.HasPrefix(number, "994")
	return plus && strings.Trim(number, "0123456789") == "" && len(number) >= 8 && len(number) <= 15 && number[0] != '0' &&
		!strings.HasPrefix(number, "70") && (!ours || len(number) == 12)
}

// codes are those of our countries.
func codes() []string { return []string{"375", "994"} }

// international gives a number from its country code on.
func international(number string, plus bool, of payment.Currency) string {
	if whole := ours(number); whole != "" {
		return whole
	}
	abroad, zeros := strings.CutPrefix(number, "00")
	if after, dialled := strings.CutPrefix(number, "810"); dialled && len(number) >= 14 { // Japan's, 81, are shorter
		abroad, zeros = after, true
	}
	switch {
	case strings.HasPrefix(abroad, "0") && zeros: // one nought too many
		return ""
	case zeros:
		return international(abroad, true, of)
	case len(number) == 11 && strings.HasPrefix(number, "80"): // Belarus: 8 0 29 ..., people put a plus before that, too
		if !isArea(number[2:], payment.BYN) {
			return "" // Ukraine had 8 0 50 ..., and nobody knows whose it is
		}
		return "375" + number[2:]
	case len(number) == 11 && (strings.HasPrefix(number, "89") || // no country's code begins so
		!plus && number[0] == '8' && strings.IndexByte("3478", number[1]) >= 0): // Russia: 8 916 ...
		return "7" + number[1:]
	case len(number) == 11 && strings.HasPrefix(number, "70"): // typed into a form for Russia, where no area begins so
		if code := codeOf(number[2:], true, of); code != "" {
			return code + number[2:]
		}
		return ""
	case len(number) == 12 && strings.HasPrefix(number, "78") && strings.IndexByte("3489", number[2]) >= 0:
		// +7 (8 916) ...
		return "7" + number[2:]
	case !plus && strings.HasPrefix(number, "8") && !strings.HasPrefix(number, "86"):
		return "" // what else begins so may be a country's code or a trunk prefix
	}
	// a form may have shown a plus before a trunk prefix: no country's code begins so
	if number != "" && number[0] != '0' && (plus || len(number) > 10) {
		return withoutTrunk(number)
	}
	national := strings.TrimPrefix(number, "0")
	if len(national) != 9 {
		return ""
	}
	code := codeOf(national, number == national, of)
	if code == "" {
		return ""
	}
	return code + national
}

// withoutTrunk takes away the nought that many write between a country's code and the area, as in +49 (0) 151, where
// that country dials it at home alone. Others, Italy among them, dial it from abroad, too.
func withoutTrunk(number string) string {
	for code := range strings.FieldsSeq("31 32 33 40 41 43 44 46 49 90 98 353 359 373 374 380 381 961 971 972 992 993 " +
		"995 996 998") {
		if area, ok := strings.CutPrefix(number, code+"0"); ok && !strings.HasPrefix(area, "0") {
			return code + area
		}
	}
	return number
}

// ours reads a number that holds the code of one of our countries, nine digits behind it: with what dials abroad before
// it, and behind it a trunk prefix, or the code once more where a form showed it already. "" for any other.
func ours(number string) string {
	of := map[string]payment.Currency{"375": payment.BYN, "994": payment.AZN}
	for _, code := range codes() {
		for _, abroad := range []string{"", "0", "00", "8", "810"} {
			rest, ok := strings.CutPrefix(number, abroad+code)
			if !ok {
				continue
			}
			for _, within := range []string{"", "0", "8", "80", code, code + "0", code + "80"} {
				national, ok := strings.CutPrefix(rest, within)
				plain := abroad == "" && (within == "" || within == "0")
				if ok && len(national) == 9 && (plain || isArea(national, of[code])) {
					return code + national
				}
			}
		}
	}
	return ""
}

// codeOf is the country of a number of nine digits: the currency's, unless its area is one that the other country
// alone has. One without a trunk prefix must begin with an area of the currency's country: it may be anything else.
func codeOf(national string, bare bool, of payment.Currency) string {
	codes := map[payment.Currency]string{payment.AZN: "994", payment.BYN: "375"}
	for _, country := range []payment.Currency{of, payment.AZN, payment.BYN} {
		if isArea(national, country) {
			return codes[country]
		}
		if bare {
			return ""
		}
	}
	return codes[of]
}

// isArea says whether a number of nine digits begins with an area or a mobile network of the currency's country.
func isArea(national string, of payment.Currency) bool {
	areas := map[payment.Currency][]string{
		payment.AZN: {"10", "12", "18", "20", "21", "22", "23", "24", "25", "26", "36", "40", "50", "51", "55",
			"60", "70", "77", "99"},
		payment.BYN: {"15", "16", "17", "21", "22", "23", "25", "29", "33", "44"},
	}
	return slices.Contains(areas[of], national[:2])
}
