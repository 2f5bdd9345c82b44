package kartapokupok

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Open sends /installment/create, as the brief has it, and gives the page where the customer applies; see bank.Bank for
// the kinds of errors. An answer without payment_url is a refusal, as in the brief. The browser comes back to one
// address whatever happened: what became of the application is told by the bank and not by the way that a browser took.
//
// The customer's data stands in this one request and nowhere else: not in the handle, an error or the log.
func (k *KartaPokupok) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	if err := k.Ready(bank.OpOpen); err != nil {
		return bank.Session{}, err
	}
	if err := k.Profile().Refuse(o); err != nil {
		return bank.Session{}, err
	}
	got, err := k.post(ctx, callCreate, k.create(o), exchange.Effect)
	if err != nil {
		return bank.Session{}, err
	}
	private := []string{o.Customer.FirstName, o.Customer.LastName, o.Customer.Phone, o.Customer.Email}
	answer, err := k.answer(got, exchange.Effect, private...)
	if err != nil {
		return bank.Session{}, err
	}
	address, err := k.page(ctx, answer, private)
	if err != nil {
		return bank.Session{}, err
	}
	session, err := id(answer.At("/session_id"))
	if err == nil && session == "" {
		err = errNothing
	}
	if err != nil {
		return bank.Session{}, unreadable(exchange.Effect, err, answer, private...)
	}
	return bank.Session{
		Handle:      k.Handle(session, k.reference(o.RefForBank)),
		RedirectURL: address,
		ExpiresAt:   o.Now.Add(k.settings.session),
	}, nil
}

// create writes an order that Profile().Examine found right.
func (k *KartaPokupok) create(o bank.Order) createRequest {
	term, _ := k.settings.terms.of(o.Term)
	items := make([]itemPart, len(o.Items))
	for i, item := range o.Items {
		items[i] = itemPart{Name: item.Name, Quantity: item.Quantity, Price: k.settings.amounts.write(item.UnitAmount),
			SKU: item.SKU}
	}
	return createRequest{
		Partner: k.settings.Account.Merchant, OrderRef: k.reference(o.RefForBank),
		Amount: k.settings.amounts.write(o.Amount.Minor), Currency: string(o.Amount.Currency), Term: term, Items: items,
		Customer: customerPart{FirstName: o.Customer.FirstName, LastName: o.Customer.LastName, Phone: o.Customer.Phone,
			Email: o.Customer.Email},
		SuccessURL: o.ReturnURL, FailURL: o.ReturnURL, CallbackURL: o.NotifyURL,
	}
}

// page reads payment_url; without one the bank has refused.
func (k *KartaPokupok) page(ctx context.Context, answer *strict.Value, private []string) (string, error) {
	value := answer.At("/payment_url")
	if value.Unsaid() {
		code, words := complaint(answer, private)
		cause := errNothing
		if words != "" {
			cause = fmt.Errorf("%w, and the bank says %q", errNothing, words)
		}
		return "", &payment.Error{Kind: payment.Refused, BankCode: code, Cause: cause,
			Message: "the bank gave no page to apply on"}
	}
	text, _ := value.Text()
	u, err := k.Page(ctx, strings.TrimSpace(text))
	if err != nil {
		return "", err
	}
	return k.PageOf(ctx, u)
}

// longestReference bounds a reference in plain form, in characters.
const longestReference = 64

// reference is what the bank is told as our order_ref, behind the prefix that tells it from another shop's of the same
// contract: as it is, or in plain form for a bank that takes few characters.
// That one is made so that no two are the same: what is no letter, digit, dot or dash is a low line and two hex digits
// a byte; one that grows too long ends in a digest of the whole.
func (k *KartaPokupok) reference(text string) string {
	text = k.settings.refPrefix + text
	if !k.settings.plainRef {
		return text
	}
	var plain strings.Builder
	for _, b := range []byte(text) {
		if b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '.' || b == '-' {
			plain.WriteByte(b)
		} else {
			fmt.Fprintf(&plain, "_%02X", b)
		}
	}
	if plain.Len() <= longestReference {
		return plain.String()
	}
	digest := sha256.Sum256([]byte(text))
	end := "_h" + strings.ToLower(base32.StdEncoding.EncodeToString(digest[:])[:26]) // h is no hex digit
	return plain.String()[:longestReference-len(end)] + end
}
