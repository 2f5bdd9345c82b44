package txpg

import (
	"encoding/json"
	"testing"

	"kassa/shared/payment"
)

// wholeCard is one of the bank's published test cards, as no answer should have it.
const wholeCard = "4169741330151778"

func TestReceipt(t *testing.T) {
	token := func(name, brand string) map[string]any {
		sums := charged("10", "0")
		sums["srcToken"] = map[string]any{"displayName": name, "card": map[string]any{"brand": brand}}
		return sums
	}
	code := func(cleared json.Number, code, rrn string, over map[string]any) map[string]any {
		e := op(cleared, over)
		e["approvalCode"], e["rrn"] = code, rrn
		return e
	}
	tried := code("0", "000000", "000000000000", map[string]any{"pmoResultCode": "59", "ridByPmo": ""})
	back := code("-2", "963348", "614012349999", nil)
	odd := charged("10", "0")
	odd["srcToken"] = "card"
	for name, c := range map[string]struct {
		word string
		h    history
		want payment.Receipt
	}{
		"all of it": {"FullyPaid", history{"", []map[string]any{tried, code("10", "047347", "614012345678", nil)},
			token("416974******1778", "VISA")}, payment.Receipt{ApprovalCode: "047347", RRN: "614012345678",
			Card: "416974******1778", Brand: "Visa"}},
		"a brand beside four digits": {"FullyPaid", history{"", []map[string]any{code("10", "047347", "", nil)},
			token("1778", "VISA")}, payment.Receipt{ApprovalCode: "047347", Card: "******1778", Brand: "Visa"}},
		"a whole number": {"FullyPaid", history{"", []map[string]any{code("10", wholeCard, wholeCard, nil)},
			token(wholeCard, wholeCard)}, payment.Receipt{Card: "416974******1778", Brand: "Visa"}},
		"a refund's is not the payment's": {"PartPaid", history{"", []map[string]any{code("10", "047347", "", nil), back},
			charged("8", "2")}, payment.Receipt{ApprovalCode: "047347"}},
		"a token that is none": {"FullyPaid", history{"", []map[string]any{op("10", nil)}, odd}, payment.Receipt{}},
		"unpaid":               {"Declined", history{"", []map[string]any{tried}, charged("0", "0")}, payment.Receipt{}},
	} {
		o, err := readOrder(parsed(t, body(c.word, c.h)), "7")
		r, _ := o.report(meanings()[c.word])
		if err != nil || r.Receipt != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, r, err, c.want)
		}
	}
}
