package demoshop

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// problem is why a call of the API did not do what was asked: the API's own
// application/problem+json, or a code of ours when no such answer came.
type problem struct {
	Status     int        `json:"status"`
	Code       string     `json:"code"`
	Title      string     `json:"title"`
	Detail     string     `json:"detail"`
	RequestID  string     `json:"request_id"`
	PaymentID  string     `json:"payment_id"`
	Errors     []badField `json:"errors"`
	RetryAfter time.Duration
	cause      error
}

// badField is one field that the API refused.
type badField struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func (p *problem) Error() string {
	text := fmt.Sprintf("kassa: %d %s %s", p.Status, p.Code, p.Detail)
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s: %s", e.Pointer, e.Detail)
	}
	if p.cause != nil {
		text += ": " + p.cause.Error()
	}
	return text
}

func (p *problem) Unwrap() error { return p.cause }

// uncertain says that the call may have taken effect, or an earlier one under the
// same key. Only an answer about the request itself settles that; a refused key
// (401) or a proxy's 404 does not.
func (p *problem) uncertain() bool {
	switch p.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return false
	}
	return true
}

// Codes for what the API itself could not say.
const (
	codeUnreachable = "api_unreachable"
	codeUnreadable  = "api_unreadable"
)

func unreachable(cause error) *problem {
	return &problem{Status: http.StatusServiceUnavailable, Code: codeUnreachable, cause: cause}
}

func unreadable(cause error) *problem {
	return &problem{Status: http.StatusBadGateway, Code: codeUnreadable, cause: cause}
}

// readProblem trusts the status line over the body: a body that is not a
// problem, such as a proxy's page, still leaves a usable problem.
func readProblem(resp *http.Response, body []byte) *problem {
	p := problem{}
	if err := json.Unmarshal(body, &p); err != nil {
		p = problem{cause: fmt.Errorf("body is no problem+json: %w", err)}
	}
	p.Status = resp.StatusCode
	if seconds, err := strconv.ParseInt(resp.Header.Get("Retry-After"), 10, 32); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return &p
}

// asProblem makes any error one that has words.
func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	return &problem{Status: http.StatusInternalServerError, Code: "shop_failed", cause: err}
}

// words is a problem as the person before the screen reads it.
type words struct{ Title, Text string }

// wordsByCode has a sentence for every code whose next step is its own.
func wordsByCode(code string) (words, bool) {
	w, ok := map[string]words{
		"order_already_paid":      {"This order is already paid", "Nothing more was charged."},
		"order_refunded":          {"This order was paid and refunded", "All of it was given back, and nothing new was charged. Please start a new order."},
		"order_ref_taken":         {"This order number is already in use", "It was paid before with another amount. Nothing was charged. Please start a new order."},
		"order_under_review":      {"We are checking this order", "Please do not pay again. We will finish it and write to you."},
		"order_has_live_payment":  {"Another payment of this order is still open", "Finish it, or cancel it on the orders page, and then pay again. Nothing was charged."},
		"payment_in_progress":     {"Your payment is being prepared", "It takes a few seconds. This page goes on by itself; you can also press the button."},
		"bank_refused":            {"The bank did not accept this payment", "Nothing was charged. Try again, or ask the bank that gave you the card."},
		"bank_unavailable":        {"The bank is not answering", "Nothing was charged. Please try again in a moment."},
		"bank_uncertain":          {"The bank did not answer in time", "Your order is safe. Trying again will not charge you twice."},
		"refund_refused":          {"The bank refused the refund", "No money moved. The amount can be refunded later or by another way."},
		"refund_exceeds_captured": {"That is more than what remains", "No money moved. Type an amount up to what has not been refunded yet."},
		"refund_in_progress":      {"Another refund of this payment is still under way", "This one was not started. Send it again when the other is done."},
		"idempotency_key_reused":  {"This form was already used for another amount", "Nothing new was refunded. The page now shows a fresh form."},
		codeUnreachable:           {"The payment service cannot be reached", "Your order is safe. Please try again in a moment."},
		codeUnreadable:            {"The payment service gave an answer we cannot read", "Your order is safe. Please try again, or write to us."},
	}[code]
	return w, ok
}

// words falls back from the code to the kind of answer.
func (p *problem) words() words {
	if w, ok := wordsByCode(p.Code); ok {
		return w
	}
	switch p.Status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return words{"The payment service is busy", "Your order is safe. Please try again in a moment."}
	case http.StatusUnauthorized:
		return words{"The shop's key was not accepted", "This is our mistake, not yours. Nothing was charged."}
	case http.StatusNotFound:
		return words{"The payment service does not know this payment", "Nothing was changed. Open the orders page again."}
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return words{"The payment service did not accept this request", "Nothing was changed."}
	case http.StatusConflict:
		return words{"That is not possible any more", "The payment has moved on meanwhile. Nothing was changed."}
	}
	return words{"Something went wrong on our side", "Your order is safe. Trying again will not charge you twice."}
}

// sentence is the problem in one notice, with what support asks for.
func (p *problem) sentence() string { return p.sentenceWith(p.words().Text) }

// sentenceWith puts another next step into the notice than the customer's.
func (p *problem) sentenceWith(next string) string {
	text := p.words().Title + ". " + next
	for _, e := range p.Errors {
		text += " " + strings.TrimPrefix(e.Pointer, "/") + ": " + e.Detail + "."
	}
	if seconds := int64(p.RetryAfter / time.Second); seconds > 0 {
		text += fmt.Sprintf(" Please wait %d s first.", seconds)
	}
	if p.RequestID != "" {
		text += " Reference " + p.RequestID + "."
	}
	return text
}
