package main

import (
	"context"
	"maps"

	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// tries bound how often two pay systems call off each other's page.
const tries = 3

// initiate opens the order. The page of another pay system is called off first, even where nothing else differs: its
// payment could not be completed, because the portal marks a payment as paid by the pay system alone that it has by
// now.
func (h handler) initiate(ctx context.Context, o checkout.Order) (checkout.InitiateResult, error) {
	for range tries {
		opened, err := h.checkout.Initiate(ctx, o)
		if err != nil || maps.Equal(opened.Payment.Metadata, o.Metadata) {
			return opened, err
		}
		if _, err := h.checkout.Cancel(ctx, opened.Payment.ID, o.Shop, o.By); err != nil {
			return opened, err
		}
	}
	return checkout.InitiateResult{}, &payment.Error{Kind: payment.Standing, Code: "order_busy",
		Message: "Another pay system keeps opening pages for this order."}
}
