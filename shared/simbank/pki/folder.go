package pki

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
