// What certificates say by themselves and to each other: time, strength, use, and who issued whom. now is always
// given, in whatever zone; an end counts to the second, and days are whole ones.

package certificate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"kassa/shared/bank/exchange"
	"kassa/shared/strict/asn"
)

// SoonDays is how many days before its end a certificate is called out: banks take weeks to issue another. kassa bank
// ping and kassa shop check use the same number, so that one does not call sound what the other calls soon.
const SoonDays = 30

// ShortestRSA is the least length of an RSA key, in bits.
const ShortestRSA = 2048

// Chain reads a client certificate and those that lead to it, which its file may hold in any order, and says what is
// wrong with it at now. The one that the key fits is the client's, and comes first; key may be nil.
func Chain(text string, key crypto.Signer, now time.Time) ([]*x509.Certificate, []Remark) {
	all, remarks := certificates(text)
	if len(remarks) > 0 {
		return nil, remarks
	}
	own := clients(all, key)
	chain := exchange.ChainOf(own, all)
	remarks = append(remarks, life("certificate", own, now)...)
	remarks = append(remarks, strength("the certificate's key", own.PublicKey)...)
	if len(own.ExtKeyUsage) > 0 && !slices.Contains(own.ExtKeyUsage, x509.ExtKeyUsageClientAuth) &&
		!slices.Contains(own.ExtKeyUsage, x509.ExtKeyUsageAny) {
		remarks = append(remarks, warn("holds a certificate that is not for clients; the bank may refuse it")...)
	}
	for i, upper := range chain[1:] {
		if !signed(upper, chain[i]) {
			remarks = append(remarks,
				warn("holds certificates that do not follow from one another: %s was not issued by %s; the bank gets them all "+
					"the same",
					Name(chain[i]), Name(upper))...)
		}
	}
	return chain, remarks
}

// clients is the certificate that the key fits; where none does, the first that is no CA's.
func clients(all []*x509.Certificate, key crypto.Signer) *x509.Certificate {
	i := slices.IndexFunc(all, func(one *x509.Certificate) bool {
		return key != nil && equal(one.PublicKey, key.Public())
	})
	if i < 0 {
		i = max(0, slices.IndexFunc(all, func(one *x509.Certificate) bool { return !one.IsCA }))
	}
	return all[i]
}

// Authorities reads a CA bundle and says what is wrong with it at now. One certificate that is valid makes it sound:
// what is wrong with the others is told, and stands in nobody's way, since banks hand out bundles with certificates
// that have ended.
func Authorities(text string, now time.Time) ([]*x509.Certificate, []Remark) {
	all, remarks := certificates(text)
	sound := false
	for _, one := range all {
		sound = sound || !now.Before(one.NotBefore) && !now.After(one.NotAfter)
		remarks = append(remarks, life("certificate of "+Name(one), one, now)...)
		if !one.IsCA {
			remarks = append(remarks,
				warn("holds the certificate of %s, which is no CA: only exactly that certificate is trusted", Name(one))...)
		}
	}
	for i := range remarks {
		remarks[i].Serious = remarks[i].Serious && !sound
	}
	return all, remarks
}

// Issued says whether a client certificate comes from the bundle, by signatures alone: which of them is valid today is
// told by itself, and a CA's certificate may have been renewed since. A bank may have one CA for its server and another
// for its clients, so this does not stand in the way.
func Issued(chain, bundle []*x509.Certificate) []Remark {
	last := chain[0]
	for _, upper := range chain { // the first of which has signed itself at most
		if signed(upper, last) {
			last = upper
		}
		if slices.ContainsFunc(bundle, func(ca *x509.Certificate) bool { return ca.Equal(last) || signed(ca, last) }) {
			return nil
		}
	}
	from := Issuer(last)
	return warn("holds a certificate that no CA of ca_file has issued (its issuer is %s); that is right where the bank "+
		"has another CA for its clients; where %s stands below the bank's CA, add its certificate to this file", from, from)
}

// signed says whether a CA's key has signed a certificate, also by SHA-1, which the bank may still take.
func signed(ca, one *x509.Certificate) bool {
	err := one.CheckSignatureFrom(ca)
	_, old := errors.AsType[x509.InsecureAlgorithmError](err)
	return err == nil || old
}

// certificates reads those that can be read, and says which cannot.
func certificates(text string) (all []*x509.Certificate, remarks []Remark) {
	blocks, _ := split(text)
	for i, block := range blocks {
		one, err := asn.Certificate(block.Bytes)
		if err != nil && isPKCS7(block.Bytes) { // as Windows' certification authority writes it
			remarks = append(remarks, wrong("is a PKCS#7 bundle (.p7b); take the certificates out with openssl pkcs7 "+
				"-print_certs -in FILE")...)
			continue
		}
		if err != nil {
			remarks = append(remarks, wrong("holds a certificate (number %d) that cannot be read; copy it again", i+1)...)
			continue
		}
		all = append(all, one)
	}
	return all, remarks
}

// life says how a certificate stands at now.
func life(what string, one *x509.Certificate, now time.Time) []Remark {
	switch days := DaysLeft(one, now); {
	case now.Before(one.NotBefore):
		return wrong("holds a %s that is valid from %s only", what, one.NotBefore.Format(time.DateOnly))
	case now.After(one.NotAfter):
		return wrong("holds a %s that has ended on %s; ask the bank for a new one", what, one.NotAfter.Format(time.DateOnly))
	case days < SoonDays:
		return warn("holds a %s that ends in %d days, on %s; ask the bank for a new one now", what, days,
			one.NotAfter.Format(time.DateOnly))
	}
	return nil
}

// DaysLeft is the whole days until a certificate ends; negative once it has.
func DaysLeft(one *x509.Certificate, now time.Time) int {
	left := one.NotAfter.Sub(now)
	days := int(left / (24 * time.Hour))
	if left < 0 {
		days--
	}
	return days
}

// strength refuses keys that are too weak.
func strength(what string, key any) []Remark {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < ShortestRSA {
			return wrong("is too weak: %s is an RSA key of %d bits, and %d are the least", what, bits, ShortestRSA)
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P224() {
			return wrong("is too weak: %s is an ECDSA key of the curve P-224, and P-256 is the least", what)
		}
	}
	return nil
}

// Name is what people call a certificate.
func Name(one *x509.Certificate) string {
	if one.Subject.CommonName != "" {
		return one.Subject.CommonName
	}
	return one.Subject.String()
}

// Issuer is what people call whoever issued a certificate.
func Issuer(one *x509.Certificate) string {
	if one.Issuer.CommonName != "" {
		return one.Issuer.CommonName
	}
	return one.Issuer.String()
}
