package exchange

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// authority signs certificates for the tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func issue(t *testing.T, by *authority, name string, until time.Time, ca bool) (*authority, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: until.Add(-365 * 24 * time.Hour), NotAfter: until, IsCA: ca, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return &authority{certificate: certificate, key: key, pem: text},
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

// today is the clock of the tests, on both sides of a connection.
func today() time.Time { return time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC) }

func soon() time.Time { return today().Add(100 * 24 * time.Hour) }

// place is a TLS server with an authority of its own.
type place struct {
	server  *httptest.Server
	ca      *authority
	calls   atomic.Int64
	address *url.URL
}

func serve(t *testing.T, demand bool, version uint16, handler http.HandlerFunc) *place {
	t.Helper()
	p := &place{}
	p.ca, _ = issue(t, nil, "test authority", soon(), true)
	leaf, key := issue(t, p.ca, "bank.test", soon(), false)
	pair, err := tls.X509KeyPair([]byte(leaf.pem), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls.Add(1)
		handler(w, r)
	}))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.server.TLS = &tls.Config{Time: today, MinVersion: version, MaxVersion: version,
		Certificates: []tls.Certificate{pair}}
	if demand {
		pool, err := Roots(p.ca.pem)
		if err != nil {
			t.Fatal(err)
		}
		p.server.TLS.ClientAuth, p.server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, pool
	}
	p.server.StartTLS()
	t.Cleanup(p.server.Close)
	p.address, err = url.Parse(p.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) client(t *testing.T, pair *tls.Certificate, bundle string) *Client {
	t.Helper()
	pool, err := Roots(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(Config(pair, pool, today), 5*time.Second, 1024)
}

func (p *place) request(care Care) Request {
	return Request{Address: p.address, ContentType: "text/xml; charset=utf-8", Body: []byte("<a/>"), Care: care}
}

func answering(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(append(body, []byte(r.Header.Get("Content-Type"))...))
}

func TestMutualTLS(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, true, version, answering)
			ours, ourKey := issue(t, p.ca, "E1000010", soon(), false)
			theirs, theirKey := issue(t, nil, "E1000010", soon(), false)
			expired, expiredKey := issue(t, p.ca, "E1000010", today().Add(-time.Hour), false)
			pair := func(certificate *authority, key string) *tls.Certificate {
				made, err := Pair(certificate.pem, key)
				if err != nil {
					t.Fatal(err)
				}
				return &made
			}
			answer, err := p.client(t, pair(ours, ourKey), p.ca.pem).Post(t.Context(), p.request(Money))
			if err != nil || string(answer.Body) != "<a/>text/xml; charset=utf-8" || answer.Status != 200 {
				t.Fatalf("answer %q, %v", answer.Body, err)
			}
			served := p.calls.Load()
			for what, refused := range map[string]*tls.Certificate{
				"none": nil, "foreign": pair(theirs, theirKey), "expired": pair(expired, expiredKey),
			} {
				for run := range 60 { // which of the two sides of the connection fails first differs from run to run
					request := p.request(Money)
					request.Body = bytes.Repeat([]byte("a"), 1+run%3*200_000) // and is another one when much is still being written
					if _, err := p.client(t, refused, p.ca.pem).Post(t.Context(), request); OutcomeOf(err) != Distrusted ||
						err == nil {
						t.Fatalf("run %d, certificate %s: %v", run, what, err)
					}
				}
			}
			if p.calls.Load() != served {
				t.Error("a refused certificate reached the handler")
			}
		})
	}
}

