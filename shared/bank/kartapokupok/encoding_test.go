package kartapokupok

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

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
	const key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEztOQESKh1Gdai3CKa/99cfZuE7rqcwb/JjnDSVVsrNptCsfeFMsLsMwq" +
		"A6nSLzfkXq+iUGwZJD2CB4phpdSuIg=="
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
	swapped := slices.Concat(raw[32:64], raw[:32])
	for what, other := range map[string][]byte{"another order": swapped, "shorter": raw[:63], "longer": append(raw, 0),
		"noughts": make([]byte, 64), "nothing": {}} {
		forged(t, k, what, notify(base64.StdEncoding.EncodeToString(other), body))
	}
	forged(t, k, "another body", notify(signature, body+" "))
}

// TestAKeyInACertificateOfAnOddName: a low line is nothing that a PrintableString holds, and CAs of banks' write it.
func TestAKeyInACertificateOfAnOddName(t *testing.T) {
	private := signersOf(t, ecdsaSHA256)[0].private
	odd := &x509.Certificate{SerialNumber: big.NewInt(7), NotAfter: time.Unix(1, 0),
		RawSubject: []byte("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x13\x03a_b")}
	der, err := x509.CreateCertificate(rand.Reader, odd, odd, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": ecdsaSHA256,
		"public_keys": []string{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}}))
	signature := signersOf(t, ecdsaSHA256)[0].sign(t, ecdsaSHA256, []byte(approved))
	notice, err := k.Read(notify(base64.StdEncoding.EncodeToString(signature), approved))
	if err != nil || !notice.Proven {
		t.Errorf("%+v, %v", notice, err)
	}
}
