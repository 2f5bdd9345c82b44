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
)

// PKI is what the bank hands out and what it keeps. It is safe for concurrent
// use.
type PKI struct {
	files   folder
	partner string
	now     func() time.Time // certificates are made and judged by it
	ca      pair

	mu      sync.Mutex
	client  pair
	config  *tls.Config // for new connections; renewed when the server's certificate changes
	revoked []string    // serial numbers of client certificates
	signing map[string]*keys
}

// Load reads certificates and keys from the directory, or makes what is missing,
// unfit or near its end. The directory holds private keys of a local simulator and
// is made for its owner only; an empty name keeps everything in memory. The
// partner's id becomes the client certificate's common name.
func Load(dir, partner string, now func() time.Time) (*PKI, error) {
	p := &PKI{files: folder(dir), partner: partner, now: now, signing: map[string]*keys{}}
	if err := p.fill(); err != nil {
		return nil, fmt.Errorf("kartapokupok keys: %w", err)
	}
	return p, nil
}

func (p *PKI) fill() error {
	err := p.files.make()
	if err != nil {
		return err
	}
	if p.ca, err = p.ensure("ca", root(p.now()), nil); err != nil {
		return err
	}
	server, err := p.ensure("server", serverLeaf(p.now()), &p.ca)
	if err != nil {
		return err
	}
	if p.client, err = p.ensure(p.clientFile(), clientLeaf(p.partner, p.now()), &p.ca); err != nil {
		return err
	}
	if text, err := p.files.read("revoked.json"); err == nil {
		if err := json.Unmarshal(text, &p.revoked); err != nil {
			return fmt.Errorf("revoked.json is unreadable; remove it: %w", err)
		}
	}
	for _, family := range Families() {
		if p.signing[family], err = p.loadKeys(family); err != nil {
			return err
		}
	}
	p.serve(server.tls())
	return nil
}

func (p *PKI) clientFile() string { return "client-" + filepath.Base(p.partner) }

// CA is the bank's root certificate as PEM: the partner's only trust anchor.
func (p *PKI) CA() []byte { return p.ca.certPEM }

// Client is the partner's certificate and its key (PKCS #8), both PEM.
func (p *PKI) Client() (certificate, key []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.client.certPEM, p.client.keyPEM
}

// RotateClient issues a new client certificate. Unless the old one is kept valid
// the server refuses it from the next handshake on, also on a resumed session.
func (p *PKI) RotateClient(keepOld bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	made, err := issue(clientLeaf(p.partner, p.now()), &p.ca)
	if err != nil {
		return fmt.Errorf("new client certificate: %w", err)
	}
	revoked := slices.Clone(p.revoked)
	if !keepOld {
		revoked = append(revoked, p.client.serial())
	}
	text, err := json.Marshal(revoked)
	if err != nil {
		return fmt.Errorf("new client certificate: %w", err)
	}
	if err := p.keep(p.clientFile(), made); err != nil {
		return fmt.Errorf("new client certificate: %w", err)
	}
	if err := p.files.write("revoked.json", text); err != nil {
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
	pool.AddCert(p.ca.cert)
	return pool
}
