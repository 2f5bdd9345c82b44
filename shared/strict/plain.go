package strict

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain says whether a text is what people write on one line: valid UTF-8 without control characters, line separators,
// invisible changes of direction and what is no character, none of which everybody passes on as it is.
func Plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Noncharacter_Code_Point) ||
			r == '\ufeff' || r == utf8.RuneError
	})
}

// Printable says whether a text is what machines name things with: all of it can be seen, of blanks it has the ASCII
// one alone, and nothing of it was lost on the way.
func Printable(text string) bool {
	lost := func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }
	return !strings.ContainsFunc(text, lost)
}
