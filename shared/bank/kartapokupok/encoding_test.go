package kartapokupok

import (
	"encoding/base64"
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

// TestTwoNumbersSideBySide verifies a signature of Node's Web Crypto, which writes ECDSA as JWS and .NET do.
func TestTwoNumbersSideBySide(t *testing.T) {
	const body = `{"session_id":"S-7f3a","status":"APPROVED"}`
	const key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEztOQESKh1Gdai3CKa/99cfZuE7rqcwb/JjnDSVVsrNptCsfeFMsLsMwqA6nSLzfkXq+i" +
		"UGwZJD2CB4phpdSuIg=="
	const signature = "vUF2AWp6UJSI7RW+kYV734gt7cuL7rLsRFBpgL6Lc2i3S2EXwSRsOUDAqfFuMikHZJmV+DC+ulADDd1Mw/OICg=="
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": ecdsaSHA256,
		"public_keys": []string{key}}))
	for _, header := range []string{signature, "alg=ES256; digest=" + signature} {
		if notice, err := k.Read(notify(header, body)); err != nil || !notice.Proven {
			t.Errorf("%s: %+v, %v", header, notice, err)
		}
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		t.Fatal(err)
	}
	swapped := append(raw[32:64:64], raw[:32]...)
	for what, other := range map[string][]byte{"another order": swapped, "shorter": raw[:63], "longer": append(raw, 0),
		"noughts": make([]byte, 64), "nothing": {}} {
		forged(t, k, what, notify(base64.StdEncoding.EncodeToString(other), body))
	}
	forged(t, k, "another body", notify(signature, body+" "))
}
