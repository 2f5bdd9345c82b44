package demoshop

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCheckoutOpensAPaymentAndLeadsToTheBank(t *testing.T) {
	s := newStand(t)
	a := s.post("/checkout", s.checkoutForm("2"))
	if a.status != http.StatusSeeOther || a.location != "http://127.0.0.1:8083/pay?ORDERID=778" {
		t.Fatalf("%d %q\n%s", a.status, a.location, a.html)
	}
	calls := s.kassa.calls("POST pay")
	if len(calls) != 1 {
		t.Fatalf("%d payments asked for", len(calls))
	}
	back := s.server.URL + "/return/10001"
	want := object{
		"order_ref": "10001", "bank": "kapital", "amount": "30000", "currency": "AZN", "locale": "en",
		"description": "Order 10001: 2 x Armudu tea set",
		"return_urls": object{"success": back, "cancel": back, "decline": back},
	}
	for name, value := range want {
		if got := calls[0].body[name]; fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s = %v, want %v", name, got, value)
		}
	}
	if len(calls[0].body) != len(want) {
		t.Errorf("sent %v, want only %v", calls[0].body, want)
	}
}

func TestTheSameFormIsTheSameOrder(t *testing.T) {
	s := newStand(t)
	form := s.checkoutForm("1")
	var clicks sync.WaitGroup
	for range 5 {
		clicks.Go(func() {
			if a := s.post("/checkout", form); a.status != http.StatusSeeOther {
				t.Errorf("%d\n%s", a.status, a.html)
			}
		})
	}
	clicks.Wait()
	for _, call := range s.kassa.calls("POST pay") {
		if call.body["order_ref"] != "10001" {
			t.Errorf("a repeat became order %v", call.body["order_ref"])
		}
	}
	form.Set("quantity", "3")
	s.post("/checkout", form)
	if calls := s.kassa.calls("POST pay"); calls[len(calls)-1].body["order_ref"] != "10002" {
		t.Errorf("another quantity is another order, got %v", calls[len(calls)-1].body)
	}
}

func TestBadFormsOrderNothing(t *testing.T) {
	s := newStand(t)
	for name, value := range map[string]string{"quantity": "6", "currency": "BYN", "form": "x' OR 1"} {
		form := s.checkoutForm("1")
		form.Set(name, value)
		a := s.post("/checkout", form)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s=%s: %d", name, value, a.status)
		}
		a.has(t, `data-testid="form-error"`)
	}
	for _, count := range []string{"0", "-1", "1.5", "", "9223372036854775808"} {
		form := s.checkoutForm(count)
		if a := s.post("/checkout", form); a.status != http.StatusUnprocessableEntity {
			t.Errorf("quantity %q: %d", count, a.status)
		}
	}
	form := s.checkoutForm("1")
	form.Set("sku", "none")
	if a := s.post("/checkout", form); a.status != http.StatusNotFound {
		t.Errorf("unknown product: %d", a.status)
	}
	form.Set("form", strings.Repeat("A", maxForm))
	if a := s.post("/checkout", form); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("huge form: %d", a.status)
	}
	if a := s.post("/checkout", url.Values{}); a.status != http.StatusNotFound {
		t.Errorf("empty form: %d", a.status)
	}
	if len(s.kassa.calls("POST pay")) != 0 {
		t.Error("a payment was opened")
	}
	s.get("/orders").has(t, "No order yet")
}

func TestAnotherClickInProgressIsWaitedFor(t *testing.T) {
	s := newStand(t)
	s.kassa.script("POST pay", refusal(409, "payment_in_progress", "2"), refusal(409, "payment_in_progress", "3"))
	if a := s.post("/checkout", s.checkoutForm("1")); a.location != "http://127.0.0.1:8083/pay?ORDERID=778" {
		t.Fatalf("%d %q\n%s", a.status, a.location, a.html)
	}
	if fmt.Sprint(s.waits) != fmt.Sprint([]time.Duration{2 * time.Second, 3 * time.Second}) {
		t.Errorf("waited %v, want what Retry-After said", s.waits)
	}
}

func TestALongWaitMovesIntoTheBrowser(t *testing.T) {
	s := newStand(t)
	s.kassa.script("POST pay", refusal(409, "payment_in_progress", "25"))
	a := s.post("/checkout", s.checkoutForm("1"))
	if a.status != http.StatusConflict || len(s.waits) != 0 {
		t.Errorf("%d after waiting %v", a.status, s.waits)
	}
	a.has(t, `action="/pay/10001" data-again-after="25"`, "req-77")
	if a := s.post("/pay/10001", nil); a.location != "http://127.0.0.1:8083/pay?ORDERID=778" {
		t.Errorf("going on: %d %q", a.status, a.location)
	}
	if calls := s.kassa.calls("POST pay"); len(calls) != 2 || calls[1].body["order_ref"] != "10001" {
		t.Errorf("going on must be the same order: %v", calls)
	}
}

