package kapital

import (
	"testing"

	"kassa/shared/bank/kapital/kapitalsim"
	"kassa/shared/bank/wire"
	"kassa/shared/payment"
)

// TestProbe asks a bank that knows the terminal, one that is out of order, and one that knows another merchant. No order is made.
func TestProbe(t *testing.T) {
	s := simulate(t, "certificate", nil)
	said, err := s.Probe(t.Context())
	if err != nil || said != "it does not find an order that cannot exist (code 30)" {
		t.Errorf("%q, %v", said, err)
	}
	line := s.Line()
	greeting, err := wire.Greet(t.Context(), line.Address, line.Trust)
	if err != nil || greeting.Protocol != "TLS 1.3" || greeting.Peer.Subject.CommonName != "Kapital Bank simulator" {
		t.Errorf("%+v, %v", greeting, err)
	}
	if first := line.Trust.Certificates[0].Leaf.NotAfter; line.Ends.IsZero() || line.Ends.After(first) {
		t.Errorf("ends %s, the client certificate %s", line.Ends, first)
	}
	if err := wire.SelfTest(line.Trust.Certificates[0]); err != nil || len(line.Keys) != 0 {
		t.Errorf("%v, keys %q", err, line.Keys)
	}
	if err := s.sim.Faults(kapitalsim.Fault{Operation: "GetOrderStatus", Kind: "status_96"}); err != nil {
		t.Fatal(err)
	}
	if said, err := s.Probe(t.Context()); payment.KindOf(err) != payment.Unavailable {
		t.Errorf("out of order: %q, %v", said, err)
	}
	stranger := simulate(t, "certificate", map[string]any{"merchant_id": "E9999999"})
	if said, err := stranger.Probe(t.Context()); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("another merchant: %q, %v", said, err)
	}
	if n := len(s.sim.Ledger().Orders); n != 0 {
		t.Errorf("%d orders were made", n)
	}
}
