package bitrix24_test

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bitrix24"
	"kassa/shared/bitrix24/bitrix24sim"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
	"kassa/shared/webhook"
)

var origin = bitrix24.Origin{Payment: 11, PaySystem: 7}

// paid is a payment of 150.00 that the bank has proved.
func paid() payment.Payment {
	return payment.Payment{OrderRef: origin.Ref(), Metadata: origin.Metadata(),
		Amount: payment.Money{Minor: 15000, Currency: payment.BYN}, Status: payment.Paid, Captured: 15000}
}

func open(t *testing.T) (*bitrix24sim.Portal, bitrix24.Portal) {
	t.Helper()
	sim := bitrix24sim.New()
	t.Cleanup(sim.Close)
	sim.Owes(bitrix24sim.Payment{ID: 11, PaySystem: 7, Sum: "150", Currency: "BYN"})
	return sim, bitrix24.Portal{Client: webhook.New(webhook.Options{}), Address: sim.Address(), Loopback: true}
}

// TestAPaymentIsMarkedOnce, and not again by what follows it: neither after a lost answer, nor after staff has given it
// back.
func TestAPaymentIsMarkedOnce(t *testing.T) {
	sim, portal := open(t)
	sim.Fail(bitrix24sim.Well, bitrix24sim.Lost)
	if a, err := portal.Tell(t.Context(), origin, paid()); err == nil || a.Accepted || a.Gone || a.Code != "connection" {
		t.Errorf("lost: %+v %v", a, err)
	}
	p := paid()
	for range 2 {
		if a, err := portal.Tell(t.Context(), origin, p); err != nil || !a.Accepted {
			t.Errorf("again: %+v %v", a, err)
		}
		p.Deliveries = []delivery.Delivery{{Sequence: 3, State: delivery.Delivered, Code: "portal_paid"}}
		sim.Change(11, func(one *bitrix24sim.Payment) { one.Paid, one.Return = "N", "Y" })
	}
	p.Deliveries = nil // a person asks for it once more
	if a, err := portal.Tell(t.Context(), origin, p); err != nil || !a.Gone || a.Code != "portal_given_back" {
		t.Errorf("given back: %+v %v", a, err)
	}
	if got := sim.Payment(11); got.Marked != 1 || got.Paid != "N" {
		t.Errorf("%+v", got)
	}
}

// TestOnlyWhatIsProvenIsTold; of the rest the portal is not even asked.
func TestOnlyWhatIsProvenIsTold(t *testing.T) {
	sim, portal := open(t)
	for name, spoil := range map[string]func(*payment.Payment){
		"not paid":       func(p *payment.Payment) { p.Status, p.Captured = payment.Declined, 0 },
		"too little":     func(p *payment.Payment) { p.Captured = 14999 },
		"in review":      func(p *payment.Payment) { p.Reviews = []payment.Review{payment.ReviewRegress} },
		"all given back": func(p *payment.Payment) { p.Refunded = 15000 },
		"told before": func(p *payment.Payment) {
			p.Deliveries = []delivery.Delivery{{State: delivery.Delivered, Code: "portal_paid"}}
		},
	} {
		p := paid()
		spoil(&p)
		if a, err := portal.Tell(t.Context(), origin, p); err != nil || !a.Accepted || a.Code != "portal_nothing" {
			t.Errorf("%s: %+v %v", name, a, err)
		}
	}
	if calls := sim.Calls(); len(calls) > 0 {
		t.Errorf("%v", calls)
	}
	p := paid()
	p.Refunded, p.Captured = 100, 15001 // a part went back, and more was taken than asked for
	if a, _ := portal.Tell(t.Context(), origin, p); !a.Accepted || sim.Payment(11).Marked != 1 {
		t.Errorf("%+v", a)
	}
}

