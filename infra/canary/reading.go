package canary

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// deepest is how often a text may have been encoded, one way in another.
const deepest = 3

// readings are a text as it stands, and what it says once it is decoded: from JSON, addresses, HTML and XML, and what
// stands in it as base64 or in hexadecimal digits.
//
// Whoever leaks a text has written it down in some way, and mostly in two: an answer that holds a bank's document holds
// it as JSON within JSON. So what was decoded is looked through in its turn.
func readings(text string) []string {
	all := []string{text}
	for from, level := 0, 0; level < deepest; level++ {
		until := len(all)
		for _, one := range all[from:until] {
			if plain := unescape(one); plain != one {
				all = append(all, plain)
			}
			if inner := unpack(one); inner != "" {
				all = append(all, inner)
			}
		}
		from = until
	}
	return all
}

var escape = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|\\.|%[0-9a-fA-F]{2}|&#?[0-9a-zA-Z]{1,8};`)

// unescape reads each escape of any kind that there is, once.
func unescape(text string) string {
	return escape.ReplaceAllStringFunc(text, func(one string) string {
		switch one[0] {
		case '\\':
			if plain, err := strconv.Unquote(`"` + one + `"`); err == nil {
				return plain
			}
			return one[1:]
		case '%':
			if plain, err := url.PathUnescape(one); err == nil {
				return plain
			}
		}
		return html.UnescapeString(one)
	})
}

var (
	inBase64 = regexp.MustCompile(`[0-9A-Za-z+/_-]{12,}`)
	inHex    = regexp.MustCompile(`[0-9A-Fa-f]{12,}`)
)

// unpack decodes whatever might be base64 or hexadecimal, from each place where it might begin.
func unpack(text string) string {
	var b strings.Builder
	alphabet := strings.NewReplacer("-", "+", "_", "/")
	for _, run := range inBase64.FindAllString(text, -1) {
		for skip := range 4 {
			part := alphabet.Replace(run[skip:])
			// four letters are three bytes, two and three are one and two; one is none
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			if raw, err := base64.RawStdEncoding.DecodeString(part); err == nil {
				b.Write(append(raw, '\n'))
			}
		}
	}
	// two digits are a byte, and the first may belong to what stands before
	for _, run := range inHex.FindAllString(text, -1) {
		for skip := range 2 {
			if raw, err := hex.DecodeString(run[skip : skip+(len(run)-skip)/2*2]); err == nil {
				b.Write(append(raw, '\n'))
			}
		}
	}
	return b.String()
}

// digitsOf are the digits of a text, of whatever script, without all that stands between them.
func digitsOf(text string) string {
	var b strings.Builder
	if ascii := strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0; !ascii {
		text = norm.NFKC.String(text)
	}
	for _, r := range text {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if value, is := valueOf(r); is {
			b.WriteRune('0' + value)
		}
	}
	return b.String()
}

// valueOf is what a digit of another script is worth: each has its ten in a row.
func valueOf(r rune) (rune, bool) {
	if r < 0x80 || !unicode.IsDigit(r) {
		return 0, false
	}
	for _, row := range unicode.Nd.R16 {
		if lo := rune(row.Lo); r >= lo && r <= rune(row.Hi) {
			return (r - lo) % 10, true
		}
	}
	for _, row := range unicode.Nd.R32 {
		if lo := rune(row.Lo); r >= lo && r <= rune(row.Hi) { //nolint:gosec // a letter's number
			return (r - lo) % 10, true
		}
	}
	return 0, false
}
