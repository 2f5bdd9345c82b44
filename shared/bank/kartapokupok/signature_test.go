package kartapokupok

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// The signatures in testdata were made by OpenSSL over callback.json, which is the first proof that both sides mean the
// same.
func TestGoldenSignatures(t *testing.T) {
	for algorithm, keys := range map[string][]string{
		rsaSHA256: {"rsa.spki.pem", "rsa.pkcs1.pem", "rsa.certificate.pem"}, rsaSHA512: {"rsa.pkcs1.pem"},
		rsaPSSSHA256: {"rsa.spki.pem"},
		ecdsaSHA256:  {"ecdsa.spki.pem"}, ed25519Plain: {"ed25519.spki.pem"},
	} {
		for _, key := range keys {
			k := partner(t, callbackOf(t, map[string]any{"algorithm": algorithm, "public_keys": []string{golden(t, key)}}))
			notice, err := k.Read(bank.Message{Method: http.MethodPost, Body: []byte(golden(t, "callback.json")),
				Now:    minskNoon(),
				Header: map[string]string{"content-signature": golden(t, "callback."+algorithm)}})
			if err != nil || !notice.Proven || notice.Handle != (bank.Handle{OrderID: "S-7f3a", Private: "12345"}) {
				t.Errorf("%s with %s: %+v, %v", algorithm, key, notice, err)
			}
		}
	}
}

// signer is one private key of the bank, and all the forms that its public key may be given in.
type signer struct {
	private crypto.Signer
	forms   map[string]string
}

var signers = sync.OnceValues(func() (map[string][2]signer, error) {
	all := map[string][2]signer{}
	for _, family := range []string{"rsa", "ecdsa", "ed25519"} {
		var two [2]signer
		for i := range two {
			var err error
			if two[i], err = newSigner(family); err != nil {
				return nil, err
			}
		}
		all[family] = two
	}
	return all, nil
})

func newSigner(family string) (signer, error) {
	var private crypto.Signer
	var err error
	switch family {
	case "rsa":
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ecdsa":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return signer{}, err
	}
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return signer{}, err
	}
	// long over: the key is pinned
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "callbacks"},
		NotAfter: time.Unix(1, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	armour := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	forms := map[string]string{
		"PEM SPKI": armour("PUBLIC KEY", spki), "PEM certificate": armour("CERTIFICATE", certificate),
		"bare SPKI":        base64.StdEncoding.EncodeToString(spki),
		"bare certificate": base64.StdEncoding.EncodeToString(certificate),
	}
	if public, ok := private.Public().(*rsa.PublicKey); ok {
		forms["PEM PKCS#1"] = armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(public))
		bare := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(public))
		forms["bare PKCS#1"] = bare[:64] + "\n" + bare[64:] + "\n"
	}
	return signer{private, forms}, err
}

var families = map[string]string{rsaSHA256: "rsa", rsaSHA512: "rsa", rsaPSSSHA256: "rsa", ecdsaSHA256: "ecdsa",
	ed25519Plain: "ed25519"}

func signersOf(t testing.TB, algorithm string) [2]signer {
	t.Helper()
	all, err := signers()
	if err != nil {
		t.Fatal(err)
	}
	return all[families[algorithm]]
}

