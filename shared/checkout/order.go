package checkout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/checkout/field"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Order is a shop's request to pay one of its orders.
type Order struct {
	Shop, By    string // who asks: the shop and its key as an actor of the history
	Ref, Bank   string
	Amount      payment.Money
	Description string
	Locale      string
	Supersede   bool // a live payment with other terms is cancelled first
	Reopen      bool // also where all that was paid before was given back
	Metadata    map[string]string
	Return      payment.ReturnURLs

	Term     int
	Items    []bank.Item
	Customer bank.Customer

	Banks            []string                 // those that the shop takes new payments through
	Instalments      payment.InstalmentPolicy // what Term may be, and for which amounts
	Origins          []string                 // exact origins the shop's customers may be sent back to
	Notify           bool                     // the shop has a webhook: it is told what becomes of the payment
	Recheck          bool                     // the shop has its paid payments asked about once more
	InsecureLoopback bool                     // also plain http to this very machine; for the local stage alone

	// Refuse gives the error of an order with fields that are wrong, beside what its reader has found wrong in the order's
	// form; nil when neither is. Without one the form was right.
	Refuse func(wrong ...payment.FieldError) error
}

// The bounds of an order's fields.
const (
	maxMetadataPairs = 20
	maxMetadataKey   = 40  // characters
	maxMetadataValue = 500 // characters
)

// inOneForm brings what people and programs write in many ways into the one form that is kept, looked up and told to
// banks.
func (o Order) inOneForm() Order {
	o.Ref, o.Description, o.Locale = field.Ref(o.Ref), field.OneLine(o.Description), locale(o.Locale)
	o.Items = slices.Clone(o.Items)
	for i := range o.Items {
		o.Items[i].Name, o.Items[i].SKU = field.OneLine(o.Items[i].Name), field.OneLine(o.Items[i].SKU)
	}
	who := &o.Customer
	who.FirstName, who.LastName, who.Email = field.OneLine(who.FirstName), field.OneLine(who.LastName),
		field.Mail(who.Email)
	who.Phone = field.Phone(who.Phone, o.Amount.Currency)
	return o
}

// locale takes a language by its first two letters, as in az_AZ, ru-RU and EN; "" for one that no bank of ours speaks.
func locale(tag string) string {
	language := strings.ToLower(tag[:min(2, len(tag))])
	if slices.Contains([]string{"az", "ru", "en", "be"}, language) {
		return language
	}
	return ""
}

// Check gives every field that is wrong, with its JSON pointer in the API's request.
func (o Order) Check() []payment.FieldError {
	o = o.inOneForm()
	var c field.Errors
	c.Ref(o.Ref, "/order_ref")
	c.Must(o.Bank != "", "/bank", "required", "Must name the bank to pay at.")
	if o.Bank != "" && !slices.Contains(o.Banks, o.Bank) {
		c.All = append(c.All, unknownBank())
	}
	if o.Amount.Minor <= 0 || o.Amount.Minor > payment.MaxAmount {
		c.Must(false, "/amount", "out_of_range",
			fmt.Sprintf("Must be an amount in minor units from 1 to %d.", int64(payment.MaxAmount)))
	}
	if !o.Amount.Currency.Known() {
		c.Must(false, "/currency", "unknown_currency", "Must be "+payment.Listed(payment.Currencies())+".")
	}
	c.Text(o.Description, "/description")
	o.checkTerm(&c)
	o.checkMetadata(&c)
	o.checkReturn(&c)
	o.checkGoods(&c)
	return c.All
}

// checkGoods looks for cards in what goes to the bank alone, and holds the applicant's phone to its one form. What else
// it must be is the bank's to say.
func (o Order) checkGoods(c *field.Errors) {
	for i, item := range o.Items {
		c.NoCard(item.Name, fmt.Sprintf("/items/%d/name", i))
		c.NoCard(item.SKU, fmt.Sprintf("/items/%d/sku", i))
	}
	who := o.Customer
	c.NoCard(who.FirstName, "/customer/first_name")
	c.NoCard(who.LastName, "/customer/last_name")
	c.NoCard(who.Phone, "/customer/phone")
	c.NoCard(who.Email, "/customer/email")
	c.Must(o.Term == 0 || who.Phone == "" || field.IsPhone(who.Phone), "/customer/phone", "bad_format",
		"Must be a phone number with its country's code, such as +375291234567.")
}

// checkTerm holds an instalment order to what its shop offers. An amount that is none at all is told once, by Check.
func (o Order) checkTerm(c *field.Errors) {
	if o.Term == 0 {
		return
	}
	policy := o.Instalments.At(o.Bank)
	offered := slices.Contains(policy.Terms, o.Term)
	c.Must(offered, "/term", "out_of_range",
		"Must be one of the shop's instalment terms, in months; leave it out to pay at once.")
	if o.Amount.Minor <= 0 || o.Amount.Minor > payment.MaxAmount || !policy.Sells() {
		return
	}
	covered := policy.Covers(o.Amount.Minor)
	c.Must(covered, "/amount", "out_of_range", "Is outside the amounts that the shop sells by instalments.")
	c.Must(!offered || !covered || len(payment.Instalments(o.Amount, []int{o.Term})) == 1, "/amount", "out_of_range",
		"Is too small for so many instalments.")
}

