package main

import (
	"context"
	"net/http"

	"kassa/shared/api"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// maxBody is the largest form that is taken, in bytes: some fields, and the address of a page.
const maxBody = 32 << 10

// handler opens payments for portals.
type handler struct {
	checkout *checkout.Service
	keys     api.Keys
}

// The path is of no version of the API: the portal stores it with the handler that kassa shop bitrix registers, so it
// must never move.
func (h handler) routes() map[string]api.Handler {
	return map[string]api.Handler{"POST /bitrix/checkout": h.open}
}

// page is where the buyer pays. The portal keeps the id as PS_INVOICE_ID. Source: sale.paysystem.handler.add, mode
// CHECKOUT.
type page struct {
	URL string `json:"PAYMENT_URL"`
	ID  string `json:"PAYMENT_ID"`
}

// open answers with the page of the portal's payment, however often it is asked: our order is named after that
// payment, so that EXTERNAL_PAYMENT_ID, our id of an earlier time, need not be looked at. A changed sum makes a new
// page and ends the one before.
func (h handler) open(ctx context.Context, r *api.Request) (api.Response, error) {
	f, err := readForm(r.Header["content-type"], r.Body)
	if err != nil {
		return api.Response{}, err
	}
	shop, err := api.AuthenticateKey(ctx, h.keys, r, f.text(keyField), api.Create)
	if err != nil {
		return refused(r, f, err)
	}
	if !shop.Bitrix24 {
		return refused(r, f, &payment.Error{Kind: payment.Misconfigured, Code: "no_portal",
			Message: "The shop " + shop.ID + " has no portal that could be told; kassa shop bitrix sets it up."})
	}
	order, err := f.order(shop)
	if err != nil {
		return refused(r, f, err)
	}
	opened, err := h.initiate(ctx, order)
	if err != nil {
		return refused(r, f, err)
	}
	r.About(opened.Payment)
	if status := opened.Payment.Status; status != payment.Pending { // paid or ended while it was opened
		code := "order_ended"
		if status.Money() {
			code = "order_already_paid"
		}
		return refused(r, f, &payment.Error{Kind: payment.Standing, Code: code,
			Message: "It has no page to pay at any more."})
	}
	return api.JSON(http.StatusOK, page{opened.Payment.RedirectURL, opened.Payment.ID.String()})
}

// refused answers in the buyer's language; the error is for the log.
func refused(r *api.Request, f form, err error) (api.Response, error) {
	return inWords(api.NewProblem(err, r.ID), f.locale()), err
}

// show words what went wrong before the form could be read.
func show(_ *api.Request, p api.Problem) api.Response { return inWords(p, "") }