func (s signer) sign(t testing.TB, algorithm string, message []byte) []byte {
	t.Helper()
	sum, long := sha256.Sum256(message), sha512.Sum512(message)
	digest, options := sum[:], crypto.SignerOpts(crypto.SHA256)
	switch algorithm {
	case rsaSHA512:
		digest, options = long[:], crypto.SHA512
	case rsaPSSSHA256:
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	case ed25519Plain:
		digest, options = message, crypto.Hash(0)
	}
	signature, err := s.private.Sign(rand.Reader, digest, options)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

var encoders = map[string]func([]byte) string{
	"base64": base64.StdEncoding.EncodeToString, "base64url": base64.RawURLEncoding.EncodeToString,
	"hex": hex.EncodeToString,
}

const approved = `{"session_id":"S-7f3a","order_ref":"12345","status":"APPROVED","amount":120.00,"currency":"BYN"}`

func notify(signature, body string) bank.Message {
	return bank.Message{Method: http.MethodPost, Header: map[string]string{"x-sign": signature}, Body: []byte(body),
		Handle: ourHandle(), Now: minskNoon()}
}

// forged asserts that a message is refused for its signature and proves nothing.
func forged(t *testing.T, k *KartaPokupok, what string, c bank.Message) {
	t.Helper()
	if notice, err := k.Read(c); payment.KindOf(err) != payment.Forged || err == nil || notice.Proven ||
		notice.Handle.OrderID != "" {
		t.Errorf("%s: %+v, %v", what, notice, err)
	}
}

// Every algorithm in every encoding with every form of the key: what was signed so passes, and everything that was
// signed in any other way does not.
func TestSignatureMatrix(t *testing.T) {
	for algorithm := range families {
		two := signersOf(t, algorithm)
		for form, key := range two[0].forms {
			for encoding, encode := range encoders {
				k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": algorithm, "encoding": encoding,
					"public_keys": []string{key}}))
				what := fmt.Sprintf("%s, %s, %s", algorithm, form, encoding)
				raw := two[0].sign(t, algorithm, []byte(approved))
				if notice, err := k.Read(notify(encode(raw), approved)); err != nil || !notice.Proven {
					t.Errorf("%s: %v", what, err)
				}
				forged(t, k, what+", another key", notify(encode(two[1].sign(t, algorithm, []byte(approved))), approved))
				mac := hmac.New(sha256.New, []byte(key)) // whoever takes the algorithm from the message takes this
				_, _ = mac.Write([]byte(approved))
				forged(t, k, what+", HMAC keyed by the public key", notify(encode(mac.Sum(nil)), approved))
				forged(t, k, what+", none", notify("", approved))
				forged(t, k, what+", twice", notify(encode(raw)+","+encode(raw), approved))
				forged(t, k, what+", twice with a space", notify(encode(raw)+", "+encode(raw), approved))
				forged(t, k, what+", shorter", notify(encode(raw[:len(raw)-1]), approved))
				forged(t, k, what+", longer", notify(encode(append(raw[:len(raw):len(raw)], 0)), approved))
				for other, encode := range encoders {
					if (other == "hex") != (encoding == "hex") { // the two alphabets of base64 are read alike
						forged(t, k, what+", encoded as "+other, notify(encode(raw), approved))
					}
				}
				for other := range families {
					if other != algorithm {
						forged(t, k, what+", signed by "+other, notify(encode(signersOf(t, other)[0].sign(t, other, []byte(approved))),
							approved))
					}
				}
			}
		}
	}
}

// Any byte of the body or of the signature's text, changed to any other: refused. A blank in place of the padding's end
// leaves the same text, which is read without padding, too.
func TestEveryByteCounts(t *testing.T) {
	for algorithm := range families {
		signer := signersOf(t, algorithm)[0]
		for encoding, encode := range encoders {
			k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": algorithm, "encoding": encoding,
				"public_keys": []string{signer.forms["PEM SPKI"]}}))
			signature := encode(signer.sign(t, algorithm, []byte(approved)))
			for i := range approved {
				altered := []byte(approved)
				altered[i] ^= byte(1 << (i % 8))
				forged(t, k, fmt.Sprintf("%s, %s, body byte %d", algorithm, encoding, i), notify(signature, string(altered)))
			}
			for i := range signature {
				for _, to := range []byte{signature[i] ^ 1, signature[i] ^ 32, '=', 'A', ' '} {
					if altered := []byte(signature); to != signature[i] && (signature[i] != '=' || to != ' ') {
						altered[i] = to
						forged(t, k, fmt.Sprintf("%s, %s, signature byte %d", algorithm, encoding, i), notify(string(altered), approved))
					}
				}
			}
		}
	}
}

