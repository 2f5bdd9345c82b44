package awsclient

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

// dialer opens verified connections to AWS. To read all authorities that a system trusts takes a start more of a
// processor than all else that it does, and AWS's certificates come from Amazon's own few. So those of the system's are
// tried first, and only a server whom none of them vouches for is met once more with all.
type dialer struct {
	config tls.Config
	few    func() *x509.CertPool // nil where there are none
	failed atomic.Bool           // the few were of no use, so the next connection does not try them
}

func newDialer() *dialer {
	return &dialer{
		config: tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(0)},
		few: sync.OnceValue(func() *x509.CertPool {
			file := bundle()
			defer file.Close() //nolint:errcheck // it is read
			return amazons(file)
		}),
	}
}

// DialTLSContext is what a transport wants it to be.
func (d *dialer) DialTLSContext(ctx context.Context, network, address string) (net.Conn, error) {
	if !d.failed.Load() {
		if few := d.few(); few != nil {
			trusting := d.config.Clone()
			trusting.RootCAs = few
			conn, err := (&tls.Dialer{Config: trusting}).DialContext(ctx, network, address)
			if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); !unknown {
				return conn, err
			}
		}
		d.failed.Store(true)
	}
	return (&tls.Dialer{Config: &d.config}).DialContext(ctx, network, address)
}

// bundle opens the file of authorities that crypto/x509 would read first, as far as it is one of Lambda's or of the
// systems that we are built on; nothing where there is none.
func bundle() io.ReadCloser {
	files := []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}
	if file := os.Getenv("SSL_CERT_FILE"); file != "" {
		files = []string{file}
	}
	for _, file := range files {
		if opened, err := os.Open(file); err == nil { //nolint:gosec // an authority is whom this system calls one
			return opened
		}
	}
	return http.NoBody
}

// amazons are the authorities of a bundle in PEM that have a name of Amazon Trust Services; nil where there are none.
// An authority names itself as its issuer, and that stands so early that no other need be decoded further, let alone
// parsed. Nor is the bundle kept, which is larger than all else that a start reads. A name proves nothing and need not:
// whoever is found is one that the system trusts anyway.
func amazons(bundle io.Reader) (found *x509.CertPool) {
	begin, names := []byte("-----BEGIN CERTIFICATE-----"), [][]byte{[]byte("Amazon Root CA "),
		[]byte("Starfield Services Root Certificate Authority - G2")}
	var head [300]byte
	var text []byte // of one authority
	for lines := bufio.NewScanner(bundle); lines.Scan(); {
		line := lines.Bytes()
		if bytes.HasPrefix(line, begin) {
			text = text[:0]
		}
		if text = append(append(text, line...), '\n'); !bytes.HasPrefix(line, []byte("-----END CERTIFICATE-----")) {
			continue
		}
		inside := bytes.TrimPrefix(text, begin)
		// that it ends amid a certificate is no news
		n, _ := base64.StdEncoding.Decode(head[:], inside[:min(len(inside), len(head))])
		if !bytes.Contains(head[:n], names[0]) && !bytes.Contains(head[:n], names[1]) {
			continue
		}
		if block, _ := pem.Decode(text); block != nil {
			if authority, err := x509.ParseCertificate(block.Bytes); err == nil {
				if found == nil {
					found = x509.NewCertPool()
				}
				found.AddCert(authority)
			}
		}
	}
	return found
}
