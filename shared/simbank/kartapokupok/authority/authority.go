// Package authority holds the simulated bank's certificates and keys: its own
// certificate authority, the server's certificate, the partner's client
// certificate, and the keys that sign callbacks. All of it can be rotated while
// the bank runs, as real banks do.
package authority

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kassa/shared/simbank/pki"
)

// PKI is what the bank hands out and what it keeps. It is safe for concurrent
// use.
type PKI struct {
	files   pki.Folder
	partner string
	now     func() time.Time // certificates are made and judged by it
	ca      pki.Pair

	mu      sync.Mutex
	client  pki.Pair
	config  *tls.Config // for new connections; renewed when the server's certificate changes
	revoked []string    // serial numbers of client certificates
	signing map[string]*keys
}

// Load reads certificates and keys from the directory, or makes what is missing,
// unfit or near its end. The directory holds private keys of a local simulator and
// is made for its owner only; an empty name keeps everything in memory. The
// partner's id becomes the client certificate's common name.
func Load(dir, partner string, now func() time.Time) (*PKI, error) {
	p := &PKI{files: pki.Folder(dir), partner: partner, now: now, signing: map[string]*keys{}}
	if err := p.fill(); err != nil {
		return nil, fmt.Errorf("kartapokupok keys: %w", err)
	}
	return p, nil
}

func (p *PKI) fill() error {
	err := p.files.Make()
	if err != nil {
		return err
	}
	if p.ca, err = p.files.Ensure("ca", root(p.now()), nil, p.now()); err != nil {
		return err
	}
	server, err := p.files.Ensure("server", serverLeaf(p.now()), &p.ca, p.now())
	if err != nil {
		return err
	}
	if p.client, err = p.files.Ensure(p.clientFile(), clientLeaf(p.partner, p.now()), &p.ca, p.now()); err != nil {
		return err
	}
	if text, err := p.files.Read("revoked.json"); err == nil {
		if err := json.Unmarshal(text, &p.revoked); err != nil {
			return fmt.Errorf("revoked.json is unreadable; remove it: %w", err)
		}
	}
	for _, family := range Families() {
		if p.signing[family], err = p.loadKeys(family); err != nil {
			return err
		}
	}
	p.serve(server.TLS())
	return nil
}

func (p *PKI) clientFile() string { return "client-" + filepath.Base(p.partner) }

// CA is the bank's root certificate as PEM: the partner's only trust anchor.
func (p *PKI) CA() []byte { return p.ca.CertPEM }

// Client is the partner's certificate and its key (PKCS #8), both PEM.
func (p *PKI) Client() (certificate, key []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.client.CertPEM, p.client.KeyPEM
}

// RotateClient issues a new client certificate. Unless the old one is kept valid
// the server refuses it from the next handshake on, also on a resumed session.
func (p *PKI) RotateClient(keepOld bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	made, err := pki.Issue(clientLeaf(p.partner, p.now()), &p.ca)
	if err != nil {
		return fmt.Errorf("new client certificate: %w", err)
	}
	revoked := slices.Clone(p.revoked)
	if !keepOld {
		revoked = append(revoked, serial(p.client))
	}
	text, err := json.Marshal(revoked)
	if err != nil {
		return fmt.Errorf("new client certificate: %w", err)
	}
	if err := p.files.Keep(p.clientFile(), made); err != nil {
		return fmt.Errorf("new client certificate: %w", err)
	}
	if err := p.files.Write("revoked.json", text); err != nil {
		return fmt.Errorf("new client certificate: %w", err)
	}
	p.client, p.revoked = made, revoked
	return nil
}

// admit is the server's last word on a client: its certificate, proved to be of
// this authority, must not be revoked.
func (p *PKI) admit(state tls.ConnectionState) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(state.PeerCertificates) > 0 && slices.Contains(p.revoked, state.PeerCertificates[0].SerialNumber.Text(16)) {
		return fmt.Errorf("the client certificate was replaced and is no longer valid")
	}
	return nil
}

func (p *PKI) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.ca.Cert)
	return pool
}
