package kartapokupok

import (
	"context"
	"fmt"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// defaultReason is what the brief's own refund sends.
const defaultReason = "customer_request"

// Refund sends /installment/refund once; see bank.Bank for the kinds of errors. The bank's refund_id is the proof, so a
// success without one is Uncertain. The bank has no idempotency key: nothing here sends a second time.
func (k *KartaPokupok) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	if err := k.Serves(bank.OpRefund, r.Handle); err != nil {
		return "", err
	}
	if err := k.settings.refund.check(r); err != nil {
		return "", err
	}
	reason := r.Reason
	if reason == "" {
		reason = defaultReason
	}
	got, err := k.post(ctx, "/installment/refund",
		refundRequest{Session: r.Handle.OrderID, Amount: k.settings.amounts.write(r.Amount.Minor), Reason: reason},
		exchange.Money)
	if err != nil {
		return "", err
	}
	answer, err := k.answer(got, exchange.Money)
	if payment.KindOf(err) == payment.Refused && err != nil {
		return "", k.doubted(ctx, r, err)
	}
	if err != nil {
		return "", err
	}
	id, err = refundID(answer.At("/refund_id"))
	if err == nil && id == "" {
		err = errNothing
	}
	if err != nil {
		return "", unreadable(exchange.Money, err, answer)
	}
	return id, nil
}

// check refuses what the bank would refuse, in words that the shop understands, before the bank is asked.
func (rules refundRules) check(r bank.Refund) error {
	no := func(code, message string) error {
		return &payment.Error{Kind: payment.Refused, Code: code, Message: message}
	}
	switch {
	case r.Amount.Currency != payment.BYN || r.Amount.Minor <= 0:
		return no("amount_refused", "Karta Pokupok gives back amounts above zero, and in BYN only")
	case !rules.partial && !r.Whole():
		return no("partial_refund_refused",
			"Karta Pokupok gives this shop's payments back only as a whole and at once; refund.partial in the bank secret "+
				"says so")
	case rules.within > 0 && r.Now.After(r.PaidAt.Add(rules.within)):
		return no("refund_too_late",
			fmt.Sprintf("Karta Pokupok takes refunds up to %d days after the payment, and this one is older; refund.max_days "+
				"in the bank secret says so",
				rules.within/(24*time.Hour)))
	}
	return nil
}

// doubted looks at what the bank shows after a refusal; a refusal of what it shows as done is for a repetition.
func (k *KartaPokupok) doubted(ctx context.Context, r bank.Refund, refusal error) error {
	now, unread := k.Status(ctx, r.Handle)
	switch {
	case unread != nil && payment.KindOf(unread) != payment.Unsupported:
		return exchange.Unchecked(refusal, unread)
	case unread == nil && r.ShownBy(now):
		return exchange.Doubted(refusal)
	}
	return refusal
}
