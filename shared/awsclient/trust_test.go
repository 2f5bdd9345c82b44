package awsclient

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/simbank/pki"
)

// authority makes one of a name, by the clock, for connections are verified by it.
func authority(t *testing.T, organisation, name string) pki.Pair {
	t.Helper()
	root := pki.Root(name, time.Now())
	root.Subject.Country, root.Subject.Province = []string{"US"}, []string{"Arizona"}
	root.Subject.Locality, root.Subject.Organization = []string{"Scottsdale"}, []string{organisation}
	made, err := pki.Issue(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// serving gives the address of a server with a certificate of an authority, and how many connections to it were begun.
func serving(t *testing.T, by pki.Pair, leaf *x509.Certificate) (string, *atomic.Int64) {
	t.Helper()
	made, err := pki.Issue(leaf, &by)
	if err != nil {
		t.Fatal(err)
	}
	begun := &atomic.Int64{}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that are refused
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{made.TLS()},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			begun.Add(1)
			return nil, nil //nolint:nilnil // the server's own serves
		}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), begun
}

// TestAmazonsAuthoritiesAreFound among others, by the names that they have on Amazon's page of them.
func TestAmazonsAuthoritiesAreFound(t *testing.T) {
	bundle := "# a comment\n"
	for organisation, names := range map[string][]string{
		"Amazon": {"Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"},
		"Starfield Technologies, Inc.": {"Starfield Services Root Certificate Authority - G2",
			"Starfield Root Certificate Authority - G2"},
		"Somebody": {"Somebody Root CA 1"},
	} {
		for _, name := range names {
			bundle += string(authority(t, organisation, name).CertPEM) + "\n"
		}
	}
	found := amazons(strings.NewReader(bundle + "-----BEGIN CERTIFICATE-----\nMIIB"))
	if found == nil || len(found.Subjects()) != 5 { //nolint:staticcheck // it is no pool of the system's
		t.Errorf("found %v", found)
	}
	if found := amazons(strings.NewReader("-----BEGIN CERTIFICATE-----\nAmazon Root CA 1\n")); found != nil {
		t.Errorf("what is no certificate was found: %v", found)
	}
}

// TestWhoIsTrusted: Amazon's first, then whom else the system trusts, and nobody else. What else is wrong with a server
// gets no second try.
func TestWhoIsTrusted(t *testing.T) {
	amazon, other, stranger := authority(t, "Amazon", "Amazon Root CA 1"), authority(t, "Other", "Other CA"),
		authority(t, "Amazon", "Amazon Root CA 1")
	system := x509.NewCertPool()
	system.AddCert(amazon.Cert)
	system.AddCert(other.Cert)
	few := slices.Concat(other.CertPEM, amazon.CertPEM)
	leaf := func() *x509.Certificate { return pki.Leaf("table", time.Now(), x509.ExtKeyUsageServerAuth) }
	cases := []struct {
		name    string
		by      pki.Pair
		leaf    *x509.Certificate
		few     []byte
		begun   []int64 // connections after the first call and after the second
		trusted bool
	}{
		{"amazon's", amazon, pki.Local(leaf()), few, []int64{1, 2}, true},
		{"another of the system's", other, pki.Local(leaf()), few, []int64{2, 3}, true},
		{"the system has none of Amazon's", other, pki.Local(leaf()), other.CertPEM, []int64{1, 2}, true},
		{"a stranger who bears the name", stranger, pki.Local(leaf()), few, []int64{2, 3}, false},
		{"amazon's for another server", amazon, leaf(), few, []int64{1, 2}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			address, begun := serving(t, c.by, c.leaf)
			d := newDialer()
			d.config.RootCAs = system
			d.few = func() *x509.CertPool { return amazons(bytes.NewReader(c.few)) }
			for _, want := range c.begun {
				conn, err := d.DialTLSContext(t.Context(), "tcp", address)
				if err == nil {
					_ = conn.Close()
				}
				if (err == nil) != c.trusted || begun.Load() != want {
					t.Errorf("trusted %v, %d connections, want %v and %d: %v", err == nil, begun.Load(), c.trusted, want, err)
				}
			}
		})
	}
}

// TestTheSystemsFile: SSL_CERT_FILE names it as for crypto/x509, and one that is not there is none.
func TestTheSystemsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "authorities.pem")
	t.Setenv("SSL_CERT_FILE", file)
	if text, err := io.ReadAll(bundle()); err != nil || len(text) > 0 {
		t.Errorf("%d bytes of a file that is not there, %v", len(text), err)
	}
	want := authority(t, "Amazon", "Amazon Root CA 3").CertPEM
	if err := os.WriteFile(file, want, 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(bundle()); err != nil || !slices.Equal(text, want) {
		t.Errorf("read %q, %v", text, err)
	}
	if found := newDialer().few(); found == nil {
		t.Error("its authority is not found")
	}
}
