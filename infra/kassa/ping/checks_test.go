package ping

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
)

// TestHandshakeOfAnotherName: a certificate for another address, and one that names its address as certificates did
// long ago, are mended by different people.
func TestHandshakeOfAnotherName(t *testing.T) {
	for want, one := range map[string]*x509.Certificate{
		"the address is not the one": {DNSNames: []string{"other.example"}},
		"ask the bank for a server certificate that has its address in subjectAltName": {},
	} {
		err := fmt.Errorf("shake hands: %w",
			&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: one, Host: "bank.example"}})
		if said := handshake(err, nil); !strings.Contains(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

// TestHandshakeOfAnUnknownCA names the file where one is named, and whoever issued the last certificate that was sent.
func TestHandshakeOfAnUnknownCA(t *testing.T) {
	from := func(subject, issuer string) *x509.Certificate {
		return &x509.Certificate{RawSubject: []byte(subject), RawIssuer: []byte(issuer),
			Issuer: pkix.Name{CommonName: issuer}, Raw: []byte(subject)}
	}
	sent := []*x509.Certificate{from("server", "Issuing CA"), from("Issuing CA", "Root CA"),
		from("stranger", "Another CA")}
	err := fmt.Errorf("shake hands: %w", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{},
		UnverifiedCertificates: sent})
	const last = "what it sends was issued by Root CA"
	for want, roots := range map[string]*x509.CertPool{
		"its CA is not in ca_file, or that is the CA of another environment: " + last: x509.NewCertPool(),
		"no ca_file is named, and this system does not trust its CA: " + last:         nil,
	} {
		if said := handshake(err, roots); !strings.HasSuffix(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

// TestHandshakeWithACertificateThatCannotBeRead says whose it is.
func TestHandshakeWithACertificateThatCannotBeRead(t *testing.T) {
	err := errors.New("tls: failed to parse certificate from server: x509: invalid RDNSequence")
	said := handshake(err, nil)
	if !strings.HasSuffix(said, "; ask the bank for a server certificate as RFC 5280 wants it") {
		t.Error(said)
	}
}

// TestABankThatIsAskedNothing: a bank without certificates of the shop's, keys and questions is greeted all the same.
func TestABankThatIsAskedNothing(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	now := func() time.Time { return server.Certificate().NotBefore.Add(time.Hour) }
	trust := &tls.Config{RootCAs: roots, Time: now, MinVersion: tls.VersionTLS12}
	said := fmt.Sprint(of(t.Context(), bank.Profile{Line: bank.Line{Address: address, Trust: trust}}, now()))
	for _, want := range []string{"{connection good", "{own certificate good", "{questions good none are asked"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s, want %s", said, want)
		}
	}
}
