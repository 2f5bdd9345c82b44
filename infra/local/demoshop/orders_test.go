package demoshop

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kassa/infra/local/demoshop/goods"
)

func paid() object { return object{"status": "paid", "captured_amount": 15000} }

// refundForm fills the refund form of order 10001 as it stands on the page.
func (s *stand) refundForm(scope, amount string) url.Values {
	s.t.Helper()
	html := s.get("/orders/10001").html
	return url.Values{"payment_id": {field(s.t, html, "payment_id")}, "key": {field(s.t, html, "key")}, "scope": {scope},
		"amount": {amount},
		"reason": {"one cup broke"}, "sure": {"yes"}}
}

func TestOrdersShowTheirPayments(t *testing.T) {
	s := newStand(t)
	ref := s.order(object{"status": "partially_refunded", "bank_status": "APPROVED", "captured_amount": 15000,
		"refunded_amount": 5050, "late": true, "overpaid": true, "review": "refund",
		"refunds": []object{{"amount": 5050, "status": "succeeded", "origin": "bank"},
			{"amount": 50, "status": "processing", "origin": "shop"}},
		"history": []object{{"sequence": 1, "at": "2026-03-01T20:30:05Z", "what": "refund_succeeded", "by": "bank",
			"code": "51"}}})
	for _, path := range []string{"/orders", "/orders/" + ref} {
		a := s.get(path)
		a.has(t, "Order 10001", "150.00 AZN", "50.50 AZN", "partially refunded", "APPROVED", "review: refund", "overpaid",
			"late",
			"2 Mar 2026, 00:30:05 UTC&#43;4", "refund succeeded", "by bank", "· code 51", "made at the bank", "processing",
			"up to 99.00 AZN", `data-testid="refund-form"`, `aria-label="Order 10001, payment attempt 1"`)
		a.lacks(t, `data-testid="cancel-button"`)
	}
}

func TestOrdersArePaged(t *testing.T) {
	s := newStand(t)
	for range ordersPerPage + 1 {
		s.post("/checkout", s.checkoutForm("1"))
	}
	first := s.get("/orders")
	first.has(t, "Order 10007", "Order 10002", `href="/orders?before=10002"`)
	first.lacks(t, "Order 10001")
	second := s.get("/orders?before=10002")
	second.has(t, "Order 10001")
	second.lacks(t, "Order 10002", "Older orders")
	s.get("/orders?before=99999").has(t, "Order 10007")
	s.get("/orders?before=nonsense").has(t, "Order 10007")
}

func TestRefundsPartAndRest(t *testing.T) {
	s := newStand(t)
	s.order(paid())
	s.follow(s.post("/orders/10001/refunds", s.refundForm("part", "50,5"))).has(t, "Refunded 50.50 AZN.",
		`data-tone="good"`, "up to 99.50 AZN")
	s.follow(s.post("/orders/10001/refunds", s.refundForm("all", ""))).has(t, "Refunded 99.50 AZN.")
	s.get("/orders/10001").lacks(t, `data-testid="refund-form"`)
	calls := s.kassa.calls("POST refunds")
	if len(calls) != 2 || fmt.Sprint(calls[0].body["amount"]) != "5050" {
		t.Fatalf("sent %v", calls)
	}
	if _, sent := calls[1].body["amount"]; sent {
		t.Errorf("a whole refund names no amount, sent %v", calls[1].body)
	}
	if calls[0].key == "" || calls[0].key == calls[1].key {
		t.Errorf("two forms need two keys, got %q and %q", calls[0].key, calls[1].key)
	}
}

func TestADoubleClickIsOneRefund(t *testing.T) {
	s := newStand(t)
	s.order(paid())
	form := s.refundForm("part", "10")
	s.post("/orders/10001/refunds", form)
	s.post("/orders/10001/refunds", form)
	calls := s.kassa.calls("POST refunds")
	if len(calls) != 2 || calls[0].key != calls[1].key || calls[0].key != form.Get("key") {
		t.Errorf("both clicks must carry the form's key %q: %v", form.Get("key"), calls)
	}
}

func TestAMistypedAmountIsShownAgain(t *testing.T) {
	s := newStand(t)
	s.order(paid())
	a := s.post("/orders/10001/refunds", s.refundForm("part", `1.234"><script>`))
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", a.status)
	}
	a.has(t, `data-testid="refund-error"`, string(goods.AmountShape), `aria-invalid="true"`,
		`value="1.234&#34;&gt;&lt;script&gt;"`)
	for _, typed := range []string{"", "-1", "0", "1 000", "1.234", "99999999999999999999"} {
		if a := s.post("/orders/10001/refunds", s.refundForm("part", typed)); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: status %d", typed, a.status)
		}
	}
	if len(s.kassa.calls("POST refunds")) != 0 {
		t.Error("a refund was sent")
	}
}

