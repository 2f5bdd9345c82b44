package paymentcmd

import (
	"strings"
	"testing"
	"time"

	"kassa/infra/kassa/tool"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

func speaking(t *testing.T, language string) work {
	t.Helper()
	texts, err := wording.Read()
	if err != nil {
		t.Fatal(err)
	}
	return work{Tool: &tool.Tool{Now: func() time.Time { return time.Unix(0, 0) }}, say: texts.In(language)}
}

// TestEveryStepHasItsText, and no text that stands around advice is of none: whatever a payment is under review for, in
// each state in which that asks for something else.
func TestEveryStepHasItsText(t *testing.T) {
	used := map[string]bool{}
	for _, language := range wording.Languages() {
		w := speaking(t, language)
		for _, reason := range payment.ReviewReasons() {
			for _, status := range []payment.Status{payment.Pending, payment.Paid} {
				for _, refunds := range [][]payment.Refund{nil, {{ID: "rf_1", Status: payment.RefundUnknown}}} {
					p := payment.Payment{Status: status, Overpaid: true, Amount: payment.Money{Minor: 100, Currency: payment.AZN},
						Reviews: []payment.Review{reason}, Refunds: refunds}
					if status.Money() {
						p.Captured = 100
					}
					a := w.adviceOn(p, reason)
					for _, s := range a.steps {
						used[s.when] = true
					}
					var out strings.Builder
					w.advise(&out, p)
					for _, key := range w.say.Keys() { // by what stands before the first place, or the whole
						list, _, _ := strings.Cut(key, ".")
						head, _, _ := strings.Cut(w.say.Say(key), "{")
						used[key] = used[key] || language == "en" && (list == "advice" || list == "fact") &&
							strings.Contains(out.String(), head)
					}
					if strings.Contains(out.String(), "[") || len(a.steps) == 0 {
						t.Errorf("%s in %s: %s", reason, language, out.String())
					}
				}
			}
		}
	}
	for _, key := range speaking(t, "en").say.Keys() {
		if list, _, _ := strings.Cut(key, "."); (list == "step" || list == "fact" || list == "advice") &&
			!used[key] {
			t.Errorf("nobody says %s", key)
		}
	}
}

// TestWhatWasGivenBackIsNotAskedFor: an overpaid payment stays one when its money has gone back.
func TestWhatWasGivenBackIsNotAskedFor(t *testing.T) {
	for refunded, advised := range map[int64]bool{0: true, 40: true, 100: false} {
		var out strings.Builder
		speaking(t, "en").advise(&out, payment.Payment{Status: payment.Paid, Overpaid: true, Captured: 100,
			Refunded: refunded})
		if strings.Contains(out.String(), "kassa payment refund") != advised {
			t.Errorf("%d given back: %q", refunded, out.String())
		}
	}
}

// TestARefusalIsExplained: the bank's code and what it means stand where the alarm's page sends people, and stand there
// once.
func TestARefusalIsExplained(t *testing.T) {
	var out strings.Builder
	p := payment.Payment{Status: payment.Declined, Amount: payment.Money{Minor: 100, Currency: payment.AZN}}
	p.Decline.Code, p.Decline.Hint = "054", payment.HintExpired
	w := speaking(t, "en")
	w.writeRows(&out, p)
	told := strings.Join(strings.Fields(out.String()), " ")
	if !strings.Contains(told, "declined expired card the bank's code is 054: what this code means is not known") ||
		strings.Count(told, "054") != 1 {
		t.Error(out.String())
	}
	out.Reset()
	p.Bank, p.Decline.Code, p.Handle.Account.Gateway = "kapital", "51", "txpg"
	p.History = []payment.Entry{{Sequence: 1, What: "declined"}}
	w = speaking(t, "ru")
	w.writeRows(&out, p)
	why := w.historyOf(p)[0].Why
	if want := "срок действия карты истёк"; !strings.Contains(out.String(), "51: "+want) || why != want {
		t.Errorf("%q %s", why, out.String())
	}
	out.Reset()
	p.Decline.Code, p.Status = "054", payment.Paid
	if w.writeRows(&out, p); strings.Contains(out.String(), "054") {
		t.Errorf("a payment that was paid after all: %s", out.String())
	}
}

// TestTheReceiptIsTold as far as the bank has told it, beside what the payment is.
func TestTheReceiptIsTold(t *testing.T) {
	var out strings.Builder
	w := speaking(t, "en")
	p := payment.Payment{Status: payment.Paid, Amount: payment.Money{Minor: 100, Currency: payment.AZN}}
	if w.writeRows(&out, p); strings.Contains(out.String(), "card") || strings.Contains(out.String(), "rrn") {
		t.Error(out.String())
	}
	p.Receipt = payment.NewReceipt("047347", "614012345678", "4169741330151778", "VISA")
	w.writeRows(&out, p)
	told := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"card 416974******1778 Visa", "approval code 047347", "rrn 614012345678"} {
		if !strings.Contains(told, want) {
			t.Errorf("%s holds no %q", told, want)
		}
	}
}
