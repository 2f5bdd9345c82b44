package kapitaltxpg

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"kassa/shared/simbank/papers"
)

// PKI is the simulated bank's certificate authority and its server's certificate.
// The gateway asks for no client certificate.
type PKI struct {
	CA []byte // trust anchor for the shop, PEM

	server tls.Certificate
	now    func() time.Time
}

// LoadOrCreatePKI reads the certificates from the directory, or makes what is
// missing, unfit or near its end. The directory holds private keys of a local
// simulator and is made for its owner only.
func LoadOrCreatePKI(dir string, clock func() time.Time) (PKI, error) {
	now, files := clock(), papers.Folder(dir)
	if err := files.Make(); err != nil {
		return PKI{}, fmt.Errorf("kapitaltxpg: %w", err)
	}
	ca, err := files.Ensure("ca", papers.Root("Kapital Bank TXPG simulator CA", now), nil, now)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitaltxpg: %w", err)
	}
	leaf := papers.Local(papers.Leaf("Kapital Bank TXPG simulator", now, x509.ExtKeyUsageServerAuth))
	server, err := files.Ensure("server", leaf, &ca, now)
	if err != nil {
		return PKI{}, fmt.Errorf("kapitaltxpg: %w", err)
	}
	return PKI{CA: ca.CertPEM, server: server.TLS(), now: clock}, nil
}

// ServerTLS is the server's side.
func (p PKI) ServerTLS() *tls.Config {
	return &tls.Config{Time: p.now, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{p.server}}
}
