package field

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shortestPacked is how long the shortest card number is in base64; in hexadecimal digits it is longer.
const shortestPacked = (4*fewestOfCard + 2) / 3

// unpacked are the texts that stand in a text as base64 or in hexadecimal digits: programs hand texts on in this way.
// Digits and what parts them become letters and digits alone, but what stands beside them may not: signs among the
// letters are where a packing seems to begin or to end, and up to three letters of four may be lost before it. What is
// packed is a text, too, or holds one: random bytes, which keys and digests are, hold next to never a card.
func unpacked(text string) (inner []string) {
	if len(text) < shortestPacked {
		return nil
	}
	apart := func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }
	for run := range strings.FieldsFuncSeq(text, apart) {
		if len(run) < shortestPacked {
			continue
		}
		if raw, err := hex.DecodeString(run); err == nil {
			inner = append(inner, texts(raw)...)
		}
		for lost, packed := range []string{run, "A" + run, "AA" + run, run[1:]} { // "AAA" might make a digit of the first
			if len(packed)%4 == 1 { // the last letter alone is none of a byte
				packed = packed[:len(packed)-1]
			}
			raw, err := base64.RawStdEncoding.DecodeString(packed)
			if err != nil {
				continue
			}
			found := texts(raw)
			if lost > 0 { // else most of it is no text but by chance, and would be looked through in vain
				found = slices.DeleteFunc(found, tooFewDigits)
			}
			inner = append(inner, found...)
		}
	}
	return inner
}

// texts are the parts of some bytes that are a text, as far as they have room for a card.
func texts(raw []byte) []string {
	parts := strings.FieldsFunc(string(raw), func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r)
	})
	return slices.DeleteFunc(parts, func(part string) bool { return len(part) < fewestOfCard })
}
