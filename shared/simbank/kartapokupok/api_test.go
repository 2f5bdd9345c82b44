package kartapokupok

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"kassa/shared/simbank/kartapokupok/partnerapi"
)

func TestStrictCreate(t *testing.T) {
	type doc = map[string]any
	item := func(d doc, i int) doc { return d["items"].([]any)[i].(doc) }
	n := func(s string) json.Number { return json.Number(s) }
	for name, c := range map[string]struct {
		edit func(d doc)
		why  string // empty where it must be taken
	}{
		"as it is":            {func(doc) {}, ""},
		"loopback address":    {func(d doc) { d["fail_url"] = "http://127.0.0.1:8080/x" }, ""},
		"an attempt's ref":    {func(d doc) { d["order_ref"] = strings.Repeat("9", 64) + "/2.1" }, ""},
		"unknown field":       {func(d doc) { d["colour"] = "red" }, `"colour" is not a field`},
		"missing amount":      {func(d doc) { delete(d, "amount") }, "amount is missing"},
		"missing callback":    {func(d doc) { delete(d, "callback_url") }, "callback_url is missing"},
		"null":                {func(d doc) { d["order_ref"] = nil }, "order_ref is not a string"},
		"amount as string":    {func(d doc) { d["amount"] = "120.00" }, "amount is not of the agreed type"},
		"one decimal":         {func(d doc) { d["amount"] = n("120.0") }, "amount is not an amount"},
		"no decimals":         {func(d doc) { d["amount"] = n("120") }, "amount is not an amount"},
		"exponent":            {func(d doc) { d["amount"] = n("1.2e2") }, "amount is not an amount"},
		"leading zero":        {func(d doc) { d["amount"] = "0120.00" }, "amount is not"},
		"negative":            {func(d doc) { d["amount"] = n("-120.00") }, "amount is not an amount"},
		"nothing":             {func(d doc) { d["amount"] = n("0.00") }, "amount is not more than nothing"},
		"huge":                {func(d doc) { d["amount"] = n("99999999999999999.00") }, "amount is not an amount"},
		"currency":            {func(d doc) { d["currency"] = "AZN" }, "currency is not BYN"},
		"term unknown":        {func(d doc) { d["term"] = 7 }, "term is not one"},
		"term as string":      {func(d doc) { d["term"] = "12" }, "term is not one"},
		"term with fraction":  {func(d doc) { d["term"] = n("12.0") }, "term is not one"},
		"code of no term":     {func(d doc) { d["term_code"] = "9" }, "term is not one"},
		"items do not add up": {func(d doc) { item(d, 1)["quantity"] = 2 }, "items do not add up"},
		"no items":            {func(d doc) { d["items"] = []any{} }, "items is not a list"},
		"items as object":     {func(d doc) { d["items"] = doc{} }, "items is not a list"},
		"quantity fraction":   {func(d doc) { item(d, 0)["quantity"] = n("2.5") }, "items[0].quantity is not a whole"},
		"quantity string":     {func(d doc) { item(d, 0)["quantity"] = "2" }, "items[0].quantity is not a whole"},
		"sku number":          {func(d doc) { item(d, 1)["sku"] = 77 }, "items[1].sku is not a string"},
		"item's extra":        {func(d doc) { item(d, 1)["vat"] = 20 }, `items[1]."vat" is not a field`},
		"empty name":          {func(d doc) { item(d, 1)["name"] = " " }, "items[1].name is empty"},
		"control character":   {func(d doc) { item(d, 1)["name"] = "a\x01b" }, "control character"},
		"customer's phone":    {func(d doc) { d["customer"].(doc)["phone"] = "none" }, "customer.phone is not a telephone"},
		"customer's e-mail":   {func(d doc) { d["customer"].(doc)["email"] = "none" }, "customer.email is not an e-mail"},
		"customer's name":     {func(d doc) { delete(d["customer"].(doc), "last_name") }, "customer.last_name is missing"},
		"no customer":         {func(d doc) { d["customer"] = "Алеся" }, "customer is not an object"},
		"relative address":    {func(d doc) { d["success_url"] = "/ok" }, "success_url is not an absolute"},
		"script address":      {func(d doc) { d["fail_url"] = "javascript://x" }, "fail_url is not an absolute"},
		"ref with spaces":     {func(d doc) { d["order_ref"] = "a b" }, "order_ref is not"},
		"long ref":            {func(d doc) { d["order_ref"] = strings.Repeat("9", 81) }, "order_ref is not"},
		"other partner":       {func(d doc) { d["partner_id"] = "P-200" }, "another partner"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, nil)
			d := b.document()
			c.edit(d)
			status, body := b.call("create", d)
			answer := read(t, body)
			if c.why == "" {
				if status != http.StatusOK || len(answer) != 2 || answer["payment_url"] == "" {
					t.Errorf("HTTP %d %s", status, body)
				}
				return
			}
			message, _ := answer["message"].(string)
			if status < 400 || answer["error"] == nil || !strings.Contains(message, c.why) || len(b.Ledger().Orders) != 0 {
				t.Errorf("HTTP %d %s, want %q", status, body, c.why)
			}
		})
	}
}