// TestARefundUnderWayIsWaitedFor: one that the bank refuses may leave no trail in the history, so that nothing else
// would bring it up again.
func TestARefundUnderWayIsWaitedFor(t *testing.T) {
	sim, portal := open(t)
	for _, status := range []payment.RefundStatus{payment.RefundBegun, payment.RefundUnknown} {
		p := paid()
		p.Refunds = []payment.Refund{{Amount: 15000, Status: status}}
		if a, err := portal.Tell(t.Context(), origin, p); err != nil || a.Accepted || a.Gone ||
			a.Code != "portal_refund_open" {
			t.Errorf("%s: %+v %v", status, a, err)
		}
		p.Reviews = []payment.Review{payment.ReviewRefund} // its end is told
		if a, err := portal.Tell(t.Context(), origin, p); err != nil || !a.Accepted || a.Code != "portal_nothing" {
			t.Errorf("%s, in review: %+v %v", status, a, err)
		}
	}
	if calls := sim.Calls(); len(calls) > 0 {
		t.Errorf("%v", calls)
	}
	p := paid()
	p.Refunds = []payment.Refund{{Amount: 14999, Status: payment.RefundBegun}}
	if a, _ := portal.Tell(t.Context(), origin, p); !a.Accepted || sim.Payment(11).Marked != 1 {
		t.Errorf("%+v", a)
	}
}

// TestThePortalWantsSomethingElse: nothing is marked, and somebody has to look, since the money is there.
func TestThePortalWantsSomethingElse(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bitrix24sim.Payment)
		code   string
	}{
		"another sum":          {func(p *bitrix24sim.Payment) { p.Sum = "150.01" }, "portal_other_sum"},
		"no sum":               {func(p *bitrix24sim.Payment) { p.Sum = "null" }, "portal_other_sum"},
		"a sum as text":        {func(p *bitrix24sim.Payment) { p.Sum = `"150.0000"` }, ""},
		"a sum nearly":         {func(p *bitrix24sim.Payment) { p.Sum = "150.00001" }, "portal_other_sum"},
		"another currency":     {func(p *bitrix24sim.Payment) { p.Currency = "RUB" }, "portal_other_sum"},
		"another way":          {func(p *bitrix24sim.Payment) { p.PaySystem = 8 }, "portal_other_pay_system"},
		"paid in another way":  {func(p *bitrix24sim.Payment) { p.PaySystem, p.Paid = 8, "Y" }, "portal_other_pay_system"},
		"given back by halves": {func(p *bitrix24sim.Payment) { p.Return = "P" }, "portal_given_back"},
	} {
		sim, portal := open(t)
		sim.Change(11, c.change)
		a, err := portal.Tell(t.Context(), origin, paid())
		if marked := sim.Payment(11).Marked; err != nil || a.Gone != (c.code != "") || c.code != "" && a.Code != c.code ||
			marked > 0 != (c.code == "") {
			t.Errorf("%s: %+v %v, marked %d times", name, a, err, marked)
		}
	}
}

// TestSumsOfBinaryFractions: as PHP writes them with serialize_precision 17.
func TestSumsOfBinaryFractions(t *testing.T) {
	for text, minor := range map[string]int64{"119.90000000000001": 11990, "277.19999999999999": 27720,
		"0.070000000000000007": 7, "1.1499999999999999": 115, "4627.3000000000002": 462730} {
		sim, portal := open(t)
		sim.Change(11, func(p *bitrix24sim.Payment) { p.Sum = text })
		for wanted, code := range map[int64]string{minor: "portal_paid", minor + 1: "portal_other_sum"} {
			p := paid()
			p.Amount.Minor, p.Captured = wanted, wanted
			sim.Change(11, func(p *bitrix24sim.Payment) { p.Paid = "N" })
			if a, err := portal.Tell(t.Context(), origin, p); err != nil || a.Code != code {
				t.Errorf("%s is %d: %+v %v", text, wanted, a, err)
			}
		}
	}
}

// TestAnAnswerBehindAByteOrderMark: a file of the portal's own that was saved with one says it before all that PHP
// says.
func TestAnAnswerBehindAByteOrderMark(t *testing.T) {
	sim, portal := open(t)
	sim.Fail(bitrix24sim.Says(200, "\ufeff\r\n"+
		`{"result":{"payment":{"id":11,"paySystemId":7,"sum":150,"currency":"BYN","paid":"Y","isReturn":"N"}}}`+"\n"))
	if a, err := portal.Tell(t.Context(), origin, paid()); err != nil || a.Code != "portal_paid" {
		t.Errorf("%+v %v", a, err)
	}
}

