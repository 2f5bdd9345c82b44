package xml

import (
	"crypto/tls"
	"reflect"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

// TestProbe asks a bank that knows the terminal, one that is out of order, and one that knows another merchant. No
// order is made.
func TestProbe(t *testing.T) {
	s := simulate(t, "certificate", nil)
	const unfound = "it does not find an order that cannot exist (code 30)"
	want := []bank.ProbeResult{{Question: "status question", Said: unfound}, {Question: "totals question", Said: unfound}}
	if probed := s.probe(t.Context()); !reflect.DeepEqual(probed, want) {
		t.Errorf("%+v", probed)
	}
	line := s.Profile().Line
	greeting, err := exchange.Greet(t.Context(), line.Address, line.Trust)
	if err != nil || greeting.Protocol != "TLS 1.3" || greeting.Peer.Subject.CommonName != "Kapital Bank simulator" {
		t.Errorf("%+v, %v", greeting, err)
	}
	if first := line.Trust.Certificates[0].Leaf.NotAfter; line.Ends.IsZero() || line.Ends.After(first) {
		t.Errorf("ends %s, the client certificate %s", line.Ends, first)
	}
	shown, err := line.Trust.GetClientCertificate(
		&tls.CertificateRequestInfo{AcceptableCAs: [][]byte{[]byte("another authority")}})
	if err != nil || shown.Leaf == nil || !shown.Leaf.Equal(line.Trust.Certificates[0].Leaf) {
		t.Errorf("a server that names another authority is shown %+v, %v", shown, err)
	}
	if err := exchange.SelfTest(line.Trust.Certificates[0]); err != nil || len(line.Keys) != 0 {
		t.Errorf("%v, keys %q", err, line.Keys)
	}
	if err := s.sim.Faults(kapitalxml.Fault{Operation: "GetOrderStatus", Kind: "status_96"}); err != nil {
		t.Fatal(err)
	}
	if probed := s.probe(t.Context()); payment.KindOf(probed[0].Err) != payment.Unavailable {
		t.Errorf("out of order: %+v", probed)
	}
	stranger := simulate(t, "certificate", map[string]any{"merchant_id": "E9999999"})
	for _, p := range stranger.probe(t.Context()) {
		if payment.KindOf(p.Err) != payment.Misconfigured {
			t.Errorf("another merchant: %+v", p)
		}
	}
	if n := len(s.sim.Ledger().Orders); n != 0 {
		t.Errorf("%d orders were made", n)
	}
}

// TestProbeOfABankThatKnowsEverything: it claims to know an order that nobody has made.
func TestProbeOfABankThatKnowsEverything(t *testing.T) {
	x := tell(t, map[string][]string{getOrderStatus: {strings.Replace(saysStatus("CREATED"), ">828<",
		">999999999999999999<", 1)}}, map[string]any{"totals": "off"})
	if probed := x.probe(t.Context()); len(probed) != 1 || probed[0].Err != nil ||
		probed[0].Said != "it claims to know an order that cannot exist" {
		t.Errorf("%+v", probed)
	}
}

// TestProbeAsksWhatTheSettingsRelyOn finds a terminal that may not ask GetOrderInformation before its first customer
// does.
func TestProbeAsksWhatTheSettingsRelyOn(t *testing.T) {
	for name, c := range map[string]struct {
		settings map[string]any
		asked    int
	}{
		"totals on": {nil, 2}, "totals off": {map[string]any{"totals": "off"}, 1},
		"refunds by twoId": {map[string]any{"totals": "off", "tran_id": "two_id"}, 2},
	} {
		s := simulate(t, "certificate", c.settings)
		if err := s.sim.Set(func(set *kapitalxml.Settings) { set.NoInformation = true }); err != nil {
			t.Fatal(err)
		}
		probed := s.probe(t.Context())
		if len(probed) != c.asked || probed[0].Err != nil {
			t.Errorf("%s: %+v", name, probed)
		}
		if last := probed[len(probed)-1].Err; c.asked == 2 && (payment.KindOf(last) != payment.Misconfigured ||
			!strings.Contains(last.Error(), "totals")) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

// TestNginxRefusesOurCertificate by a page of its own, which has gone no further: whoever looks after the shop is told
// where to look, and no refund stays open for it.
func TestNginxRefusesOurCertificate(t *testing.T) {
	for page, status := range map[string]int{
		"<html>\r\n<head><title>400 The SSL certificate error</title></head></html>":            400,
		"<html>\r\n<head><title>400 No required SSL certificate was sent</title></head></html>": 400,
		"bad certificate": 495, "no certificate": 496,
	} {
		x := tell(t, map[string][]string{createOrder: {page}, getOrderStatus: {page}, refund: {page}}, nil)
		x.status = status
		_, errOpen := x.Open(t.Context(), scriptOrder())
		_, errStatus := x.Status(t.Context(), ourHandle())
		_, errRefund := x.Refund(t.Context(), scriptRefund(100))
		for _, err := range []error{errOpen, errStatus, errRefund} {
			if payment.KindOf(err) != payment.Misconfigured || !strings.Contains(err.Error(), "certificate, key and ca") {
				t.Errorf("%d %s: %v", status, page, err)
			}
		}
	}
}
