package exchange

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kassa/shared/strict/asn"
)

// PEMError names the part of a PEM setting that is wrong, in words for whoever pasted it. It never quotes the setting.
type PEMError struct {
	Part string // "certificate", "key" or "ca"
	Why  string
}

// Error names the part and what to do about it.
func (e *PEMError) Error() string { return e.Part + " " + e.Why }

// Pair reads a client certificate, with its chain in any order, and its private key from PEM. The certificate that the
// key fits is ours; the file of either may hold the other, too. Every error is a *PEMError.
func Pair(certificate, key string) (tls.Certificate, error) {
	all, err := certificates("certificate", certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := plainKey(key); err != nil {
		return tls.Certificate{}, err
	}
	for _, own := range all {
		pair, err := tls.X509KeyPair(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: asn.Soft(own.Raw)}),
			[]byte(key))
		if err == nil {
			pair.Certificate = nil
			for _, one := range ChainOf(own, all) {
				pair.Certificate = append(pair.Certificate, one.Raw)
			}
			return pair, nil
		}
		if !strings.Contains(err.Error(), "does not match") {
			return tls.Certificate{},
				&PEMError{Part: "key", Why: "cannot be read; it must be a PKCS #8, PKCS #1 or SEC 1 private key"}
		}
	}
	return tls.Certificate{},
		&PEMError{Part: "key", Why: "does not belong to the certificate; " +
			"give the key that the certificate was requested with"}
}

// ChainOf puts a certificate first and each issuer behind what it has issued, as TLS 1.2 wants them (RFC 5246, section
// 7.4.2). What nothing leads to stands last: a server may know what it is good for.
func ChainOf(own *x509.Certificate, all []*x509.Certificate) []*x509.Certificate {
	chain, rest := []*x509.Certificate{own}, slices.DeleteFunc(slices.Clone(all), own.Equal)
	for {
		last := chain[len(chain)-1]
		i := slices.IndexFunc(rest, func(upper *x509.Certificate) bool { return mayHaveIssued(upper, last) })
		if i < 0 {
			return append(chain, rest...)
		}
		chain, rest = append(chain, rest[i]), slices.Delete(rest, i, i+1)
	}
}

// mayHaveIssued goes by the names and, where both say it, the issuer's key (RFC 5280, section 4.2.1.1): two CAs may
// have one name.
func mayHaveIssued(upper, lower *x509.Certificate) bool {
	return bytes.Equal(upper.RawSubject, lower.RawIssuer) &&
		(len(lower.AuthorityKeyId) == 0 || len(upper.SubjectKeyId) == 0 ||
			bytes.Equal(lower.AuthorityKeyId, upper.SubjectKeyId))
}

// plainKey refuses what tls.X509KeyPair would only call unreadable.
func plainKey(text string) error {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return &PEMError{Part: "key", Why: "holds no PEM block of a private key"}
		}
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return &PEMError{Part: "key", Why: "is encrypted; store it without a passphrase, the secret store protects it"}
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return nil
		}
	}
}

// certificates reads at least one certificate from PEM, and nothing else but the key that some keep in the file of
// their own certificate. A bundle of CAs may hold others that cannot be read: what nobody can read, nobody trusts.
func certificates(part, text string) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if part == "certificate" && besidesCertificate(block.Type) {
			continue
		}
		if block.Type != "CERTIFICATE" {
			return nil, &PEMError{Part: part, Why: fmt.Sprintf("holds a PEM block %.40q where a CERTIFICATE belongs",
				block.Type)}
		}
		one, err := asn.Certificate(block.Bytes)
		if err != nil && part != "ca" {
			return nil, &PEMError{Part: part, Why: "holds a certificate that cannot be read"}
		}
		if err == nil {
			found = append(found, one)
		}
	}
	if len(found) == 0 {
		return nil, &PEMError{Part: part, Why: "holds no PEM block CERTIFICATE that can be read"}
	}
	return found, nil
}

// besidesCertificate says whether a PEM block of this type stands beside a client's certificate in the files of many
// programs.
func besidesCertificate(kind string) bool {
	return strings.HasSuffix(kind, "PRIVATE KEY") || strings.HasSuffix(kind, " PARAMETERS")
}

// Roots reads a CA bundle. Every error is a *PEMError.
func Roots(bundle string) (*x509.CertPool, error) {
	list, err := certificates("ca", bundle)
	if err != nil {
		return nil, err
	}
	return poolOf(list), nil
}

func poolOf(list []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, one := range list {
		pool.AddCert(one)
	}
	return pool
}