// A reset without a word of TLS proves nothing: the request may have been read before it.
func TestBareResetIsUnknown(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		p := serve(t, false, version, func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			under := c.(*tls.Conn).NetConn()
			_ = under.(*net.TCPConn).SetLinger(0)
			_ = under.Close()
		})
		for run := range 20 {
			request := p.request(Money)
			request.Body = bytes.Repeat([]byte("a"), 1+run%2*200_000)
			if _, err := p.client(t, nil, p.ca.pem).Post(t.Context(), request); OutcomeOf(err) != Unknown || err == nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func TestServerIsVerified(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, answering)
	other, _ := issue(t, nil, "other authority", soon(), true)
	_, err := p.client(t, nil, other.pem).Post(t.Context(), p.request(Money))
	if OutcomeOf(err) != Distrusted {
		t.Errorf("a stranger's certificate: %v", err)
	}
	port := p.address.Port()
	p.address, _ = url.Parse("https://localhost:" + port) // the certificate is for bank.test and 127.0.0.1
	_, err = p.client(t, nil, p.ca.pem).Post(t.Context(), p.request(Money))
	if OutcomeOf(err) != Distrusted {
		t.Errorf("a certificate for another name: %v", err)
	}
	if p.calls.Load() != 0 {
		t.Error("a request reached a server that was not verified")
	}
}

func TestNothingSent(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, answering)
	client := p.client(t, nil, p.ca.pem)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Post(ended, p.request(Money)); OutcomeOf(err) != NotSent {
		t.Errorf("an ended context: %v", err)
	}
	p.server.Close()
	if _, err := client.Post(t.Context(), p.request(Money)); OutcomeOf(err) != NotSent {
		t.Errorf("nobody listens: %v", err)
	}
	p.address, _ = url.Parse("https://bank.invalid/")
	if _, err := client.Post(t.Context(), p.request(Money)); OutcomeOf(err) != NotSent {
		t.Errorf("no such host: %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never says a word of TLS
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	p.address, _ = url.Parse("https://" + silent.Addr().String())
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := client.Post(short, p.request(Money)); OutcomeOf(err) != NotSent {
		t.Errorf("no handshake: %v", err)
	}
}

func TestOutcomeUnknown(t *testing.T) {
	for name, handler := range map[string]func(http.ResponseWriter, *http.Request, context.CancelFunc){
		"cut before the answer": func(_ http.ResponseWriter, _ *http.Request, _ context.CancelFunc) {
			panic(http.ErrAbortHandler)
		},
		"cut in the answer": func(w http.ResponseWriter, _ *http.Request, _ context.CancelFunc) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("<a>"))
		},
		"too long": func(w http.ResponseWriter, _ *http.Request, _ context.CancelFunc) { _, _ = w.Write(make([]byte, 2000)) },
		"no answer before we left": func(_ http.ResponseWriter, r *http.Request, leave context.CancelFunc) {
			leave()
			<-r.Context().Done()
			// returning would answer 200, which can overtake the end of a connection that is just being closed
			panic(http.ErrAbortHandler)
		},
	} {
		for _, care := range []Care{Effect, Money} {
			t.Run(fmt.Sprintf("%s, care %d", name, care), func(t *testing.T) {
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.ReadAll(r.Body)
					handler(w, r, leave)
				})
				_, err := p.client(t, nil, p.ca.pem).Post(ctx, p.request(care))
				if err == nil || OutcomeOf(err) != Unknown {
					t.Errorf("error %v", err)
				}
				if p.calls.Load() != 1 {
					t.Errorf("%d calls", p.calls.Load())
				}
			})
		}
	}
}

