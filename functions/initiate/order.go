package main

import (
	"slices"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// readOrder reads the body of POST /v1/payments (DESIGN section 5) as an order of this shop. The error is a body that
// is no JSON object, or every field that is wrong: in its form, to Kassa or the bank (wrong says so), or with this
// shop.
func readOrder(body []byte, shop api.Shop, wrong func(checkout.Order) []payment.FieldError) (checkout.Order, error) {
	o, err := api.ReadObject(body)
	if err != nil {
		return checkout.Order{}, err
	}
	back, customer := o.Object("return_urls"), o.Object("customer")
	order := checkout.Order{
		Shop: shop.ID, By: payment.ByShop(shop.KeyID), Instalments: shop.Instalments, Origins: shop.Origins,
		InsecureLoopback: shop.InsecureLoopback, Notify: shop.Webhook,
		Ref:         o.Text("order_ref"),
		Bank:        o.Text("bank"),
		Amount:      payment.Money{Minor: o.Integer("amount"), Currency: payment.Currency(o.Text("currency"))},
		Description: o.Text("description"),
		Locale:      o.Text("locale"),
		Supersede:   o.Flag("supersede"),
		Reopen:      o.Flag("reopen"),
		Metadata:    o.Texts("metadata"),
		Return: payment.ReturnURLs{Success: back.Text("success"), Cancel: back.Text("cancel"),
			Decline: back.Text("decline")},
		Term: int(o.Integer("term")),
		Customer: bank.Customer{FirstName: customer.Text("first_name"), LastName: customer.Text("last_name"),
			Phone: customer.Text("phone"), Email: customer.Text("email")},
	}
	for _, item := range o.Objects("items") { // a price that is not there is none, and not that of a gift
		order.Items = append(order.Items, bank.Item{SKU: item.Text("sku"), Name: item.Text("name"),
			Quantity: item.Integer("quantity"), UnitAmount: item.IntegerOr("unit_amount", -1)})
	}
	if order.Amount.Currency == "" { // not there, or empty as the field of a form is
		order.Amount.Currency = shop.Currency
	}
	found := wrong(order)
	named := func(e payment.FieldError) bool { return e.Pointer == "/bank" }
	if order.Bank != "" && !slices.Contains(shop.Banks, order.Bank) && !slices.ContainsFunc(found, named) {
		found = append(found, payment.FieldError{Pointer: "/bank", Code: "unknown_bank",
			Detail: "This shop has no such bank."})
	}
	return order, o.Err(found...)
}
