package kapitalxml

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
	"os"
	"path/filepath"
	"time"
)

// PKI is the simulated bank's certificate authority with the two certificates
// that a mutual TLS connection needs. All fields are PEM.
type PKI struct {
	CA         []byte // trust anchor for the shop
	ClientCert []byte // for the merchant; its CN is the merchant id
	ClientKey  []byte // PKCS #8

	server tls.Certificate
	pool   *x509.CertPool
	now    func() time.Time
}

const (
	authorityYears = 10
	leafYears      = 2
	// renewBefore is how long before its end a certificate is made anew.
	renewBefore = 60 * 24 * time.Hour
)

// LoadOrCreatePKI reads the certificates from the directory, or makes what is
// missing, unfit or near its end. The directory holds private keys of a local
// simulator and is made for its owner only. They are made by the clock, and by it the
// server judges those of its clients.
func LoadOrCreatePKI(dir, merchant string, clock func() time.Time) (PKI, error) {
	now := clock()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return PKI{}, fmt.Errorf("kapitalxml certificates: %w", err)
	}
	ca, err := ensure(dir, "ca", authority(now), nil, now)
	if err != nil {
		return PKI{}, err
	}
	server, err := ensure(dir, "server", leaf("Kapital Bank simulator", now), &ca, now)
	if err != nil {
		return PKI{}, err
	}
	client, err := ensure(dir, "client-"+filepath.Base(merchant), leaf(merchant, now), &ca, now)
	if err != nil {
		return PKI{}, err
	}
	pair, err := tls.X509KeyPair(server.certPEM, server.keyPEM)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitalxml server certificate: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return PKI{CA: ca.certPEM, ClientCert: client.certPEM, ClientKey: client.keyPEM, server: pair, pool: pool, now: clock}, nil
}

// ServerTLS is the server's side. It verifies a client certificate where one is
// given; set ClientAuth to tls.RequireAndVerifyClientCert to insist on one, or
// use Sim.ServerTLS, which does so when Auth is "certificate".
func (p PKI) ServerTLS() *tls.Config {
	return &tls.Config{
		Time:         p.now,
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{p.server},
		ClientCAs:    p.pool,
		ClientAuth:   tls.VerifyClientCertIfGiven,
	}
}

// ServerTLS is the server's side for this bank: with Auth "certificate" a client
// without a certificate does not get through the handshake.
func (s *Sim) ServerTLS(p PKI) *tls.Config {
	config := p.ServerTLS()
	if s.opts.Auth == "certificate" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config
}

// pair is one certificate with its key.
type pair struct {
	cert            *x509.Certificate
	key             crypto.Signer
	certPEM, keyPEM []byte
}

func authority(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Kapital Bank simulator CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
}

func leaf(name string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(leafYears, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
}

// ensure returns the stored pair when it still serves, or makes a new one,
// signed by the issuer or by itself.
func ensure(dir, name string, want *x509.Certificate, issuer *pair, now time.Time) (pair, error) {
	certFile, keyFile := filepath.Join(dir, name+".pem"), filepath.Join(dir, name+"-key.pem")
	if p, err := load(certFile, keyFile); err == nil && p.serves(want, issuer, now) {
		return p, nil
	}
	p, err := issue(want, issuer)
	if err != nil {
		return pair{}, fmt.Errorf("kapitalxml certificate %s: %w", name, err)
	}
	if err := errors.Join(store(keyFile, p.keyPEM), store(certFile, p.certPEM)); err != nil {
		return pair{}, fmt.Errorf("kapitalxml certificate %s: %w", name, err)
	}
	return p, nil
}

func load(certFile, keyFile string) (pair, error) {
	certPEM, err := os.ReadFile(certFile) //nolint:gosec // the caller names its own directory
	if err != nil {
		return pair{}, err
	}
	keyPEM, err := os.ReadFile(keyFile) //nolint:gosec // as above
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
	if p.cert.Subject.CommonName != want.Subject.CommonName || now.Before(p.cert.NotBefore) ||
		now.Add(renewBefore).After(p.cert.NotAfter) {
		return false
	}
	return issuer == nil || p.cert.CheckSignatureFrom(issuer.cert) == nil
}

func issue(want *x509.Certificate, issuer *pair) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	want.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
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
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}, err
	}
	return pair{cert: cert, key: key,
		certPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		keyPEM:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})}, nil
}

// store writes a whole file or none, so that a kill leaves no half of a key.
func store(file string, text []byte) error {
	draft := file + ".new"
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, file)
}
