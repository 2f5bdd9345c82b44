package field

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shortestPacked is how long the shortest card number is in base64; in hexadecimal digits it is longer.
const shortestPacked = (4*fewestOfCard + 2) / 3

// unpacked are the texts that stand in a text as base64 or in hexadecimal digits: programs hand texts on in this way.
// Digits and what parts them become letters and digits alone. What is packed is a text, too: random bytes, which keys
// and digests are, are next to never one.
func unpacked(text string) (inner []string) {
	if len(text) < shortestPacked {
		return nil
	}
	apart := func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }
	for run := range strings.FieldsFuncSeq(text, apart) {
		if len(run) < shortestPacked {
			continue
		}
		for _, unpack := range []func(string) ([]byte, error){base64.RawStdEncoding.DecodeString, hex.DecodeString} {
			if raw, err := unpack(run); err == nil && isText(raw) {
				inner = append(inner, string(raw))
			}
		}
	}
	return inner
}

func isText(raw []byte) bool {
	for _, r := range string(raw) {
		if r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}
