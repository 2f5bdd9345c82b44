package kapitalxml

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"kassa/shared/simbank/pki"
)

// PKI is the simulated bank's certificate authority with the two certificates
// that a mutual TLS connection needs. All fields are PEM.
type PKI struct {
	CA         []byte // trust anchor for the shop
	ClientCert []byte // for the merchant; its CN is the merchant id
	ClientKey  []byte // PKCS #8

	authority pki.Authority
}

// LoadOrCreatePKI reads the certificates from the directory, or makes them; see
// [pki.Open]. They serve either end of a connection on this machine.
func LoadOrCreatePKI(dir, merchant string, clock func() time.Time) (PKI, error) {
	authority, err := pki.Open(dir, "Kapital Bank", clock, x509.ExtKeyUsageClientAuth)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitalxml: %w", err)
	}
	client, err := authority.Client(merchant)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitalxml: %w", err)
	}
	return PKI{CA: authority.CA.CertPEM, ClientCert: client.CertPEM, ClientKey: client.KeyPEM, authority: authority}, nil
}

// ServerTLS is the server's side. It verifies a client certificate where one is
// given; set ClientAuth to tls.RequireAndVerifyClientCert to insist on one, or
// use Sim.ServerTLS, which does so when Auth is "certificate".
func (p PKI) ServerTLS() *tls.Config { return p.authority.ServerTLS() }

// ServerTLS is the server's side for this bank: with Auth "certificate" a client
// without a certificate does not get through the handshake.
func (s *Sim) ServerTLS(p PKI) *tls.Config {
	config := p.ServerTLS()
	if s.opts.Auth == "certificate" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config
}
