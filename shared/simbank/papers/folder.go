package papers

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Folder is a directory of private keys; the empty one keeps nothing.
type Folder string

// Make makes the directory, for its owner only.
func (f Folder) Make() error {
	if f == "" {
		return nil
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return fmt.Errorf("make the folder of the bank's keys: %w", err)
	}
	return nil
}

// Read returns a file, or an error that is os.ErrNotExist where it is missing.
func (f Folder) Read(name string) ([]byte, error) {
	if f == "" {
		return nil, os.ErrNotExist
	}
	return os.ReadFile(filepath.Join(string(f), name)) //nolint:gosec // the caller names its own directory
}

// Write stores a whole file or none, so that a kill leaves no half of a key.
func (f Folder) Write(name string, text []byte) error {
	if f == "" {
		return nil
	}
	file := filepath.Join(string(f), name)
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// Ensure returns the stored pair of that name when it still serves, or makes a new
// one, signed by the issuer or, where that is nil, by itself.
func (f Folder) Ensure(name string, want *x509.Certificate, issuer *Pair, now time.Time) (Pair, error) {
	if stored, err := f.load(name); err == nil && stored.serves(want, issuer, now) {
		return stored, nil
	}
	made, err := Issue(want, issuer)
	if err == nil {
		err = f.Keep(name, made)
	}
	if err != nil {
		return Pair{}, fmt.Errorf("certificate %s: %w", name, err)
	}
	return made, nil
}

// Keep stores a pair under the name.
func (f Folder) Keep(name string, p Pair) error {
	return errors.Join(f.Write(name+"-key.pem", p.KeyPEM), f.Write(name+".pem", p.CertPEM))
}

func (f Folder) load(name string) (Pair, error) {
	certPEM, err := f.Read(name + ".pem")
	if err != nil {
		return Pair{}, err
	}
	keyPEM, err := f.Read(name + "-key.pem")
	if err != nil {
		return Pair{}, err
	}
	both, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return Pair{}, err
	}
	key, ok := both.PrivateKey.(crypto.Signer)
	if !ok {
		return Pair{}, errors.New("the key cannot sign")
	}
	return Pair{Cert: both.Leaf, Key: key, CertPEM: certPEM, KeyPEM: keyPEM}, nil
}

// Office is a bank's authority and its server's certificate.
type Office struct {
	CA, Server Pair

	files Folder
	now   func() time.Time
}

// Found reads the authority and the server's certificate of a bank of that name from
// the directory, or makes what is missing, unfit or near its end. The directory holds
// private keys of a local simulator and is made for its owner only. Certificates are
// made by the clock, and by it the server judges those of its clients.
func Found(dir, bank string, now func() time.Time, uses ...x509.ExtKeyUsage) (Office, error) {
	o := Office{files: Folder(dir), now: now}
	err := o.files.Make()
	if err != nil {
		return o, err
	}
	if o.CA, err = o.files.Ensure("ca", Root(bank+" simulator CA", now()), nil, now()); err != nil {
		return o, err
	}
	leaf := Local(Leaf(bank+" simulator", now(), append(uses, x509.ExtKeyUsageServerAuth)...))
	o.Server, err = o.files.Ensure("server", leaf, &o.CA, now())
	return o, err
}

// Client is the certificate of a shop, with that common name.
func (o Office) Client(name string) (Pair, error) {
	leaf := Local(Leaf(name, o.now(), x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth))
	return o.files.Ensure("client-"+filepath.Base(name), leaf, &o.CA, o.now())
}

// ServerTLS is the server's side, which verifies a client certificate where one is
// given.
func (o Office) ServerTLS() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(o.CA.Cert)
	return &tls.Config{Time: o.now, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{o.Server.TLS()},
		ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven}
}
