package txpg

import (
	"encoding/json"
	"fmt"
	"testing"

	"kassa/shared/payment"
)

// TestAnAmountWithoutClearAmount: an entry that has the operation's amount alone has no sign. That it was taken is
// believed where the order's own sums say so, to the last unit, and in the currency that stands beside the amount.
func TestAnAmountWithoutClearAmount(t *testing.T) {
	const unknown, unreadable, paid, trying = "unknown 0  ", "unreadable", "approved 1000 AZN 0", "processing 0  "
	all := charged("10", "0")
	for name, c := range map[string]struct {
		over map[string]any
		sums map[string]any
		want string
	}{
		"the sums agree":            {nil, all, paid},
		"in qəpiks":                 {map[string]any{"amount": 10.05}, charged("10.05", "0"), "approved 1005 AZN 0"},
		"a text":                    {map[string]any{"amount": "10.00"}, all, paid},
		"what went back, unlisted":  {nil, charged("10", "4"), unknown},
		"there are no sums":         {nil, nil, unknown},
		"the sums say less":         {nil, charged("9.99", "0"), unknown},
		"the sums say more":         {nil, charged("10.01", "0"), unknown},
		"the sums say nothing":      {nil, charged("0", "0"), unknown},
		"with a sign":               {map[string]any{"amount": -10}, all, unknown},
		"too many decimals":         {map[string]any{"amount": json.Number("10.005")}, all, unreadable},
		"in words":                  {map[string]any{"amount": "ten"}, all, unreadable},
		"no amount either":          {map[string]any{"amount": nil}, all, unknown},
		"clearAmount null":          {map[string]any{"clearAmount": json.RawMessage("null")}, all, paid},
		"its own currency":          {map[string]any{"currency": "USD", "clearCcy": "AZN"}, all, "approved 1000 USD 0"},
		"the clearing's currency":   {map[string]any{"currency": nil, "clearCcy": "USD"}, all, "approved 1000 USD 0"},
		"the order's currency":      {map[string]any{"currency": nil, "clearCcy": nil}, all, paid},
		"that does not count":       {map[string]any{"pmoResultCode": "4"}, charged("0", "0"), trying},
		"that does not count, text": {map[string]any{"pmoResultCode": "59", "amount": "ten"}, charged("0", "0"), trying},
	} {
		e := op("10", map[string]any{"clearAmount": nil})
		lay(e, c.over)
		o, err := readOrder(parsed(t, body("FullyPaid", history{"", []map[string]any{e}, c.sums})), "7")
		got := unreadable
		if err == nil {
			r, _ := o.report(taken)
			got = fmt.Sprintf("%s %d %s ", r.State, r.Amount.Minor, r.Amount.Currency)
			if r.Amount != (payment.Money{}) {
				got += fmt.Sprint(r.Refunded.Minor)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}