func (o Order) checkMetadata(c *field.Errors) {
	size := 0
	c.Must(len(o.Metadata) <= maxMetadataPairs, "/metadata", "too_many",
		fmt.Sprintf("Must have at most %d pairs.", maxMetadataPairs))
	for _, k := range slices.Sorted(maps.Keys(o.Metadata)) {
		v := o.Metadata[k]
		size += len(k) + len(v)
		at := "/metadata/" + strict.Step(k)
		if !field.Plain(k, maxMetadataKey) || field.HoldsCardNumber(k) {
			at = "/metadata" // an answer does not repeat it
		}
		c.Must(k != "" && field.Plain(k, maxMetadataKey), at, "bad_key",
			fmt.Sprintf("A key must be 1 to %d printable characters.", maxMetadataKey))
		c.Must(field.Plain(v, maxMetadataValue), at, "bad_value",
			fmt.Sprintf("A value must be at most %d printable characters.", maxMetadataValue))
		c.Must(!field.HoldsCardInPair(k, v), at, "card_number", field.CardRefused)
	}
	c.Must(size <= payment.MaxMetadata, "/metadata", "too_large",
		fmt.Sprintf("Must be at most %d bytes of UTF-8 in all, keys and values together.", payment.MaxMetadata))
}

func (o Order) checkReturn(c *field.Errors) {
	for _, u := range []struct{ at, url string }{
		{"/return_urls/success", o.Return.Success}, {"/return_urls/cancel", o.Return.Cancel},
		{"/return_urls/decline", o.Return.Decline},
	} {
		if u.url == "" {
			c.Must(u.at != "/return_urls/success", u.at, "required", "Must say where the customer comes back to.")
			continue
		}
		if why := field.RefuseReturn(u.url, o.Origins, o.InsecureLoopback); why != "" {
			c.Must(false, u.at, "bad_url", why)
		} else {
			c.Must(!field.HoldsCardInAddress(u.url), u.at, "card_number", field.CardRefused)
		}
	}
}

// draft is what the order fixes about the payment of this id. Cancel and decline default to success.
func (o Order) draft(id payment.ID) payment.Draft {
	back := o.Return
	if back.Cancel == "" {
		back.Cancel = back.Success
	}
	if back.Decline == "" {
		back.Decline = back.Success
	}
	return payment.Draft{ID: id, Shop: o.Shop, OrderRef: o.Ref, Bank: o.Bank, Amount: o.Amount, Term: o.Term,
		Description: o.Description, Metadata: o.Metadata, Return: back, Notify: o.Notify,
		Recheck: o.Recheck}
}

// forBank is what the bank may know of the order, apart from its addresses and its id.
func (o Order) forBank() bank.Order {
	description := o.Description
	if description == "" {
		description = o.title()
	}
	return bank.Order{RefForBank: field.RefForBank(o.Ref), Amount: o.Amount, Description: description, Locale: o.Locale,
		Term: o.Term, Items: o.Items,
		Customer: o.Customer}
}

// title is what the customer reads at the bank where the shop has no words for it. There are banks that find orders in
// a description, such as TAKSIT=6: an order_ref gives none.
func (o Order) title() string {
	switch {
	case strings.ContainsAny(o.Ref, "=;＝；"):
		return "Order №" + field.RefForBank(o.Ref)
	case strings.HasPrefix(o.Ref, "№"), strings.HasPrefix(o.Ref, "#"):
		return "Order " + o.Ref
	}
	return "Order №" + o.Ref
}

// sameTerms says whether p is what this order asks for, so that its page may be answered with.
func (o Order) sameTerms(p payment.Payment) bool {
	return p.Amount == o.Amount && p.Bank == o.Bank && p.Term == o.Term
}

// Check gives every field of a refund order that is wrong, with its JSON pointer in the API's request.
func (o RefundOrder) Check() []payment.FieldError {
	var c field.Errors
	c.Must(o.Amount >= 0 && o.Amount <= payment.MaxAmount, "/amount", "out_of_range",
		fmt.Sprintf("Must be an amount in minor units from 1 to %d; leave it out to give back all that remains.",
			int64(payment.MaxAmount)))
	c.Text(field.OneLine(o.Reason), "/reason")
	if ref := field.Ref(o.Reference); ref != "" {
		c.Ref(ref, "/reference")
	}
	return c.All
}

func unknownBank() payment.FieldError {
	return payment.FieldError{Pointer: "/bank", Code: "unknown_bank", Detail: "This shop has no such bank."}
}

// refuse is the error of an order with these fields wrong, nil when nothing is.
func (o Order) refuse(wrong []payment.FieldError) error {
	if o.Refuse != nil {
		return o.Refuse(wrong...)
	}
	return invalid(wrong)
}

func invalid(fields []payment.FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	return &payment.Error{Kind: payment.Invalid, Code: "invalid_fields",
		Message: "Some fields are wrong; errors tells which.", Fields: fields}
}