// A bank's framework may pack the body on its way, before it is signed or after. Whichever bytes the signature is over,
// the message is read.
func TestPackedMessages(t *testing.T) {
	signer := signersOf(t, rsaSHA256)[0]
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "public_keys": []string{signer.forms["bare SPKI"]}}))
	pack := func(text string) string {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return packed.String()
	}
	message := func(signed, sent, coding string) bank.Message {
		c := notify(base64.StdEncoding.EncodeToString(signer.sign(t, rsaSHA256, []byte(signed))), sent)
		c.Header["content-encoding"] = coding
		return c
	}
	for what, c := range map[string]bank.Message{
		"signed first": message(approved, pack(approved), "gzip"), "packed first": message(pack(approved), pack(approved),
			"GZIP"), "not packed": message(approved, approved, "gzip"),
	} {
		notice, err := k.Read(c)
		if err != nil || !notice.Proven || notice.Report.State != payment.BankApproved || notice.Unclear != "" {
			t.Errorf("%s: %+v, %v", what, notice, err)
		}
	}
	forged(t, k, "another text", message(approved, pack(approved+" "), "gzip"))
	forged(t, k, "packed, and nobody says so", message(approved, pack(approved), ""))
	forged(t, k, "a bomb", message(approved, pack(approved+strings.Repeat(" ", maxMessage)), "gzip"))
	if notice, err := k.Read(message(pack(approved), pack(approved), "")); err != nil || !notice.Proven ||
		notice.Unclear == "" {
		t.Errorf("signed as it stands: %+v, %v", notice, err)
	}
}

// Letter case of hex and padding of base64url say nothing: it is the same signature.
func TestOtherCanonicalForms(t *testing.T) {
	for algorithm := range families {
		signer := signersOf(t, algorithm)[0]
		raw := signer.sign(t, algorithm, []byte(approved))
		lower, padded := hex.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw)
		for encoding, texts := range map[string]map[string]bool{
			"hex": {strings.ToUpper(lower): true, lower: true, strings.ToUpper(lower[:64]) + lower[64:]: false,
				"0x" + lower: false},
			"base64url": {padded: true, strings.TrimRight(padded, "="): true, strings.TrimRight(padded, "=") + "===": false},
		} {
			k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": algorithm, "encoding": encoding,
				"public_keys": []string{signer.forms["PEM SPKI"]}}))
			for text, right := range texts {
				if notice, err := k.Read(notify(text, approved)); (err == nil) != right || notice.Proven != right {
					t.Errorf("%s, %s: %q: %v", algorithm, encoding, text, err)
				}
			}
		}
	}
}

func TestRotatedKeys(t *testing.T) {
	two := signersOf(t, rsaSHA256)
	keys := []string{two[0].forms["PEM SPKI"], two[1].forms["PEM PKCS#1"]}
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "public_keys": keys}))
	seen := map[string]bool{}
	for i, s := range two {
		notice, err := k.Read(notify(base64.StdEncoding.EncodeToString(s.sign(t, rsaSHA256, []byte(approved))), approved))
		if err != nil {
			t.Fatal(err)
		}
		spki, err := x509.MarshalPKIXPublicKey(s.private.Public())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(spki)
		claim := notice.Claims[len(notice.Claims)-1]
		if claim.Name != "key" || claim.Value != hex.EncodeToString(sum[:8]) || seen[claim.Value] {
			t.Errorf("key %d is told as %+v", i, claim)
		}
		seen[claim.Value] = true
	}
	only := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "public_keys": keys[1:]}))
	forged(t, only, "the key that was taken out",
		notify(base64.StdEncoding.EncodeToString(two[0].sign(t, rsaSHA256, []byte(approved))), approved))
}

// As many keys may be pinned as the work for a forged message allows; each of them proves.
func TestAsManyKeysAsMayBe(t *testing.T) {
	signer := signersOf(t, ed25519Plain)[0]
	keys := []string{signer.forms["PEM SPKI"]}
	for range mostKeys - 1 {
		other, err := newSigner("ed25519")
		if err != nil {
			t.Fatal(err)
		}
		keys = append([]string{other.forms["PEM SPKI"]}, keys...)
	}
	settings := func(keys []string) map[string]any {
		return callbackOf(t, map[string]any{"header": "X-Sign", "algorithm": ed25519Plain, "public_keys": keys})
	}
	message := notify(base64.StdEncoding.EncodeToString(signer.sign(t, ed25519Plain, []byte(approved))), approved)
	if notice, err := partner(t, settings(keys)).Read(message); err != nil || !notice.Proven {
		t.Errorf("%+v, %v", notice, err)
	}
	k, err := New(secretOf(t, complete(t), settings(append(keys, keys[0]))), Options{Now: minskNoon})
	if payment.KindOf(err) != payment.Misconfigured || payment.KindOf(k.Ready(bank.OpRead)) != payment.Misconfigured {
		t.Errorf("one key more: %v", err)
	}
}

