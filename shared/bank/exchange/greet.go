package exchange

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
)

// Greeting is what a TLS handshake told.
type Greeting struct {
	Protocol string            // such as "TLS 1.3"
	Peer     *x509.Certificate // the server's own, which was verified
}

// Greet shakes hands with a bank's server as a request would, and hangs up. trust is a configuration that came from
// Config. With TLS 1.3 the server may still refuse our certificate afterwards: only an answer shows that it does not.
func Greet(ctx context.Context, address *url.URL, trust *tls.Config) (Greeting, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout+handshakeTimeout)
	defer cancel()
	port := address.Port()
	if port == "" {
		port = "443"
	}
	config := trust.Clone()
	config.ClientSessionCache = nil // a resumed session would verify nothing
	secure, err := open(ctx, "tcp", net.JoinHostPort(address.Hostname(), port), config)
	if err != nil {
		return Greeting{}, fmt.Errorf("shake hands with %s: %w", address.Host, err)
	}
	defer func() { _ = secure.Close() }() // everything was said
	state := secure.ConnectionState()
	if len(state.PeerCertificates) == 0 {
		return Greeting{}, errors.New("the server showed no certificate")
	}
	return Greeting{Protocol: tls.VersionName(state.Version), Peer: state.PeerCertificates[0]}, nil
}

// SelfTest signs with the pair's key and verifies with its certificate: a key that does neither, or not both, is no
// use.
func SelfTest(pair tls.Certificate) error {
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || pair.Leaf == nil {
		return errors.New("the key cannot sign")
	}
	text := []byte("Kassa signs this to see whether it can.")
	digest, hash, algorithm := text, crypto.Hash(0), x509.UnknownSignatureAlgorithm
	switch signer.Public().(type) {
	case *rsa.PublicKey:
		algorithm = x509.SHA256WithRSA
	case *ecdsa.PublicKey:
		algorithm = x509.ECDSAWithSHA256
	case ed25519.PublicKey:
		algorithm = x509.PureEd25519
	}
	if algorithm != x509.PureEd25519 {
		sum := sha256.Sum256(text)
		digest, hash = sum[:], crypto.SHA256
	}
	signature, err := signer.Sign(rand.Reader, digest, hash)
	if err != nil {
		return fmt.Errorf("the key does not sign: %w", err)
	}
	if err := pair.Leaf.CheckSignature(algorithm, text, signature); err != nil {
		return fmt.Errorf("the certificate does not verify what the key signs: %w", err)
	}
	return nil
}
