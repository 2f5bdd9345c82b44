package api

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"kassa/shared/payment"
)

// TestCatalogue holds every row of the outcome table.
func TestCatalogue(t *testing.T) {
	type want struct {
		status int
		code   string
		after  string
	}
	for _, c := range []struct {
		kind payment.Kind
		code string
		want want
	}{
		{payment.Malformed, "malformed_json", want{400, "malformed_json", ""}},
		{payment.Malformed, "idempotency_key_required", want{400, "idempotency_key_required", ""}},
		{payment.Malformed, "", want{400, "malformed_request", ""}},
		{payment.Malformed, "body_too_large", want{413, "body_too_large", ""}},
		{payment.Invalid, "invalid_fields", want{422, "invalid_fields", ""}},
		{payment.Invalid, "refund_exceeds_captured", want{422, "refund_exceeds_captured", ""}},
		{payment.Invalid, "idempotency_key_reused", want{422, "idempotency_key_reused", ""}},
		{payment.Refused, "bank_refused", want{422, "bank_refused", ""}},
		{payment.Refused, "refund_refused", want{422, "refund_refused", ""}},
		{payment.Forged, "unauthorized", want{401, "unauthorized", ""}},
		{payment.Forged, "", want{401, "unauthorized", ""}},
		{payment.NotFound, "", want{404, "not_found", ""}},
		{payment.Standing, "order_already_paid", want{409, "order_already_paid", ""}},
		{payment.Standing, "order_ref_taken", want{409, "order_ref_taken", ""}},
		{payment.Standing, "order_under_review", want{409, "order_under_review", ""}},
		{payment.Standing, "order_has_live_payment", want{409, "order_has_live_payment", ""}},
		{payment.Standing, "payment_in_progress", want{409, "payment_in_progress", "3"}},
		{payment.Standing, "refund_in_progress", want{409, "refund_in_progress", "3"}},
		{payment.Standing, "conflict", want{409, "conflict", "1"}},
		{payment.Unavailable, "bank_unavailable", want{503, "bank_unavailable", "5"}},
		{payment.Unavailable, "", want{503, "unavailable", "5"}},
		{payment.Uncertain, "", want{503, "bank_uncertain", "10"}},
		{payment.Misconfigured, "", want{500, "misconfigured", ""}},
		{payment.Unsupported, "", want{422, "unsupported", ""}},
		{payment.Internal, "secret_word", want{500, "internal", ""}},
		{payment.Kind(99), "", want{500, "internal", ""}},
	} {
		a := NewProblem(&payment.Error{Kind: c.kind, Code: c.code, Cause: errors.New("canary")}, "req-1").Response()
		var p Problem
		if err := json.Unmarshal(a.Body, &p); err != nil {
			t.Fatal(err)
		}
		got := want{a.Status, p.Code, a.Header["Retry-After"]}
		if got != c.want || p.Status != a.Status || p.Title == "" || p.RequestID != "req-1" || p.Type != "about:blank" {
			t.Errorf("%v %q: %+v, body %s", c.kind, c.code, got, a.Body)
		}
		if a.Header["Content-Type"] != "application/problem+json" ||
			(a.Header["WWW-Authenticate"] != "") != (a.Status == 401) {
			t.Errorf("%v %q: headers %v", c.kind, c.code, a.Header)
		}
	}
}

// TestEveryKindHasWords: an error that brings nothing but its kind still says what to do.
func TestEveryKindHasWords(t *testing.T) {
	for kind := payment.Internal; kind <= payment.Forged; kind++ {
		if p := NewProblem(&payment.Error{Kind: kind}, ""); p.Detail == "" || p.Code == "" {
			t.Errorf("%v: %+v", kind, p)
		}
	}
}

func TestProblemKeepsSecrets(t *testing.T) {
	for _, err := range []error{
		errors.New("canary"),
		&payment.Error{Kind: payment.Internal, Code: "canary", Message: "canary"},
		&payment.Error{Kind: payment.Misconfigured, Message: "canary", Fields: []payment.FieldError{{Pointer: "canary"}}},
		&payment.Error{Kind: payment.Unavailable, Message: "The bank does not answer.", BankCode: "canary",
			Cause: errors.New("canary")},
	} {
		if a := NewProblem(err, "req-1").Response(); contains(a.Body, "canary") {
			t.Errorf("%s", a.Body)
		}
	}
}

func TestProblemNamesThePayment(t *testing.T) {
	p := aPayment()
	paid := NewProblem(&payment.Error{Kind: payment.Standing, Code: "order_already_paid", Message: "This order is paid.",
		Payment: &p}, "req-1")
	if paid.PaymentID != p.ID.String() || paid.Amount != 15000 || paid.Currency != "AZN" ||
		paid.CreatedAt != "2026-03-01T09:00:00Z" {
		t.Errorf("%+v", paid)
	}
	live := NewProblem(&payment.Error{Kind: payment.Standing, Code: "order_has_live_payment", Payment: &p,
		RetryAfter: 1500 * time.Millisecond}, "req-1")
	if live.PaymentID != p.ID.String() || live.Amount != 0 || live.Response().Header["Retry-After"] != "2" {
		t.Errorf("%+v", live)
	}
}
