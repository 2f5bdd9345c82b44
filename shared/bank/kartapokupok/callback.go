package kartapokupok

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Read reads the bank's signed message. Only the signature makes it worth anything: it is checked first, over the
// exact bytes, and what it covers is then proven about the session that the message names, which the caller compares
// with ours. A browser that comes back proves nothing, whatever it carries, and is not looked at.
//
// The reading's handle has the session and, where the message names it, our order_ref. Its report has the refund's id
// where the message names one. The amount of a message about a refund is left out: it may be the refund's or the
// order's, and only the field for the total is a total. What the bank signed and nobody here understands is proven,
// too: such a reading is Unclear. See bank.Bank for the kinds of errors.
func (k *KartaPokupok) Read(c bank.Message) (bank.Reading, error) {
	if c.Browser {
		return bank.Reading{}, nil
	}
	if err := k.Ready(bank.OpRead); err != nil {
		return bank.Reading{}, err
	}
	if len(c.Body) > maxMessage { // before anybody's signature is worth the work; the address takes no more anyway
		return bank.Reading{}, &payment.Error{Kind: payment.Malformed, Message: "the callback is too long"}
	}
	plain := exchange.Unpacked(c.Body, c.Header["content-encoding"], maxMessage)
	keyID, err := k.settings.callback.verify(c.Header, c.Body, c.Now)
	if err != nil && !bytes.Equal(plain, c.Body) { // it was signed before it was packed
		keyID, err = k.settings.callback.verify(c.Header, plain, c.Now)
	}
	if err != nil {
		return bank.Reading{}, &payment.Error{Kind: payment.Forged, Message: "the callback's signature is missing or wrong",
			Cause: err}
	}
	n := bank.Reading{Proven: true, Recheck: k.settings.recheck}
	said, err := k.hear(plain, c.Handle)
	n.Handle, n.Report = bank.Handle{OrderID: said.session, Private: said.order}, k.weighed(said.report)
	if err == nil {
		k.wonder(context.Background(), n.Report, said.session)
	} else {
		n.Unclear = strings.ReplaceAll(err.Error(), "\n", "; ")
		n.Report = bank.Report{State: payment.BankUnknown, Word: said.report.Word, Refunded: said.report.Refunded,
			RefundID: said.report.RefundID}
	}
	n.Claim("order_id", said.session)
	n.Claim("status", n.Report.Word)
	n.Claim("key", keyID)
	return n, nil
}

// hear reads what stands under a right signature. Beside an error it gives what could be read all the same. ours is the
// payment's handle, empty where the opening is not on record yet.
func (k *KartaPokupok) hear(body []byte, ours bank.Handle) (statement, error) {
	message, err := strict.ParseJSON(body, messageForm)
	if err != nil {
		return statement{}, err
	}
	said, err := k.read(message, k.settings.told, ours)
	if err == nil && said.session == "" {
		err = errors.New("it names no session")
	}
	about := said.report.State == payment.BankReturned || said.report.State == payment.BankRefunding
	if about && said.report.Amount != (payment.Money{}) && said.report.Amount.Currency == payment.BYN {
		said.report.Amount = payment.Money{} // a foreign currency is kept, for a human must see it
	}
	return said, err
}
