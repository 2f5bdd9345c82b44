package exchange

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"
)

// TestSelfTest signs with each kind of key, and finds a key that is another certificate's.
func TestSelfTest(t *testing.T) {
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []tls.Certificate
	for _, key := range []crypto.Signer{long, edwards} {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a"},
			NotAfter: today().Add(time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf})
		if err := SelfTest(pairs[len(pairs)-1]); err != nil {
			t.Error(err)
		}
	}
	pairs[0].Leaf = pairs[1].Leaf
	if SelfTest(pairs[0]) == nil || SelfTest(tls.Certificate{}) == nil {
		t.Error("a key that is not the certificate's passes")
	}
}

// TestTheServersCertificateIsJudgedByTheGivenClock, and by no other: not before it begins, not after it has ended.
func TestTheServersCertificateIsJudgedByTheGivenClock(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, answering)
	roots, err := Roots(p.ca.pem)
	if err != nil {
		t.Fatal(err)
	}
	for now, valid := range map[time.Time]bool{soon().AddDate(-1, 0, -1): false, today(): true,
		soon().Add(time.Second): false} {
		trust := Config(nil, roots, func() time.Time { return now })
		_, posted := NewClient(trust, 5*time.Second, 1024).Post(t.Context(), p.request(Question))
		_, greeted := Greet(t.Context(), p.address, trust)
		for _, err := range []error{posted, greeted} {
			if _, distrusted := errors.AsType[*tls.CertificateVerificationError](err); distrusted == valid ||
				valid && err != nil {
				t.Errorf("at %s: %v", now, err)
			}
		}
	}
}
