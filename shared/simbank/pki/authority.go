package pki

import (
	"crypto/tls"
	"crypto/x509"
	"path/filepath"
	"time"
)

// Authority is a bank's authority and its server's certificate.
type Authority struct {
	CA, Server Pair

	files Folder
	now   func() time.Time
}

// Open reads the authority and the server's certificate of a bank of that name from
// the directory, or makes what is missing, unfit or near its end. The directory holds
// private keys of a local simulator and is made for its owner only. Certificates are
// made by the clock, and by it the server judges those of its clients.
func Open(dir, bank string, now func() time.Time, uses ...x509.ExtKeyUsage) (Authority, error) {
	a := Authority{files: Folder(dir), now: now}
	err := a.files.Make()
	if err != nil {
		return a, err
	}
	if a.CA, err = a.files.Ensure("ca", Root(bank+" simulator CA", now()), nil, now()); err != nil {
		return a, err
	}
	leaf := Local(Leaf(bank+" simulator", now(), append(uses, x509.ExtKeyUsageServerAuth)...))
	a.Server, err = a.files.Ensure("server", leaf, &a.CA, now())
	return a, err
}

// Client is the certificate of a shop, with that common name.
func (a Authority) Client(name string) (Pair, error) {
	leaf := Local(Leaf(name, a.now(), x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth))
	return a.files.Ensure("client-"+filepath.Base(name), leaf, &a.CA, a.now())
}

// ServerTLS is the server's side, which verifies a client certificate where one is
// given.
func (a Authority) ServerTLS() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(a.CA.Cert)
	return &tls.Config{Time: a.now, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{a.Server.TLS()},
		ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven}
}
