package kapitalxml

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"time"

	"kassa/shared/simbank/papers"
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

// LoadOrCreatePKI reads the certificates from the directory, or makes what is
// missing, unfit or near its end. The directory holds private keys of a local
// simulator and is made for its owner only. They are made by the clock, and by it the
// server judges those of its clients.
func LoadOrCreatePKI(dir, merchant string, clock func() time.Time) (PKI, error) {
	now, files := clock(), papers.Folder(dir)
	if err := files.Make(); err != nil {
		return PKI{}, fmt.Errorf("kapitalxml: %w", err)
	}
	ca, err := files.Ensure("ca", papers.Root("Kapital Bank simulator CA", now), nil, now)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitalxml: %w", err)
	}
	server, err := files.Ensure("server", leaf("Kapital Bank simulator", now), &ca, now)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitalxml: %w", err)
	}
	client, err := files.Ensure("client-"+filepath.Base(merchant), leaf(merchant, now), &ca, now)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitalxml: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.Cert)
	return PKI{CA: ca.CertPEM, ClientCert: client.CertPEM, ClientKey: client.KeyPEM,
		server: server.TLS(), pool: pool, now: clock}, nil
}

// leaf serves either end of a connection on this machine.
func leaf(name string, now time.Time) *x509.Certificate {
	return papers.Local(papers.Leaf(name, now, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth))
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