// A server may pack an answer though nobody asked for it. It is read as it was meant, within the bound of what comes
// out; what says that it is packed and is not stays as it came, so that an error's status is known.
func TestPackedAnswers(t *testing.T) {
	pack := func(text string) string {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return packed.String()
	}
	for name, c := range map[string]struct{ coding, sent, want string }{
		"packed": {"gzip", pack("<b/>"), "<b/>"}, "an old name": {"X-GZIP", pack("<b/>"), "<b/>"},
		"plain": {"", "<b/>", "<b/>"}, "identity": {"identity", "<b/>", "<b/>"},
		"not packed": {"gzip", "<b/>", "<b/>"}, "nothing": {"gzip", "", ""},
		"cut": {"gzip", pack("<b/>")[:14], pack("<b/>")[:14]},
		// as where a program calls its letters a coding, and a server behind it packs
		"behind a word": {"UTF-8, gzip", pack("<b/>"), "<b/>"}, "before one": {"gzip,identity", pack("<b/>"), "<b/>"},
		"twice":      {"gzip, gzip", pack(pack("<b/>")), "<b/>"},
		"said twice": {"gzip, gzip", pack("<b/>"), "<b/>"}, "an inner bomb": {"gzip, gzip", pack(pack(strings.Repeat("a",
			1<<20))), "too long"},
		"a bomb": {"gzip", pack(strings.Repeat("a", 1<<20)), "too long"},
	} {
		p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, _ *http.Request) {
			for coding := range strings.SplitSeq(c.coding, ",") {
				w.Header().Add("Content-Encoding", coding)
			}
			_, _ = w.Write([]byte(c.sent))
		})
		answer, err := p.client(t, nil, p.ca.pem).Post(t.Context(), p.request(Money))
		if got := string(answer.Body); got != c.want && (err == nil || OutcomeOf(err) != Unknown ||
			!strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %.40q, %v", name, got, err)
		}
	}
}

// A server that cuts the second request on each connection shows who repeats and who does not.
func TestOnlyQuestionsAreRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		care  Care
		fails bool
		calls int64
	}{"question": {Question, false, 3}, "effect": {Effect, true, 2}, "money": {Money, false, 2}} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			p := serve(t, false, tls.VersionTLS13, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.ReadAll(r.Body)
				if seen[r.RemoteAddr] {
					panic(http.ErrAbortHandler)
				}
				seen[r.RemoteAddr] = true
			})
			client := p.client(t, nil, p.ca.pem)
			if _, err := client.Post(t.Context(), p.request(Question)); err != nil {
				t.Fatal(err)
			}
			_, err := client.Post(t.Context(), p.request(c.care))
			if (err != nil) != c.fails || p.calls.Load() != c.calls {
				t.Errorf("error %v after %d calls", err, p.calls.Load())
			}
			if c.fails && OutcomeOf(err) != Unknown {
				t.Errorf("a dead connection after writing: %v", err)
			}
		})
	}
}

// A redirect that asks for a GET, or for the same POST elsewhere, is an answer like any other.
func TestNoRedirectIsFollowed(t *testing.T) {
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for _, care := range []Care{Question, Effect, Money} {
			var asked []string
			p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.Method+" "+r.URL.Path)
				if r.URL.Path == "/" {
					http.Redirect(w, r, "/other", status)
				}
			})
			p.address.Path = "/"
			answer, err := p.client(t, nil, p.ca.pem).Post(t.Context(), p.request(care))
			if err != nil || answer.Status != status || !slices.Equal(asked, []string{"POST /"}) {
				t.Errorf("status %d, care %d: status %d after %q, %v", status, care, answer.Status, asked, err)
			}
		}
	}
}

// Money never goes over a kept connection, and yet need not show certificates again: a later connection resumes the
// first, also from one transport to the other.
func TestSecondConnectionResumes(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			var resumed []bool
			p := serve(t, true, version, func(_ http.ResponseWriter, r *http.Request) {
				resumed = append(resumed, r.TLS.DidResume)
			})
			leaf, key := issue(t, p.ca, "E1000010", soon(), false)
			pair, err := Pair(leaf.pem, key)
			if err != nil {
				t.Fatal(err)
			}
			client := p.client(t, &pair, p.ca.pem)
			for _, care := range []Care{Question, Money, Money} {
				if _, err := client.Post(t.Context(), p.request(care)); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(resumed, []bool{false, true, true}) {
				t.Errorf("connections that resumed: %v", resumed)
			}
		})
	}
}

