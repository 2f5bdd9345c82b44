package demoshop

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheReturnPageShowsEachState(t *testing.T) {
	cases := []struct {
		state  string
		fields object
		text   string
		live   bool
		again  bool
	}{
		{"paid", object{"status": "paid", "captured_amount": 15000}, "Paid. Thank you!", false, false},
		{"paid_late", object{"status": "paid", "captured_amount": 15000, "late": true}, "a little late", false, false},
		{"partially_refunded", object{"status": "partially_refunded", "captured_amount": 15000, "refunded_amount": 5000},
			"50.00 AZN", false, false},
		{"refunded", object{"status": "refunded", "captured_amount": 15000, "refunded_amount": 15000}, "Refunded", false,
			false},
		{"declined", object{"status": "declined"}, "declined the payment", false, true},
		{"cancelled", object{"status": "cancelled"}, "cancelled", false, true},
		{"expired", object{"status": "expired"}, "ran out", false, true},
		{"pending", object{"status": "pending"}, "You may close this page, we will finish by ourselves", true, true},
		{"created", object{"status": "created", "redirect_url": ""}, "Preparing", true, true},
		{"review", object{"status": "paid", "captured_amount": 15001, "review": "amount"}, "please do not pay again", true,
			false},
		{"review", object{"status": "expired", "review": []string{"session"}}, "please do not pay again", true, false},
		{"review", object{"status": "pending", "review": []string{"a_new_reason"}}, "please do not pay again", true, false},
		{"paid", object{"status": "paid", "captured_amount": 15000, "review": []string{"refund"}}, "Thank you!", false,
			false},
		{"unknown", object{"status": "a_new_status"}, "cannot see your payment", true, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.state, c.fields), func(t *testing.T) {
			s := newStand(t)
			a := s.get("/return/" + s.order(c.fields) + "?payment_id=pay_evil&status=paid")
			a.has(t, fmt.Sprintf(`data-status="%s"`, c.fields["status"]), fmt.Sprintf(`data-state="%s"`, c.state), c.text,
				`role="status"`, `aria-live="polite"`)
			a.lacks(t, "pay_evil")
			if got := strings.Contains(a.html, `http-equiv="refresh"`); got != c.live {
				t.Errorf("refreshes without script: %v, want %v", got, c.live)
			}
			if got := strings.Contains(a.html, `data-token="ct_token10001"`); got != c.live {
				t.Errorf("lets the browser poll: %v, want %v", got, c.live)
			}
			if got := strings.Contains(a.html, `action="/pay/10001"`); got != c.again {
				t.Errorf("offers another attempt: %v, want %v", got, c.again)
			}
		})
	}
}

func TestTheReturnPageAsksForLivePayments(t *testing.T) {
	s := newStand(t)
	ref := s.order(nil)
	paid := object{"id": "pay_10001-1", "status": "paid", "captured_amount": 15000, "amount": 15000, "currency": "AZN"}
	s.kassa.script("GET one", reply{status: 200, body: paid})
	s.get("/return/"+ref).has(t, `data-status="paid"`)
	s.kassa.script("GET one", refusal(503, "bank_unavailable", "2"))
	s.get("/return/"+ref).has(t, `data-status="pending"`, s.kassa.URL+"/v1/payments/pay_10001-1")
}

func TestMoneyOnAnEarlierAttemptDecides(t *testing.T) {
	s := newStand(t)
	ref := s.order(object{"status": "paid", "captured_amount": 15000, "late": true})
	s.kassa.add(ref, object{"status": "cancelled"})
	s.get("/return/"+ref).has(t, `data-state="paid_late"`)
	s.kassa.set(ref, object{"status": "paid", "captured_amount": 15000, "overpaid": true})
	s.get("/return/"+ref).has(t, `data-testid="overpaid"`, "paid twice")
}

func TestAnOrderWithoutPaymentCanBePaid(t *testing.T) {
	s := newStand(t)
	s.kassa.script("POST pay", refusal(503, "bank_unavailable", "2"))
	s.post("/checkout", s.checkoutForm("1"))
	s.get("/return/10001").has(t, `data-status="unpaid"`, `action="/pay/10001"`)
	if a := s.post("/pay/10001", nil); a.status != http.StatusSeeOther ||
		!strings.HasPrefix(a.location, "http://127.0.0.1:8083/") {
		t.Errorf("%d %q", a.status, a.location)
	}
}

func TestAnotherAttemptAfterADecline(t *testing.T) {
	s := newStand(t)
	ref := s.order(object{"status": "declined"})
	s.post("/pay/"+ref, nil)
	calls := s.kassa.calls("POST pay")
	if len(calls) != 2 || calls[1].body["order_ref"] != ref {
		t.Fatalf("want a second attempt of the same order, got %v", calls)
	}
	s.get("/return/"+ref).has(t, `data-status="pending"`, "pay_10001-2")
}

func TestThePageRefreshesLessOftenLater(t *testing.T) {
	s := newStand(t)
	ref := s.order(nil)
	s.get("/return/"+ref).has(t, `<noscript><meta http-equiv="refresh" content="5"></noscript>`)
	s.site.now = func() time.Time { return time.Date(2026, 3, 1, 9, 5, 1, 0, time.UTC) }
	s.get("/return/"+ref).has(t, `content="30"`)
}

func TestWhatTheAPISaysIsEscaped(t *testing.T) {
	s := newStand(t)
	const nasty = `"><script>alert(1)</script>`
	ref := s.order(object{"client_token": nasty, "bank_status": nasty, "bank_order_id": nasty, "review": []string{nasty},
		"history": []object{{"what": nasty, "by": nasty, "code": nasty, "at": "2026-03-01T09:00:00Z"}},
		"refunds": []object{{"amount": 1, "status": nasty, "origin": nasty}}})
	for _, path := range []string{"/return/" + ref, "/orders", "/orders/" + ref} {
		a := s.get(path)
		a.lacks(t, "<script>alert")
		a.has(t, "&lt;script&gt;")
	}
}
