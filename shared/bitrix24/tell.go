package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// What became of telling the portal, as a delivery keeps it; beside these, the codes of an Error.
const (
	markedPaid     = "portal_paid"             // the portal has it as paid, by us or before
	nothingToTell  = "portal_nothing"          // the portal need not hear of this entry: it was not called
	otherPayment   = "portal_other_payment"    // it answers with another payment
	otherPaySystem = "portal_other_pay_system" // the payment is another pay system's by now
	otherSum       = "portal_other_sum"        // it wants another sum by now, or in another currency
	givenBack      = "portal_given_back"       // the portal has it as given back
	notMarked      = "portal_not_marked"       // it answers that it did not mark it
	refundOpen     = "portal_refund_open"      // nobody knows yet whether all of it went back: it was not called
)

// Tell completes a payment of the portal, if it is proven paid as p stands, and not told before; whichever entry of
// the history it is that asks. What stands in the way for good is Gone: somebody has to look, because the customer's
// money is there. The error is the portal's, for the log; the answer says the same.
//
// It is asked how the payment stands before it is told, so that a lost answer does not pay twice: marking a payment
// that staff has given back meanwhile would pay it again.
func (p Portal) Tell(ctx context.Context, o Origin, about payment.Payment) (delivery.Answer, error) {
	switch {
	case !proven(about) || markedAsPaid(about):
		return delivery.Answer{Accepted: true, Code: nothingToTell}, nil
	case about.Refundable() <= 0: // should the bank refuse it, no entry of the history need say so
		return delivery.Answer{Code: refundOpen}, nil
	}
	var found struct {
		Payment portalPayment `json:"payment"`
	}
	if err := p.Call(ctx, "sale.payment.get", map[string]ID{"id": o.Payment}, &found); err != nil {
		return answered(err), err
	}
	if answer, done := found.Payment.judge(o, about.Amount); done {
		return answer, nil
	}
	marked := false
	mark := map[string]ID{"PAYMENT_ID": o.Payment, "PAY_SYSTEM_ID": o.PaySystem}
	if err := p.Call(ctx, "sale.paysystem.pay.payment", mark, &marked); err != nil {
		return answered(err), err
	}
	if !marked {
		return delivery.Answer{Code: notMarked}, nil
	}
	return delivery.Answer{Accepted: true, Code: markedPaid}, nil
}

// proven says that the bank has proved all of it, that not all of it went back, and that nobody has to look first.
func proven(p payment.Payment) bool {
	return p.Captured >= p.Amount.Minor && p.Captured > p.Refunded && len(p.Reviews) == 0
}

func markedAsPaid(p payment.Payment) bool {
	return slices.ContainsFunc(p.Deliveries, func(d delivery.Delivery) bool {
		return d.State == delivery.Delivered && d.Code == markedPaid
	})
}

// portalPayment is a payment as the portal has it. It writes numbers with and without quotes. Source: sale.payment.get.
type portalPayment struct {
	ID        json.Number `json:"id"`
	PaySystem json.Number `json:"paySystemId"`
	Sum       json.Number `json:"sum"`
	Currency  string      `json:"currency"`
	Paid      string      `json:"paid"`     // Y or N
	Return    string      `json:"isReturn"` // N; Y and P where it was given back, to the inner account or otherwise
}

// judge decides whether there is anything left to tell; false when the payment is to be marked.
func (s portalPayment) judge(o Origin, amount payment.Money) (a delivery.Answer, done bool) {
	sum, ok := ParseSum(asMeant(s.Sum.String()))
	switch {
	case s.ID.String() != o.Payment.String():
		return delivery.Answer{Code: otherPayment}, true
	case s.PaySystem.String() != o.PaySystem.String():
		return delivery.Answer{Gone: true, Code: otherPaySystem}, true
	case s.Paid == "Y":
		return delivery.Answer{Accepted: true, Code: markedPaid}, true
	case s.Return != "" && s.Return != "N":
		return delivery.Answer{Gone: true, Code: givenBack}, true
	case !ok || sum != amount.Minor || s.Currency != string(amount.Currency):
		return delivery.Answer{Gone: true, Code: otherSum}, true
	}
	return delivery.Answer{}, false
}

// asMeant is a number as the program had it that wrote it: where serialize_precision is 17, as in settings from before
// PHP 7.1, PHP writes 119.9 with all the digits of its binary fraction.
func asMeant(number string) string {
	const mostOfTable = 4
	_, decimals, _ := strings.Cut(number, ".")
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || len(decimals) <= mostOfTable {
		return number
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func answered(err error) delivery.Answer {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return delivery.Answer{Code: "internal"}
	}
	return delivery.Answer{Code: e.Code, RetryAfter: e.RetryAfter}
}
