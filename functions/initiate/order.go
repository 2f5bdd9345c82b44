// From the API's body to the order that checkout works on. What the body says is joined here with what the key's shop
// may do, so that no later step needs to know keys or JSON.

package main

import (
	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// readOrder reads the body of POST /v1/payments as an order of this shop. The error is a body that is no JSON object,
// or a setting that the order needs and that cannot be read; what is wrong with the fields' form is told by the order's
// Refuse, together with all that is found later. So whoever writes a client sees all mistakes at once.
func readOrder(body []byte, shop api.Shop) (checkout.Order, error) {
	o, err := api.ReadObject(body)
	if err != nil {
		return checkout.Order{}, err
	}
	back, customer := o.Object("return_urls"), o.Object("customer")
	order := checkout.Order{
		Shop: shop.ID, By: payment.ByShop(shop.KeyID), Banks: shop.Banks, Instalments: shop.Instalments,
		Origins:          shop.Origins,
		InsecureLoopback: shop.InsecureLoopback, Notify: shop.Webhook, Recheck: shop.RecheckPaid, Refuse: o.Err,
		Ref:         o.Text("order_ref"),
		Bank:        o.Text("bank"),
		Amount:      payment.Money{Minor: o.MinorOr("amount", 0), Currency: payment.Currency(o.Text("currency"))},
		Description: o.Prose("description"),
		Locale:      o.Text("locale"),
		Supersede:   o.Flag("supersede"),
		Reopen:      o.Flag("reopen"),
		Metadata:    o.Texts("metadata"),
		Return: payment.ReturnURLs{Success: back.Text("success"), Cancel: back.Text("cancel"),
			Decline: back.Text("decline")},
		Term: int(o.Count("term")),
		Customer: bank.Customer{FirstName: customer.Text("first_name"), LastName: customer.Text("last_name"),
			Phone: customer.Text("phone"), Email: customer.Text("email")},
	}
	for _, item := range o.Objects("items") { // a price that is not there is none, and not that of a gift
		order.Items = append(order.Items, bank.Item{SKU: item.Text("sku"), Name: item.Prose("name"),
			Quantity: item.Count("quantity"), UnitAmount: item.MinorOr("unit_amount", -1)})
	}
	if order.Amount.Currency == "" { // not there, or empty as the field of a form is
		order.Amount.Currency = shop.Currency
	}
	if order.Term != 0 {
		return order, shop.Broken["instalments"]
	}
	return order, nil
}
