package kartapokupok

import (
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// TestANumberForOurReference: a bank's program may make a number of a text of digits, which loses its leading noughts.
func TestANumberForOurReference(t *testing.T) {
	for said, ours := range map[string]bool{`123`: true, `"000123"`: true, `"123"`: false, `1230`: false, `23`: false,
		`0`: true, `null`: true} {
		b, h := newBureau(t, nil), ourHandle()
		h.Private = "000123"
		body := `{"session_id":"S-7f3a","status":"APPROVED","order_ref":` + said + `}`
		m := b.signed(t, body)
		m.Handle = h
		notice, err := b.Read(m)
		if err != nil || notice.Unclear != "" || notice.Handle.IsOf(h) != ours {
			t.Errorf("%s: %+v, %v", said, notice, err)
		}
		m.Handle = bank.Handle{} // the opening is not on record yet
		early, err := b.Read(m)
		if err != nil || early.Unclear != "" || said == "123" && !early.Handle.IsOf(h) {
			t.Errorf("%s, early: %+v, %v", said, early, err)
		}
		x := tell(t, says(statusPath, reply{200, body}), nil)
		if report, err := x.Status(t.Context(), h); (err == nil && report.State == payment.BankApproved) != ours {
			t.Errorf("%s, asked: %+v, %v", said, report, err)
		}
	}
}

// TestTwoShopsOfOneContract have one partner id at the bank, and each an order of the same number. A bank that refuses
// numbers that it has seen takes the second one's behind its prefix.
func TestTwoShopsOfOneContract(t *testing.T) {
	s := simulate(t, func(s *kartapokupoksim.Settings) { s.UniqueRef = true }, nil)
	o := someOrder()
	if _, err := s.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := s.partner(t, nil).Open(t.Context(), o); payment.KindOf(err) != payment.Refused {
		t.Errorf("the same number twice: %v", err)
	}
	for form, change := range map[string]map[string]any{
		"site2-" + o.RefForBank:  {"order_ref_prefix": "site2-"},
		"site.3-" + o.RefForBank: {"order_ref_prefix": "site.3-", "order_ref": "plain"},
	} {
		second := s.partner(t, change)
		opened, err := second.Open(t.Context(), o)
		if err != nil || opened.Handle.Private != form {
			t.Errorf("%s: %+v, %v", form, opened, err)
			continue
		}
		if err := s.sim.Approve(opened.Handle.OrderID); err != nil {
			t.Fatal(err)
		}
		if r, err := second.Status(t.Context(), opened.Handle); err != nil || r.State != payment.BankApproved {
			t.Errorf("%s, asked: %+v, %v", form, r, err)
		}
	}
}
