package xml

import (
	"strings"
	"testing"

	"kassa/shared/payment"
)

// wholeCard is one of the bank's published test cards, as no row should have it.
const wholeCard = "4169741330151778"

func TestReceipt(t *testing.T) {
	params := func(all ...string) string {
		list := "<OrderParams>"
		for i := 0; i < len(all); i += 2 {
			list += "<row><PARAMNAME>" + all[i] + "</PARAMNAME><VAL>" + all[i+1] + "</VAL></row>"
		}
		return list + "</OrderParams>"
	}
	operation := func(kind, approval string) string {
		return "<row><id>1</id><OperType>" + kind + "</OperType><Amount>15000</Amount><Approval>" + approval +
			"</Approval></row>"
	}
	list := func(rows ...string) string {
		return "<OrderOperations>" + strings.Join(rows, "") + "</OrderOperations>"
	}
	for name, c := range map[string]struct {
		word, rest string
		want       payment.Receipt
	}{
		"all of it": {"APPROVED", params("PAN", "416974******1778", "RRN", "614012345678", "Brand", "VISA") +
			list(operation("Purchase", "340623")), payment.Receipt{ApprovalCode: "340623", RRN: "614012345678",
			Card: "416974******1778", Brand: "Visa"}},
		"a whole number": {"APPROVED", params("pan", wholeCard, "ApprovalCode", "340623 A", "RRN", wholeCard),
			payment.Receipt{ApprovalCode: "340623", Card: "416974******1778", Brand: "Visa"}},
		"a refund's approval is not the payment's": {"APPROVED", list(operation("Refund", "111111"),
			operation("Purchase", "340623")), payment.Receipt{ApprovalCode: "340623"}},
		"nothing in three spellings": {"APPROVED", params("PAN", "null", "RRN", "", "Brand", "NULL"), payment.Receipt{}},
		"no lists":                   {"APPROVED", "", payment.Receipt{}},
		"unpaid":                     {"DECLINED", params("PAN", "416974******1778"), payment.Receipt{}},
	} {
		x := tell(t, map[string][]string{getOrderStatus: {saysStatus(c.word)},
			getOrderInformation: {saysRow(c.word, "0", c.rest)}}, nil)
		r, err := x.Status(t.Context(), ourHandle())
		if err != nil || r.Receipt != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, r.Receipt, err, c.want)
		}
		if strings.Contains(x.log.String(), wholeCard) {
			t.Errorf("%s: the log says %s", name, x.log.String())
		}
	}
}
