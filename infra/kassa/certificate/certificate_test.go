package certificate

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"kassa/shared/strict"
)

// FuzzText hands any bytes in as any role: nothing breaks, what is taken has remarks or can be read, and nothing of a
// file is ever repeated but the names in its certificates.
func FuzzText(f *testing.F) {
	for _, kind := range []string{"CERTIFICATE", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PUBLIC KEY", "PKCS7"} {
		f.Add(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte("nonsense")}))
	}
	for _, seed := range []string{"", "0", "0\x82\x00\x00", "\xef\xbb\xbf", "-----BEGIN CERTIFICATE-----\nAAAA",
		"ssh-rsa AAAA", "0\x03\x02\x01\x03", "\xfe\xed\xfe\xed"} {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, role := range []Role{Client, Key, CA, PublicKey} {
			text, remarks := Text(role, content)
			if text == "" && len(remarks) == 0 {
				t.Fatalf("as %s it is refused without a word", role)
			}
			if text == "" {
				continue
			}
			switch role {
			case Client:
				if chain, said := Chain(text, nil, now); chain == nil && len(said) == 0 {
					t.Fatal("a certificate that cannot be read is not told")
				}
			case Key:
				if key, said := PrivateKey(text); key == nil && len(said) == 0 {
					t.Fatal("a key that cannot be read is not told")
				}
			case CA:
				if all, said := Authorities(text, now); all == nil && len(said) == 0 {
					t.Fatal("a CA that cannot be read is not told")
				}
			case PublicKey:
				BankKey(text)
			}
			if strings.Contains(text, "-----BEGIN") && !blocksAlone(text) {
				t.Fatalf("more than blocks is kept: %q", text)
			}
		}
	})
}

// blocksAlone says whether a text is what encoding/pem writes, and nothing else.
func blocksAlone(text string) bool {
	var again strings.Builder
	for rest := []byte(text); ; {
		var one *pem.Block
		if one, rest = pem.Decode(rest); one == nil {
			return again.String() == text
		}
		again.Write(pem.EncodeToMemory(one))
	}
}

// TestWhatStandsOnTheLinesOfABlock: a file that was put behind another without a line end between, a block on one line,
// with the signs of a program around it or with its line ends written out, is what it was.
func TestWhatStandsOnTheLinesOfABlock(t *testing.T) {
	one := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte(strings.Repeat("one", 40))}))
	other := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte(strings.Repeat("other", 40))}))
	bare := strings.TrimSuffix(one, "\n")
	for name, c := range map[string]struct{ file, want string }{
		"put together": {bare + other, one + other}, "put together with a mark": {bare + "\ufeff" + other, one + other},
		"in quotes": {`"` + bare + `"`, one}, "on a page": {"<pre>" + bare + "</pre>", one},
		"behind a name": {"certificate: " + one, one}, "in Latin-1": {"f\xfcr " + one, one},
		"behind UTF-16":                  {"\xff\xfeN\x00a\x00m\x00e\x00\n\x00" + one, one},
		"on one line":                    {strings.ReplaceAll(one, "\n", " "), one},
		"line ends written out":          {strings.ReplaceAll(one, "\n", `\n`), one},
		"as a program of Windows writes": {`"` + strings.ReplaceAll(one, "\n", `\r\n`) + `"`, one},
	} {
		if text, remarks := Text(CA, []byte(c.file)); text != c.want || len(remarks) > 0 {
			t.Errorf("%s: %q, %v", name, text, remarks)
		}
	}
	for name, file := range map[string]string{"cut": bare[:100], "no END line": one[:150] + other,
		"no armour of its own": "between -----BEGIN CERTIFICATE----- and its end\n" + one} {
		if text, remarks := Text(CA, []byte(file)); text != "" || len(remarks) != 1 {
			t.Errorf("%s: %q, %v", name, text, remarks)
		}
	}
}

// TestBinaryFormMayEndLikeBlanks: the last bytes of a signature are any, so what is cut off around a text must stay
// here.
func TestBinaryFormMayEndLikeBlanks(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der := []byte("0")
	for serial := int64(1); len(strict.Bare(der)) == len(der); serial++ {
		one := &x509.Certificate{SerialNumber: big.NewInt(serial)}
		if der, err = x509.CreateCertificate(nil, one, one, key.Public(), key); err != nil {
			t.Fatal(err)
		}
	}
	_, remarks := Text(Client, der)
	if len(remarks) != 1 || !strings.HasPrefix(remarks[0].Text, "is a certificate in binary form") {
		t.Errorf("%x: %v", der[len(der)-4:], remarks)
	}
}

// TestDaysLeft counts whole days, and an hour past the end is not "0 days left".
func TestDaysLeft(t *testing.T) {
	end := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for before, want := range map[time.Duration]int{49 * time.Hour: 2, 24 * time.Hour: 1, time.Hour: 0, 0: 0,
		-time.Hour: -1, -25 * time.Hour: -2} {
		if got := DaysLeft(&x509.Certificate{NotAfter: end}, end.Add(-before)); got != want {
			t.Errorf("%s before its end: %d days, want %d", before, got, want)
		}
	}
}
