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
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"kassa/shared/strict/head"
)

// alertTime is how long a failed write waits for what the server may have said before it closed.
const alertTime = time.Second

// conn is a TLS connection on which a server's refusal is never lost. With TLS 1.3 the refusal of our certificate comes
// in place of the first answer, and the server closes right behind it; then writing fails while the alert still waits
// to be read, and whoever sees only the failed write must think that the request may have been carried out.
type conn struct {
	*tls.Conn
	demand  *demand
	once    sync.Once
	heard   chan struct{} // closed once the first Read has ended
	refusal error         // the alert that it ended with, nil for anything else
	ahead   bool          // it was opened before there was a request, see line
	heads   head.Reader
}

// Read reads, and keeps the alert that came in place of the first byte.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.heads.Read(c.Conn, p)
	switch _, lost := errors.AsType[net.Error](err); {
	case err == nil || c.ConnectionState().Version >= tls.VersionTLS13:
	case refusedCertificate(err):
		err = &lateRefusal{err}
	case c.demand.unfit != nil && !lost && !errors.Is(err, io.EOF):
		err = &lateRefusal{&mute{err}}
	}
	c.once.Do(func() {
		if n == 0 && refusedCertificate(err) {
			c.refusal = err
		}
		close(c.heard)
	})
	return n, err
}

// lateRefusal is a refusal of our certificate, or of what its key signs, on a connection that stood already: before TLS
// 1.3 that is in a renegotiation, after the server has read at least the head of our request.
type lateRefusal struct{ error }

// Unwrap gives the alert.
func (e *lateRefusal) Unwrap() error { return e.error }

// Write writes. When that fails before anything was heard, it waits for the reader, which net/http starts before the
// first request, and gives the server's refusal as the reason if there is one.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil {
		return n, nil
	}
	patience := time.NewTimer(alertTime)
	defer patience.Stop()
	select {
	case <-c.heard:
		if c.refusal != nil {
			return n, c.refusal
		}
	case <-patience.C:
	}
	return n, err
}

// open opens the connection that a request is sent on.
//
// A server of TLS 1.3 that wants our certificate for some of its addresses only asks for it after the handshake, which
// crypto/tls cannot answer; with TLS 1.2 the same server renegotiates. So where we have a certificate and nobody has
// asked for it, the older protocol is taken if the server speaks it. Nothing was sent by then.
func open(ctx context.Context, network, address string, trust *tls.Config) (*conn, error) {
	secure, err := dial(ctx, network, address, trust)
	if err != nil {
		return nil, err
	}
	state := secure.ConnectionState()
	if len(trust.Certificates) == 0 || secure.demand.made || state.DidResume || state.Version < tls.VersionTLS13 {
		return secure, nil
	}
	_ = secure.Close() // nothing was said on it, and there are servers that take one connection at a time
	older := trust.Clone()
	older.MaxVersion = tls.VersionTLS12
	if secure, err = dial(ctx, network, address, older); err != nil {
		secure, err = dial(ctx, network, address, trust)
	}
	return secure, err
}

// demand is what a server wanted of us, in the handshake or by a renegotiation.
type demand struct {
	made  bool  // it asked for our certificate
	unfit error // it takes no signature that our key makes, so that what comes of it is no accident
}

// dial opens one connection.
func dial(ctx context.Context, network, address string, trust *tls.Config) (*conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	raw, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	secure, err := shake(ctx, raw, trust, host)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return secure, nil
}

// shake makes a TLS connection of a bare one.
func shake(ctx context.Context, raw net.Conn, trust *tls.Config, host string) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	config := trust.Clone()
	config.ServerName = host
	server := &demand{}
	config.GetClientCertificate = func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		server.made = true
		own, err := trust.GetClientCertificate(request)
		if err == nil && len(own.Certificate) > 0 {
			wanted := *request
			wanted.AcceptableCAs = nil // see Config
			server.unfit = wanted.SupportsCertificate(own)
		}
		return own, err
	}
	secure := tls.Client(raw, config)
	switch err := secure.HandshakeContext(ctx); {
	case err == nil:
		server.unfit = nil // it took one all the same
		return &conn{Conn: secure, demand: server, heard: make(chan struct{})}, nil
	case server.unfit != nil:
		return nil, &mute{err}
	case !server.made && (alertedBy(err, versionAlerts[:]) ||
		strings.Contains(err.Error(), "unsupported protocol version")):
		return nil, &incompatible{err}
	default:
		return nil, err
	}
}

// mute is a handshake in which a server wanted our certificate and takes no signature that its key makes.
type mute struct{ error }

// Error says what is to be done about it.
func (e *mute) Error() string {
	return "the server takes no signature of our key; ask the bank for a certificate with a key of another kind (" +
		e.error.Error() + ")"
}

// Unwrap gives the cause.
func (e *mute) Unwrap() error { return e.error }

// incompatible is a handshake that the server has ended before it came to certificates.
type incompatible struct{ error }

// Error says what that means.
func (e *incompatible) Error() string {
	return "the server and we know no common version or cipher of TLS (" + e.error.Error() +
		"); it must offer TLS 1.2 with ECDHE and AES-GCM, or newer"
}

// Unwrap gives the alert.
func (e *incompatible) Unwrap() error { return e.error }

// versionAlerts are the alerts of a server that finds nothing in common: handshake failure, protocol version,
// insufficient security. The first also refuses a certificate, but only once it has been asked for.
var versionAlerts = [...]tls.AlertError{40, 70, 71}

// certificateAlerts are the TLS alerts with which a server ends a handshake because of who we are (RFC 8446, section
// 6.2): handshake failure; bad, unsupported, revoked, expired, unknown certificate; unknown authority; access denied;
// decrypt error, for a key that does not fit; certificate required. Alerts of the record layer are not among them:
// those may also end a connection on which a request was read.
var certificateAlerts = [...]tls.AlertError{40, 42, 43, 44, 45, 46, 48, 49, 51, 116}

func refusedCertificate(err error) bool { return alertedBy(err, certificateAlerts[:]) }

// alertedBy compares texts because crypto/tls keeps the type of an alert that it received to itself.
func alertedBy(err error, alerts []tls.AlertError) bool {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" || op.Err == nil {
		return false
	}
	for _, alert := range alerts {
		if op.Err.Error() == alert.Error() {
			return true
		}
	}
	return false
}

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
	config := trust.Clone()
	config.ClientSessionCache = nil // a resumed session would verify nothing
	secure, err := open(ctx, "tcp", hostPort(address), config)
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
