package main

import (
	"context"
	"net/http"
	"time"

	"kassa/shared/api"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// handler answers who wants to know how a payment stands, and what its shop was not told of it.
type handler struct {
	checkout *checkout.Service
	keys     api.Keys
}

// Reading needs the scope read alone; so does sending messages again, which changes nothing about a payment.
func (h handler) routes() map[string]api.Handler {
	return map[string]api.Handler{
		"GET /v1/payments/{id}":            h.one,
		"GET /v1/payments":                 h.list,
		"GET /v1/undelivered":              h.undelivered,
		"POST /v1/payments/{id}/redeliver": h.redeliver,
	}
}

// one shows a payment to its shop, or its status fields to the browser that holds its client token. Which of the two it
// is depends on the kind of the token alone, never on what is asked.
func (h handler) one(ctx context.Context, r *api.Request) (api.Response, error) {
	if token, ok := r.ClientToken(); ok {
		return h.poll(ctx, r, checkout.Reader{ClientToken: token}, func(p payment.Payment, now time.Time) any {
			return api.ViewForCustomer(p, now)
		})
	}
	shop, err := api.Authenticate(ctx, h.keys, r, api.Read)
	if err != nil {
		return api.Response{}, err
	}
	return h.poll(ctx, r, checkout.Reader{Shop: shop.ID}, func(p payment.Payment, now time.Time) any {
		return api.ViewPayment(p, shop.OrderStatus, now)
	})
}

// poll asks the bank where the payment is open and nobody has asked just now, and shows what is known then, also where
// the bank could not be reached: a customer who waits is better served by the last known state than by an error. The
// view gets the same time as the header, so that an answer agrees with itself; Tagged makes an unchanged one a 304.
func (h handler) poll(ctx context.Context, r *api.Request, who checkout.Reader,
	view func(payment.Payment, time.Time) any) (api.Response, error) {
	id, err := r.PaymentID()
	if err != nil {
		return api.Response{}, err
	}
	p, err := h.checkout.Poll(ctx, id, who)
	if err != nil {
		return api.Response{}, err
	}
	r.About(p)
	now := h.checkout.Now()
	a, err := api.JSON(http.StatusOK, view(p, now))
	return a.Tagged(r).RetryAfter(p.PollAfter(now)), err
}

// list lists the attempts to pay one order, or the payments of days.
func (h handler) list(ctx context.Context, r *api.Request) (api.Response, error) {
	if ofDays(r) {
		return h.ofDays(ctx, r)
	}
	return h.ofOrder(ctx, r)
}

// ofOrder lists a shop's attempts to be paid for one order, newest first. An order that nobody has tried to pay is an
// empty list and no 404: a shop asks so in order to learn whether there was an attempt. No bank is asked, for a list
// must cost the same however many attempts it holds.
func (h handler) ofOrder(ctx context.Context, r *api.Request) (api.Response, error) {
	shop, err := api.Authenticate(ctx, h.keys, r, api.Read)
	if err != nil {
		return api.Response{}, err
	}
	ref, err := r.QueryValue("order_ref")
	if err != nil {
		return api.Response{}, err
	}
	payments, err := h.checkout.Orders(ctx, shop.ID, ref)
	if err != nil {
		return api.Response{}, err
	}
	return api.JSON(http.StatusOK, api.ViewPayments(payments, shop.OrderStatus, h.checkout.Now()))
}
