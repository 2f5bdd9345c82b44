package kartapokupok

import (
	"errors"
	"net/http"

	"kassa/shared/bank"
	"kassa/shared/bank/wire"
	"kassa/shared/payment"
)

// Callback reads the bank's signed message. Only the signature makes it worth anything: it is checked first, over the exact bytes,
// and what it covers is then proven about the session that the message names, which the caller compares with ours. A browser that
// comes back proves nothing, whatever it carries, and is not looked at.
//
// The notice's handle has the session and, where the message names it, our order_ref. Its report has the refund's id where the message
// names one. The amount of a message about a refund is left out: it may be the refund's or the order's, and only the field for the
// total is a total. See bank.Bank for the kinds of errors.
func (k *KartaPokupok) Callback(c bank.Callback) (bank.Notice, error) {
	if c.Browser {
		return bank.Notice{}, nil
	}
	if len(c.Body) > maxCallback {
		return bank.Notice{}, malformed(errors.New("the body is too long"))
	}
	keyID, err := k.settings.callback.verify(c.Header, c.Body, c.Now)
	if err != nil {
		return bank.Notice{}, &payment.Error{Kind: payment.Forged, Message: "the callback's signature is missing or wrong", Cause: err}
	}
	if c.Method != http.MethodPost {
		return bank.Notice{}, malformed(errors.New("the method is not POST"))
	}
	message, err := wire.ParseJSON(c.Body, messageForm)
	if err != nil {
		return bank.Notice{}, malformed(err)
	}
	said, err := k.read(message, k.settings.told)
	if err == nil && said.session == "" {
		err = errors.New("it names no session")
	}
	if err != nil {
		return bank.Notice{}, malformed(err)
	}
	about := said.report.State == payment.BankReturned || said.report.State == payment.BankRefunding
	if about && said.report.Amount != nil && said.report.Amount.Currency == payment.BYN {
		said.report.Amount = nil // a foreign currency is kept, for a human must see it
	}
	return bank.Notice{
		Proven:  true,
		Handle:  bank.Handle{OrderID: said.session, Secret: said.order},
		Report:  k.weighed(said.report),
		Recheck: k.settings.recheck,
		Claims:  []bank.Claim{{Name: "order_id", Value: said.session}, {Name: "status", Value: said.report.Word}, {Name: "key", Value: keyID}},
	}, nil
}

func malformed(err error) error {
	return &payment.Error{Kind: payment.Malformed, Message: "the callback cannot be read", Cause: err}
}
