package api

import (
	"errors"
	"net/http"
	"time"

	"kassa/shared/payment"
)

// Problem is an error as a caller sees it: RFC 9457, with a stable code and the ids to talk about it. It holds our own
// words only: no bank text, no cause, no echo of values.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
	PaymentID string `json:"payment_id,omitempty"`
	// minor units, with Currency and CreatedAt: of the payment that pays the order
	Amount    int64          `json:"amount,omitempty"`
	Currency  string         `json:"currency,omitempty"`
	CreatedAt string         `json:"created_at,omitempty"`
	Errors    []FieldProblem `json:"errors,omitempty"`

	retryAfter time.Duration
}

// FieldProblem is one wrong field; Pointer is an RFC 6901 JSON pointer into the request's body.
type FieldProblem struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// rule is one row of the catalogue: what the callers of the API are told about an error of a kind and a code.
type rule struct {
	kind       payment.Kind
	code       string // "" is every other code of the kind
	status     int
	retryAfter time.Duration // where the error does not say; 0 = trying again will not help
	name       string        // the code where the error has none
	detail     string        // the words where the error has none
}

// catalogue is the one table from errors to HTTP. The first row that fits counts; the last one fits all.
func catalogue() []rule {
	return []rule{
		{kind: payment.Malformed, code: "body_too_large", status: http.StatusRequestEntityTooLarge},
		{kind: payment.Malformed, status: http.StatusBadRequest, name: "malformed_request",
			detail: "The request cannot be read."},
		{kind: payment.Invalid, code: "scope_missing", status: http.StatusForbidden},
		{kind: payment.Invalid, status: http.StatusUnprocessableEntity, name: "invalid_fields",
			detail: "Some fields are wrong; the list of errors says which and why."},
		{kind: payment.Forged, status: http.StatusUnauthorized, name: "unauthorized",
			detail: "The signature is missing or wrong."},
		{kind: payment.NotFound, status: http.StatusNotFound, name: "not_found",
			detail: "There is no such payment or address."},
		{kind: payment.Standing, code: "payment_in_progress", status: http.StatusConflict, retryAfter: 3 * time.Second},
		{kind: payment.Standing, code: "refund_in_progress", status: http.StatusConflict, retryAfter: 3 * time.Second},
		{kind: payment.Standing, code: "conflict", status: http.StatusConflict, retryAfter: time.Second},
		{kind: payment.Standing, status: http.StatusConflict, name: "conflict", detail: "The payment stands otherwise."},
		{kind: payment.Refused, status: http.StatusUnprocessableEntity, name: "bank_refused",
			detail: "The bank refused; nothing was taken or given back."},
		{kind: payment.Uncertain, status: http.StatusServiceUnavailable, retryAfter: 10 * time.Second, name: "bank_uncertain",
			detail: "The bank's answer was lost. Send the same request again: it cannot charge or refund twice."},
		{kind: payment.Unavailable, status: http.StatusServiceUnavailable, retryAfter: 5 * time.Second, name: "unavailable",
			detail: "Something that this needs cannot be reached just now. Send the same request again later."},
		{kind: payment.Misconfigured, status: http.StatusInternalServerError, name: "misconfigured",
			detail: "A setting of this checkout is wrong; its operator finds in the log, by the request_id, which."},
		{kind: payment.Unsupported, status: http.StatusUnprocessableEntity, name: "unsupported",
			detail: "This bank cannot do that."},
		{kind: payment.Internal, status: http.StatusInternalServerError, name: "internal",
			detail: "This is a fault of ours. Its operator finds it in the log by the request_id."},
	}
}

// NewProblem looks an error up in the catalogue. What is no *payment.Error is Internal. The words of an error that
// somebody on our side has to mend are for the log: they may name settings. What is not found always looks the same, so
// that nobody learns why.
func NewProblem(err error, requestID string) Problem {
	e, ok := errors.AsType[*payment.Error](err)
	if !ok || e.Kind < 0 || e.Kind > payment.Forged {
		e = &payment.Error{Kind: payment.Internal}
	}
	row := find(e.Kind, e.Code)
	p := Problem{Type: "about:blank", Title: http.StatusText(row.status), Status: row.status, RequestID: requestID,
		Code: e.Code, Detail: e.Message, retryAfter: row.retryAfter}
	if p.Code == "" || e.Kind == payment.Internal || e.Kind == payment.NotFound {
		p.Code = row.name
	}
	if p.Detail == "" || row.status == http.StatusInternalServerError || e.Kind == payment.NotFound {
		p.Detail = row.detail
	}
	if e.RetryAfter > 0 {
		p.retryAfter = e.RetryAfter
	}
	if e.Kind == payment.Invalid { // the fields of any other kind are settings, not the caller's
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, FieldProblem(f))
		}
	}
	if e.Payment != nil {
		p.about(*e.Payment)
	}
	return p
}

func find(kind payment.Kind, code string) rule {
	rows := catalogue()
	for _, row := range rows {
		if row.kind == kind && (row.code == "" || row.code == code) {
			return row
		}
	}
	return rows[len(rows)-1]
}

// about names the payment that stands in the way; a shop whose order is paid already learns what was paid and when.
func (p *Problem) about(by payment.Payment) {
	p.PaymentID = by.ID.String()
	if p.Code == "order_already_paid" || p.Code == "order_ref_taken" {
		p.Amount, p.Currency, p.CreatedAt = by.Amount.Minor, string(by.Amount.Currency), stamp(by.CreatedAt)
	}
}

// Response is the problem as application/problem+json.
func (p Problem) Response() Response {
	a, err := encode(p.Status, "application/problem+json", p)
	if err != nil { // strings and numbers alone: cannot be
		a = Response{Status: http.StatusInternalServerError}
	}
	if p.Status == http.StatusUnauthorized {
		a = a.With("WWW-Authenticate", `Bearer realm="kassa"`)
	}
	return a.RetryAfter(p.retryAfter)
}

func notFound() error { return &payment.Error{Kind: payment.NotFound} }