// TestErrorsOfThePortal: what passes is tried again, and what somebody must mend says so; with any HTTP status, and in
// either call.
func TestErrorsOfThePortal(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		code    string
		refuses bool
	}{
		"too many": {503, `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`,
			"QUERY_LIMIT_EXCEEDED", false},
		"too many, with 200": {200, `{"error":"QUERY_LIMIT_EXCEEDED"}`, "QUERY_LIMIT_EXCEEDED", false},
		"overload":           {503, `{"error":"OVERLOAD_LIMIT"}`, "OVERLOAD_LIMIT", false},
		"no JSON":            {502, `<html>`, "502", false},
		"a page":             {200, `<html>`, "no_json", false},
		"nothing":            {200, ``, "no_json", false},
		"no result":          {200, `{}`, "no_result", false},
		"another result":     {200, `{"result":"yes"}`, "no_result", false},
		"elsewhere":          {302, ``, "redirect", false},
		"too long":           {200, `{"result":"` + strings.Repeat("x", 70<<10) + `"}`, "no_json", false},
		"a strange word":     {400, `{"error":"4169741330151124"}`, "400", false},
		"an error in parts":  {400, `{"error":{"x":1}}`, "400", false},
		"deleted": {400, `{"error":200640400001,"error_description":"payment is not exists"}`, "200640400001",
			false},
		"wrong code":         {401, `{"error":"NO_AUTH_FOUND"}`, "NO_AUTH_FOUND", true},
		"no right":           {403, `{"error":"ACCESS_DENIED"}`, "ACCESS_DENIED", true},
		"no right, with 200": {200, `{"error":"insufficient_scope"}`, "insufficient_scope", true},
		"no right to read":   {400, `{"error":200040300010}`, "200040300010", true},
		"no such method":     {404, `{"error":"ERROR_METHOD_NOT_FOUND"}`, "ERROR_METHOD_NOT_FOUND", true},
		"forbidden":          {403, ``, "403", true},
	} {
		for _, before := range [][]bitrix24sim.Fault{{}, {bitrix24sim.Well}} {
			sim, portal := open(t)
			sim.Fail(append(before, bitrix24sim.Says(c.status, c.body))...)
			a, err := portal.Tell(t.Context(), origin, paid())
			failed, ok := errors.AsType[*bitrix24.Error](err)
			if !ok || a.Accepted || a.Gone || a.Code != c.code || failed.Refuses() != c.refuses ||
				strings.Contains(err.Error(), sim.Code()) {
				t.Errorf("%s: %+v %v", name, a, err)
			}
			if a, _ := portal.Tell(t.Context(), origin, paid()); !a.Accepted || sim.Payment(11).Marked != 1 {
				t.Errorf("%s: then %+v", name, a)
			}
		}
	}
}

// TestNoPortalElsewhere: the guards of a shop's webhook are those of its portal.
func TestNoPortalElsewhere(t *testing.T) {
	sim, portal := open(t)
	portal.Loopback = false
	if a, err := portal.Tell(t.Context(), origin, paid()); err == nil || a.Code != "bad_url" {
		t.Errorf("%+v %v", a, err)
	}
	secure := sim.Secure()
	defer secure.Close()
	trust := x509.NewCertPool()
	trust.AddCert(secure.Certificate())
	portal = bitrix24.Portal{Loopback: true, Address: secure.URL + "/rest/1/" + sim.Code()}
	for code, options := range map[string]webhook.Options{"tls": {}, "portal_paid": {RootCAs: trust}} {
		portal.Client = webhook.New(options)
		if a, _ := portal.Tell(t.Context(), origin, paid()); a.Code != code {
			t.Errorf("%+v, want %s", a, code)
		}
	}
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if a, _ := portal.Tell(ctx, origin, paid()); a.Accepted || a.Gone {
		t.Errorf("without time: %+v", a)
	}
	if calls := sim.Calls(); !slices.Equal(calls, []string{"sale.payment.get", "sale.paysystem.pay.payment"}) {
		t.Errorf("%v", calls)
	}
}
