package main

import (
	"context"
	"net/http"

	"kassa/shared/api"
	"kassa/shared/checkout"
)

// handler opens payments.
type handler struct {
	checkout *checkout.Service
	keys     api.Keys
}

// One route, and the first of the seven files by which the README follows a payment.
func (h handler) routes() map[string]api.Handler {
	return map[string]api.Handler{"POST /v1/payments": h.initiate}
}

// initiate answers 201 with a new payment, or 200 with the order's open one. An Idempotency-Key is tolerated and
// ignored: the order_ref is the key. Everything that decides is behind checkout.Initiate, which must also see the
// form's faults, so that a shop gets all of them in one answer.
func (h handler) initiate(ctx context.Context, r *api.Request) (api.Response, error) {
	shop, err := api.Authenticate(ctx, h.keys, r, api.Create)
	if err != nil {
		return api.Response{}, err
	}
	order, err := readOrder(r.Body, shop)
	if err != nil {
		return api.Response{}, err
	}
	opened, err := h.checkout.Initiate(ctx, order)
	if err != nil {
		return api.Response{}, err
	}
	r.About(opened.Payment)
	view := api.ViewPayment(opened.Payment, shop.OrderStatus, h.checkout.Now())
	if opened.Replayed {
		a, err := api.JSON(http.StatusOK, view)
		return a.With("Idempotent-Replayed", "true"), err
	}
	return api.JSON(http.StatusCreated, view)
}
