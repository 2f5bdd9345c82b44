package asn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"
)

// named makes a certificate of a name in a text of a kind, under an authority of the same kind, and gives both.
func named(t *testing.T, kind int, name string) (der, ca []byte) {
	t.Helper()
	subject, err := asn1.Marshal([]any{asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: sequence(t,
		asn1.ObjectIdentifier{2, 5, 4, 3}, asn1.RawValue{Tag: kind, Bytes: []byte(name)})}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	one := &x509.Certificate{SerialNumber: big.NewInt(1), RawSubject: subject, NotBefore: at,
		NotAfter: at.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	if ca, err = x509.CreateCertificate(rand.Reader, one, one, key.Public(), key); err != nil {
		t.Fatal(err)
	}
	if der, err = x509.CreateCertificate(rand.Reader, one, one, key.Public(), key); err != nil {
		t.Fatal(err)
	}
	return der, ca
}

func sequence(t *testing.T, of ...any) []byte {
	t.Helper()
	der, err := asn1.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestNamesThatAreNotOfTheirKind: a certificate with one is read, and stays to the byte what the CA has signed.
func TestNamesThatAreNotOfTheirKind(t *testing.T) {
	for _, c := range []struct {
		kind int
		name string
	}{
		{asn1.TagPrintableString, "shop@bank.by"}, {asn1.TagPrintableString, "E1000010_1"},
		{asn1.TagPrintableString, `OAO "Bank"`}, {asn1.TagPrintableString, "\xc1\xe0\xed\xea"},
		{asn1.TagNumericString, "12a"}, {asn1.TagIA5String, "\xc1\xe0\xed\xea"},
		{asn1.TagPrintableString, "E1000010"}, {asn1.TagUTF8String, "ОАО «Банк»"}, {asn1.TagNumericString, "12 3"},
	} {
		der, ca := named(t, c.kind, c.name)
		one, err := Certificate(der)
		if err != nil || !bytes.Equal(one.Raw, der) {
			t.Errorf("%d %q: %v", c.kind, c.name, err)
			continue
		}
		above, err := Certificate(ca)
		if err != nil || one.CheckSignatureFrom(above) != nil {
			t.Errorf("%d %q: %v, %v", c.kind, c.name, err, one.CheckSignatureFrom(above))
		}
	}
}

// TestWhatIsNoCertificate stays none, and gives the reason that crypto/x509 has.
func TestWhatIsNoCertificate(t *testing.T) {
	der, _ := named(t, asn1.TagPrintableString, "shop@bank.by")
	for _, broken := range [][]byte{nil, {0x30}, {0x13, 1, '@'}, der[:len(der)-1], append(bytes.Clone(der), 0)} {
		one, err := Certificate(broken)
		if _, want := x509.ParseCertificate(broken); one != nil || err == nil || err.Error() != want.Error() {
			t.Errorf("%x: %v, want %v", broken[:min(9, len(broken))], err, want)
		}
	}
}

// TestAlteredBytes: whatever comes, what was given stays as it is.
func TestAlteredBytes(t *testing.T) {
	der, _ := named(t, asn1.TagPrintableString, "shop@bank.by")
	for i := range der {
		for _, by := range []byte{1, 0x80, 0xff} {
			given := bytes.Clone(der)
			given[i] ^= by
			before := bytes.Clone(given)
			if one, err := Certificate(given); err == nil && !bytes.Equal(one.Raw, given) || !bytes.Equal(before, given) ||
				len(Soft(given)) != len(given) {
				t.Errorf("byte %d: %v", i, err)
			}
		}
	}
}
