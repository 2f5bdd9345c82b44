// Package ascii knows the simple forms of what banks, shops and AWS name things by: so many characters, and these
// alone. A function pays for a compiled pattern at every start, whether or not it ever meets what the pattern is for.
package ascii

import "strings"

// Sets of characters; two are joined by a plus sign.
const (
	Digits  = "0123456789"
	Lower   = "abcdefghijklmnopqrstuvwxyz"
	Upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	Letters = Lower + Upper
)

// Only says whether a text has least to most bytes, all of them of a set.
func Only(text, set string, least, most int) bool {
	return len(text) >= least && len(text) <= most && strings.TrimLeft(text, set) == ""
}

// Word says whether a text has one to most bytes: the first of one set, the others of another.
func Word(text, first, others string, most int) bool {
	return text != "" && Only(text[:1], first, 1, 1) && Only(text[1:], others, 0, most-1)
}

// Natural says whether a text is a number from 1 of at most so many digits, as a computer writes it.
func Natural(text string, most int) bool { return Word(text, Digits[1:], Digits, most) }
