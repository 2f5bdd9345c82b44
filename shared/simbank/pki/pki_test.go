package pki

import (
	"bytes"
	"crypto/x509"
	"testing"
	"time"
)

// A stored pair serves until it nears its end, bears another name or comes from another authority.
func TestEnsure(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	files := Folder(t.TempDir())
	root, err := files.Ensure("ca", Root("authority", now), nil, now)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := Issue(Root("authority", now), nil)
	if err != nil {
		t.Fatal(err)
	}
	made := func(name string, issuer *Pair, at time.Time) Pair {
		t.Helper()
		p, err := files.Ensure("server", Local(Leaf(name, at, x509.ExtKeyUsageServerAuth)), issuer, at)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Cert.CheckSignatureFrom(issuer.Cert); err != nil {
			t.Fatal(err)
		}
		return p
	}
	last := made("server", &root, now)
	for _, c := range []struct {
		what   string
		name   string
		issuer *Pair
		at     time.Time
		kept   bool
	}{
		{"the same", "server", &root, now, true},
		{"a year on", "server", &root, now.AddDate(1, 0, 0), true},
		{"near its end", "server", &root, now.AddDate(2, 0, -30), false},
		{"another name", "other", &root, now.AddDate(2, 0, -30), false},
		{"another authority", "other", &stranger, now.AddDate(2, 0, -30), false},
	} {
		p := made(c.name, c.issuer, c.at)
		if kept := bytes.Equal(p.CertPEM, last.CertPEM); kept != c.kept {
			t.Errorf("%s: kept %t", c.what, kept)
		}
		last = p
	}
	if _, err := Folder("").Ensure("ca", Root("authority", now), nil, now); err != nil {
		t.Errorf("in memory: %v", err)
	}
}
