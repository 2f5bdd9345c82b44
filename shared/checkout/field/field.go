// Package field checks the single fields of a request, says in words what is wrong with them, and brings what people
// write in many ways into one form.
package field

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kassa/shared/payment"
	"kassa/shared/strict"
)

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
	c.Must(Plain(s, payment.MaxReason), pointer, "bad_text", fmt.Sprintf("Must be at most %d printable characters.",
		payment.MaxReason))
	c.NoCard(s, pointer)
}

// NoCard checks that a text of any sort holds no card number.
func (c *Errors) NoCard(s, pointer string) {
	c.Must(!HoldsCardNumber(s), pointer, "card_number", CardRefused)
}

// Plain says whether a text is what people write, and has at most so many characters.
func Plain(s string, longest int) bool {
	return strict.Plain(s) && utf8.RuneCountInString(s) <= longest
}

// Invisible says whether a character takes no place and joins to none: two texts that differ in such characters alone
// look the same.
func Invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		r == '\u2800'
}

// OneLine is a text of people as one line: a line break or a tab is a blank, there is none at either end, letters with
// marks are composed (Unicode NFC), and what is copied unseen along with a text is gone, such as the changes of
// direction that address books and chats put around a name, and the control characters that a text has from another
// encoding. A NUL stays, to be refused: who reads up to it reads another text.
func OneLine(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\t\n\v\f\r\u0085\u2028\u2029", r):
			return ' '
		case unicode.IsControl(r) && r != 0, unicode.Is(unicode.Bidi_Control, r),
			strings.ContainsRune("\u00ad\u200b\u2060\ufeff", r):
			return -1
		}
		return r
	}, s)))
}

// Mail is an e-mail address as people see it, without what is copied along with one: a name or a label before it, the
// brackets and quotes around it, mailto:, the same address once more, and the sign that parts it from the next.
func Mail(s string) string {
	s = strings.Map(func(r rune) rune {
		if Invisible(r) {
			return -1
		}
		return r
	}, OneLine(s))
	for { // each round makes it shorter
		bare := unframed(strings.TrimRight(strings.TrimLeft(s, " ,;"), " ,;."))
		if bare == s {
			return s
		}
		s = bare
	}
}

// unframed takes away one thing that stands around an address. Where it may be two addresses, or two parts of one, it
// stays.
func unframed(s string) string {
	name, rest, framed := strings.Cut(s, "<")
	inside, closed := strings.CutSuffix(rest, ">")
	if framed && closed && !strings.Contains(inside, "<") &&
		(!strings.Contains(name, "@") || strings.EqualFold(Mail(name), Mail(inside))) {
		return strings.TrimSpace(inside)
	}
	// No address has a colon, but a mail's head has one, and mailto:, which may have a subject behind it.
	if label := strings.LastIndexByte(s[:max(0, strings.IndexByte(s, '@'))], ':'); label >= 0 {
		address, _, _ := strings.Cut(s[label+1:], "?")
		return strings.TrimSpace(address)
	}
	for _, pair := range []string{`""`, "''", "``", "()", "[]", "{}", "«»", "“”", "„“", "‘’"} {
		signs := []rune(pair)
		behind, opened := strings.CutPrefix(s, string(signs[0]))
		if inside, closed := strings.CutSuffix(behind, string(signs[1])); opened && closed &&
			!strings.ContainsAny(inside, pair) {
			return strings.TrimSpace(inside)
		}
	}
	return s
}
