package authority

import (
	"crypto/x509"
	"time"

	"kassa/shared/simbank/pki"
)

func serial(p pki.Pair) string { return p.Cert.SerialNumber.Text(16) }

func root(now time.Time) *x509.Certificate { return pki.Root("Karta Pokupok simulator CA", now) }

func clientLeaf(partner string, now time.Time) *x509.Certificate {
	return pki.Leaf(partner, now, x509.ExtKeyUsageClientAuth)
}

func serverLeaf(now time.Time) *x509.Certificate {
	return pki.Local(pki.Leaf("Karta Pokupok simulator", now, x509.ExtKeyUsageServerAuth))
}
