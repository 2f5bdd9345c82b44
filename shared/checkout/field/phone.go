package field

import (
	"slices"
	"strings"
	"unicode"

	"kassa/shared/payment"
)

// Phone gives a phone number in the one form that banks are told (ITU-T E.164): + and digits. People of the currency's
// country write it without its code, after a trunk prefix (0; in Belarus 8, or 80 with the area's code), after 00, or
// with (0) in between, with blanks, hyphens, dots, slashes and brackets, and in digits of any script. What cannot be
// read as a whole number stays as it is.
func Phone(s string, of payment.Currency) string {
	var digits strings.Builder
	plus := false
	text := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "tel:")
	// A table that took the number for a decimal has put noughts behind it: they are no digits of it.
	if whole, noughts, ok := strings.Cut(text, "."); ok && strings.Trim(noughts, "0") == "" &&
		strings.Trim(whole, "+0123456789") == "" {
		text = whole
	}
	for _, r := range visible(text) {
		switch {
		case isDigit(r):
			digits.WriteRune(r)
		case r == '+' && digits.Len() == 0 && !plus:
			plus = true
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("()./\u2212", r):
		default:
			return s
		}
	}
	number := international(digits.String(), plus, of)
	if len(number) < 8 || len(number) > 15 || number[0] == '0' {
		return s
	}
	return "+" + number
}

// IsPhone says whether a number is in that form, and of a length that is possible where the code is ours.
func IsPhone(s string) bool {
	number, plus := strings.CutPrefix(s, "+")
	ours := strings.HasPrefix(number, "375") || strings.HasPrefix(number, "994")
	return plus && strings.Trim(number, "0123456789") == "" && len(number) >= 8 && len(number) <= 15 && number[0] != '0' &&
		(!ours || len(number) == 12)
}

// international gives a number from its country code on.
func international(number string, plus bool, of payment.Currency) string {
	after, zeros := strings.CutPrefix(number, "00")
	switch {
	case !plus && zeros:
		number, plus = after, true
	case len(number) == 11 && strings.HasPrefix(number, "80"): // Belarus: 8 0 29 ..., people put a plus before that, too
		if !isArea(number[2:], payment.BYN) {
			return "" // Ukraine had 8 0 50 ..., and nobody knows whose it is
		}
		return "375" + number[2:]
	case !plus && len(number) == 11 && number[0] == '8' && strings.IndexByte("34789", number[1]) >= 0: // Russia: 8 916 ...
		return "7" + number[1:]
	case !plus && strings.HasPrefix(number, "8") && !strings.HasPrefix(number, "86"):
		return "" // 8 10 375 ... dials abroad, and what else begins so may be a country's code or a trunk prefix
	}
	for _, country := range []string{"375", "994"} {
		// Nine digits stand behind either code; a zero between them is the trunk prefix, as in +375 (0)29.
		if national, ours := strings.CutPrefix(number, country); ours && len(national) == 10 && national[0] == '0' {
			return country + national[1:]
		}
	}
	if plus || len(number) > 10 && number[0] != '0' {
		return number
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

// codeOf is the country of a number of nine digits: the currency's, unless its area is one that the other country alone
// has. One without a trunk prefix must begin with an area of the currency's country: it may be anything else.
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
		payment.AZN: {"10", "12", "18", "20", "21", "22", "23", "24", "25", "26", "36", "40", "50", "51", "55", "60", "70",
			"77", "99"},
		payment.BYN: {"15", "16", "17", "21", "22", "23", "25", "29", "33", "44"},
	}
	return slices.Contains(areas[of], national[:2])
}
