package authority

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"

	"kassa/shared/simbank/pki"
)

// ServerTLS is the server's side: TLS 1.2 or newer, and a client without a
// certificate of this authority does not get through the handshake. It follows
// every rotation while the server runs.
func (p *PKI) ServerTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.config, nil
		},
	}
}

// serve takes a certificate for new connections. New ticket keys end the resumable
// sessions, or a client would not notice the change.
func (p *PKI) serve(c tls.Certificate) {
	config := &tls.Config{
		Time: p.now, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{c},
		ClientCAs: p.pool(), ClientAuth: tls.RequireAndVerifyClientCert, VerifyConnection: p.admit,
	}
	var key [32]byte
	// crypto/rand.Read cannot fail; where it could it would end the program.
	_, _ = rand.Read(key[:])
	config.SetSessionTicketKeys([][32]byte{key})
	p.config = config
}

// Server certificates that SetServer can show.
const (
	ServerOwn       = "own"        // a fresh one of the bank's authority
	ServerForeign   = "foreign"    // the same names, signed by an authority that nobody knows
	ServerExpired   = "expired"    // of the bank's authority, out of date
	ServerWrongName = "wrong_name" // of the bank's authority, for another host
)

// SetServer changes the server's certificate for new connections. Only
// ServerOwn survives a restart.
func (p *PKI) SetServer(kind string) error {
	now := p.now()
	want, issuer := serverLeaf(now), &p.ca
	switch kind {
	case ServerOwn:
	case ServerForeign:
		stranger, err := pki.Issue(root(now), nil)
		if err != nil {
			return fmt.Errorf("foreign authority: %w", err)
		}
		issuer = &stranger
	case ServerExpired:
		want.NotBefore, want.NotAfter = now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1)
	case ServerWrongName:
		want.DNSNames, want.IPAddresses = []string{"elsewhere.example"}, []net.IP{}
	default:
		return fmt.Errorf("server certificate %.40q is not known; use own, foreign, expired or wrong_name", kind)
	}
	return p.setServer(kind, want, issuer)
}

func (p *PKI) setServer(kind string, want *x509.Certificate, issuer *pki.Pair) error {
	made, err := pki.Issue(want, issuer)
	if err != nil {
		return fmt.Errorf("server certificate: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if kind == ServerOwn {
		if err := p.files.Keep("server", made); err != nil {
			return fmt.Errorf("server certificate: %w", err)
		}
	}
	p.serve(made.TLS())
	return nil
}
