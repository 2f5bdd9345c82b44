package kartapokupok

import (
	"context"
	"errors"
	"fmt"

	"kassa/shared/bank"
	"kassa/shared/bank/wire"
	"kassa/shared/payment"
)

// Open sends /installment/create, as the brief has it, and gives the page where the customer applies; see bank.Bank for the kinds of
// errors. An answer without payment_url is a refusal, as in the brief. The browser comes back to one address whatever happened:
// what became of the application is told by the bank and not by the way that a browser took.
//
// The customer's data stands in this one request and nowhere else: not in the handle, an error or the log.
func (k *KartaPokupok) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	if wrong := k.Check(o); len(wrong) > 0 {
		return bank.Session{}, &payment.Error{Kind: payment.Refused, Code: "order_refused", Fields: wrong,
			Message: "Karta Pokupok cannot be sent this order: " + wrong[0].Pointer + " is wrong"}
	}
	got, err := k.post(ctx, "/installment/create", k.create(o), wire.Effect)
	if err != nil {
		return bank.Session{}, err
	}
	c := o.Customer
	answer, err := k.answer(got, wire.Effect, c.FirstName, c.LastName, c.Phone, c.Email)
	if err != nil {
		return bank.Session{}, err
	}
	address, err := k.page(answer)
	if err != nil {
		return bank.Session{}, err
	}
	session, err := id(answer.At("/session_id"))
	if err == nil && session == "" {
		err = errNothing
	}
	if err != nil {
		return bank.Session{}, unreadable(wire.Effect, err)
	}
	return bank.Session{
		Handle:      bank.Handle{OrderID: session, Secret: o.Reference, Merchant: k.settings.partner, Environment: k.settings.environment},
		RedirectURL: address,
		ExpiresAt:   o.Now.Add(k.settings.session),
	}, nil
}

// create writes an order that Check found right.
func (k *KartaPokupok) create(o bank.Order) createRequest {
	term, _ := k.settings.terms.of(o.Term)
	items := make([]itemPart, len(o.Items))
	for i, item := range o.Items {
		items[i] = itemPart{Name: item.Name, Quantity: item.Quantity, Price: k.settings.amounts.write(item.UnitAmount), SKU: item.SKU}
	}
	return createRequest{
		Partner: k.settings.partner, OrderRef: o.Reference,
		Amount: k.settings.amounts.write(o.Amount.Minor), Currency: string(o.Amount.Currency), Term: term, Items: items,
		Customer:   customerPart{FirstName: o.Customer.FirstName, LastName: o.Customer.LastName, Phone: o.Customer.Phone, Email: o.Customer.Email},
		SuccessURL: o.ReturnURL, FailURL: o.ReturnURL, CallbackURL: o.NotifyURL,
	}
}

// page reads payment_url. A host that the settings do not name is never shown to a customer.
func (k *KartaPokupok) page(answer *wire.Value) (string, error) {
	value := answer.At("/payment_url")
	text, ok := value.Text()
	if value.Absent() || ok && text == "" {
		return "", &payment.Error{Kind: payment.Refused, Message: "the bank gave no page to apply on", Cause: errNothing}
	}
	u, right := wire.ParsePage(text)
	if !ok || !right {
		return "", unreadable(wire.Effect, errors.New("payment_url is malformed"))
	}
	if !k.settings.pages.Allow(u) {
		return "", &payment.Error{Kind: payment.Misconfigured, Code: "page_host_refused",
			Message: fmt.Sprintf("the bank's page is at %.10s://%.80s, which payment_hosts in the bank secret does not allow", u.Scheme, u.Host)}
	}
	return u.String(), nil
}
