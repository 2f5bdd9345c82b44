// Package api is the HTTP edge: it turns an event of API Gateway or of a function URL into one Request, knows the shop
// behind it, reads its JSON strictly, and answers in one form, errors as application/problem+json from one table. It
// decides nothing about payments.
package api

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/payment"
)

// MaxBody caps a body in bytes, after base64 was undone: a shop's request, or a bank's message, which may repeat all
// lines of an order. These may be 500, each with a name and a number of 350 characters that PHP escapes, twelve bytes
// for the longest.
const MaxBody = 3 << 20

// Request is one HTTP request, whichever of the two kinds of event it came as. Header names are lower-case and repeats
// are joined by commas, as AWS delivers them; cookies are left out because nothing here uses them. Body holds the exact
// bytes.
type Request struct {
	ID         string // of the gateway: what problems and the log call request_id
	Route      string // the routeKey, such as "GET /v1/payments/{id}"; "$default" for a function URL
	Method     string
	Path       string
	PathValues map[string]string
	Query      url.Values
	Header     map[string]string
	Body       []byte

	queryErr error
	log      note
}

// note is what the log line says about a request beyond its route.
type note struct {
	shop     string
	payment  string
	orderRef string
	bank     string
}

// About names the payment that the request turned out to mean, for the log line.
func (r *Request) About(p payment.Payment) {
	r.log.payment, r.log.orderRef, r.log.bank = p.ID.String(), p.OrderRef, p.Bank
	if r.log.shop == "" {
		r.log.shop = p.Shop
	}
}

// Names says which payment the request's address names, for the line of a request that was refused before the payment
// was read.
func (r *Request) Names(id payment.ID) {
	if r.log.payment == "" {
		r.log.payment = id.String()
	}
}

// FromHTTPAPI reads an event of an API Gateway HTTP API, payload format 2.0. With an error (Malformed) the request is
// there all the same, without a body, so that the refusal can be logged.
func FromHTTPAPI(e events.APIGatewayV2HTTPRequest) (Request, error) {
	r := newRequest(e.RawQueryString, e.Headers)
	r.ID, r.Route, r.PathValues = e.RequestContext.RequestID, e.RouteKey, e.PathParameters
	r.Method, r.Path = e.RequestContext.HTTP.Method, e.RawPath
	return r, r.setBody(e.Body, e.IsBase64Encoded)
}

// FromFunctionURL reads an event of a Lambda function URL; errors as FromHTTPAPI's.
func FromFunctionURL(e events.LambdaFunctionURLRequest) (Request, error) {
	r := newRequest(e.RawQueryString, e.Headers)
	r.ID, r.Route = e.RequestContext.RequestID, "$default"
	r.Method, r.Path = e.RequestContext.HTTP.Method, e.RawPath
	return r, r.setBody(e.Body, e.IsBase64Encoded)
}

// newRequest reads the raw query, because the parsed one in the event hides repeats behind commas.
func newRequest(rawQuery string, headers map[string]string) Request {
	r := Request{Header: make(map[string]string, len(headers))}
	for name, value := range headers {
		name = strings.ToLower(name)
		if other, twice := r.Header[name]; twice { // in two letter cases: it is repeated all the same
			value = other + "," + value
		}
		r.Header[name] = value
	}
	r.Query, r.queryErr = url.ParseQuery(rawQuery)
	return r
}

func (r *Request) setBody(body string, encoded bool) error {
	if !encoded {
		r.Body = []byte(body)
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return &payment.Error{Kind: payment.Malformed, Code: "malformed_body", Message: "The body cannot be read.",
			Cause: err}
	}
	r.Body = raw
	return nil
}

// limit refuses a body over max bytes with body_too_large (413).
func (r *Request) limit(maxBytes int) error {
	if len(r.Body) <= maxBytes {
		return nil
	}
	return &payment.Error{Kind: payment.Malformed, Code: "body_too_large",
		Message: "The body is larger than this address takes."}
}

// PaymentID reads {id} of the path. What cannot be an id is NotFound like an id that nobody has.
func (r *Request) PaymentID() (payment.ID, error) {
	id, ok := payment.ParseID(r.PathValues["id"])
	if !ok {
		return payment.ID{}, notFound()
	}
	r.log.payment = id.String()
	return id, nil
}

// QueryValue reads a parameter that must stand in the query exactly once; else malformed_query (400).
func (r *Request) QueryValue(name string) (string, error) {
	values := r.Query[name]
	if r.queryErr == nil && len(values) == 1 && values[0] != "" {
		return values[0], nil
	}
	return "", &payment.Error{Kind: payment.Malformed, Code: "malformed_query", Cause: r.queryErr,
		Message: "The query must be well-formed and hold " + name + " exactly once."}
}

// IdempotencyKey reads the header of that name: 1 to 255 visible ASCII characters, bare or in double quotes. AWS joins
// repeated headers by commas, so a comma is refused. A missing header is idempotency_key_required, a bad one
// malformed_idempotency_key, both 400.
func (r *Request) IdempotencyKey() (string, error) {
	key := strings.TrimSpace(r.Header["idempotency-key"])
	if key == "" {
		return "", &payment.Error{Kind: payment.Malformed, Code: "idempotency_key_required",
			Message: "Send an Idempotency-Key header: one key for each refund you mean, the same one when you try it again."}
	}
	if len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' {
		key = key[1 : len(key)-1]
	}
	visible := func(c rune) bool { return c > ' ' && c <= '~' && c != ',' && c != '"' && c != '\\' }
	if key == "" || len(key) > 255 || strings.ContainsFunc(key, func(c rune) bool { return !visible(c) }) {
		return "", &payment.Error{Kind: payment.Malformed, Code: "malformed_idempotency_key",
			Message: "Send one Idempotency-Key of 1 to 255 visible ASCII characters without comma, quote, backslash and space."}
	}
	return key, nil
}
