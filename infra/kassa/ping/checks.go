// Each check. The texts say what somebody can do, and who: the shop, the bank, or whoever looks
// after this machine.

package ping

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"kassa/infra/kassa/certificate"
	"kassa/infra/kassa/console"
	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
)

// connection shakes hands with the bank's server.
func connection(ctx context.Context, line bank.Line, now time.Time) []Check {
	greeting, err := exchange.Greet(ctx, line.Address, line.Trust)
	if err != nil {
		return []Check{{Check: "connection", Grade: Bad, Said: console.Plain(handshake(err, line.Trust.RootCAs))}}
	}
	peer := greeting.Peer
	left := certificate.DaysLeft(peer, now)
	return []Check{
		{Check: "connection", Grade: Good, Said: console.Plain(fmt.Sprintf("%s with %s, which is %s, certified by %s",
			greeting.Protocol, line.Address.Host, certificate.Name(peer), peer.Issuer.CommonName))},
		{Check: "bank's certificate", Grade: graded(left), Until: peer.NotAfter, Left: left,
			Said: fmt.Sprintf("%d days left, until %s", left, peer.NotAfter.Format(time.DateOnly))},
	}
}

// handshake says what a failed one means. Only failures that two sides could mend are told apart; any other is given in
// the words of crypto/tls. roots are those of ca_file, nil where none is named.
func handshake(err error, roots *x509.CertPool) string {
	text := err.Error()
	if _, is := errors.AsType[x509.UnknownAuthorityError](err); is {
		why := "its CA is not in ca_file, or that is the CA of another environment"
		if roots == nil {
			why = "no ca_file is named, and this system does not trust its CA"
		}
		return text + "; " + why + lastIssuer(err)
	}
	wrong, misnamed := errors.AsType[x509.HostnameError](err)
	if misnamed && len(wrong.Certificate.DNSNames)+len(wrong.Certificate.IPAddresses) == 0 {
		return text + "; ask the bank for a server certificate that has its address in subjectAltName, since the common " +
			"name alone proves none"
	}
	if misnamed {
		return text + "; the address is not the one that the certificate is for"
	}
	if strings.Contains(text, "failed to parse certificate from server") { // crypto/tls has no type for it
		return text + "; ask the bank for a server certificate as RFC 5280 wants it"
	}
	if invalid, is := errors.AsType[x509.CertificateInvalidError](err); is && invalid.Reason == x509.Expired {
		return text + "; the bank has to renew it, or this machine's clock is wrong"
	}
	return text
}

// lastIssuer names whose certificate is missing: that of whoever issued the last one that the server sends.
func lastIssuer(err error) string {
	failed, is := errors.AsType[*tls.CertificateVerificationError](err)
	if !is || len(failed.UnverifiedCertificates) == 0 {
		return ""
	}
	last := failed.UnverifiedCertificates[0]
	for _, upper := range failed.UnverifiedCertificates { // a server sends them in this order (RFC 5246, section 7.4.2)
		if bytes.Equal(upper.RawSubject, last.RawIssuer) {
			last = upper
		}
	}
	return ": what it sends was issued by " + certificate.Issuer(last)
}

// own looks at the shop's own certificate and key. It signs and verifies with them, as a handshake does: so a key that
// does not belong to the certificate is found before the bank is asked.
func own(line bank.Line, now time.Time) []Check {
	if len(line.Trust.Certificates) == 0 {
		return []Check{{Check: "own certificate", Grade: Good, Said: "there is none; the bank knows the shop otherwise"}}
	}
	pair := line.Trust.Certificates[0]
	left := certificate.DaysLeft(pair.Leaf, now)
	checks := []Check{{Check: "own certificate", Grade: graded(left), Until: pair.Leaf.NotAfter, Left: left,
		Said: console.Plain(fmt.Sprintf("%s, certified by %s, %d days left, until %s", certificate.Name(pair.Leaf),
			pair.Leaf.Issuer.CommonName, left, pair.Leaf.NotAfter.Format(time.DateOnly)))}}
	if err := exchange.SelfTest(pair); err != nil {
		return append(checks, Check{Check: "signature", Grade: Bad, Said: err.Error()})
	}
	return append(checks, Check{Check: "signature", Grade: Good, Said: "the key signs, and the certificate verifies it"})
}

// keysText names the ids of keys, as people compare them with what the bank has told them.
func keysText(ids []string) string {
	return fmt.Sprintf("%d can be read: %s", len(ids), strings.Join(ids, ", "))
}

// answered grades how the bank answered about an order that cannot exist.
func answered(p bank.ProbeResult) Check {
	if p.Err != nil {
		return Check{Check: p.Question, Grade: Bad, Said: withCause(p.Err)}
	}
	return Check{Check: p.Question, Grade: Good, Said: console.Plain(p.Said)}
}

// withCause says an error with what is behind it; unlike a shop, whoever pings a bank may know.
func withCause(err error) string {
	text := console.Say(err)
	if cause := errors.Unwrap(err); cause != nil && !strings.Contains(text, cause.Error()) {
		text += ": " + cause.Error()
	}
	return console.Plain(text)
}
