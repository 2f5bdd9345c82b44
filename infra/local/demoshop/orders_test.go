package demoshop

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kassa/infra/local/demoshop/goods"
)

func paid() object { return object{"status": "paid", "captured_amount": 15000} }

// refundForm fills the refund form of order 10001 as it stands on the page.
func (s *stand) refundForm(scope, amount string) url.Values {
	s.t.Helper()
	html := s.get("/orders/10001").html
	return url.Values{"payment_id": {field(s.t, html, "payment_id")}, "key": {field(s.t, html, "key")}, "scope": {scope}, "amount": {amount}}
}

func TestOrdersShowTheirPayments(t *testing.T) {
	s := newStand(t)
	ref := s.order(object{"status": "partially_refunded", "bank_status": "APPROVED", "captured_amount": 15000, "refunded_amount": 5050, "late": true, "overpaid": true, "review": "refund",
		"refunds": []object{{"amount": 5050, "status": "succeeded", "origin": "bank"}, {"amount": 50, "status": "processing", "origin": "shop"}},
		"history": []object{{"sequence": 1, "at": "2026-03-01T20:30:05Z", "what": "refund_succeeded", "by": "bank", "code": "51"}}})
	for _, path := range []string{"/orders", "/orders/" + ref} {
		a := s.get(path)
		a.has(t, "Order 10001", "150.00 AZN", "50.50 AZN", "partially refunded", "APPROVED", "review: refund", "overpaid", "late",
			"2 Mar 2026, 00:30:05", "refund succeeded", "by bank", "· code 51", "made at the bank", "processing",
			"up to 99.00 AZN", `data-testid="refund-form"`)
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
	s.follow(s.post("/orders/10001/refunds", s.refundForm("part", "50,5"))).has(t, "Refunded 50.50 AZN.", `data-tone="good"`, "up to 99.50 AZN")
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
	a.has(t, `data-testid="refund-error"`, string(goods.AmountShape), `aria-invalid="true"`, `value="1.234&#34;&gt;&lt;script&gt;"`)
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
		"processing":  {[]reply{{status: 202, body: object{"id": "rf_1", "amount": 1000, "status": "processing"}}}, "The refund of 10.00 AZN is processing"},
		"failed":      {[]reply{{status: 201, body: object{"id": "rf_1", "amount": 1000, "status": "failed"}}}, "did not refund 10.00 AZN"},
		"refused":     {[]reply{refusal(422, "refund_refused", "")}, "The bank refused the refund"},
		"too much":    {[]reply{refusal(422, "refund_exceeds_captured", "")}, "more than what remains"},
		"key reused":  {[]reply{refusal(422, "idempotency_key_reused", "")}, "already used for another amount"},
		"waited for":  {[]reply{refusal(409, "refund_in_progress", "1")}, "Refunded 10.00 AZN."},
		"busy longer": {[]reply{refusal(409, "refund_in_progress", "60")}, "still under way. This one was not started. Send it again when the other is done. Please wait 60 s first. Reference req-77."},
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
		s.follow(s.post("/orders/10001/refunds", first)).has(t, "it will not be made twice", "the answer was lost", `data-testid="refund-resend-button"`)
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