// Config is the client's side of TLS: 1.2 or newer, the server's name always verified, against roots alone where they
// are given and the system's otherwise. pair may be nil. now is the clock that the server's certificate must be valid
// by; nil is time.Now. There is no way to switch verification off.
//
// The pair is shown to whatever server asks, whichever authorities it names: crypto/tls would keep a certificate back
// whose issuer is not among them, as where a server names the root alone and ours stands under an intermediate. The
// bank judges it, and says so. A server of TLS 1.2 may ask for it by one renegotiation, as IIS and Apache do that want
// it for some of their addresses only.
//
// The key exchange that withstands quantum computers is not offered: with it our first message takes two packets, and
// there are servers and firewalls that drop such a one, or wait for ever (tldr.fail). No card data passes here.
func Config(pair *tls.Certificate, roots *x509.CertPool, now func() time.Time) *tls.Config {
	config := &tls.Config{
		Time:               now,
		Renegotiation:      tls.RenegotiateOnceAsClient,
		MinVersion:         tls.VersionTLS12,
		CurvePreferences:   []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
		RootCAs:            roots,
		ClientSessionCache: tickets{tls.NewLRUClientSessionCache(8)},
	}
	if pair == nil {
		pair = new(tls.Certificate) // none, which is what an empty one says
	} else {
		config.Certificates = []tls.Certificate{*pair} // for whoever examines the line
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair, nil }
	return config
}

// tickets keeps what resumes a session, unless it is so long that our next first message would take two packets:
// servers write the client's certificate into it.
type tickets struct{ tls.ClientSessionCache }

// longestTicket leaves 400 of a packet's 1,460 bytes for what else a first message says.
const longestTicket = 1060

// Put keeps a ticket, or forgets the one before.
func (t tickets) Put(server string, session *tls.ClientSessionState) {
	if session != nil {
		if ticket, _, err := session.ResumptionState(); err != nil || len(ticket) > longestTicket {
			session = nil
		}
	}
	t.ClientSessionCache.Put(server, session)
}

// Validity is how a certificate stands at a moment.
type Validity struct {
	NotBefore, NotAfter time.Time
	DaysLeft            int // whole days until NotAfter; negative once it is over
}

// ValidityOf says how the pair's own certificate stands at now.
func ValidityOf(pair tls.Certificate, now time.Time) Validity {
	if pair.Leaf == nil {
		return Validity{}
	}
	left := pair.Leaf.NotAfter.Sub(now)
	days := int(left / (24 * time.Hour))
	if left < 0 {
		days-- // an hour past the end is not "0 days left"
	}
	return Validity{NotBefore: pair.Leaf.NotBefore, NotAfter: pair.Leaf.NotAfter, DaysLeft: days}
}

// Usable says whether now lies within the certificate's life.
func (v Validity) Usable(now time.Time) bool {
	return !now.Before(v.NotBefore) && !now.After(v.NotAfter)
}

// warnDays is how long before its end a client certificate is called out in the log: banks take weeks to issue another.
const warnDays = 45

// Ending says whether it is time to ask the bank for a new certificate.
func (v Validity) Ending() bool { return v.DaysLeft < warnDays }

// Pair takes the fields certificate and key; nil when they are wrong, or not there and not needed. A certificate that
// is not valid at now is wrong.
func (s *Secret) Pair(needed bool, now time.Time) *tls.Certificate {
	certificate, key := s.Text("certificate"), s.Text("key")
	if certificate == "" && key == "" && !needed {
		return nil
	}
	for name, value := range map[string]string{"certificate": certificate, "key": key} {
		if value == "" {
			s.Wrong(name, "is missing, and certificate and key belong together")
		}
	}
	if certificate == "" || key == "" {
		return nil
	}
	pair, err := Pair(certificate, key)
	if err != nil {
		s.wrongPEM(err)
		return nil
	}
	if v := ValidityOf(pair, now); !v.Usable(now) {
		s.Wrong("certificate", fmt.Sprintf("is valid from %s to %s and not today; ask the bank for a new one",
			v.NotBefore.Format(time.DateOnly), v.NotAfter.Format(time.DateOnly)))
	}
	return &pair
}

// Roots takes the field ca; nil when it is wrong, or not there and not needed. With it comes the end of the one that
// ends last: until then a bundle that holds an old and a new CA is good for something.
func (s *Secret) Roots(needed bool) (*x509.CertPool, time.Time) {
	bundle := s.Text("ca")
	if bundle == "" && needed {
		s.Wrong("ca", "is missing; give the PEM bundle that the bank's server certificate comes from")
	}
	if bundle == "" {
		return nil, time.Time{}
	}
	list, err := certificates("ca", bundle)
	if err != nil {
		s.wrongPEM(err)
		return nil, time.Time{}
	}
	last := slices.MaxFunc(list, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	return poolOf(list), last.NotAfter
}

// FirstEnd is when the pair's certificate or the roots end, whichever comes first; zero when there is neither.
func FirstEnd(pair *tls.Certificate, roots time.Time) time.Time {
	if pair == nil || pair.Leaf == nil || !roots.IsZero() && roots.Before(pair.Leaf.NotAfter) {
		return roots
	}
	return pair.Leaf.NotAfter
}

func (s *Secret) wrongPEM(err error) {
	if wrong, ok := errors.AsType[*PEMError](err); ok {
		s.Wrong(wrong.Part, wrong.Why)
	}
}
