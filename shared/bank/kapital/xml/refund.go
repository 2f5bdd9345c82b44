package xml

import (
	"context"
	"errors"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// Refund gives money back; see bank.Bank for the kinds of errors. The bank has two verbs (brief): Reverse
// undoes the whole payment on its own bank day, Refund gives a part or the whole back later. Which one fits depends on
// when the bank closes its day, which only the bank knows for sure; so the likelier verb goes first, and the other
// follows only when the bank refused with a code that calls the verb wrong and still shows the payment untouched. A
// part is never reversed.
func (k *Gateway) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	if err := k.Serves(bank.OpRefund, r.Handle); err != nil {
		return "", err
	}
	// What the terminal took goes back in the same currency, whether it still takes that one or not.
	if !r.Amount.Currency.Known() || r.Amount.Minor <= 0 {
		return "", &payment.Error{Kind: payment.Refused, Code: "amount_refused",
			Message: "Kapital Bank gives back amounts above zero, and in " + payment.Listed(payment.Currencies()) + " only"}
	}
	for _, verb := range k.verbs(r) {
		if err = k.give(ctx, r, verb); payment.KindOf(err) != payment.Refused || err == nil {
			return "", err
		}
		now, unread := k.Status(ctx, r.Handle)
		switch {
		case unread != nil:
			return "", exchange.Unchecked(err, unread)
		case now.Undecided():
			return "", exchange.Unchecked(err, errors.New("its status says nothing of the money"))
		case r.ShownBy(now):
			return "", exchange.Doubted(err)
		case otherVerb(err) && r.Returned > 0 && !now.Refunded.Said: // it was REFUNDED before
			return "", exchange.Undenied(err)
		case !otherVerb(err) || now.State != payment.BankApproved || now.Refunded.Said && now.Refunded.Minor != 0:
			return "", err
		}
	}
	return "", err
}

// verbs lists the verbs that may do it, the likelier one first.
func (k *Gateway) verbs(r bank.Refund) []string {
	switch {
	case !r.Whole():
		return []string{refund}
	case k.settings.day.Open(r.PaidAt, r.Now):
		return []string{reverse, refund}
	}
	return []string{refund, reverse}
}

// otherVerb is the closed list of codes that call the verb wrong rather than the wish: wrong order state, operation not
// allowed, invalid transaction, original not found.
func otherVerb(err error) bool {
	switch payment.BankCodeOf(err) {
	case "30", "54", "055", "801":
		return true
	}
	return false
}

// give sends one verb. The bank says 00 and no more: no id, no amount. It took the refund; the caller reads the total
// that proves it.
func (k *Gateway) give(ctx context.Context, r bank.Refund, verb string) error {
	q := k.about(verb, r.Handle)
	q.Description, q.TranID, q.Source = r.ID, new(string), "1"
	if k.settings.twoID && verb == refund {
		var err error
		if *q.TranID, err = k.purchaseID(ctx, r.Handle); err != nil {
			return err
		}
	}
	position := fiscalPart{PaymentSubjectType: 1, Quantity: 1, PaymentType: 2, PaymentMethodType: 1}
	q.Order.Position = &position
	if verb == refund {
		position.Price, position.Tax, position.Text = 1, 1, "name position"
		q.Refund = &refundPart{Amount: r.Amount.Minor, Currency: r.Amount.Currency.Numeric()}
	}
	a, err := k.exchange(ctx, q, exchange.Money)
	if err == nil && verb == reverse {
		return k.reversed(ctx, r.Handle, value(a.response.Fold("Reversal"), "RespCode"))
	}
	return err
}

// purchaseID asks for the bank's twoId of the purchase. Without it nothing is sent.
func (k *Gateway) purchaseID(ctx context.Context, h bank.Handle) (string, error) {
	i, err := k.information(ctx, h)
	if err == nil && i.twoID == "" {
		err = &payment.Error{Kind: payment.Misconfigured,
			Message: `the bank states no twoId of this purchase; set tran_id to "empty" in the bank secret`}
	}
	return i.twoID, err
}

// reversed weighs the host's code of a Reverse that the gateway answered with 00. 000 is an approval; 001 is one too,
// but is also sent when the host did not answer, and real terminals were seen to leave the code empty. Then only the
// order's own status tells.
func (k *Gateway) reversed(ctx context.Context, h bank.Handle, code string) error {
	if code == "000" {
		return nil
	}
	if hostRefused(code) {
		return refused(code)
	}
	now, err := k.orderStatus(ctx, h)
	if err == nil && now.Word == wordReversed {
		return nil
	}
	if !isCode(code) {
		code = ""
	}
	return &payment.Error{Kind: payment.Uncertain, BankCode: code, Cause: err,
		Message: "the bank did not confirm the reversal"}
}
