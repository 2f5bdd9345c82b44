package kapitaltxpg

import (
	"crypto/tls"
	"fmt"
	"time"

	"kassa/shared/simbank/papers"
)

// PKI is the simulated bank's certificate authority and its server's certificate.
// The gateway asks for no client certificate.
type PKI struct {
	CA []byte // trust anchor for the shop, PEM

	office papers.Office
}

// LoadOrCreatePKI reads the certificates from the directory, or makes them; see
// [papers.Found].
func LoadOrCreatePKI(dir string, clock func() time.Time) (PKI, error) {
	office, err := papers.Found(dir, "Kapital Bank TXPG", clock)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitaltxpg: %w", err)
	}
	return PKI{CA: office.CA.CertPEM, office: office}, nil
}

// ServerTLS is the server's side.
func (p PKI) ServerTLS() *tls.Config {
	config := p.office.ServerTLS()
	config.ClientCAs, config.ClientAuth = nil, tls.NoClientCert
	return config
}
