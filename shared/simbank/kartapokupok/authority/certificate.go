package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

const (
	authorityYears = 10
	leafYears      = 2
	// renewBefore is how long before its end a certificate is made anew.
	renewBefore = 60 * 24 * time.Hour
)

// pair is one certificate with its key.
type pair struct {
	cert            *x509.Certificate
	key             crypto.Signer
	certPEM, keyPEM []byte
}

func (p pair) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.cert.Raw}, PrivateKey: p.key, Leaf: p.cert}
}

func (p pair) serial() string { return p.cert.SerialNumber.Text(16) }

func root(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Karta Pokupok simulator CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
}

func leaf(name string, now time.Time, use x509.ExtKeyUsage) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(leafYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{use},
	}
}

func clientLeaf(partner string, now time.Time) *x509.Certificate {
	return leaf(partner, now, x509.ExtKeyUsageClientAuth)
}

func serverLeaf(now time.Time) *x509.Certificate {
	c := leaf("Karta Pokupok simulator", now, x509.ExtKeyUsageServerAuth)
	c.DNSNames, c.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	return c
}

// issue makes a certificate that the issuer signs, or that signs itself.
func issue(want *x509.Certificate, issuer *pair) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	if want.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return pair{}, err
	}
	parent, signer := want, crypto.Signer(key)
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, want, parent, key.Public(), signer)
	if err != nil {
		return pair{}, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, err
	}
	keyPEM, err := privatePEM(key)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return pair{cert: cert, key: key, certPEM: certPEM, keyPEM: keyPEM}, err
}

// ensure returns the stored pair when it still serves, or makes a new one.
func (p *PKI) ensure(name string, want *x509.Certificate, issuer *pair) (pair, error) {
	if stored, err := p.load(name); err == nil && stored.serves(want, issuer, p.now()) {
		return stored, nil
	}
	made, err := issue(want, issuer)
	if err == nil {
		err = p.keep(name, made)
	}
	if err != nil {
		return pair{}, fmt.Errorf("certificate %s: %w", name, err)
	}
	return made, nil
}

func (p *PKI) keep(name string, made pair) error {
	return errors.Join(p.files.write(name+"-key.pem", made.keyPEM), p.files.write(name+".pem", made.certPEM))
}

func (p *PKI) load(name string) (pair, error) {
	certPEM, err := p.files.read(name + ".pem")
	if err != nil {
		return pair{}, err
	}
	keyPEM, err := p.files.read(name + "-key.pem")
	if err != nil {
		return pair{}, err
	}
	both, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return pair{}, err
	}
	key, ok := both.PrivateKey.(crypto.Signer)
	if !ok {
		return pair{}, errors.New("the key cannot sign")
	}
	return pair{cert: both.Leaf, key: key, certPEM: certPEM, keyPEM: keyPEM}, nil
}

func (p pair) serves(want *x509.Certificate, issuer *pair, now time.Time) bool {
	if p.cert.Subject.CommonName != want.Subject.CommonName || now.Before(p.cert.NotBefore) || now.Add(renewBefore).After(p.cert.NotAfter) {
		return false
	}
	return issuer == nil || p.cert.CheckSignatureFrom(issuer.cert) == nil
}

func privatePEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
