package field

import (
	"strings"
	"unicode"
)

// HoldsCardNumber says whether a text holds what is most likely a card number: 15, 16 or 19 digits, perhaps in groups, that begin
// like one of a card network and satisfy the Luhn check (ISO/IEC 7812-1). Phone and order numbers are shorter or begin otherwise,
// so an honest reference is refused about once in a hundred sixteen-digit numbers.
func HoldsCardNumber(text string) bool {
	var digits []byte
	flush := func() bool {
		found := cardNumber(digits)
		digits = digits[:0]
		return found
	}
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r-'0'))
		case r >= '０' && r <= '９': // full-width, as some keyboards type them
			digits = append(digits, byte(r-'０'))
		case unicode.IsSpace(r) || strings.ContainsRune("-._", r):
		default:
			if flush() {
				return true
			}
		}
	}
	return flush()
}

func cardNumber(digits []byte) bool {
	switch len(digits) {
	case 15:
		return digits[0] == 3 && (digits[1] == 4 || digits[1] == 7) && luhn(digits)
	case 16, 19:
		return cardPrefix(digits) && luhn(digits)
	}
	return false
}

// cardPrefix knows the networks of the region: Visa 4, Mastercard 51-55 and 22-27, Mir 2200-2204, Maestro 50 and 56-69, Belkart
// 9112, UnionPay 62, JCB 35.
func cardPrefix(digits []byte) bool {
	two := int(digits[0])*10 + int(digits[1])
	return digits[0] == 4 || two >= 50 && two <= 69 || two >= 22 && two <= 27 || two == 35 ||
		strings.HasPrefix(string([]byte{digits[0] + '0', digits[1] + '0', digits[2] + '0', digits[3] + '0'}), "9112")
}

func luhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		n := int(d)
		if (len(digits)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
