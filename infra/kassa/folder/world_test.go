package folder

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// day is when the directories of the tests are read: a bank's own decoder looks at the real clock, so it is today.
func day() time.Time { return time.Now() }

// issued is one certificate with its key.
type issued struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func (i issued) pem() string { return block("CERTIFICATE", i.cert.Raw) }

func (i issued) keyPEM(t *testing.T) string {
	t.Helper()
	return block("PRIVATE KEY", i.keyDER(t))
}

func (i issued) keyDER(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// wish says what a certificate is like; the zero value is a client's of a year.
type wish struct {
	name     string
	ca       bool
	from, to time.Duration // from now
	server   bool
	key      crypto.Signer
}

func issue(t *testing.T, by *issued, w wish) issued {
	t.Helper()
	if w.key == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		w.key = key
	}
	if w.to == 0 {
		w.to = 365 * 24 * time.Hour
	}
	if w.from == 0 {
		w.from = -time.Hour
	}
	use := x509.ExtKeyUsageClientAuth
	if w.server {
		use = x509.ExtKeyUsageServerAuth
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: w.name},
		IsCA: w.ca, BasicConstraintsValid: true,
		NotBefore: day().Add(w.from), NotAfter: day().Add(w.to)}
	if w.ca {
		template.KeyUsage = x509.KeyUsageCertSign
	} else {
		template.ExtKeyUsage = []x509.ExtKeyUsage{use}
	}
	parent, signer := template, w.key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, w.key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return issued{cert, w.key}
}

// shortRSA is a key that is too weak, made once.
var shortRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 1024) })

// directory is a shop's directory in memory: names and contents.
type directory map[string]string

// sound is a directory with both banks' kinds of settings, in which nothing is wrong.
func sound(t *testing.T) (directory, issued, issued) {
	t.Helper()
	ca := issue(t, nil, wish{name: "Bank CA", ca: true})
	own := issue(t, &ca, wish{name: "E1"})
	return directory{
		"shop.yaml": strings.TrimSpace(`
shop: a-shop
environment: test
currency: AZN
origins:
  - https://shop.example
order_statuses:
  paid: P
webhook:
  url: https://shop.example/hook
banks:
  kapital:
    merchant_id: E1
    certificate_file: own.pem
    key_file: own-key.pem
    ca_file: ca.pem
`) + "\n",
		"own.pem": own.pem(), "own-key.pem": own.keyPEM(t), "ca.pem": ca.pem(),
	}, ca, own
}

// karta is a sound directory of a shop that sells by instalments.
func karta(t *testing.T) directory {
	t.Helper()
	d, _, _ := sound(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	d["bank-key.pem"] = block("PUBLIC KEY", der)
	d["shop.yaml"] = strings.TrimSpace(`
shop: a-shop
environment: test
currency: BYN
origins: [https://shop.example]
instalments:
  terms: [3, 6, 12]
banks:
  kartapokupok:
    partner_id: P-1
    base_url: https://api.bank.example
    payment_hosts: [pay.bank.example]
    certificate_file: own.pem
    key_file: own-key.pem
    ca_file: ca.pem
    callback:
      public_key_files: [bank-key.pem]
`) + "\n"
	return d
}

// read writes the directory and reads it as for a deployment.
func (d directory) read(t *testing.T) *Folder {
	t.Helper()
	dir := t.TempDir()
	for name, text := range d {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Read(dir, "prod", day())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// edit changes the settings file.
func (d directory) edit(t *testing.T, from, to string) {
	t.Helper()
	if !strings.Contains(d["shop.yaml"], from) {
		t.Fatalf("the settings hold no %q", from)
	}
	d["shop.yaml"] = strings.Replace(d["shop.yaml"], from, to, 1)
}

// texts are the findings as people read them.
func texts(f *Folder) string {
	var all bytes.Buffer
	for _, one := range f.Findings {
		all.WriteString(one.String() + "\n")
	}
	return all.String()
}
