// What a shop has not acknowledged. A shop that was away for days reads here what it missed, instead of asking for
// each of its orders; both only read and put off, so a key with the scope read will do.

package main

import (
	"context"
	"net/http"

	"kassa/shared/api"
)

// How many payments one answer lists: unless it is said, and at most.
const (
	usualPage = 20
	mostPage  = 100
)

// undelivered lists the payments of which the shop has not acknowledged all messages. The cursor is opaque and belongs
// to the shop that got it; the last page has next null. A page may hold fewer than the limit and still have a next one.
func (h handler) undelivered(ctx context.Context, r *api.Request) (api.Response, error) {
	shop, err := api.Authenticate(ctx, h.keys, r, api.Read)
	if err != nil {
		return api.Response{}, err
	}
	query, err := r.ReadQuery()
	if err != nil {
		return api.Response{}, err
	}
	limit, cursor := query.Page(usualPage, mostPage)
	if err := query.Err(); err != nil {
		return api.Response{}, err
	}
	payments, next, err := h.checkout.Undelivered(ctx, shop.ID, cursor, limit)
	if err != nil {
		return api.Response{}, err
	}
	list := struct {
		Payments []api.UndeliveredView `json:"payments"`
		Next     *string               `json:"next"`
	}{Payments: make([]api.UndeliveredView, 0, len(payments))}
	if next != "" {
		list.Next = &next
	}
	for _, p := range payments {
		list.Payments = append(list.Payments, api.ViewUndelivered(p))
	}
	return api.JSON(http.StatusOK, list)
}

// redeliver answers 202: the messages go out with the next run of the outbox. Repeating it does no harm: what is
// already waiting to go out is not put off, and what was acknowledged is not sent again.
func (h handler) redeliver(ctx context.Context, r *api.Request) (api.Response, error) {
	shop, err := api.Authenticate(ctx, h.keys, r, api.Read)
	if err != nil {
		return api.Response{}, err
	}
	id, err := r.PaymentID()
	if err != nil {
		return api.Response{}, err
	}
	p, err := h.checkout.Redeliver(ctx, id, shop.ID)
	if err != nil {
		return api.Response{}, err
	}
	r.About(p)
	return api.JSON(http.StatusAccepted, api.ViewUndelivered(p))
}
