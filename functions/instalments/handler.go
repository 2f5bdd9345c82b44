package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"kassa/shared/api"
	"kassa/shared/boot/public"
	"kassa/shared/payment"
)

// edge answers pages of any origin: what this tells stands on the shop's own pages, and no answer depends on who asks.
// The header is on every answer, whether an Origin was sent or not, because caches keep these answers for other pages.
func edge(shops public.Shops, log *slog.Logger) api.Edge {
	return api.Edge{
		Routes: map[string]api.Handler{"GET /v1/instalments": handler{shops}.plans},
		Log:    log, Now: time.Now,
		Show: func(_ *api.Request, p api.Problem) api.Response { return open(p.Response()) },
	}
}

// open lets a page of any origin read the answer.
func open(a api.Response) api.Response { return a.With("Access-Control-Allow-Origin", "*") }

// handler plans instalments.
type handler struct{ shops public.Shops }

// answer is what a product page shows. Amounts are minor units.
type answer struct {
	Currency payment.Currency `json:"currency"`
	Plans    []plan           `json:"plans"` // the shortest first
}

// plan is term-1 times monthly_amount, then last_amount.
type plan struct {
	Term    int   `json:"term"` // months
	Monthly int64 `json:"monthly_amount"`
	Last    int64 `json:"last_amount"`
	Total   int64 `json:"total_amount"`
}

// plans answers with a plan for each term that the shop offers for the amount, at the bank that is named if one is:
// none outside its limits. A shop that does not sell by instalments, or not through that bank, looks like one that
// there is not.
func (h handler) plans(ctx context.Context, r *api.Request) (api.Response, error) {
	query, err := r.ReadQuery()
	if err != nil {
		return api.Response{}, err
	}
	id, amount, bank := query.Text("shop"), query.Integer("amount", payment.MaxAmount), ""
	if query.Has("bank") {
		bank = query.Text("bank")
	}
	if err := query.Err(); err != nil {
		return api.Response{}, err
	}
	shop, err := h.shops(ctx, id)
	if err != nil {
		return api.Response{}, err
	}
	policy := shop.Instalments.At(bank)
	if !policy.Sells() || bank != "" && !slices.Contains(shop.Banks, bank) {
		return api.Response{}, &payment.Error{Kind: payment.NotFound, Message: "This shop does not sell by instalments."}
	}
	found := answer{Currency: shop.Currency, Plans: []plan{}}
	for _, p := range policy.Plans(payment.Money{Minor: amount, Currency: shop.Currency}) {
		found.Plans = append(found.Plans, plan(p))
	}
	a, err := api.JSON(http.StatusOK, found)
	return open(a).With("Cache-Control", "public, max-age=300").Tagged(r), err
}
