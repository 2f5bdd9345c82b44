// Package asn reads certificates that a bank's own programs have written with texts that are not of their kind.
package asn

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"strings"

	"kassa/shared/strict/ascii"
)

// Certificate reads a certificate also where a name in it holds characters that its kind of text has not, such as
// the low line or @ in a PrintableString: CAs of banks' write so, cURL and PHP take it, and crypto/x509 does not. It is
// what the CA has signed all the same: its bytes are the ones that were given.
func Certificate(given []byte) (*x509.Certificate, error) {
	one, err := x509.ParseCertificate(given)
	if err == nil {
		return one, nil
	}
	soft := Soft(given)
	one, softErr := x509.ParseCertificate(soft)
	if softErr != nil {
		return nil, err
	}
	begin := bytes.Index(soft, one.RawTBSCertificate)
	one.Raw, one.RawTBSCertificate = given, given[begin:begin+len(one.RawTBSCertificate)]
	return one, nil
}

// Soft is a certificate in which each text that is not of its kind is called a TeletexString, which may hold anything.
// What stands in extensions is left as it is.
func Soft(given []byte) []byte {
	soft := bytes.Clone(given)
	soften(soft)
	return soft
}

func soften(values []byte) {
	for len(values) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(values, &v)
		switch {
		case err != nil:
			return
		case v.IsCompound:
			soften(v.Bytes)
		case v.Class == asn1.ClassUniversal && !isOfItsKind(v):
			v.FullBytes[0] = asn1.TagT61String
		}
		values = rest
	}
}

// isOfItsKind says whether a text holds what its kind may (X.680, section 41), with what crypto/x509 takes besides.
func isOfItsKind(v asn1.RawValue) bool {
	switch v.Tag {
	case asn1.TagPrintableString:
		return ascii.Only(string(v.Bytes), ascii.Letters+ascii.Digits+" '()+,-./:=?*&", 0, len(v.Bytes))
	case asn1.TagNumericString:
		return ascii.Only(string(v.Bytes), ascii.Digits+" ", 0, len(v.Bytes))
	case asn1.TagIA5String:
		return !strings.ContainsFunc(string(v.Bytes), func(r rune) bool { return r > 0x7f })
	}
	return true
}
