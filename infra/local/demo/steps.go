package demo

import (
	"context"

	"kassa/shared/simbank/kapitalxml"
)

// PayByCard pays an order of the first shop at its bank, as a customer would with the card; nobody comes back.
func (b *Banks) PayByCard(orderID string) error {
	_, err := b.Kapital.Pay(orderID, kapitalxml.Card{PAN: "4169741330151124", Expiry: "1239", CVV: "119"})
	return err
}

// BringBack sends the message by which the first shop's bank brings a customer back, to where the order says.
func (b *Banks) BringBack(ctx context.Context, orderID string) error {
	_, err := b.Kapital.Callback(ctx, orderID, kapitalxml.Return{})
	return err
}