// Why a message proves nothing is told: one without a signature is not one with a wrong one.
func TestWhyAMessageProvesNothing(t *testing.T) {
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign"}))
	for text, want := range map[string]string{"": "there is no signature", `"`: "canonical form", `""`: "canonical form",
		"AAAA": "no key of the bank"} {
		if _, err := k.Read(notify(text, approved)); payment.KindOf(err) != payment.Forged ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTimestamp(t *testing.T) {
	signer := signersOf(t, ed25519Plain)[0]
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "timestamp_header": "X-Time", "algorithm": "Ed25519",
		"public_keys": []string{signer.forms["PEM SPKI"]}}))
	message := func(stamp, signed string) bank.Message {
		c := notify(base64.StdEncoding.EncodeToString(signer.sign(t, ed25519Plain, []byte(signed+approved))), approved)
		c.Header["x-time"] = stamp
		return c
	}
	at := func(off time.Duration) string { return fmt.Sprint(minskNoon().Add(off).Unix()) }
	for _, off := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		if notice, err := k.Read(message(at(off), at(off)+".")); err != nil || !notice.Proven {
			t.Errorf("%s off: %v", off, err)
		}
	}
	for what, c := range map[string]bank.Message{
		"too old":                message(at(-301*time.Second), at(-301*time.Second)+"."),
		"too new":                message(at(301*time.Second), at(301*time.Second)+"."),
		"renewed":                message(at(0), at(-time.Hour)+"."),
		"not signed":             message(at(0), ""),
		"missing":                message("", "."),
		"in milliseconds":        message(at(0)+"000", at(0)+"000."),
		"with a plus":            message("+"+at(0), "+"+at(0)+"."),
		"twice":                  message(at(0)+","+at(0), at(0)+"."),
		"a date":                 message("2026-05-20T12:00:00Z", "2026-05-20T12:00:00Z."),
		"another dot":            message(at(0), at(0)+":"),
		"body begins with a dot": message(at(0), at(0)),
	} {
		forged(t, k, what, c)
	}
}

func TestKeysAreChecked(t *testing.T) {
	all, err := signers()
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(all["ed25519"][0].private)
	if err != nil {
		t.Fatal(err)
	}
	spki := golden(t, "rsa.spki.pem")
	// is read past its remarks
	partner(t, callbackOf(t, map[string]any{"public_keys": []string{"the key for callbacks:\n" + spki + "\n (2026)"}}))
	for what, c := range map[string]struct{ algorithm, key, why string }{
		"ECDSA for RSA":   {rsaSHA256, golden(t, "ecdsa.spki.pem"), "ECDSA key, which does not fit"},
		"RSA for ECDSA":   {ecdsaSHA256, spki, "RSA key, which does not fit"},
		"RSA for Ed25519": {ed25519Plain, spki, "RSA key, which does not fit"},
		"Ed25519 for PSS": {rsaPSSSHA256, golden(t, "ed25519.spki.pem"), "Ed25519 key, which does not fit"},
		"1024 bits":       {rsaSHA256, golden(t, "rsa1024.spki.pem"), "1024 bits; it must have 2048"},
		"secp256k1":       {ecdsaSHA256, golden(t, "secp256k1.spki.pem"), "cannot be read"},
		"two keys in one": {rsaSHA256, spki + "\n" + spki, "more than one PEM block"},
		"a half behind":   {rsaSHA256, spki + "\n" + spki[:200], "more than one PEM block"},
		"private key": {ed25519Plain, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
			"private key"},
		"bare private": {ed25519Plain, base64.StdEncoding.EncodeToString(private), "cannot be read"},
		"wrong armour": {rsaSHA256, strings.ReplaceAll(spki, "PUBLIC KEY", "RSA PUBLIC KEY"), "cannot be read"},
		"empty":        {rsaSHA256, "", "neither PEM nor"},
		"a password":   {rsaSHA256, "hunter2-canary", "neither PEM nor"},
		"half":         {rsaSHA256, spki[:200], "neither PEM nor"},
	} {
		_, err := New(secretOf(t, complete(t),
			callbackOf(t, map[string]any{"algorithm": c.algorithm, "public_keys": []string{c.key}})), Options{Now: minskNoon})
		if payment.KindOf(err) != payment.Misconfigured || !strings.Contains(err.Error(), c.why) ||
			!strings.Contains(err.Error(), "callback/public_keys entry 1") {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the value is told", what)
		}
	}
}