func TestMalformedDocuments(t *testing.T) {
	b := start(t, nil)
	for _, document := range []string{"", "{", "[]", "null", `"a"`, "{}{}", "{} x", "\xff",
		`{"session_id":"a","session_id":"b"}`, strings.Repeat("[", 50), `{"a":1,}`} {
		for _, operation := range []string{"create", "status", "refund"} {
			if status, body := b.call(operation, document); status != http.StatusBadRequest {
				t.Errorf("%s %q: HTTP %d %s", operation, document, status, body)
			}
		}
	}
	if status, _ := b.call("create", strings.Repeat(" ", maxBody+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: HTTP %d", status)
	}
	if status, _ := b.call("explode", "{}"); status != http.StatusNotFound {
		t.Errorf("unknown call: HTTP %d", status)
	}
	for kind, wanted := range map[string]int{"text/plain": 415, "": 415, "application/json; charset=windows-1251": 415,
		"application/json; charset=utf-8": 400} {
		r, err := b.api.Client().Post(b.api.URL+"/installment/create", kind, strings.NewReader("{}"))
		b.must(err)
		_ = r.Body.Close()
		want(t, "Content-Type "+kind, r.StatusCode, wanted)
	}
	r, err := b.api.Client().Get(b.api.URL + "/installment/status")
	b.must(err)
	defer func() { _ = r.Body.Close() }()
	if body, err := io.ReadAll(r.Body); err != nil || r.StatusCode != 405 || r.Header.Get("Allow") != "POST" ||
		!json.Valid(body) {
		t.Errorf("GET: HTTP %d %s", r.StatusCode, body)
	}
}

func TestAmountFormats(t *testing.T) {
	for format, amounts := range map[string][3]any{
		"decimal": {json.Number("120.00"), json.Number("50.00"), json.Number("20.00")},
		"string":  {"120.00", "50.00", "20.00"},
		"minor":   {12000, 5000, 2000},
	} {
		b := start(t, func(o *Options) { o.Settings.AmountFormat = partnerapi.Form(format) })
		d := b.document()
		d["amount"], d["items"].([]any)[0].(map[string]any)["price"],
			d["items"].([]any)[1].(map[string]any)["price"] = amounts[0], amounts[1], amounts[2]
		s := b.opened(d)
		b.must(b.Approve(s.id))
		want(t, format+" status", b.state(s)["amount"], amounts[0])
		refund := refundOf(s, "0")
		refund["amount"] = amounts[2]
		status, body := b.call("refund", refund)
		want(t, format+" refund "+string(body), status, 200)
		want(t, format+" total", b.Ledger().Totals.Refunded, 2000)
		for other, wrong := range map[string]any{"decimal": json.Number("1.00"), "string": "1.00", "minor": 100} {
			if refund["amount"] = wrong; other != format {
				if status, _ := b.call("refund", refund); status != http.StatusBadRequest {
					t.Errorf("%s took an amount as %s: HTTP %d", format, other, status)
				}
			}
		}
	}
}

func TestTermCodes(t *testing.T) {
	for mode, taken := range map[string]string{"": "field replace number", "field": "field", "replace": "replace number"} {
		b := start(t, func(o *Options) {
			o.Settings.TermCode = mode
			o.Terms = []Term{{Months: 3, Code: "90000001"}, {Months: 12, Code: "KP12"}, {Months: 6}}
		})
		for name, edit := range map[string]func(map[string]any){
			"field":   func(d map[string]any) { d["term_code"] = "KP12" },
			"replace": func(d map[string]any) { d["term"] = "KP12" },
			"number":  func(d map[string]any) { d["term"] = 90000001 },
			"wrong":   func(d map[string]any) { d["term_code"] = "90000001" },
			"none":    func(map[string]any) {},
		} {
			d := b.document()
			edit(d)
			status, body := b.call("create", d)
			if ok := strings.Contains(" "+taken+" ", " "+name+" "); (status == http.StatusOK) != ok {
				t.Errorf("%q, %s: HTTP %d %s", mode, name, status, body)
			}
		}
	}
	b := start(t, nil)
	d := b.document()
	d["amount"], d["term"] = json.Number("0.05"), 12
	d["items"] = []any{map[string]any{"name": "a", "quantity": 1, "price": json.Number("0.05"), "sku": "a"}}
	if _, body := b.call("create", d); !strings.Contains(string(body), "too small for the term") {
		t.Errorf("a plan with an empty last payment: %s", body)
	}
}

func TestStatusSwitches(t *testing.T) {
	b := start(t, nil)
	s := b.approved()
	status, answer := b.refund(s, "20.00")
	want(t, "refund", status, 200)
	b.set(func(set *Settings) { set.HideDesk = true })
	b.must(b.DeskRefund(s.id, 1000))
	state := b.state(s)
	want(t, "status after a part", state["status"], "APPROVED")
	want(t, "total", state["refunded_amount"], "30.00")
	want(t, "list", state["refunds"], []any{map[string]any{"refund_id": answer["refund_id"], "amount": "20.00"}})
	b.set(func(set *Settings) { set.Totals = "amount" })
	if state = b.state(s); state["refunds"] != nil || state["refunded_amount"] == nil {
		t.Errorf("amount alone: %v", state)
	}
	b.set(func(set *Settings) { set.Totals, set.PartialWord = "off", "PARTIALLY_REFUNDED" })
	if state = b.state(s); state["refunds"] != nil || state["refunded_amount"] != nil || len(state) != 5 {
		t.Errorf("without totals: %v", state)
	}
	want(t, "word after a part", b.state(s)["status"], "PARTIALLY_REFUNDED")
	for _, off := range []string{"404", "405", "501"} {
		b.set(func(set *Settings) { set.StatusCall = off })
		status, body := b.call("status", map[string]any{"partner_id": "P-100", "session_id": s.id})
		want(t, "switched off", status, off)
		want(t, "error", read(t, body)["error"], "not_supported")
	}
	b.set(func(set *Settings) { set.StatusCall = "" })
	status, _ = b.call("status", map[string]any{"partner_id": "P-100", "session_id": strings.Repeat("0", 32)})
	want(t, "unknown session", status, 404)
	status, _ = b.call("status", map[string]any{"partner_id": "P-200", "session_id": s.id})
	want(t, "other partner", status, 403)
}

func TestRefunds(t *testing.T) {
	b := start(t, nil)
	s, fresh := b.approved(), b.create()
	status, answer := b.refund(fresh, "1.00")
	want(t, "unpaid", status, 409)
	want(t, "its code", answer["error"], "wrong_state")
	ids := map[any]bool{}
	for _, amount := range []string{"20.00", "99.99"} {
		status, answer = b.refund(s, amount)
		want(t, "refund of "+amount, status, 200)
		ids[answer["refund_id"]] = true
	}
	status, answer = b.refund(s, "0.02")
	want(t, "a kopeck too much", status, 422)
	want(t, "its code", answer["error"], "amount_too_large")
	want(t, "status before the rest", b.state(s)["status"], "APPROVED")
	status, answer = b.refund(s, "0.01")
	want(t, "the rest", status, 200)
	ids[answer["refund_id"]] = true
	want(t, "status after the rest", b.state(s)["status"], "REFUNDED")
	want(t, "different ids", len(ids), 3)
	status, _ = b.refund(s, "0.01")
	want(t, "after everything", status, 409)
	want(t, "total", b.Ledger().Totals.Refunded, 12000)
}

func TestRefundSwitches(t *testing.T) {
	for name, c := range map[string]struct {
		edit    func(*Settings)
		amounts string
		codes   string
	}{
		"no partial":     {func(s *Settings) { s.NoPartial = true }, "20.00 120.00", "422 200"},
		"no repeat":      {func(s *Settings) { s.NoRepeat = true }, "20.00 20.00", "200 422"},
		"within 14 days": {func(s *Settings) { s.RefundDays = 14 }, "20.00", "200"},
		"after 13 days":  {func(s *Settings) { s.RefundDays = 13 }, "20.00", "422"},
	} {
		b := start(t, nil)
		s := b.approved()
		b.set(c.edit)
		b.clock.Add(14 * 24 * time.Hour)
		codes := strings.Fields(c.codes)
		for i, amount := range strings.Fields(c.amounts) {
			status, answer := b.refund(s, amount)
			want(t, name+" "+amount, status, codes[i])
			if status == 422 && answer["message"] == "" {
				t.Errorf("%s: refused without a word", name)
			}
		}
	}
	b := start(t, func(o *Options) { o.Settings.RefundDays = 1 })
	s := b.approved()
	b.clock.Add(1000 * time.Hour)
	b.must(b.DeskRefund(s.id, 500))
	if b.DeskRefund(s.id, 0) == nil || b.DeskRefund(s.id, 11501) == nil {
		t.Error("the desk gave back nothing or too much")
	}
	want(t, "the desk's refund", b.Ledger().Totals.Refunded, 500)
}

func TestUniqueReferences(t *testing.T) {
	b := start(t, nil)
	if one, other := b.create(), b.create(); one == other {
		t.Error("two sessions are the same")
	}
	b.set(func(set *Settings) { set.UniqueRef = true })
	status, body := b.call("create", b.document())
	want(t, "the same order_ref", status, 409)
	want(t, "its code", read(t, body)["error"], "order_ref_taken")
	d := b.document()
	d["order_ref"] = "12345/1.2"
	b.opened(d)
}