func TestRefusalsAreWordsWithTheWayOn(t *testing.T) {
	fieldErrors := reply{status: 422, body: object{"code": "invalid", "request_id": "req-77", "errors": []object{
		{"pointer": "/return_urls/success", "detail": "is not one of the shop's <origins>"},
		{"pointer": "/amount", "detail": "too large"}}}}
	cases := []struct {
		name   string
		reply  reply
		status int
		parts  []string
		again  bool
	}{
		{"bank down", refusal(503, "bank_unavailable", "7"), 503, []string{"The bank is not answering", "wait 7 s", "req-77"},
			true},
		{"bank silent", refusal(503, "bank_uncertain", "2"), 503, []string{"will not charge you twice", "req-77"}, true},
		{"bank refused", refusal(422, "bank_refused", ""), 422, []string{"The bank did not accept"}, true},
		{"number in use", refusal(409, "order_ref_taken", ""), 409, []string{"already in use"}, false},
		{"other terms live", refusal(409, "order_has_live_payment", ""), 409, []string{"still open"}, false},
		{"fields", fieldErrors, 422, []string{"/return_urls/success", "shop&#39;s &lt;origins&gt;", "/amount", "too large",
			"req-77"}, false},
		{"misconfigured", refusal(500, "misconfigured", ""), 500, []string{"our side"}, true},
		{"a proxy's page", reply{status: 502, body: "<html>bad gateway</html>"}, 502, []string{"our side"}, true},
		{"nonsense", reply{status: 201, body: "<html>"}, 502, []string{"cannot read"}, true},
		{"another order's payment",
			reply{status: 201, body: object{"id": "pay_x-1", "order_ref": "9", "amount": 1, "status": "pending",
				"redirect_url": "http://evil.example/"}}, 502, []string{"cannot read"}, true},
		{"another amount", reply{status: 201, body: object{"id": "pay_x-1", "order_ref": "10001", "currency": "AZN",
			"amount": 15001, "redirect_url": "http://evil.example/"}}, 502, []string{"cannot read"}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			s.kassa.script("POST pay", c.reply)
			a := s.post("/checkout", s.checkoutForm("1"))
			if a.status != c.status {
				t.Errorf("status %d, want %d", a.status, c.status)
			}
			a.has(t, append(c.parts, `data-testid="problem"`)...)
			if got := strings.Contains(a.html, `action="/pay/10001"`); got != c.again {
				t.Errorf("offers another try: %v, want %v", got, c.again)
			}
			if c.status == 503 && a.header.Get("Retry-After") == "" {
				t.Error("503 without Retry-After")
			}
		})
	}
}

func TestAWrongKeyIsTheShopsFault(t *testing.T) {
	s := newStand(t)
	s.site.shops[0].APIKey = "sk_demo-az_k1_wrong"
	a := s.post("/checkout", s.checkoutForm("1"))
	if a.status != http.StatusBadGateway {
		t.Errorf("status %d", a.status)
	}
	a.has(t, "This is our mistake", "req-401")
}

func TestAnUnreachableAPIKeepsTheOrder(t *testing.T) {
	s := newStand(t)
	form := s.checkoutForm("1")
	s.kassa.Close()
	a := s.post("/checkout", form)
	if a.status != http.StatusServiceUnavailable {
		t.Errorf("status %d", a.status)
	}
	a.has(t, "cannot be reached", `action="/pay/10001"`)
	s.get("/return/10001").has(t, `data-status="unknown"`, "We cannot see your payment")
	s.get("/orders").has(t, "Order 10001", "cannot be reached")
}

func TestAPaidOrderIsNotPaidAgain(t *testing.T) {
	for _, code := range []string{"order_already_paid", "order_under_review", "order_refunded"} {
		s := newStand(t)
		ref := s.order(object{"status": "paid", "captured_amount": 15000})
		s.kassa.script("POST pay", refusal(409, code, ""))
		a := s.follow(s.post("/pay/"+ref, nil))
		w := wordingOf(english(t), code)
		a.has(t, w.Title, `data-status="paid"`, `data-testid="flash"`)
		s.get("/return/"+ref).lacks(t, `data-testid="flash"`)
	}
}

func TestOnlyAWebAddressIsFollowed(t *testing.T) {
	for _, address := range []string{"javascript:alert(1)", "/relative", "", "ftp://bank.example/"} {
		s := newStand(t)
		s.kassa.script("POST pay",
			reply{status: 200, body: object{"id": "pay_x-1", "order_ref": "10001", "amount": 15000, "currency": "AZN",
				"status": "pending", "redirect_url": address}})
		if a := s.post("/checkout", s.checkoutForm("1")); a.location != "/return/10001" {
			t.Errorf("%q led to %q", address, a.location)
		}
	}
}

func TestOrdersSurviveARestart(t *testing.T) {
	s := newStand(t)
	form := s.checkoutForm("1")
	s.post("/checkout", form)
	if err := s.site.Close(); err != nil {
		t.Fatal(err)
	}
	s.server.Close()
	s.open()
	s.get("/orders").has(t, "Order 10001", "150.00 AZN")
	s.post("/checkout", form)
	s.post("/checkout", s.checkoutForm("1"))
	calls := s.kassa.calls("POST pay")
	if len(calls) != 3 || calls[1].body["order_ref"] != "10001" || calls[2].body["order_ref"] != "10002" {
		t.Errorf("after a restart the same form is the same order and the next one is 10002: %v", calls)
	}
}
