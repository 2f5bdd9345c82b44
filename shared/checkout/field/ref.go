package field

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longestRef is how long an order_ref may be, in characters of its one form.
const longestRef = 64

// Ref is an order_ref in its one form: what looks the same is the same order, and is never charged twice for having
// been spelled in two ways. Letters with marks are composed (Unicode NFC), every sort of blank is the ordinary one.
// Whoever looks an order up by its order_ref brings that into this form first.
func Ref(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, norm.NFC.String(s))
}

// Ref checks an order_ref, or what else a shop calls something of its own, that is in its one form.
func (c *Errors) Ref(s, pointer string) {
	if s == "" {
		c.Must(false, pointer, "required", "Must be your own number of the order.")
		return
	}
	printable := utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r) || Invisible(r) || r == utf8.RuneError
	})
	c.Must(printable && utf8.RuneCountInString(s) <= longestRef && strings.Trim(s, " ") == s, pointer, "bad_format",
		"Must be 1 to 64 printable characters, with no blank at either end.")
	c.NoCard(s, pointer)
}

// RefForBank is what a bank may be told of an order_ref in its one form: 1 to 64 of A-Z a-z 0-9 . _ -, which every bank
// takes. One that is made of these alone is itself; any other is what can be read of it and a digest of the whole. No
// two order_refs are told alike: one that has the form of such a digest is told by its digest, too.
func RefForBank(s string) string {
	const plainly = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	const mark, digestLength = ".x", 26
	if strings.Trim(s, plainly) == "" && !isDigest(s, mark, digestLength) {
		return s
	}
	legible := strings.Map(func(r rune) rune {
		if strings.ContainsRune(plainly, r) {
			return r
		}
		return '-'
	}, s)
	sum := sha256.Sum256([]byte(s))
	digest := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:digestLength]
	return legible[:min(len(legible), longestRef-len(mark)-digestLength)] + mark + digest
}

// isDigest says whether a text ends as RefForBank writes digests.
func isDigest(s, mark string, length int) bool {
	at := len(s) - length - len(mark)
	return at >= 0 && strings.HasPrefix(s[at:], mark) &&
		strings.Trim(s[at+len(mark):], "abcdefghijklmnopqrstuvwxyz234567") == ""
}
