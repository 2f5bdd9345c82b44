package gateway

import (
	"context"
	"errors"
	"net/http"

	"kassa/infra/local/lambda"
)

// FunctionURL is a Lambda function URL with AuthType NONE and without cross-origin rules.
type FunctionURL struct {
	options Options
	target  Invoker
}

// NewFunctionURL sends every request to one function.
func NewFunctionURL(o Options, target Invoker) *FunctionURL {
	return &FunctionURL{options: o, target: target}
}

// ServeHTTP gives the path undecoded, unlike an HTTP API: banks and browsers spell one address in several ways, and the
// function has to see which.
func (g *FunctionURL) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := g.options.RequestID()
	w.Header().Set("X-Amzn-Requestid", id)
	if tooManyHeaders(r) {
		refuse(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	body, err := readBody(w, r, lambda.MaxPayload)
	if err != nil {
		g.fail(w, err)
		return
	}
	e := newEvent(r, body, id, g.options.Now())
	e.RouteKey, e.Context.RouteKey = "$default", "$default"
	path := r.URL.EscapedPath() // as it was sent: a function URL does not decode it
	e.RawPath, e.Context.HTTP.Path = path, path
	e.Context.AccountID, e.Context.APIID = "anonymous", e.Context.DomainPrefix
	a, err := g.options.call(r, functionURLLimit, g.target, e)
	if err != nil {
		g.fail(w, err)
		return
	}
	a.write(w, defaultURLType)
}

// fail answers for a function that did not: any failure of it is a bad gateway.
func (g *FunctionURL) fail(w http.ResponseWriter, err error) {
	g.options.Log.Error("no answer from the function", "route", "function URL", "error", err)
	switch {
	case isTooLarge(err):
		refuse(w, http.StatusRequestEntityTooLarge,
			"Request must be smaller than 6291456 bytes for the InvokeFunction operation")
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusGatewayTimeout, "Gateway Timeout")
	default:
		http.Error(w, internalServerErr, http.StatusBadGateway)
	}
}
