// What a portal posts, read as an order. The portal's server fills the form from its own order and from what the buyer
// may have changed on the page; which field is which decides what may be believed.

package main

import (
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/bitrix24"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

// The fields that `kassa shop bitrix` has the portal send, from the settings of its pay system and from the order. A
// buyer can change each of them: the portal's server lets parameters of the page go before its settings. So none of
// them decides about money.
const (
	keyField       = "KASSA_KEY"
	bankField      = "KASSA_BANK"
	termField      = "KASSA_TERM"
	orderField     = "KASSA_ORDER"
	firstNameField = "KASSA_FIRST_NAME"
	lastNameField  = "KASSA_LAST_NAME"
	phoneField     = "KASSA_PHONE"
	emailField     = "KASSA_EMAIL"
)

// maxFields is how many fields a form may have: ours, the portal's, and some that a later portal may add.
const maxFields = 100

// form is what the portal's server posts: form-encoded, its own parameters as BX_SYSTEM_PARAMS[NAME].
type form map[string]string

// readForm reads a body. Malformed when it is no form, or when a field of ours or of the portal's stands there twice,
// so that two readers could take it for two things.
func readForm(contentType string, body []byte) (form, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, malformed("The portal must send a form: application/x-www-form-urlencoded.")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || len(values) > maxFields || !utf8.Valid(body) {
		return nil, malformed("The form cannot be read.")
	}
	f := form{}
	for name, all := range values {
		switch {
		case !strings.HasPrefix(name, "KASSA_") && !strings.HasPrefix(name, "BX_SYSTEM_PARAMS"):
		case len(all) != 1 || !utf8.ValidString(all[0]):
			return nil, malformed("A field stands twice in the form, or is no text.")
		default:
			f[name] = all[0]
		}
	}
	return f, nil
}

// malformed is the refusal of a body before anything in it is believed. It names no field, because what was read of the
// form may be a forger's.
func malformed(message string) error {
	return &payment.Error{Kind: payment.Malformed, Code: "malformed_body", Message: message}
}

// text is a field of ours without the blanks that people leave around what they paste into settings; "" where it is not
// there.
func (f form) text(name string) string { return strings.TrimSpace(f[name]) }

// system is a parameter of the portal's own.
func (f form) system(name string) string { return f["BX_SYSTEM_PARAMS["+name+"]"] }

// locale is the language of the page that the buyer comes from; "" where it does not say.
func (f form) locale() string {
	u, err := url.Parse(f.system("RETURN_URL"))
	if err != nil {
		return ""
	}
	return u.Query().Get("user_lang")
}

// order is what the portal wants to be paid. Invalid when its own parameters are not what they must be; everything
// else is for checkout to look at.
func (f form) order(shop api.Shop) (checkout.Order, error) {
	var wrong []payment.FieldError
	need := func(ok bool, pointer, detail string) {
		if !ok {
			wrong = append(wrong, payment.FieldError{Pointer: pointer, Code: "bad_format", Detail: detail})
		}
	}
	of, ok := bitrix24.ParseID(f.system("PAYMENT_ID"))
	need(ok, "/PAYMENT_ID", "Must be the portal's id of a payment.")
	system, ok := bitrix24.ParseID(f.system("PAYSYSTEM_ID"))
	need(ok, "/PAYSYSTEM_ID", "Must be the portal's id of a pay system.")
	sum, ok := bitrix24.ParseSum(f.system("SUM"))
	need(ok, "/amount", "Must be a sum such as 150.00.")
	currency := payment.Currency(f.system("CURRENCY"))
	need(currency == shop.Currency, "/currency", "Must be the currency that the shop sells in.")
	term, ok := bitrix24.ParseID(f.text(termField))
	need(ok || f.text(termField) == "" || f.text(termField) == "0", "/term", "Must be a number of months.")
	if len(wrong) > 0 {
		return checkout.Order{}, &payment.Error{Kind: payment.Invalid, Code: "invalid_fields", Fields: wrong,
			Message: "The portal sends what cannot be paid."}
	}
	origin := bitrix24.Origin{Payment: of, PaySystem: system}
	order := checkout.Order{
		Shop: shop.ID, By: payment.ByShop(shop.KeyID), Banks: shop.Banks, Instalments: shop.Instalments,
		Origins:          shop.Origins,
		InsecureLoopback: shop.InsecureLoopback, Notify: true, Recheck: shop.RecheckPaid,
		Ref: origin.Ref(), Metadata: origin.Metadata(), Supersede: true,
		Bank:   bankOf(f.text(bankField), shop.Banks),
		Amount: payment.Money{Minor: sum, Currency: currency},
		Locale: f.locale(), Description: f.title(origin),
		Return: payment.ReturnURLs{Success: f.system("RETURN_URL")},
		Term:   int(term),
		Customer: bank.Customer{FirstName: f.text(firstNameField), LastName: f.text(lastNameField),
			Phone: f.text(phoneField), Email: f.text(emailField)},
	}
	if term > 0 { // the portal sends no basket: the whole order is one line
		order.Items = []bank.Item{{SKU: origin.Ref(), Name: order.Description, Quantity: 1, UnitAmount: sum}}
		return order, shop.Broken["instalments"]
	}
	return order, nil
}

// bankOf is the bank that is named, one of the shop's, or else the shop's first.
func bankOf(name string, banks []string) string {
	if name == "" && len(banks) > 0 {
		return banks[0]
	}
	for _, one := range banks {
		if one == name {
			return one
		}
	}
	return ""
}

// title is what the buyer reads at the bank: the order's number as the portal shows it, in words that each of the
// banks' languages has.
func (f form) title(o bitrix24.Origin) string {
	number := f.text(orderField)
	if number == "" || strings.ContainsAny(number, "=;") { // there are banks that find orders in a description
		number = o.Payment.String()
	}
	if strings.HasPrefix(number, "№") || strings.HasPrefix(number, "#") {
		return number
	}
	return "№ " + number
}
