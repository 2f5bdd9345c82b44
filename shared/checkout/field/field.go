// Package field checks the single fields of a request, and says in words what is wrong with them.
package field

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"kassa/shared/payment"
)

// longestText is how long a description or a reason may be, in characters.
const longestText = 250

// Errors collects what is wrong, so that a caller is told everything at once.
type Errors struct{ All []payment.FieldError }

// Must adds a complaint about the field at pointer unless ok.
func (c *Errors) Must(ok bool, pointer, code, detail string) {
	if !ok {
		c.All = append(c.All, payment.FieldError{Pointer: pointer, Code: code, Detail: detail})
	}
}

// Text checks a free text of people, such as a description.
func (c *Errors) Text(s, pointer string) {
	c.Must(Plain(s, longestText), pointer, "bad_text", fmt.Sprintf("Must be at most %d printable characters.", longestText))
	c.Must(!HoldsCardNumber(s), pointer, "card_number", "Looks like a card number; card data must never be sent to Kassa.")
}

// Plain says whether a text is what people write: valid UTF-8, no control characters, no invisible changes of direction.
func Plain(s string, longest int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > longest {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Noncharacter_Code_Point, r) || r == '\ufeff' || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// Escape writes a key as one step of a JSON pointer (RFC 6901).
func Escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}
