package kartapokupok

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
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

func ownKeys(t *testing.T, dir string) *PKI {
	t.Helper()
	return keysOf(t, dir, "P-100", noon)
}

func keysOf(t *testing.T, dir, partner string, now time.Time) *PKI {
	t.Helper()
	p, err := LoadOrCreatePKI(dir, partner, at(now))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// at is a clock that stands.
func at(now time.Time) func() time.Time { return func() time.Time { return now } }

// client is the shop's side: it trusts one CA, and shows the certificate of the
// given keys, or none.
func client(t *testing.T, ca []byte, shows *PKI, version uint16) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatal("the CA is no certificate")
	}
	config := &tls.Config{Time: at(noon), RootCAs: roots, MinVersion: version, MaxVersion: version,
		ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	if shows != nil {
		pair, err := tls.X509KeyPair(shows.Client())
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	// Each call makes its own connection, so that each one shakes hands.
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
}

// secure serves the API as it is meant to be served.
func (b *bank) secure() *httptest.Server {
	server := httptest.NewUnstartedServer(b.API())
	server.TLS = b.PKI().ServerTLS()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	b.t.Cleanup(server.Close)
	return server
}

func (b *bank) knocks(server *httptest.Server, c *http.Client) (int, error) {
	b.t.Helper()
	text, err := json.Marshal(b.document())
	b.must(err)
	r, err := c.Post(server.URL+"/installment/create", "application/json", bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	return r.StatusCode, r.Body.Close()
}

func TestMutualTLS(t *testing.T) {
	dir := t.TempDir()
	own := ownKeys(t, dir)
	other := keysOf(t, dir, "P-200", noon)
	stranger := ownKeys(t, "")
	b := start(t, func(o *Options) { o.Auth, o.PKI = "certificate", own })
	server := b.secure()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		status, err := b.knocks(server, client(t, own.CA(), own, version))
		if err != nil || status != http.StatusOK {
			t.Errorf("the right certificate: HTTP %d %v", status, err)
		}
		status, err = b.knocks(server, client(t, own.CA(), other, version))
		if err != nil || status != http.StatusForbidden {
			t.Errorf("another partner's certificate: HTTP %d %v", status, err)
		}
		if _, err = b.knocks(server, client(t, own.CA(), nil, version)); err == nil {
			t.Error("a client without a certificate got through")
		}
		if _, err = b.knocks(server, client(t, own.CA(), stranger, version)); err == nil {
			t.Error("a certificate of another authority got through")
		}
		if _, err = b.knocks(server, client(t, stranger.CA(), own, version)); err == nil {
			t.Error("a client that trusts another authority got through")
		}
	}
	if _, err := b.knocks(server, client(t, own.CA(), own, tls.VersionTLS11)); err == nil {
		t.Error("TLS 1.1 got through")
	}
	status, body := b.call("create", b.document())
	want(t, "without TLS "+string(body), status, http.StatusForbidden)
}

func TestClientRotation(t *testing.T) {
	b := start(t, func(o *Options) { o.Auth, o.PKI = "certificate", ownKeys(t, "") })
	server := b.secure()
	pki := b.PKI()
	before := client(t, pki.CA(), pki, tls.VersionTLS13)
	status, err := b.knocks(server, before)
	b.must(err)
	want(t, "before", status, 200)
	b.must(pki.RotateClient(true))
	between := client(t, pki.CA(), pki, tls.VersionTLS13)
	for name, c := range map[string]*http.Client{"the old one, kept": before, "the new one": between} {
		if status, err := b.knocks(server, c); err != nil || status != 200 {
			t.Errorf("%s: HTTP %d %v", name, status, err)
		}
	}
	b.must(pki.RotateClient(false))
	if status, err := b.knocks(server, client(t, pki.CA(), pki, tls.VersionTLS12)); err != nil || status != 200 {
		t.Errorf("the newest: HTTP %d %v", status, err)
	}
	if _, err := b.knocks(server, between); err == nil {
		t.Error("a replaced certificate got through, perhaps by a resumed session")
	}
}

func TestServerRotation(t *testing.T) {
	b := start(t, func(o *Options) { o.Auth, o.PKI = "certificate", ownKeys(t, "") })
	server := b.secure()
	pki := b.PKI()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		b.must(pki.SetServer("own"))
		c := client(t, pki.CA(), pki, version)
		for _, kind := range []string{"own", "foreign", "expired", "wrong_name", "own"} {
			b.must(pki.SetServer(kind))
			_, err := b.knocks(server, c)
			if (err == nil) != (kind == "own") {
				t.Errorf("%s certificate: %v", kind, err)
			}
		}
	}
	if pki.SetServer("nice") == nil || pki.RotateSigning("dsa", false) == nil {
		t.Error("nonsense was taken")
	}
	if _, err := pki.Signer("rsa", "previous"); err == nil {
		t.Error("there is a previous key before any rotation")
	}
}

