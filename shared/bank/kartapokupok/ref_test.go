package kartapokupok

import (
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
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
