package kartapokupok

import (
	"strings"
	"testing"

	"kassa/shared/payment"
)

// A signature of the bank's in another encoding than the settings name is refused, and the encoding is what is blamed.
func TestTheEncodingIsBlamedForAnotherEncoding(t *testing.T) {
	for algorithm := range families {
		two := signersOf(t, algorithm)
		for encoding := range encoders {
			k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": algorithm, "encoding": encoding,
				"public_keys": []string{two[0].forms["PEM SPKI"]}}))
			for other, encode := range encoders {
				for whose, s := range two {
					_, err := k.Read(notify(encode(s.sign(t, algorithm, []byte(approved))), approved))
					if alike := (other == "hex") == (encoding == "hex"); alike || payment.KindOf(err) != payment.Forged {
						continue
					}
					if blamed := strings.Contains(err.Error(), "callback.encoding"); blamed != (whose == 0) {
						t.Errorf("%s in %s read as %s, key %d: %v", algorithm, other, encoding, whose, err)
					}
				}
			}
		}
	}
}
