package kartapokupok

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

func TestStatusReads(t *testing.T) {
	approved := func(rest string) string {
		return `{"session_id":"S-7f3a","order_ref":"12345","status":"APPROVED","amount":120.00,"currency":"BYN"` + rest + `}`
	}
	report := func(state payment.State, word string, refunded payment.Sum, operations ...payment.Operation) bank.Report {
		return bank.Report{State: state, Word: word, Amount: money(12000, payment.BYN), Refunded: refunded,
			Operations: operations}
	}
	refunded := func(rest string) string { return strings.Replace(approved(rest), "APPROVED", "REFUNDED", 1) }
	for name, c := range map[string]struct {
		settings map[string]any
		body     string
		want     bank.Report
	}{
		"golden": {nil, golden(t, "answer_status.json"), report(payment.BankApproved, "APPROVED", payment.Said(7050),
			payment.Operation{ID: "R-1", Amount: 5000}, payment.Operation{ID: "2", Amount: 2050})},
		"a word alone": {nil, `{"status":"pending"}`, bank.Report{State: payment.BankOpen, Word: "PENDING"}},
		"approved":     {nil, approved(""), report(payment.BankApproved, "APPROVED", payment.Sum{})},
		"nothing back": {nil, approved(`,"refunded_amount":0,"refunds":[]`),
			report(payment.BankApproved, "APPROVED", payment.Said(0), []payment.Operation{}...)},
		"nothing back, in PHP": {nil, approved(`,"refunded_amount":false,"refund_id":false,"refunds":false`),
			report(payment.BankApproved, "APPROVED", payment.Sum{})},
		"a part": {nil, refunded(`,"refunded_amount":40.00`),
			report(payment.BankRefunded, "REFUNDED", payment.Said(4000))},
		"the whole": {nil, refunded(`,"refunded_amount":120.00`),
			report(payment.BankReturned, "REFUNDED", payment.Said(12000))},
		"refunded, not how much": {nil, refunded(""), report(payment.BankRefunded, "REFUNDED", payment.Sum{})},
		"refunded, never a part": {map[string]any{"refund": map[string]any{"partial": false}}, refunded(""),
			report(payment.BankReturned, "REFUNDED", payment.Sum{})},
		"refunded, zero": {nil, refunded(`,"refunded_amount":0`), report(payment.BankRefunded, "REFUNDED", payment.Said(0))},
		"a list that lacks one": {nil, approved(`,"refunded_amount":70.50,"refunds":[{"refund_id":"R-1","amount":50.00}]`),
			report(payment.BankApproved, "APPROVED", payment.Said(7050))},
		"a list with one more": {nil,
			approved(`,"refunded_amount":40.00,"refunds":[{"refund_id":"R-1","amount":40.00},{"refund_id":"R-2","amount":1}]`),
			report(payment.BankApproved, "APPROVED", payment.Said(4000))},
		"a list of nothing": {nil,
			approved(`,"refunded_amount":40.00,"refunds":[{"refund_id":"R-1","amount":40.00},{"refund_id":"R-2","amount":0}]`),
			report(payment.BankApproved, "APPROVED", payment.Said(4000))},
		"a list not understood": {nil, approved(`,"refunded_amount":40.00,"refunds":[40.00]`),
			report(payment.BankApproved, "APPROVED", payment.Said(4000))},
		"a list without total": {nil, approved(`,"refunds":[{"refund_id":"R-1","amount":50.00}]`),
			report(payment.BankApproved, "APPROVED", payment.Sum{})},
		"a list that is none": {nil, approved(`,"refunded_amount":40.00,"refunds":"R-1"`),
			report(payment.BankApproved, "APPROVED", payment.Said(4000))},
		"the list is switched off": {map[string]any{"status": map[string]any{"fields": map[string]any{"refunds": ""}}},
			golden(t, "answer_status.json"), report(payment.BankApproved, "APPROVED", payment.Said(7050))},
		"empty texts": {nil,
			`{"session_id":"","order_ref":"","partner_id":"","status":"APPROVED","amount":"","currency":"",` +
				`"refunded_amount":"","refunds":""}`, bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"as PHP writes nothing": {nil,
			`{"session_id":"S-7f3a","order_ref":[],"status":"APPROVED","amount":null,"currency":[],"refunded_amount":[],` +
				`"refunds":{}}`, bank.Report{State: payment.BankApproved, Word: "APPROVED"}},
		"a total not said": {nil, refunded(`,"refunded_amount":" "`),
			report(payment.BankRefunded, "REFUNDED", payment.Sum{})},
		"unknown, with signs": {nil, `{"session_id":"S-7f3a","status":"wait_3ds-2"}`,
			bank.Report{State: payment.BankUnknown, Word: "WAIT_3DS-2"}},
		"unknown, a number": {nil, `{"session_id":"S-7f3a","status":4}`,
			bank.Report{State: payment.BankUnknown, Word: "4"}},
		"unknown": {nil, `{"session_id":"S-7f3a","status":"COOLING_OFF"}`,
			bank.Report{State: payment.BankUnknown, Word: "COOLING_OFF"}},
		"rejected, and why": {nil, `{"session_id":"S-7f3a","status":"REJECTED","code":"LIMIT"}`,
			bank.Report{State: payment.BankDeclined, Word: "REJECTED", Code: "LIMIT"}},
		"canceled": {nil, `{"session_id":"S-7f3a","status":"Canceled"}`,
			bank.Report{State: payment.BankCancelled, Word: "CANCELED"}},
		"cancelled": {nil, `{"session_id":"S-7f3a","status":"CANCELLED"}`,
			bank.Report{State: payment.BankCancelled, Word: "CANCELLED"}},
	} {
		x := tell(t, says(statusPath, reply{200, c.body}), c.settings)
		got, err := x.Status(t.Context(), ourHandle())
		if len(c.want.Operations) == 0 && name != "nothing back" {
			c.want.Operations = nil
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
		if told := strings.Contains(x.log.String(), "unknown status"); told != (c.want.State == payment.BankUnknown) {
			t.Errorf("%s: the log says %q", name, x.log.String())
		}
	}
}

func TestStatusElsewhere(t *testing.T) {
	x := tell(t, says("/v2/application", reply{200, `{"result":{"state":"APPROVED","sum":"120.00"}}`}), map[string]any{
		"status": map[string]any{"path": "/v2/application", "fields": map[string]any{"status": "/result/state",
			"amount": "/result/sum", "currency": ""}}})
	got, err := x.Status(t.Context(), ourHandle())
	if want := (bank.Report{State: payment.BankApproved, Word: "APPROVED",
		Amount: money(12000, payment.BYN)}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// No answer, none that can be read, and one about somebody else are no news; only a missing call is "unsupported".
func TestStatusFails(t *testing.T) {
	const right = `{"session_id":"S-7f3a","status":"APPROVED","amount":120.00}`
	for name, c := range map[string]struct {
		reply reply
		kind  payment.Kind
	}{
		"404":                    {reply{404, right}, payment.Unsupported},
		"405":                    {reply{405, ""}, payment.Unsupported},
		"501":                    {reply{501, "<html>"}, payment.Unsupported},
		"400":                    {reply{400, `{"status":"REJECTED"}`}, payment.Unavailable},
		"409":                    {reply{409, right}, payment.Unavailable},
		"410":                    {reply{410, right}, payment.Unavailable},
		"429":                    {reply{429, right}, payment.Unavailable},
		"500":                    {reply{500, right}, payment.Unavailable},
		"503":                    {reply{503, ""}, payment.Unavailable},
		"401":                    {reply{401, ""}, payment.Misconfigured},
		"403":                    {reply{403, ""}, payment.Misconfigured},
		"302":                    {reply{302, right}, payment.Misconfigured},
		"nginx":                  {reply{400, "<html><title>400 The SSL certificate error</title>"}, payment.Misconfigured},
		"cut":                    {reply{-1, ""}, payment.Unavailable},
		"empty":                  {reply{200, ""}, payment.Unavailable},
		"no content":             {reply{204, ""}, payment.Unavailable},
		"junk":                   {reply{200, "REJECTED"}, payment.Unavailable},
		"no status":              {reply{200, `{"session_id":"S-7f3a"}`}, payment.Unavailable},
		"status twice":           {reply{200, `{"status":"PENDING","status":"REJECTED"}`}, payment.Unavailable},
		"a session that is none": {reply{200, `{"session_id":["S-7f3a"],"status":"APPROVED"}`}, payment.Unavailable},
		"a partner that is none": {reply{200, `{"partner_id":["P-100"],"status":"APPROVED"}`}, payment.Unavailable},
		"another session":        {reply{200, `{"session_id":"S-7f3b","status":"APPROVED"}`}, payment.Unavailable},
		"another order": {reply{200, `{"session_id":"S-7f3a","order_ref":"12346","status":"APPROVED"}`},
			payment.Unavailable},
		"an earlier opening": {reply{200, `{"session_id":"S-7f3a","order_ref":"12345/1.2","status":"APPROVED"}`},
			payment.Unavailable},
		"another partner": {reply{200, `{"session_id":"S-7f3a","partner_id":"P-1","status":"APPROVED"}`},
			payment.Unavailable},
		"a total that is true": {reply{200, `{"status":"APPROVED","refunded_amount":true}`}, payment.Unavailable},
		"three decimals":       {reply{200, `{"status":"APPROVED","amount":120.001}`}, payment.Unavailable},
		"a total of words":     {reply{200, `{"status":"APPROVED","refunded_amount":"all"}`}, payment.Unavailable},
		"a currency of words":  {reply{200, `{"status":"APPROVED","amount":1,"currency":"roubles"}`}, payment.Unavailable},
	} {
		x := tell(t, says(statusPath, c.reply), nil)
		report, err := x.Status(t.Context(), ourHandle())
		if payment.KindOf(err) != c.kind || err == nil || !reflect.DeepEqual(report, bank.Report{}) {
			t.Errorf("%s: %+v, %v, want %s", name, report, err, c.kind)
		}
	}
}

func TestNoStatusCall(t *testing.T) {
	x := tell(t, says(statusPath, reply{404, ""}), nil)
	for range 3 {
		if _, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Unsupported {
			t.Errorf("%v", err)
		}
	}
	if n := strings.Count(x.log.String(), "no status call"); n != 1 {
		t.Errorf("said %d times: %s", n, x.log.String())
	}
	x = tell(t, says(statusPath, reply{404, ""}), map[string]any{"recheck": "always"})
	if _, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Unavailable {
		t.Errorf("recheck always: %v", err)
	}
	x = tell(t, nil, map[string]any{"status": map[string]any{"mode": "off"}})
	if _, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Unsupported || len(x.asked) != 0 {
		t.Errorf("off: %v after asking %q", err, x.asked)
	}
	old := ourHandle()
	old.Account.Merchant = "P-99"
	if _, err := x.Status(t.Context(), old); payment.KindOf(err) != payment.Unsupported {
		t.Errorf("off, of a partner of before: %v", err)
	}
}

// Amounts as banks write them, one form at a time.
func TestAmounts(t *testing.T) {
	const no = int64(-1)
	for text, want := range map[string][2]int64{ // decimal and string, minor
		`120`: {12000, 120}, `120.0`: {12000, 120}, `120.00`: {12000, 120}, `"120.00"`: {12000, 120}, `119.9`: {11990, no},
		`0.01`: {1, no}, `"0.1"`: {10, no},
		`0`: {0, 0}, `"0"`: {0, 0}, `0.000`: {0, 0}, `0e9`: {0, 0}, `12000`: {1200000, 12000},
		`9999999999999.99`: {999999999999999, no}, `999999999999999`: {no, 999999999999999},
		`120.000`: {12000, 120}, `0.0500`: {5, no}, `1e2`: {10000, 100}, `1.2E1`: {1200, 12}, `1.2E+2`: {12000, 120},
		`12000e-2`: {12000, 120}, `1199e-1`: {11990, no},
		`"+1"`: {100, 1}, `"01"`: {100, 1}, `".5"`: {50, no}, `"5."`: {500, 5}, `" 120.00\n"`: {12000, 120},
		`"1E2"`: {10000, 100}, `1e13`: {no, 10000000000000},
		`0.005`: {no, no}, `1e-3`: {no, no}, `119.90000000000001`: {no, no}, `-1`: {no, no}, `"-0"`: {no, no},
		`1e-400`: {no, no}, `1e99999`: {no, no}, `1e15`: {no, no},
		`"."`: {no, no}, `"e2"`: {no, no}, `"1e"`: {no, no}, `"1.2.3"`: {no, no}, `"12O.00"`: {no, no},
		`"120.00 BYN"`: {no, no},
		`"1 000"`:      {no, no}, `"1,50"`: {150, no}, `" 120,00 "`: {12000, no}, `"1,5"`: {no, no}, `"1,500"`: {no, no},
		`"1,000.00"`: {no, no}, `"1.000,00"`: {no, no}, `"1,00e2"`: {no, no}, `",50"`: {no, no}, `"0x10"`: {no, no},
		`"NaN"`: {no, no}, `"١"`: {no, no}, `true`: {no, no}, `[1]`: {no, no}, `{"a":1}`: {no, no}, `1e400`: {no, no},
	} {
		for format, want := range map[string]int64{"decimal": want[0], "string": want[0], "minor": want[1]} {
			x := tell(t, says(statusPath, reply{200, fmt.Sprintf(`{"status":"APPROVED","refunded_amount":%s}`, text)}),
				map[string]any{"amount_format": format})
			report, err := x.Status(t.Context(), ourHandle())
			switch {
			case want == no && err == nil:
				t.Errorf("%s as %s: %d, want an error", text, format, report.Refunded.Minor)
			case want != no && (err != nil || !report.Refunded.Said || report.Refunded.Minor != want):
				t.Errorf("%s as %s: %+v, %v, want %d", text, format, report, err, want)
			}
		}
	}
}

func FuzzStatement(f *testing.F) {
	f.Add([]byte(golden(f, "answer_status.json")), "minor")
	f.Add([]byte(`{"status":"REFUNDED","amount":1,"refunded_amount":"1.00","refunds":[{"amount":1}]}`), "decimal")
	partners := map[string]*KartaPokupok{"decimal": partner(f, nil),
		"minor": partner(f, map[string]any{"amount_format": "minor"})}
	f.Fuzz(func(t *testing.T, body []byte, format string) {
		message, err := strict.ParseJSON(body, messageForm)
		k := partners[format]
		if err != nil || k == nil {
			return
		}
		said, err := k.read(message, k.settings.status.fields, bank.Handle{})
		if err != nil {
			return
		}
		r := k.weighed(said.report)
		if r.Word == "" || r.Amount != (payment.Money{}) && r.Amount.Minor <= 0 || r.Refunded.Said && r.Refunded.Minor < 0 {
			t.Fatalf("%+v", r)
		}
		var sum int64
		for _, op := range r.Operations {
			if sum += op.Amount; op.Amount <= 0 {
				t.Fatalf("%+v", r)
			}
		}
		if r.Operations != nil && sum != r.Refunded.Minor {
			t.Fatalf("%+v", r)
		}
	})
}
