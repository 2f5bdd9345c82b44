package kapital

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/wire"
	"kassa/shared/payment"
)

// Check refuses what this bank's page could not take, before anybody is asked: other currencies, instalment terms, and a
// description that the bank would read as an order to pay by instalments (facts A3: it looks for TAKSIT= in it).
func (k *Kapital) Check(o bank.Order) (wrong []payment.FieldError) {
	if o.Amount.Currency != payment.AZN {
		wrong = append(wrong, payment.FieldError{Pointer: "/currency", Code: "currency_refused", Detail: "Kapital Bank takes AZN only."})
	}
	if o.Term != 0 {
		wrong = append(wrong, payment.FieldError{Pointer: "/term", Code: "term_refused", Detail: "Kapital Bank's page takes card payments; leave the term out."})
	}
	if instalments.MatchString(o.Description) {
		wrong = append(wrong, payment.FieldError{Pointer: "/description", Code: "bad_text", Detail: "Must not hold TAKSIT=, which switches the bank to instalments."})
	}
	return wrong
}

// instalments finds the bank's keyword in any letter case, with the Turkic letters too.
var instalments = regexp.MustCompile(`(?i)taks[iıİ]t\s*=`)

// Open sends CreateOrder and gives the address of the bank's payment page; see bank.Bank for the kinds of errors.
//
// The bank takes no reference of ours and no idempotency key, so an opening whose answer is lost leaves an order behind that
// nobody sees and that expires by itself. All three return addresses are the same one: what became of the order is asked, not
// concluded from the address that the browser was sent to.
func (k *Kapital) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	if o.Amount.Currency != payment.AZN || o.Amount.Minor <= 0 {
		return bank.Session{}, &payment.Error{Kind: payment.Refused, Code: "amount_refused", Message: "Kapital Bank takes amounts above zero, and in AZN only"}
	}
	description := o.Description
	if description == "" {
		description = o.Reference
	}
	a, err := k.exchange(ctx, request{
		Operation: createOrder,
		Language:  k.pageLanguage(o.Locale),
		Order: orderPart{
			OrderType: "Purchase", Merchant: k.settings.merchant,
			Amount: o.Amount.Minor, Currency: o.Amount.Currency.Numeric(), Description: description,
			ApproveURL: o.ReturnURL, CancelURL: o.ReturnURL, DeclineURL: o.ReturnURL,
			AddParams: &addParams{OrderExpirationPeriod: int64(k.settings.session / time.Minute)},
		},
	}, wire.Effect)
	if err != nil {
		return bank.Session{}, err
	}
	id, session := value(a.order, "OrderID"), value(a.order, "SessionID")
	if !orderNumber.MatchString(id) || !sessionForm.MatchString(session) {
		return bank.Session{}, unreadable(wire.Effect, errors.New("OrderID or SessionID is missing or malformed"))
	}
	page, err := k.page(value(a.order, "URL"), id, session)
	if err != nil {
		return bank.Session{}, err
	}
	return bank.Session{
		Handle:      bank.Handle{OrderID: id, Secret: session, Merchant: k.settings.merchant, Environment: k.settings.environment},
		RedirectURL: page,
		ExpiresAt:   o.Now.Add(k.settings.session),
	}, nil
}

// pageLanguage maps a locale to the languages that the page has (facts A2): az, en and ru. Belarusian readers get Russian.
func (k *Kapital) pageLanguage(locale string) string {
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

// page adds the order to the page's address, which may have a port and a query of its own. A host that the settings do not name
// is never shown to a customer. That is Misconfigured although the bank has made the order by then: nobody has seen its page, so
// nobody can pay it, it expires by itself, and opening another one with corrected settings is safe.
func (k *Kapital) page(address, order, session string) (string, error) {
	u, ok := wire.ParsePage(address)
	if !ok {
		return "", unreadable(wire.Effect, errors.New("the address of the payment page is missing or malformed"))
	}
	if !k.settings.pages.Allow(u) {
		return "", &payment.Error{Kind: payment.Misconfigured, Code: "page_host_refused",
			Message: fmt.Sprintf("the bank's payment page is at %.10s://%.80s, which page_hosts in the bank secret does not allow", u.Scheme, u.Host)}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", unreadable(wire.Effect, errors.New("the query of the payment page is malformed"))
	}
	for name := range query {
		if strings.EqualFold(name, "ORDERID") || strings.EqualFold(name, "SESSIONID") {
			delete(query, name)
		}
	}
	query.Set("ORDERID", order)
	query.Set("SESSIONID", session)
	u.RawQuery = query.Encode()
	return u.String(), nil
}