func TestKeysAreKeptRotatedAndRenewed(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	first := keysOf(t, dir, "P-100", now)
	oldClient, _ := first.Client()
	again := keysOf(t, dir, "P-100", now.AddDate(1, 0, 0))
	same, _ := again.Client()
	if !bytes.Equal(oldClient, same) || !bytes.Equal(first.CA(), again.CA()) {
		t.Error("a restart made new certificates")
	}
	published := func(p *PKI, family string) string {
		keys, err := p.PublicKeys(family)
		if err != nil {
			t.Fatal(err)
		}
		return string(bytes.Join(keys, nil))
	}
	before := map[string]string{}
	for _, family := range []string{"rsa", "ecdsa", "ed25519"} {
		before[family] = published(first, family)
		want(t, family+" after a restart", published(again, family), before[family])
	}
	for family, keep := range map[string]bool{"rsa": true, "ecdsa": false} {
		if err := again.RotateSigning(family, keep); err != nil {
			t.Fatal(err)
		}
	}
	if err := again.RotateClient(false); err != nil {
		t.Fatal(err)
	}
	third := keysOf(t, dir, "P-100", now.AddDate(1, 0, 0))
	for _, family := range []string{"rsa", "ecdsa", "ed25519"} {
		text := published(third, family)
		want(t, family+" rotated, after a restart", text, published(again, family))
		want(t, family+" names the old key", strings.Contains(text, before[family]), family != "ecdsa")
		want(t, family+" has a new key", text != before[family], family != "ed25519")
	}
	if _, err := third.Signer("ecdsa", "previous"); err != nil {
		t.Errorf("a retired key is not at hand after a restart: %v", err)
	}
	late, _ := keysOf(t, dir, "P-100", now.AddDate(2, 11, 0)).Client()
	if rotated, _ := third.Client(); bytes.Equal(late, oldClient) || bytes.Equal(late, rotated) {
		t.Error("near its end the client certificate must be new")
	}
	info, err := os.Stat(filepath.Join(dir, "sign-rsa.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info, err)
	}
	for _, torn := range []string{"sign-rsa.pem", "revoked.json"} {
		if err := os.WriteFile(filepath.Join(dir, torn), []byte("torn"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadOrCreatePKI(dir, "P-100", at(now)); err == nil || !strings.Contains(err.Error(), torn) {
			t.Errorf("a torn %s: %v", torn, err)
		}
		if err := os.Remove(filepath.Join(dir, torn)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRevocationSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	pki := ownKeys(t, dir)
	old := client(t, pki.CA(), pki, tls.VersionTLS13)
	if err := pki.RotateClient(false); err != nil {
		t.Fatal(err)
	}
	b := start(t, func(o *Options) { o.Auth, o.PKI = "certificate", ownKeys(t, dir) })
	server := b.secure()
	if _, err := b.knocks(server, old); err == nil {
		t.Error("a replaced certificate got through after a restart")
	}
	if status, err := b.knocks(server, client(t, pki.CA(), b.PKI(), tls.VersionTLS13)); err != nil || status != 200 {
		t.Errorf("the new certificate: HTTP %d %v", status, err)
	}
}