func TestRefundOutcomesInWords(t *testing.T) {
	cases := map[string]struct {
		replies []reply
		part    string
	}{
		"processing": {[]reply{{status: 202, body: object{"id": "rf_1", "amount": 1000, "status": "processing"}}},
			"The refund of 10.00 AZN is processing"},
		"failed": {[]reply{{status: 201, body: object{"id": "rf_1", "amount": 1000, "status": "failed"}}},
			"did not refund 10.00 AZN"},
		"refused":    {[]reply{refusal(422, "refund_refused", "")}, "The bank refused the refund"},
		"too much":   {[]reply{refusal(422, "refund_exceeds_captured", "")}, "more than what remains"},
		"key reused": {[]reply{refusal(422, "idempotency_key_reused", "")}, "already used for another amount"},
		"waited for": {[]reply{refusal(409, "refund_in_progress", "1")}, "Refunded 10.00 AZN."},
		"busy longer": {[]reply{refusal(409, "refund_in_progress", "60")},
			"still under way. This one was not started. Send it again when the other is done. Please wait 60 s first. " +
				"Reference req-77."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.order(paid())
			s.kassa.script("POST refunds", c.replies...)
			s.follow(s.post("/orders/10001/refunds", s.refundForm("part", "10"))).has(t, c.part)
			s.get("/orders/10001").lacks(t, "the answer was lost")
		})
	}
}

// A lost answer must never become a second refund, also over a restart: the form
// offers nothing but the same refund under the same key.
func TestALostRefundAnswerIsAskedForUnderTheSameKey(t *testing.T) {
	for _, scope := range []string{"part", "all"} {
		s := newStand(t)
		s.order(paid())
		first := s.refundForm(scope, "10")
		s.kassa.script("POST refunds", refusal(503, "bank_uncertain", "2"), refusal(401, "unauthorized", ""))
		s.follow(s.post("/orders/10001/refunds", first)).has(t, "it will not be made twice", "the answer was lost",
			`data-testid="refund-resend-button"`)
		if err := s.site.Close(); err != nil {
			t.Fatal(err)
		}
		s.server.Close()
		s.open()

		other := s.refundForm(scope, "20")
		other.Set("key", "ANOTHERKEYANOTHERKEY")
		s.follow(s.post("/orders/10001/refunds", other)).has(t, "An earlier refund of this order still waits")
		for range 2 { // the first is answered 401, which settles nothing
			again := s.refundForm("", "")
			html := s.get("/orders/10001").html
			if scope == "all" {
				again.Set("scope", field(t, html, "scope"))
			} else {
				again.Set("amount", field(t, html, "amount"))
			}
			s.post("/orders/10001/refunds", again)
		}
		calls := s.kassa.calls("POST refunds")
		if len(calls) != 3 {
			t.Fatalf("%s: %d refunds sent: %v", scope, len(calls), calls)
		}
		for _, call := range calls {
			if call.key != first.Get("key") || fmt.Sprint(call.body) != fmt.Sprint(calls[0].body) {
				t.Errorf("%s: sent %v under %q, want the same under %q", scope, call.body, call.key, first.Get("key"))
			}
		}
		s.get("/orders/10001").lacks(t, "the answer was lost")
	}
}

func TestRefundFormsThatCannotBeMeant(t *testing.T) {
	s := newStand(t)
	s.order(paid())
	s.post("/checkout", s.checkoutForm("1")) // order 10002
	form := s.refundForm("part", "10")
	if a := s.post("/orders/10002/refunds", form); a.status != http.StatusNotFound {
		t.Errorf("a payment of another order: %d", a.status)
	}
	form.Set("key", "short")
	s.follow(s.post("/orders/10001/refunds", form)).has(t, "damaged or too old")
	form = s.refundForm("part", "10")
	s.kassa.script("GET list", refusal(503, "store_unavailable", "2"))
	s.follow(s.post("/orders/10001/refunds", form)).has(t, "busy")
	if len(s.kassa.calls("POST refunds")) != 0 {
		t.Error("a refund was sent")
	}
}

func TestCancel(t *testing.T) {
	cases := map[string]struct {
		replies []reply
		part    string
	}{
		"done":        {nil, "The payment is cancelled."},
		"paid by now": {[]reply{refusal(409, "order_already_paid", "")}, "already paid"},
		"other state": {[]reply{{status: 200, body: object{"status": "declined"}}}, "it is declined now"},
		"unavailable": {[]reply{refusal(503, "bank_unavailable", "4")}, "Please wait 4 s first. Reference req-77."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.order(nil)
			s.kassa.script("POST cancel", c.replies...)
			html := s.get("/orders").html
			if !strings.Contains(html, `data-testid="cancel-button"`) {
				t.Fatal("no cancel button")
			}
			form := url.Values{"payment_id": {field(t, html, "payment_id")}}
			s.follow(s.post("/orders/10001/cancel", form)).has(t, c.part)
		})
	}
}