// A connection that died while the environment was frozen must be gone before it is written to; net/http sees to it by
// this setting, whose zero means never.
func TestIdleConnectionsAreDropped(t *testing.T) {
	client := NewClient(Config(nil, nil, nil), time.Second, 1)
	for name, h := range map[string]http.RoundTripper{"kept": client.kept, "fresh": client.fresh} {
		transport, ok := h.(*http.Transport)
		if !ok {
			t.Fatalf("%s: the transport is %T", name, h)
		}
		if idle := transport.IdleConnTimeout; idle <= 0 || idle > 15*time.Second {
			t.Errorf("%s: idle connections are kept for %s", name, idle)
		}
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	p := serve(t, false, tls.VersionTLS11, answering)
	if _, err := p.client(t, nil, p.ca.pem).Post(t.Context(), p.request(Effect)); OutcomeOf(err) != Incompatible {
		t.Errorf("TLS 1.1: %v", err)
	}
}

func TestPairMessages(t *testing.T) {
	ca, caKey := issue(t, nil, "a", soon(), true)
	_, otherKey := issue(t, nil, "b", soon(), true)
	sealed := string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}))
	old := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY",
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}, Bytes: []byte("x")}))
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}))
	for name, c := range map[string]struct{ certificate, key, part, why string }{
		"no certificate": {"", caKey, "certificate", "no PEM block"},
		"key alone":      {caKey, caKey, "certificate", "no PEM block CERTIFICATE"},
		"a request": {ca.pem + strings.ReplaceAll(ca.pem, "CERTIFICATE", "CERTIFICATE REQUEST"), caKey, "certificate",
			"CERTIFICATE REQUEST"},
		"no key":         {ca.pem, "", "key", "no PEM block"},
		"encrypted":      {ca.pem, sealed, "key", "encrypted"},
		"encrypted, old": {ca.pem, old, "key", "encrypted"},
		"broken key":     {ca.pem, broken, "key", "cannot be read"},
		"other key":      {ca.pem, otherKey, "key", "does not belong"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Pair(c.certificate, c.key)
			wrong, ok := errors.AsType[*PEMError](err)
			if !ok || wrong.Part != c.part || !strings.Contains(wrong.Why, c.why) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := Roots(strings.ReplaceAll(broken, "PRIVATE KEY", "CERTIFICATE") + ca.pem); err != nil {
		t.Errorf("a bundle with one that cannot be read: %v", err)
	}
	if _, err := Roots("nothing"); err == nil || !strings.Contains(err.Error(), "ca holds no PEM") {
		t.Errorf("an empty bundle: %v", err)
	}
}

// The certificate that the key fits is ours, wherever it stands among its issuers, and beside whichever key; each is
// sent in front of the one that has issued it.
func TestPairInAnyOrder(t *testing.T) {
	root, _ := issue(t, nil, "root", soon(), true)
	between, _ := issue(t, root, "intermediate", soon(), true)
	ours, key := issue(t, between, "E1000010", soon(), false)
	stranger, _ := issue(t, nil, "stranger", soon(), true)
	for name, text := range map[string]string{
		"right": ours.pem + between.pem + root.pem, "reversed": root.pem + between.pem + ours.pem, "mixed": between.pem +
			ours.pem + root.pem,
		"with the key": key + root.pem + ours.pem + between.pem, "twice": root.pem + ours.pem + ours.pem + between.pem,
	} {
		pair, err := Pair(stranger.pem+text, ours.pem+key)
		if err != nil || pair.Leaf == nil || pair.Leaf.Subject.CommonName != "E1000010" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := [][]byte{ours.certificate.Raw, between.certificate.Raw, root.certificate.Raw, stranger.certificate.Raw}
		if !slices.EqualFunc(pair.Certificate, want, bytes.Equal) {
			t.Errorf("%s: %d certificates in another order", name, len(pair.Certificate))
		}
	}
}

func TestValidity(t *testing.T) {
	end := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	leaf, key := issue(t, nil, "a", end, false)
	pair, err := Pair(leaf.pem, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now    time.Time
		days   int
		usable bool
	}{{end.Add(-14 * 24 * time.Hour), 14, true}, {end.Add(-time.Hour), 0, true}, {end.Add(time.Hour), -1, false},
		{end.Add(-400 * 24 * time.Hour), 400, false}} {
		v := ValidityOf(pair, c.now)
		if v.DaysLeft != c.days || v.Usable(c.now) != c.usable {
			t.Errorf("at %s: %+v", c.now, v)
		}
	}
}
