package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
	"kassa/shared/wording"
)

// TestEveryStateHasItsEvidence: each status with each review reason, refunds and messages in each state, at each bank:
// it renders in each language with no text missing, its digest is that of its line, and nothing comes along.
func TestEveryStateHasItsEvidence(t *testing.T) {
	refunds := []payment.RefundStatus{"", payment.RefundBegun, payment.RefundUnknown, payment.RefundSucceeded,
		payment.RefundFailed}
	states := []delivery.State{delivery.New, delivery.Retry, delivery.Delivered, delivery.Dead}
	reasons := append(payment.ReviewReasons(), "", "of_a_later_version")
	n := 0
	for _, status := range payment.Statuses() {
		for _, reason := range reasons {
			p := disputed()
			n++
			p.Status, p.Reviews, p.Bank = status, nil, []string{"kapital", "kartapokupok"}[n%2]
			if reason != "" {
				p.Reviews = []payment.Review{reason}
				p.History[5].What = "review:" + string(reason)
			}
			p.Refunds[0].Status = refunds[n%len(refunds)]
			if p.Refunds[0].Status == "" {
				p.Refunds = nil
			}
			p.Deliveries[0].State = states[n%len(states)]
			p.Decline = payment.Decline{Code: "4169741330151778"} // which no bank's word is
			if !status.Money() {
				p.Captured, p.Refunded, p.EndStated, p.EndedAt = 0, 0, !status.Live(), p.PaidAt
			}
			d := document(t, p)
			sum := sha256.Sum256(d.Line)
			if hex.EncodeToString(sum[:]) != d.Digest {
				t.Errorf("%s %s: the digest is of something else", status, reason)
			}
			for form, text := range d.forms(t) {
				line := ""
				for one := range strings.SplitSeq(text, "\n") {
					if strings.HasPrefix(one, `{"evidence_of"`) {
						line = strings.TrimSuffix(one, ",")
					}
				}
				if line != string(d.Line) || !json.Valid([]byte(line)) || !strings.Contains(text, d.Digest) {
					t.Errorf("%s %s, %s: its line is %.60q", status, reason, form, line)
				}
				if strings.Contains(text, canary) || strings.Contains(text, "4169741330151778") {
					t.Errorf("%s %s, %s: something came along:\n%s", status, reason, form, text)
				}
				for _, list := range []string{"[status.", "[evidence.", "[review.", "[told.", "[event.", "[reason."} {
					if strings.Contains(text, list) {
						t.Errorf("%s %s, %s: a text %s is missing", status, reason, form, list)
					}
				}
			}
		}
	}
	if n < len(wording.Languages())*len(reasons) {
		t.Errorf("%d documents", n)
	}
}
