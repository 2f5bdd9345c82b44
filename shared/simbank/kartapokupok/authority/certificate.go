package authority

import (
	"crypto/x509"
	"time"

	"kassa/shared/simbank/papers"
)

func serial(p papers.Pair) string { return p.Cert.SerialNumber.Text(16) }

func root(now time.Time) *x509.Certificate { return papers.Root("Karta Pokupok simulator CA", now) }

func clientLeaf(partner string, now time.Time) *x509.Certificate {
	return papers.Leaf(partner, now, x509.ExtKeyUsageClientAuth)
}

func serverLeaf(now time.Time) *x509.Certificate {
	return papers.Local(papers.Leaf("Karta Pokupok simulator", now, x509.ExtKeyUsageServerAuth))
}
