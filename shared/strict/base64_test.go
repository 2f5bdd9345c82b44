package strict_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"kassa/shared/strict"
)

// TestBase64 takes the four forms of RFC 4648 and nothing beside them.
func TestBase64(t *testing.T) {
	for length := range 40 {
		value := bytes.Repeat([]byte{0xfb, 0xff, 0xbe}, 14)[:length]
		for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding,
			base64.RawURLEncoding} {
			text := form.EncodeToString(value)
			if raw, ok := strict.Base64(text); ok != (length > 0) || length > 0 && !bytes.Equal(raw, value) {
				t.Errorf("%q: %x, %v", text, raw, ok)
			}
		}
	}
	for _, text := range []string{"", "=", "==", "A", "AB=", "ABCD=", "ABCD====", "AB==AB==", "AA=A", "AB==", "ABD",
		"+-AA", "+_AA", "AAAA\n", "AA\r\nAA", " AAAA",
		"AAAA,AAAA", "AAAA AAAA", "ÄAAA", "AA===", "A==="} {
		if raw, ok := strict.Base64(text); ok {
			t.Errorf("%q is %x", text, raw)
		}
	}
}
