package exchange

import (
	"crypto/tls"
	"testing"
	"time"
)

// TestServerCertificateThatHasEnded: nothing is said to a bank behind it.
func TestServerCertificateThatHasEnded(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, answering)
	pool, err := Roots(p.ca.pem)
	if err != nil {
		t.Fatal(err)
	}
	late := func() time.Time { return soon().Add(time.Minute) }
	_, err = NewClient(Config(nil, pool, late), 5*time.Second, 1024).Post(t.Context(), p.request(Money))
	if OutcomeOf(err) != Distrusted || p.calls.Load() != 0 {
		t.Errorf("%v, after %d calls", err, p.calls.Load())
	}
}