// TestARefundIsAskedAboutFirst: money goes back only for a reason that is written down, and after a question that names
// amount and order.
func TestARefundIsAskedAboutFirst(t *testing.T) {
	s := newStand(t)
	s.order(paid())
	form := s.refundForm("part", "50,5")
	form.Set("reason", " \t ")
	a := s.post("/orders/10001/refunds", form)
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.status)
	}
	a.has(t, `data-testid="reason-error"`, "whoever looks later will read it", `value="50,5"`)
	form.Set("reason", "one  cup <b>broke")
	form.Del("sure")
	a = s.post("/orders/10001/refunds", form)
	a.has(t, "Refund 50.50 AZN?", "Order 10001, reason: one cup &lt;b&gt;broke", `href="/orders/10001"`,
		`data-testid="refund-sure-button"`)
	if a.status != http.StatusOK || len(s.kassa.calls("POST refunds")) != 0 {
		t.Errorf("%d, and a refund was sent before the yes", a.status)
	}
	sure := url.Values{"sure": {"yes"}}
	for _, name := range []string{"payment_id", "key", "amount"} {
		sure.Set(name, field(t, a.html, name))
	}
	sure.Set("reason", "one cup <b>broke")
	s.follow(s.post("/orders/10001/refunds", sure)).has(t, "Refunded 50.50 AZN.")
	calls := s.kassa.calls("POST refunds")
	if len(calls) != 1 || fmt.Sprint(calls[0].body["amount"]) != "5050" || calls[0].body["reason"] != "one cup <b>broke" ||
		calls[0].key != form.Get("key") {
		t.Errorf("sent %v", calls)
	}
	reference := fmt.Sprint(calls[0].body["reference"])
	if reference != "R-10001-"+form.Get("key")[:6] {
		t.Errorf("the shop's own number is %s", reference)
	}
	s.get("/orders/10001").has(t, "<span>one cup &lt;b&gt;broke</span>", `data-testid="refund-reference">`+reference)
	all := s.refundForm("all", "")
	all.Del("sure")
	s.post("/orders/10001/refunds", all).has(t, "Refund 99.50 AZN?", `name="scope" value="all"`)
}

func TestOrdersAreFound(t *testing.T) {
	s := newStand(t)
	for range 9 {
		s.post("/checkout", s.checkoutForm("1"))
	}
	for _, ref := range []string{"10001", "10002", "10008"} {
		s.kassa.set(ref, object{"status": "declined"})
	}
	s.kassa.add("10003", object{"status": "pending"})
	for query, want := range map[string]string{
		"find=10003": "10003", "find=%2310003+": "10003", "find=pay_10003-1": "10003", "find=pay_10003-2": "10003",
		"find=10099": "", "find=pay_x-1": "", "find=10003&status=declined": "",
		"find=10001&status=declined": "10001", "status=declined": "10008 10002 10001", "status=expired": "",
		"status=pending":               "10009 10007 10006 10005 10004 10003",
		"status=declined&before=10008": "10002 10001", "status=nonsense": "10009 10008 10007 10006 10005 10004",
	} {
		a := s.get("/orders?" + query)
		var got []string
		for _, m := range regexp.MustCompile(`data-order="([0-9]+)"`).FindAllStringSubmatch(a.html, -1) {
			got = append(got, m[1])
		}
		if a.status != http.StatusOK || strings.Join(got, " ") != want {
			t.Errorf("%s finds %v, want %s", query, got, want)
		}
		if want == "" {
			a.has(t, "No such order was found")
		}
	}
	a := s.get("/orders?find=%3Cb%3E&status=paid")
	a.has(t, `data-testid="search-error"`, `value="&lt;b&gt;"`, `<option value="paid" selected>`)
	s.get("/orders?status=pending").has(t, `href="/orders?before=10003&amp;status=pending"`)
	for _, reason := range []string{"amount", "currency", "session", "status", "regress", "refund", "a_new_reason"} {
		s.kassa.set("10001", object{"status": "paid", "captured_amount": 15000, "review": reason})
		s.get("/orders/10001").has(t, `data-reason="`+reason+`"`)
	}
	s.get("/orders/10001").has(t, "A person must look at this")
}

// TestTheReceiptIsShown with the order, as much of it as the bank tells.
func TestTheReceiptIsShown(t *testing.T) {
	s := newStand(t)
	ref := s.order(object{"status": "paid", "captured_amount": 12000, "receipt": object{"approval_code": "047347",
		"rrn": nil, "card": "416974******1778", "brand": "Visa"}})
	a := s.get("/orders/" + ref)
	a.has(t, `data-testid="card">Visa 416974******1778`, "Approval code", `data-testid="approval">047347`)
	a.lacks(t, `data-testid="rrn"`)
	s = newStand(t)
	ref = s.order(object{"status": "paid", "captured_amount": 12000, "receipt": object{"approval_code": nil,
		"rrn": "614012345678", "card": nil, "brand": nil}})
	a = s.get("/orders/" + ref)
	a.has(t, `data-testid="rrn">614012345678`)
	a.lacks(t, `data-testid="card"`, `data-testid="approval"`)
}
