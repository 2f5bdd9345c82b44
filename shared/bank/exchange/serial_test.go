package exchange

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"strings"
	"testing"
)

// negative gives a certificate anew with a serial number below zero, which crypto/x509 does not write.
func negative(t *testing.T, one, by *authority) *authority {
	t.Helper()
	serial, err := asn1.Marshal(one.certificate.SerialNumber)
	if err != nil {
		t.Fatal(err)
	}
	below := bytes.Clone(serial)
	below[2] = 0x80 | below[2]&0x3f // the sign, and never all ones
	body := bytes.Replace(one.certificate.RawTBSCertificate, serial, below, 1)
	digest := sha256.Sum256(body)
	signature, err := ecdsa.SignASN1(rand.Reader, by.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	ecdsaWithSHA256 := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	der, err := asn1.Marshal(struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: body}, ecdsaWithSHA256, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{certificate, one.key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// TestSerialNumbersBelowZero: some programs of a bank's own draw a serial number with its sign, and RFC 5280 (4.1.2.2)
// wants such certificates to be taken: the CA's, the server's and ours.
func TestSerialNumbersBelowZero(t *testing.T) {
	p := serve(t, true, tls.VersionTLS13, answering)
	p.ca = negative(t, p.ca, p.ca)
	leaf, leafKey := issue(t, p.ca, "bank.test", soon(), false)
	ours, ourKey := issue(t, p.ca, "E1000010", soon(), false)
	theirs, err := tls.X509KeyPair([]byte(negative(t, leaf, p.ca).pem), []byte(leafKey))
	if err != nil {
		t.Fatal(err)
	}
	p.server.TLS.Certificates = []tls.Certificate{theirs}
	pair, err := Pair(negative(t, ours, p.ca).pem, ourKey)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.client(t, &pair, p.ca.pem).Post(t.Context(), p.request(Money))
	if err != nil || got.Status != 200 || pair.Leaf.SerialNumber.Sign() >= 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// called gives a certificate anew whose name is a PrintableString that holds an @, which crypto/x509 does not read.
func called(t *testing.T, one, by *authority) *authority {
	t.Helper()
	name, err := asn1.Marshal(pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 3},
		Value: asn1.RawValue{Tag: asn1.TagPrintableString, Bytes: []byte("E1000010@bank.by")}}}})
	if err != nil {
		t.Fatal(err)
	}
	template := *one.certificate
	template.RawSubject = name
	der, err := x509.CreateCertificate(rand.Reader, &template, by.certificate, one.key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		t.Error("crypto/x509 reads it")
	}
	return &authority{nil, one.key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// TestOurNameIsOfAnotherKind: the certificate that the bank has issued is ours to the byte, with its chain.
func TestOurNameIsOfAnotherKind(t *testing.T) {
	ca, _ := issue(t, nil, "test authority", soon(), true)
	plain, key := issue(t, ca, "E1000010", soon(), false)
	ours := called(t, plain, ca)
	pair, err := Pair(ca.pem+ours.pem, key)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(ours.pem))
	if len(pair.Certificate) != 2 || !bytes.Equal(pair.Certificate[0], block.Bytes) ||
		pair.Leaf.Subject.CommonName != "E1000010@bank.by" || !ValidityOf(pair, today()).Usable(today()) {
		t.Errorf("%d certificates, %+v", len(pair.Certificate), pair.Leaf.Subject)
	}
	if err := SelfTest(pair); err != nil {
		t.Error(err)
	}
}

// TestServersNameIsOfAnotherKind: nothing was sent, and nothing will be until the bank has another certificate.
func TestServersNameIsOfAnotherKind(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, answering)
	plain, key := issue(t, p.ca, "bank.test", soon(), false)
	theirs, err := Pair(called(t, plain, p.ca).pem, key)
	if err != nil {
		t.Fatal(err)
	}
	p.server.TLS.Certificates = []tls.Certificate{theirs}
	_, err = p.client(t, nil, p.ca.pem).Post(t.Context(), p.request(Money))
	if OutcomeOf(err) != Distrusted || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("%v", err)
	}
}