// A million of them take about half a minute: go test ./shared/bank/kartapokupok -run RandomAlterations -alterations
// 1000000.
var alterations = flag.Int("alterations", 60_000, "how many random alterations of a signed callback are tried")

// plainBase64 is a signature in one spelling: of the usual alphabet, without padding and without what stands around it.
func plainBase64(signature string) string {
	text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.Trim(signature, " \t\r\n'\""))
	return strings.TrimRight(text, "= ")
}

// Whatever is changed, in the body, in the signature or in both, by as much as somebody likes: nothing passes.
func TestRandomAlterations(t *testing.T) {
	t.Parallel()
	signer := signersOf(t, rsaSHA256)[0]
	k := partner(t, callbackOf(t, map[string]any{"header": "X-Sign", "public_keys": []string{signer.forms["PEM SPKI"]}}))
	raw := signer.sign(t, rsaSHA256, []byte(approved))
	right := base64.StdEncoding.EncodeToString(raw)
	verified := 0
	random := mathrand.New(mathrand.NewPCG(20260520, 3))
	for n := range *alterations {
		body, signature := []byte(approved), right
		switch random.IntN(4) {
		case 0: // the body alone: the signature is verified in full
			body = alter(random, body)
		case 1: // the text of the signature
			signature = string(alter(random, []byte(right)))
		case 2: // the bytes under the text, which stays canonical
			signature = base64.StdEncoding.EncodeToString(alter(random, raw))
		default:
			body, signature = alter(random, body), base64.StdEncoding.EncodeToString(alter(random, raw))
		}
		if string(body) == approved && plainBase64(signature) == plainBase64(right) {
			continue // two changes undid each other, or it is another spelling of the same bytes
		}
		notice, err := k.Read(notify(signature, string(body)))
		if payment.KindOf(err) != payment.Forged || err == nil || notice.Proven {
			t.Fatalf("alteration %d was accepted: %s %q, %v", n, signature, body, err)
		}
		verified++
	}
	if verified < *alterations*9/10 {
		t.Errorf("only %d of %d alterations changed something", verified, *alterations)
	}
}

// alter changes, adds, removes or swaps a few bytes of a copy.
func alter(random *mathrand.Rand, text []byte) []byte {
	text = append([]byte(nil), text...)
	for range 1 + random.IntN(3) {
		i, j := random.IntN(len(text)), random.IntN(len(text))
		switch random.IntN(5) {
		case 0:
			text[i] ^= byte(1 << random.IntN(8))
		case 1:
			text[i] = byte(random.IntN(256))
		case 2:
			text = append(text[:i], append([]byte{byte(random.IntN(256))}, text[i:]...)...)
		case 3:
			text = append(text[:i], text[i+1:]...)
		default:
			text[i], text[j] = text[j], text[i]
		}
	}
	return text
}

func BenchmarkForgedCallback(b *testing.B) {
	signer := signersOf(b, rsaSHA256)[0]
	k := partner(b, callbackOf(b, map[string]any{"header": "X-Sign", "public_keys": []string{signer.forms["PEM SPKI"]}}))
	c := notify(base64.StdEncoding.EncodeToString(signer.sign(b, rsaSHA256, []byte(approved+" "))), approved)
	for b.Loop() {
		if _, err := k.Read(c); err == nil {
			b.Fatal("accepted")
		}
	}
}
