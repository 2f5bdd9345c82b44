package kapitalxml

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
	"strings"
	"testing"
	"time"
)

// quiet keeps the expected handshake failures out of the test log.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func readAll(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func loaded(t *testing.T, dir, merchant string, now time.Time) PKI {
	t.Helper()
	p, err := LoadOrCreatePKI(dir, merchant, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// client is the shop's side: it trusts only the CA and shows a certificate
// when one is given.
func client(t *testing.T, p PKI, withCert bool) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(p.CA) {
		t.Fatal("the CA is no certificate")
	}
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, Time: p.ServerTLS().Time}
	if withCert {
		pair, err := tls.X509KeyPair(p.ClientCert, p.ClientKey)
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
}

func TestMutualTLS(t *testing.T) {
	b := open(t, func(o *Options) { o.Auth = "certificate" })
	dir := t.TempDir()
	own, other := loaded(t, dir, "E1000010", b.clock.Now()), loaded(t, dir, "E9999999", b.clock.Now())
	if !bytes.Equal(own.CA, other.CA) || bytes.Equal(own.ClientCert, other.ClientCert) {
		t.Fatal("two merchants must share the CA and nothing else")
	}
	send := func(config *tls.Config, c *http.Client) (string, error) {
		server := httptest.NewUnstartedServer(b.API())
		server.TLS = config
		server.Config.ErrorLog = quiet()
		server.StartTLS()
		defer server.Close()
		defer c.CloseIdleConnections()
		r, err := c.Post(server.URL+"/Exec", "text/xml; charset=utf-8", strings.NewReader(b.createDocument("")))
		if err != nil {
			return "", err
		}
		defer func() { _ = r.Body.Close() }()
		text, err := io.ReadAll(r.Body)
		return tag(string(text), "Status"), err
	}
	status, err := send(b.ServerTLS(own), client(t, own, true))
	if err != nil || status != "00" {
		t.Errorf("the right certificate: %q %v", status, err)
	}
	if status, err = send(b.ServerTLS(own), client(t, other, true)); err != nil || status != "10" {
		t.Errorf("another merchant's certificate: %q %v", status, err)
	}
	if status, err = send(own.ServerTLS(), client(t, own, false)); err != nil || status != "10" {
		t.Errorf("no certificate where none is demanded: %q %v", status, err)
	}
	if _, err = send(b.ServerTLS(own), client(t, own, false)); err == nil {
		t.Error("a client without a certificate got through the handshake")
	}
	stranger := loaded(t, t.TempDir(), "E1000010", b.clock.Now())
	stranger.CA = own.CA
	if _, err = send(b.ServerTLS(own), client(t, stranger, true)); err == nil {
		t.Error("a certificate of another CA got through the handshake")
	}
	want(t, "the plain door without TLS", tag(b.send(b.createDocument("")), "Status"), "10")
}

func TestCertificatesAreKeptAndRenewed(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	first := loaded(t, dir, "E1000010", now)
	if again := loaded(t, dir, "E1000010", now.AddDate(1, 0, 0)); !bytes.Equal(again.ClientCert, first.ClientCert) ||
		!bytes.Equal(again.CA, first.CA) {
		t.Error("a restart made new certificates")
	}
	later := loaded(t, dir, "E1000010", now.AddDate(1, 11, 0))
	if bytes.Equal(later.ClientCert, first.ClientCert) || !bytes.Equal(later.CA, first.CA) {
		t.Error("near its end the client certificate, and only it, must be new")
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	healed := loaded(t, dir, "E1000010", now.AddDate(1, 11, 0))
	if bytes.Equal(healed.CA, first.CA) || bytes.Equal(healed.ClientCert, later.ClientCert) {
		t.Error("a torn CA must be replaced together with what it signed")
	}
	info, err := os.Stat(filepath.Join(dir, "ca-key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file mode is %v (%v)", info.Mode(), err)
	}
}
