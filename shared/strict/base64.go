package strict

import (
	"encoding/base64"
	"strings"
)

// Base64 decodes RFC 4648 in either alphabet, with its padding or without: whichever it is, a text means one value, and
// each value has one text in each form. Line breaks, spare bits, half a padding and both alphabets at once are refused.
func Base64(text string) ([]byte, bool) {
	bare := strings.TrimRight(text, "=")
	if padding := len(text) - len(bare); padding > 0 && len(text)%4 != 0 || padding > 2 || text == "" {
		return nil, false
	}
	alphabet := base64.RawStdEncoding
	if strings.ContainsAny(bare, "-_") {
		alphabet = base64.RawURLEncoding
	}
	raw, err := alphabet.Strict().DecodeString(bare)
	return raw, err == nil && !strings.ContainsAny(bare, "\r\n")
}
