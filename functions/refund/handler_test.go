package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

type sent struct {
	file, key, idempotency string
	body                   *string // nil = the recorded one
}

func send(t *testing.T, b *boottest.Bench, p payment.Payment, s sent) (events.APIGatewayV2HTTPResponse,
	map[string]any) {
	t.Helper()
	var event events.APIGatewayV2HTTPRequest
	b.Event(&event, s.file, "«id»", p.ID.String(), "{key}", s.key, "{idempotency}", s.idempotency)
	if s.body != nil {
		event.Body = *s.body
	}
	h := handler{checkout: b.Service, keys: b.Keys}
	a, err := b.Edge(h.routes(), api.MaxBody).HTTPAPI(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	return a, body
}

func text(s string) *string { return &s }

func TestRefundSucceeds(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-1", nil})
	if a.StatusCode != 201 || body["status"] != "succeeded" || body["amount"] != 5000.0 ||
		body["payment_id"] != p.ID.String() || body["origin"] != "shop" || len(body) != 9 {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	again, same := send(t, b, p, sent{"refund.json", boottest.Key, `\"k-1\"`, nil}) // the same key in quotes
	if again.StatusCode != 201 || again.Headers["Idempotent-Replayed"] != "true" || same["id"] != body["id"] {
		t.Errorf("%d %v", again.StatusCode, same)
	}
	// A body that was lost on its way is no wish for all that remains.
	if a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-2", text("")}); a.StatusCode != 400 ||
		body["code"] != "malformed_json" {
		t.Errorf("no body: %d %v", a.StatusCode, body)
	}
	for range 2 {
		if a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-2", text("{}")}); a.StatusCode != 201 ||
			body["amount"] != 10000.0 {
			t.Errorf("all that remains: %d %v", a.StatusCode, body)
		}
	}
	if refunds := b.Bank.Refunds(); len(refunds) != 2 {
		t.Errorf("the bank gave back %d times", len(refunds))
	}
}

// TestRefundOfUnknownOutcome is 202 and stays it: the amount is held until the truth is known.
func TestRefundOfUnknownOutcome(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	b.Bank.RefundErr = &payment.Error{Kind: payment.Uncertain, Cause: errors.New("CANARY")}
	for range 2 {
		if a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-1", nil}); a.StatusCode != 202 ||
			body["status"] != "processing" {
			t.Errorf("%d %v", a.StatusCode, body)
		}
	}
	a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-2", nil})
	if a.StatusCode != 409 || body["code"] != "refund_in_progress" || a.Headers["Retry-After"] == "" ||
		body["payment_id"] != p.ID.String() {
		t.Errorf("%d %v %v", a.StatusCode, a.Headers, body)
	}
	if n := len(b.Bank.Refunds()); n != 1 {
		t.Errorf("the bank was asked %d times", n)
	}
}

func TestRefundRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		sent    sent
		prepare func(*boottest.Bench)
		status  int
		code    string
	}{
		"no key": {sent: sent{"refund.json", "x", "k-1", nil}, status: 401, code: "unauthorized"},
		"create alone": {sent: sent{"refund.json", boottest.KeyFor(api.Create), "k-1", nil}, status: 403,
			code: "scope_missing"},
		"read alone": {sent: sent{"refund.json", boottest.KeyFor(api.Read), "k-1", nil}, status: 403,
			code: "scope_missing"},
		"scope first": {sent: sent{"refund.json", boottest.KeyFor(api.Read), "", text("{")}, status: 403,
			code: "scope_missing"},
		"foreign": {sent: sent{"refund.json", boottest.Foreign, "k-1", nil}, status: 404, code: "not_found"},
		"no idempotency": {sent: sent{"refund.json", boottest.Key, "", nil}, status: 400,
			code: "idempotency_key_required"},
		"two keys": {sent: sent{"refund.json", boottest.Key, "a,b", nil}, status: 400,
			code: "malformed_idempotency_key"},
		"not JSON": {sent: sent{"refund.json", boottest.Key, "k-1", text("{")}, status: 400, code: "malformed_json"},
		"amount zero": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"amount":0}`)}, status: 422,
			code: "invalid_fields"},
		"amount null": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"amount":null}`)}, status: 422,
			code: "invalid_fields"},
		"amount as money": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"amount":50.00}`)}, status: 422,
			code: "invalid_fields"},
		"amount as words": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"amount":"50.0"}`)}, status: 422,
			code: "invalid_fields"},
		"card in reason": {sent: sent{"refund.json", boottest.Key, "k-1",
			text(`{"amount":1,"reason":"4169 7413 3015 1124"}`)}, status: 422, code: "invalid_fields"},
		"card as reference": {sent: sent{"refund.json", boottest.Key, "k-1",
			text(`{"amount":1,"reference":"4169741330151124"}`)}, status: 422, code: "invalid_fields"},
		"long reference": {sent: sent{"refund.json", boottest.Key, "k-1",
			text(`{"amount":1,"reference":"` + strings.Repeat("ş", 65) + `"}`)},
			status: 422, code: "invalid_fields"},
		"blank around": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"amount":1,"reference":" 7"}`)},
			status: 422, code: "invalid_fields"},
		"line in reference": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"amount":1,"reference":"7\n8"}`)},
			status: 422, code: "invalid_fields"},
		"amount misspelt": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"Amount":5000}`)}, status: 422,
			code: "invalid_fields"},
		"too much": {sent: sent{"refund.json", boottest.Key, "k-1", text(`{"amount":15001}`)}, status: 422,
			code: "refund_exceeds_captured"},
		"refused": {sent: sent{"refund.json", boottest.Key, "k-1", nil}, status: 422, code: "refund_refused",
			prepare: func(b *boottest.Bench) { b.Bank.RefundErr = &payment.Error{Kind: payment.Refused, BankCode: "CANARY"} }},
		"bank down": {sent: sent{"refund.json", boottest.Key, "k-1", nil}, status: 503, code: "bank_unavailable",
			prepare: func(b *boottest.Bench) {
				b.Bank.StatusErr = &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable", Cause: errors.New("CANARY")}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			b := boottest.New(t)
			p := b.Paid("12345")
			if c.prepare != nil {
				c.prepare(b)
			}
			a, body := send(t, b, p, c.sent)
			if a.StatusCode != c.status || body["code"] != c.code || (a.Headers["Retry-After"] != "") != (c.status == 503) ||
				strings.Contains(a.Body, "CANARY") {
				t.Errorf("%d %v %v", a.StatusCode, a.Headers, body)
			}
			now, err := b.Store.Load(t.Context(), p.ID)
			if err != nil || now.Refunded != 0 || now.Reserved() != 0 {
				t.Errorf("money moved: %+v, %v", now.Refunds, err)
			}
		})
	}
}

// TestAKeyForRefundsAloneRefunds, and learns nothing of another shop's payments by it.
func TestAKeyForRefundsAloneRefunds(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	if a, body := send(t, b, p, sent{"refund.json", boottest.KeyFor(api.Refund), "k-1", nil}); a.StatusCode != 201 {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	nobodys := p
	nobodys.ID.Attempt = 7
	_, own := send(t, b, p, sent{"refund.json", boottest.KeyFor(api.Read), "k-1", nil})
	_, none := send(t, b, nobodys, sent{"refund.json", boottest.KeyFor(api.Read), "k-1", nil})
	if own["detail"] != none["detail"] || none["code"] != "scope_missing" || none["payment_id"] != nil {
		t.Errorf("a key without the scope tells payments apart: %v, %v", own, none)
	}
}

// TestARuleOfTheBanksUsesNothingUp: what is refused before anything was sent leaves no trail, under however many keys.
func TestARuleOfTheBanksUsesNothingUp(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	b.Bank.RefundErr = &payment.Error{Kind: payment.Refused, Code: "partial_refund_refused", Message: "Words of ours."}
	for n := range payment.MaxRefunds + 1 {
		a, body := send(t, b, p, sent{"refund.json", boottest.Key, fmt.Sprint("k", n), text(`{"amount":1}`)})
		if a.StatusCode != 422 || body["code"] != "partial_refund_refused" {
			t.Fatalf("%d: %d %v", n, a.StatusCode, body)
		}
	}
	now, err := b.Store.Load(t.Context(), p.ID)
	if err != nil || len(now.Refunds) != 0 || now.Sequence != p.Sequence {
		t.Errorf("left behind: %+v after entry %d, %v", now.Refunds, p.Sequence, err)
	}
	b.Bank.RefundErr = nil
	if a, body := send(t, b, p, sent{"refund.json", boottest.Key, "whole", text(`{}`)}); a.StatusCode != 201 {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

func TestKeyOfAnotherRefund(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	send(t, b, p, sent{"refund.json", boottest.Key, "k-1", nil})
	if a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-1", text(`{"amount":1}`)}); a.StatusCode != 422 ||
		body["code"] != "idempotency_key_reused" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

func TestUnpaidHasNothingToRefund(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	if a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-1", nil}); a.StatusCode != 409 ||
		body["payment_id"] != p.ID.String() {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

func TestCancel(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	for _, scope := range []api.Scope{api.Read, api.Refund} {
		if a, body := send(t, b, p, sent{"cancel.json", boottest.KeyFor(scope), "", text("")}); a.StatusCode != 403 ||
			body["code"] != "scope_missing" {
			t.Errorf("a key for %s: %d %v", scope, a.StatusCode, body)
		}
	}
	if a, body := send(t, b, p, sent{"cancel.json", boottest.Foreign, "", text("")}); a.StatusCode != 404 {
		t.Errorf("another shop: %d %v", a.StatusCode, body)
	}
	for range 2 {
		if a, body := send(t, b, p, sent{"cancel.json", boottest.Key, "", text("")}); a.StatusCode != 200 ||
			body["status"] != "cancelled" {
			t.Errorf("%d %v", a.StatusCode, body)
		}
	}
	paid := b.Paid("777")
	if a, body := send(t, b, paid, sent{"cancel.json", boottest.Key, "", nil}); a.StatusCode != 409 ||
		body["payment_id"] != paid.ID.String() {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	b.Bank.Says(payment.Report{State: payment.BankProcessing, Word: "ON-PAYMENT"})
	b.Advance(time.Minute)
	busy := b.Open("778")
	if a, body := send(t, b, busy, sent{"cancel.json", boottest.Key, "", nil}); a.StatusCode != 409 ||
		body["code"] != "payment_in_progress" || a.Headers["Retry-After"] == "" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	if strings.Contains(b.Logged(), "k1_secret") {
		t.Error("the key was logged")
	}
}
