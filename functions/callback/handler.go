package main

import (
	"context"
	"net/http"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// handler takes whatever comes to a callback address. The address names the payment; what the message says is read by
// the bank that the payment was opened at.
type handler struct{ checkout *checkout.Service }

// There is one route for all: a function URL has no router, and an address comes back in more spellings than one.
func (h handler) routes() map[string]api.Handler {
	return map[string]api.Handler{"$default": h.callback}
}

// callback answers a browser with a way on, whatever has happened, and a bank's server with 200 alone where it need not
// call again: banks repeat a message for hours on anything else.
func (h handler) callback(ctx context.Context, r *api.Request) (api.Response, error) {
	to, err := readTarget(r.Path)
	if err != nil {
		return api.Response{}, err
	}
	r.Route = to.action // the path itself holds the token and is never logged
	if r.Method == http.MethodHead || r.Method == http.MethodOptions {
		// Link checkers and previews: they carry no news, so nobody is asked.
		return api.Response{Status: http.StatusNoContent}.With("Allow", "GET, POST"), nil
	}
	p, err := h.checkout.Read(ctx, to.payment, to.token, bank.Message{
		Method: r.Method, Query: r.Query, Header: r.Header, Body: r.Body, Browser: to.browser()})
	known := p.ID == to.payment
	if known {
		r.About(p)
	}
	soon := payment.CodeOf(err) == "asked_soon" // and somebody else asks: the bank's server need not call again
	switch {
	case to.browser() && known && soon:
		return moment(r, p, err)
	case to.browser() && known:
		// Whatever went wrong, the customer is brought back: the shop's page asks again.
		a, redirectErr := redirect(p)
		if redirectErr != nil {
			return api.Response{}, redirectErr
		}
		return a, err
	case err != nil && !soon:
		return api.Response{}, err
	}
	return api.Response{Status: http.StatusOK, Body: []byte("OK")}.With("Content-Type", "text/plain; charset=utf-8"), nil
}
