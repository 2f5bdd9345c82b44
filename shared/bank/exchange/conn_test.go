package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// post posts to a server of the test's own making.
func (p *place) post(t *testing.T, pair *tls.Certificate) error {
	t.Helper()
	_, err := p.client(t, pair, p.ca.pem).Post(t.Context(), p.request(Money))
	return err
}

// A server may name the root alone, and ours stand under an intermediate that only the server knows: it is shown all
// the same, and the server judges it. So is one that no named authority has issued.
func TestOurCertificateIsShownWhateverTheServerNames(t *testing.T) {
	root, _ := issue(t, nil, "clients' root", soon(), true)
	between, _ := issue(t, root, "clients' intermediate", soon(), true)
	stranger, strangerKey := issue(t, nil, "E1000010", soon(), false)
	ours, ourKey := issue(t, between, "E1000010", soon(), false)
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		p := serve(t, false, version, answering)
		settings := p.server.TLS.Clone()
		p.server.Close()
		p.server = httptest.NewUnstartedServer(http.HandlerFunc(answering))
		p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
		settings.ClientAuth, settings.ClientCAs = tls.RequireAnyClientCert, poolOf([]*x509.Certificate{root.certificate})
		settings.VerifyPeerCertificate = func(raw [][]byte, _ [][]*x509.Certificate) error {
			shown, err := x509.ParseCertificate(raw[0])
			if err != nil {
				return err
			}
			_, err = shown.Verify(x509.VerifyOptions{Roots: settings.ClientCAs,
				Intermediates: poolOf([]*x509.Certificate{between.certificate}), CurrentTime: today(),
				KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
			return err
		}
		p.server.TLS = settings
		p.server.StartTLS()
		t.Cleanup(p.server.Close)
		p.address, _ = url.Parse(p.server.URL)

		pair, err := Pair(ours.pem, ourKey)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.post(t, &pair); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		other, err := Pair(stranger.pem, strangerKey)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.post(t, &other); OutcomeOf(err) != Distrusted || strings.Contains(err.Error(), "required") {
			t.Errorf("%s, a stranger's: %v, want that it was not accepted", name, err)
		}
	}
}

// Alert 40 before anybody spoke of certificates is about ciphers, and says so; the certificates are blamed for nothing.
func TestNoCipherInCommon(t *testing.T) {
	p := serve(t, true, tls.VersionTLS12, answering)
	p.server.TLS.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256} // and its certificate is one of ECDSA
	err := p.post(t, nil)
	if OutcomeOf(err) != Incompatible || !strings.Contains(err.Error(), "no common version or cipher of TLS") ||
		p.calls.Load() != 0 {
		t.Errorf("%v", err)
	}
	if _, err := Greet(t.Context(), p.address, Config(nil, poolOf([]*x509.Certificate{p.ca.certificate}),
		today)); err == nil ||
		!strings.Contains(err.Error(), "no common version or cipher of TLS") {
		t.Errorf("greeting: %v", err)
	}
}

// A server that takes no signature which our key makes refuses our certificate as much as one that says so: there is a
// setting to change, and repeating helps nobody.
func TestNoSignatureInCommon(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		p := serve(t, true, version, answering)
		ours, ourKey := issue(t, p.ca, "E1000010", soon(), false)
		pair, err := Pair(ours.pem, ourKey)
		if err != nil {
			t.Fatal(err)
		}
		pair.SupportedSignatureAlgorithms = []tls.SignatureScheme{tls.PSSWithSHA256}
		if err := p.post(t, &pair); OutcomeOf(err) != Distrusted ||
			!strings.Contains(err.Error(), "no signature of our key") || p.calls.Load() != 0 {
			t.Errorf("%s: %v", name, err)
		}
		if err := p.post(t, nil); OutcomeOf(err) != Distrusted || strings.Contains(err.Error(), "signature") {
			t.Errorf("%s, without any: %v", name, err)
		}
	}
}

// crypto/tls cannot ask for a renegotiation, so that one is made is tested with OpenSSL (make renegotiation); what is
// allowed stands here.
func TestOneRenegotiationIsAllowed(t *testing.T) {
	if c := Config(nil, nil, nil); c.Renegotiation != tls.RenegotiateOnceAsClient || c.GetClientCertificate == nil {
		t.Errorf("%v", c.Renegotiation)
	}
	late := failure(&lateRefusal{errors.New("remote error")}, true, false)
	if late.Outcome != Unknown || !strings.Contains(late.Message, "certificate") {
		t.Errorf("a refusal after the request was read: %v", late)
	}
}

// A server that wants our certificate for some of its addresses asks for it after the handshake, which only the older
// protocol lets us answer. One that speaks the newer one alone is served as it is. A greeting tells the protocol that a
// request is sent with.
func TestTheOlderProtocolWhereTheNewerOneDoesNotAsk(t *testing.T) {
	for name, c := range map[string]struct {
		least    uint16
		asks     bool // with TLS 1.3 already
		ours     bool // we have a certificate
		version  uint16
		shown    int
		greeting int64
	}{
		"asks late":            {tls.VersionTLS12, false, true, tls.VersionTLS12, 1, 2},
		"asks at once":         {tls.VersionTLS12, true, true, tls.VersionTLS13, 1, 1},
		"no older one":         {tls.VersionTLS13, false, true, tls.VersionTLS13, 0, 3},
		"no certificate of us": {tls.VersionTLS12, false, false, tls.VersionTLS13, 0, 1},
	} {
		var greeted, shown, version atomic.Int64
		p := serve(t, true, tls.VersionTLS13, func(_ http.ResponseWriter, r *http.Request) {
			shown.Store(int64(len(r.TLS.PeerCertificates)))
			version.Store(int64(r.TLS.Version))
		})
		settings := p.server.TLS.Clone()
		p.server.Close()
		p.server = httptest.NewUnstartedServer(p.server.Config.Handler)
		p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
		settings.MinVersion, settings.MaxVersion, settings.ClientAuth = c.least, tls.VersionTLS13, tls.RequestClientCert
		settings.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			greeted.Add(1)
			config := settings.Clone()
			if config.GetConfigForClient = nil; hello.SupportedVersions[0] == tls.VersionTLS13 && !c.asks {
				config.ClientAuth = tls.NoClientCert
			}
			return config, nil
		}
		p.server.TLS = settings
		p.server.StartTLS()
		t.Cleanup(p.server.Close)
		p.address, _ = url.Parse(p.server.URL)
		var pair *tls.Certificate
		if c.ours {
			leaf, key := issue(t, p.ca, "E1000010", soon(), false)
			own, err := Pair(leaf.pem, key)
			if err != nil {
				t.Fatal(err)
			}
			pair = &own
		}
		if err := p.post(t, pair); err != nil || version.Load() != int64(c.version) || shown.Load() != int64(c.shown) ||
			greeted.Load() != c.greeting {
			t.Errorf("%s: %v, version %x, %d certificates, %d handshakes", name, err, version.Load(), shown.Load(),
				greeted.Load())
		}
		greeting, err := Greet(t.Context(), p.address, Config(pair, poolOf([]*x509.Certificate{p.ca.certificate}), today))
		if err != nil || greeting.Protocol != tls.VersionName(c.version) {
			t.Errorf("%s: greeted with %s, and a request speaks %s: %v", name, greeting.Protocol, tls.VersionName(c.version),
				err)
		}
	}
}
