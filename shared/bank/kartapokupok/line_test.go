package kartapokupok

import (
	"crypto/tls"
	"strings"
	"testing"

	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// TestProbe asks a bank with and without a status call, one that is out of order, and one that knows another partner.
// Nothing is applied for.
func TestProbe(t *testing.T) {
	s := simulate(t, nil, nil)
	ask := func(want string) {
		t.Helper()
		probed := s.probe(t.Context())
		if len(probed) != 1 || probed[0].Err != nil || !strings.Contains(probed[0].Said, want) {
			t.Errorf("%+v, want %q", probed, want)
		}
	}
	ask("does not find an application that cannot exist (HTTP 404, unknown_session)")
	for _, off := range []string{"405", "501"} {
		if err := s.sim.Set(func(set *kartapokupoksim.Settings) { set.StatusCall = off }); err != nil {
			t.Fatal(err)
		}
		ask("has no status call at this address (HTTP " + off + ")")
	}
	line := s.Profile().Line
	greeting, err := exchange.Greet(t.Context(), line.Address, line.Trust)
	if err != nil || greeting.Peer.Issuer.CommonName != "Karta Pokupok simulator CA" || len(line.Keys) != 1 {
		t.Errorf("%+v, %v, keys %q", greeting, err, line.Keys)
	}
	shown, err := line.Trust.GetClientCertificate(
		&tls.CertificateRequestInfo{AcceptableCAs: [][]byte{[]byte("another authority")}})
	if err != nil || shown.Leaf == nil || !shown.Leaf.Equal(line.Trust.Certificates[0].Leaf) {
		t.Errorf("a server that names another authority is shown %+v, %v", shown, err)
	}
	if err := exchange.SelfTest(line.Trust.Certificates[0]); err != nil {
		t.Error(err)
	}
	if err := s.sim.Set(func(set *kartapokupoksim.Settings) { set.StatusCall = "" }); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Faults(kartapokupoksim.Fault{Operation: "status", Kind: "http_500"}); err != nil {
		t.Fatal(err)
	}
	if probed := s.probe(t.Context()); payment.KindOf(probed[0].Err) != payment.Unavailable {
		t.Errorf("out of order: %+v", probed)
	}
	if n := len(s.sim.Ledger().Orders); n != 0 {
		t.Errorf("%d applications were made", n)
	}
}

// TestProbeOfAnAddressThatMayBeWrong: a router's own 404 is no word of the bank's about an application, whatever it is
// called.
func TestProbeOfAnAddressThatMayBeWrong(t *testing.T) {
	for answer, doubted := range map[string]bool{`{"code":"unknown_session"}`: false, `{"error":"SessionNotFound"}`: false,
		`{"code":"1042"}`: false, `{"code":"not_found"}`: true, `{"error":"Not Found","path":"/x"}`: true,
		`{"error":"NOT_FOUND"}`: true, `{"error":{"code":"404"}}`: true, `<html>`: true,
		`{"code":"RESOURCE_NOT_FOUND"}`: true,
	} {
		probed := tell(t, map[string][]reply{statusPath: {{404, answer}}}, nil).probe(t.Context())
		if said := probed[0].Said; probed[0].Err != nil || doubted != strings.Contains(said, "see base_url and status/path") {
			t.Errorf("%s: %q, %v", answer, said, probed[0].Err)
		}
	}
}

// TestWhatAProbeHears: each answer about an application that cannot exist, in words for whoever sets the bank up.
func TestWhatAProbeHears(t *testing.T) {
	for answer, want := range map[reply]string{
		{404, ""}:                                "or has no status call at this address (HTTP 404)",
		{404, `{"code":"UNKNOWN"}`}:              "does not find an application that cannot exist (HTTP 404, UNKNOWN)",
		{405, ""}:                                "has no status call at this address (HTTP 405)",
		{400, `{"code":"NO"}`}:                   "refuses an application that cannot exist (HTTP 400, NO)",
		{422, `{"code":"NO"}`}:                   "refuses an application that cannot exist (HTTP 422, NO)",
		{200, `{"status":"PENDING"}`}:            "as if it knew an application that cannot exist",
		{400, "<html>The SSL certificate error"}: "",
		{401, ""}:                                "",
		{-1, ""}:                                 "",
	} {
		probed := tell(t, says(statusPath, answer), nil).probe(t.Context())
		if len(probed) != 1 || (probed[0].Err == nil) != (want != "") || !strings.Contains(probed[0].Said, want) ||
			want == "" && probed[0].Said != "" {
			t.Errorf("%v: %+v, want %q", answer, probed, want)
		}
	}
}

// TestProbeOff leaves a bank alone that has no status call.
func TestProbeOff(t *testing.T) {
	s := simulate(t, nil, map[string]any{"status": map[string]any{"mode": "off"}})
	probed := s.probe(t.Context())
	if len(probed) != 1 || probed[0].Err != nil || probed[0].Said != "not asked, since status/mode is off" ||
		len(s.sim.Requests()) != 0 {
		t.Errorf("%+v, %d requests", probed, len(s.sim.Requests()))
	}
}
