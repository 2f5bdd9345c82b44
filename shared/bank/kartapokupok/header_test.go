package kartapokupok

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

func TestSignatureForms(t *testing.T) {
	signer := signersOf(t, rsaSHA256)[0]
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "public_keys": []string{signer.forms["bare SPKI"]}}))
	raw := signer.sign(t, rsaSHA256, []byte(approved))
	right := base64.StdEncoding.EncodeToString(raw)
	// other spare bits, the same bytes
	spare := strings.NewReplacer("A==", "B==", "Q==", "R==", "g==", "h==", "w==", "x==").Replace(right)
	for what, text := range map[string]string{
		"empty": "", "space": " ", "half a padding": strings.TrimSuffix(right, "="),
		"line break": right[:76] + "\n" + right[76:], "a blank within": right[:9] + " " + right[9:],
		"half quoted": `"` + right, "quoted by two kinds": `"` + right + "'", "quoted twice": `''` + right + `''`,
		"scheme before": "sha256=" + right, "padding twice": right + "==", "another none": "none", "spare bits": spare,
		"spare bits, no padding": strings.TrimRight(spare, "="), "both alphabets": "+-" + right[2:], "null": "null",
		"percent":           strings.ReplaceAll(right, "+", "%2B"),
		"another algorithm": "alg=RS512; digest=" + right, "no algorithm": "alg=; digest=" + right,
		"none at all": "alg=none; digest=" + right, "no name": "RS256; digest=" + right,
		"none, with blanks": "alg = none ; digest = " + right, "another in quotes": "alg='HS256'; digest=" + right,
		"another of Java's": "alg=SHA512withRSA; digest=" + right, "another, by commas": "alg=RS512, digest=" + right,
		"two algorithms, one in quotes": "alg=RS256; 'ALG' = none; digest=" + right,
		"two digests, one in quotes":    "alg=RS256; digest=" + right + `; "digest"=` + right,
		"twice by a comma":              right + "," + right,
		"twice named, by a comma":       "alg=RS256; digest=" + right + ", alg=RS256; digest=" + right,
		"a digest alone":                "digest=" + right + ";",
		"two digests":                   "alg=RS256; digest=AA==; digest=" + right,
		"two algorithms":                "alg=RS256; alg=RS512; digest=" + right,
		"a remark without a name":       "alg=RS256; digest=" + right + "; key",
		"another name twice":            "alg=RS256; kid=1; digest=" + right + "; KID=2",
		"no name but others":            "kid=1; digest=" + right, "an empty digest": "alg=RS256; digest=",
		"in another encoding": "alg=RS256; digest=" + hex.EncodeToString(raw),
		"all zero":            base64.StdEncoding.EncodeToString(make([]byte, 256)),
		"not a residue":       base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\xff", 256))),
	} {
		if text != right {
			forged(t, k, what, notify(text, approved))
		}
	}
	missing := notify(right, approved)
	missing.Header = map[string]string{"content-signature": right, "x-sign-2": right}
	forged(t, k, "in another header", missing)
	missing.Header = nil
	forged(t, k, "no header", missing)
	forged(t, k, "no body", notify(right, ""))
	forged(t, k, "white space behind the body", notify(right, approved+"\n"))

	for what, text := range map[string]string{
		"CRLF at the end": right + "\r\n", "leading space": " " + right, "quoted": `"` + right + `"`,
		"quoted once":     "' " + right + " '",
		"blanks around =": "alg = RS256 ; digest = " + right, "single quotes": "alg='RS256';digest='" + right + "'",
		"blanks and quotes":   `Alg = " rs256 " ; DIGEST = ' ` + right + ` ' ; `,
		"tabs":                "alg\t=\tRS256;\tdigest\t=\t" + right,
		"commas":              "digest=" + right + ", alg=RS256",
		"a comma in a remark": `alg=RS256; digest=` + right + `; created="Sat, 28 Nov"`,
		"names in quotes":     `"digest"="` + right + `"; "alg"="RS256"`,
		"Java's name of it":   "alg=SHA256withRSA; digest=" + right,
		"with the key's name": "kid=2026-1; alg=RS256; digest=" + right + "; created=1780000000",
		"with the algorithm":  "alg=RS256; digest=" + right, "no padding": strings.TrimRight(right, "="),
		"of addresses":             base64.URLEncoding.EncodeToString(raw),
		"of addresses, no padding": base64.RawURLEncoding.EncodeToString(raw),
		"no padding behind a name": "alg=RS256; digest=" + strings.TrimRight(right, "="),
		"our name of it":           "alg=RSA-SHA256;digest=" + right, "ended": "alg=RS256; digest=" + right + ";",
		"in other order": ` Digest="` + right + `" ; ALG="rs256"`,
	} {
		if notice, err := k.Read(notify(text, approved)); err != nil || !notice.Proven {
			t.Errorf("%s: %v", what, err)
		}
	}
}
