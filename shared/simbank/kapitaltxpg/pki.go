package kapitaltxpg

import (
	"crypto/tls"
	"fmt"
	"time"

	"kassa/shared/simbank/pki"
)

// PKI is the simulated bank's certificate authority and its server's certificate.
// The gateway asks for no client certificate.
type PKI struct {
	CA []byte // trust anchor for the shop, PEM

	authority pki.Authority
}

// LoadOrCreatePKI reads the certificates from the directory, or makes them; see
// [pki.Open].
func LoadOrCreatePKI(dir string, clock func() time.Time) (PKI, error) {
	authority, err := pki.Open(dir, "Kapital Bank TXPG", clock)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitaltxpg: %w", err)
	}
	return PKI{CA: authority.CA.CertPEM, authority: authority}, nil
}

// ServerTLS is the server's side.
func (p PKI) ServerTLS() *tls.Config {
	config := p.authority.ServerTLS()
	config.ClientCAs, config.ClientAuth = nil, tls.NoClientCert
	return config
}
