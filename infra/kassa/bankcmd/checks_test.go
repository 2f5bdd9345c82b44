package bankcmd

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
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
		if said := handshake(err); !strings.Contains(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}
