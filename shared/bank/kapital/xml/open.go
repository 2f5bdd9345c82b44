package xml

import (
	"context"
	"errors"
	"time"

	"kassa/shared/address"
	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/taksit"
	"kassa/shared/payment"
)

// Open sends CreateOrder and gives the address of the bank's payment page; see bank.Bank for the kinds of errors.
//
// The bank takes no reference of ours and no idempotency key, so an opening whose answer is lost leaves an order behind
// that nobody sees and that expires by itself. All three return addresses are the same one: what became of the order is
// asked, not concluded from the address that the browser was sent to.
func (k *Gateway) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	if err := k.Ready(bank.OpOpen); err != nil {
		return bank.Session{}, err
	}
	if o.Amount.Minor <= 0 {
		return bank.Session{}, &payment.Error{Kind: payment.Refused, Code: "amount_refused",
			Message: "Kapital Bank takes amounts above zero"}
	}
	if err := k.Profile().Refuse(o); err != nil {
		return bank.Session{}, err
	}
	description := o.Description
	switch {
	case o.Term != 0:
		description = taksit.Description(o.Term)
	case description == "":
		description = o.RefForBank
	}
	q := request{
		Operation: createOrder,
		Language:  k.pageLanguage(o.Locale),
		Order: orderPart{
			OrderType: "Purchase", Merchant: k.settings.Account.Merchant,
			Amount: o.Amount.Minor, Currency: o.Amount.Currency.Numeric(), Description: description,
			ApproveURL: o.ReturnURL, CancelURL: o.ReturnURL, DeclineURL: o.ReturnURL,
		},
	}
	if k.settings.sayExpiry {
		q.Order.AddParams = &addParams{OrderExpirationPeriod: int64(k.settings.session / time.Minute)}
	}
	a, err := k.exchange(ctx, q, exchange.Effect)
	if err != nil {
		return bank.Session{}, err
	}
	id, session := value(a.order, "OrderID"), value(a.order, "SessionID")
	if !isOrder(id) || !exchange.IsName(session) {
		return bank.Session{}, exchange.Unreadable(exchange.Effect,
			errors.New("OrderID or SessionID is missing or malformed"))
	}
	page, err := k.page(ctx, value(a.order, "URL"), id, session)
	if err != nil {
		return bank.Session{}, err
	}
	return bank.Session{
		Handle:      k.Handle(id, session),
		RedirectURL: page,
		ExpiresAt:   o.Now.Add(k.settings.session),
	}, nil
}

// pageLanguage maps a locale to the languages that the page has: az, en and ru. Belarusian readers get Russian.
func (k *Gateway) pageLanguage(locale string) string {
	switch locale {
	case "az":
		return "AZ"
	case "en":
		return "EN"
	case "ru", "be":
		return "RU"
	}
	return k.settings.language
}

// page adds the order to the page's address, which may have a port, a query and a fragment of its own, that stay as
// they stand.
func (k *Gateway) page(ctx context.Context, base, order, session string) (string, error) {
	if base == "" {
		return "", exchange.Unreadable(exchange.Effect, errors.New("the address of the payment page is missing"))
	}
	u, err := k.Page(ctx, base)
	if err != nil {
		return "", err
	}
	return k.PageOf(ctx, u, address.Parameter{Name: "ORDERID", Value: order},
		address.Parameter{Name: "SESSIONID", Value: session})
}
