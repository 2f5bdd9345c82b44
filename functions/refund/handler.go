package main

import (
	"context"
	"net/http"

	"kassa/shared/api"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// handler gives money back, and ends payments that nobody has paid.
type handler struct {
	checkout *checkout.Service
	keys     api.Keys
}

// Both move money or end the hope of it, but need different scopes: a key that may only create can call off what it
// created, and gives nothing back.
func (h handler) routes() map[string]api.Handler {
	return map[string]api.Handler{
		"POST /v1/payments/{id}/refunds": h.refund,
		"POST /v1/payments/{id}/cancel":  h.cancel,
	}
}

// refund answers 201 with a refund that is done, 202 with one whose outcome is not known yet. A shop that gets 202 asks
// again with the same Idempotency-Key, or waits for its webhook; another key would be another refund, and is refused
// while this one is open. A definite no of the bank is an error, and with it the amount is free again.
func (h handler) refund(ctx context.Context, r *api.Request) (api.Response, error) {
	order, err := h.readRefund(ctx, r)
	if err != nil {
		return api.Response{}, err
	}
	result, err := h.checkout.Refund(ctx, order)
	if err != nil {
		return api.Response{}, err
	}
	r.About(result.Payment)
	status := http.StatusAccepted
	if result.Refund.Status == payment.RefundSucceeded {
		status = http.StatusCreated
	}
	a, err := api.JSON(status, api.ViewRefund(result.Payment.ID, result.Refund))
	if result.Replayed {
		a = a.With("Idempotent-Replayed", "true")
	}
	return a, err
}

// readRefund reads who wants which refund. An amount that is there must be one: only its absence means all that
// remains. The scope is looked at before the id: a key without it learns nothing of which payments there are. The body
// must be there, {} at least, for a request that lost it must not give everything back.
func (h handler) readRefund(ctx context.Context, r *api.Request) (o checkout.RefundOrder, err error) {
	shop, err := api.Authenticate(ctx, h.keys, r, api.Refund)
	if err != nil {
		return o, err
	}
	o.Shop, o.By, o.DayLimit = shop.ID, payment.ByShop(shop.KeyID), shop.RefundLimit
	if o.ID, err = r.PaymentID(); err != nil {
		return o, err
	}
	if o.Key, err = r.IdempotencyKey(); err != nil {
		return o, err
	}
	body, err := api.ReadObject(r.Body)
	if err != nil {
		return o, err
	}
	o.Amount, o.Reason, o.Reference = body.Amount("amount"), body.Prose("reason"), body.Text("reference")
	return o, body.Err(o.Check()...)
}

// cancel answers with the payment. What is paid on its page all the same, which may stay open, comes as late.
func (h handler) cancel(ctx context.Context, r *api.Request) (api.Response, error) {
	shop, err := api.Authenticate(ctx, h.keys, r, api.Create)
	if err != nil {
		return api.Response{}, err
	}
	id, err := r.PaymentID()
	if err != nil {
		return api.Response{}, err
	}
	p, err := h.checkout.Cancel(ctx, id, shop.ID, payment.ByShop(shop.KeyID))
	if err != nil {
		return api.Response{}, err
	}
	r.About(p)
	return api.JSON(http.StatusOK, api.ViewPayment(p, shop.OrderStatus, h.checkout.Now()))
}
