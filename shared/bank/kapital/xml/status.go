package xml

import (
	"context"
	"errors"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// Status asks GetOrderStatus, and once there is money GetOrderInformation for the amount and what went back; see
// bank.Bank for the kinds of errors. With the setting totals off the second question is left out and the report has no
// amounts: then the handle stands for the amount fixed at CreateOrder.
func (k *Gateway) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	if err := k.Serves(bank.OpStatus, h); err != nil {
		return bank.Report{}, err
	}
	report, err := k.orderStatus(ctx, h)
	if err != nil {
		return bank.Report{}, err
	}
	if k.settings.totals && hasMoney(report.State) {
		if report, err = k.withTotals(ctx, h, report); err != nil {
			return bank.Report{}, err
		}
	}
	if report.State == payment.BankUnknown && report.Word != wordError {
		k.Log.WarnContext(ctx, "kapital: unknown order status; nothing was changed", "word", report.Word, "order_id",
			h.OrderID)
	}
	return report, nil
}

// orderStatus is the bank's word for the order, without amounts.
func (k *Gateway) orderStatus(ctx context.Context, h bank.Handle) (bank.Report, error) {
	a, err := k.exchange(ctx, k.about(getOrderStatus, h), exchange.Question)
	if err != nil {
		return bank.Report{}, err
	}
	report, err := a.orderStatus(h.OrderID)
	if err != nil {
		return bank.Report{}, exchange.Unreadable(exchange.Question, err)
	}
	return report, nil
}

// probe asks for the status of an order that cannot exist, and for what is known of its money where the settings rely
// on that question: some terminals are not let to ask it. The gateway answers 30 to a merchant that it knows.
func (k *Gateway) probe(ctx context.Context) []bank.ProbeResult {
	nobody := k.Handle("999999999999999999", strings.Repeat("0", 32))
	_, err := k.orderStatus(ctx, nobody)
	said, err := unfound(err)
	all := []bank.ProbeResult{{Question: "status question", Said: said, Err: err}}
	if k.settings.totals || k.settings.twoID {
		_, err = k.information(ctx, nobody)
		said, err = unfound(err)
		all = append(all, bank.ProbeResult{Question: "totals question", Said: said, Err: err})
	}
	return all
}

// unfound says how the bank answered about an order that cannot exist.
func unfound(err error) (string, error) {
	if code := payment.BankCodeOf(err); code == "30" || code == "55" {
		return "it does not find an order that cannot exist (code " + code + ")", nil
	}
	if err != nil {
		return "", err
	}
	return "it claims to know an order that cannot exist", nil
}

// withTotals adds amounts to a report about money. Without them there is no report: "paid" is never told without how
// much.
func (k *Gateway) withTotals(ctx context.Context, h bank.Handle, report bank.Report) (bank.Report, error) {
	i, err := k.information(ctx, h)
	if err != nil {
		return bank.Report{}, err
	}
	if i.word != "" && !strings.EqualFold(i.word, report.Word) && !i.behind(report.State) {
		// The order may have moved between the two answers; then the later word counts. From money to no money it
		// cannot move.
		report.State, report.Word = stateOf(i.word), i.word
		if report.State == payment.BankUnknown { // what nobody knows decides nothing, and its amounts neither
			return report, nil
		}
		if !hasMoney(report.State) {
			return bank.Report{}, exchange.Unreadable(exchange.Question,
				errors.New("GetOrderStatus and GetOrderInformation contradict each other"))
		}
	}
	report.Amount, report.Refunded, report.Operations = i.amount, i.givenBack(report.State), i.operations
	report.Receipt = i.receipt
	if i.listed && (i.operations == nil || !addsUp(report)) {
		k.Log.WarnContext(ctx, "kapital: the list of operations is not understood, or does not add up to the total; it is "+
			"not used", "order_id", h.OrderID)
		report.Operations = nil
	}
	return report, nil
}

// behind says whether the row stands as it did before what GetOrderStatus has just said of money that goes back: the
// gateway's totals lag. A reversal is never undone, and a refund that shows in no total is in none yet.
func (i information) behind(first payment.State) bool {
	return stateOf(i.word) == payment.BankApproved && (first == payment.BankReturned || i.refunded.Minor == 0)
}

// information asks GetOrderInformation.
func (k *Gateway) information(ctx context.Context, h bank.Handle) (information, error) {
	q := k.about(getOrderInformation, h)
	q.ShowParams, q.ShowOperations = "true", "true"
	a, err := k.exchange(ctx, q, exchange.Question)
	if err != nil {
		return information{}, err
	}
	i, err := a.information(h)
	if err != nil {
		return information{}, exchange.Unreadable(exchange.Question, err)
	}
	return i, nil
}

// givenBack is the total under a state, as far as it is said. A reversal undoes the whole payment, and RefundAmount
// counts refunds alone. REFUNDED says that something went back, so a RefundAmount of zero beside it is no total but one
// that was not written yet.
func (i information) givenBack(s payment.State) payment.Sum {
	switch {
	case s == payment.BankReturned:
		return payment.Said(i.amount.Minor)
	case s == payment.BankRefunded && i.refunded == payment.Said(0):
		return payment.Sum{}
	}
	return i.refunded
}

// addsUp says whether the list explains the state and the total. A list that leaves something out must not be read as a
// list.
func addsUp(r bank.Report) bool {
	if !r.Refunded.Said {
		return r.State != payment.BankRefunded || len(r.Operations) > 0
	}
	var sum int64
	for _, op := range r.Operations {
		sum += op.Amount
	}
	return sum == r.Refunded.Minor
}

// Words that are compared beyond their state.
const (
	wordReversed = "REVERSED"
	wordError    = "ERROR"
)

// stateOf maps the gateway's words, which are upper case and exact. Not paid is whatever is not clearly paid:
// PREAUTH-APPROVED only holds money, and ERROR says that the gateway itself does not know. REVERSED gives everything
// back; whether REFUNDED does is documented nowhere, so it means no more than that something went back.
func stateOf(word string) payment.State {
	switch word {
	case "CREATED":
		return payment.BankOpen
	case "ON-PAYMENT", "ON-LOCK", "PREAUTH-APPROVED":
		return payment.BankProcessing
	case "APPROVED":
		return payment.BankApproved
	case "ON-REFUND":
		return payment.BankRefunding
	case "REFUNDED":
		return payment.BankRefunded
	case wordReversed:
		return payment.BankReturned
	case "DECLINED":
		return payment.BankDeclined
	case "CANCELED", "CANCELLED":
		return payment.BankCancelled
	case "EXPIRED":
		return payment.BankExpired
	}
	return payment.BankUnknown
}

// hasMoney says whether a state speaks of money that was taken.
func hasMoney(s payment.State) bool {
	return s == payment.BankApproved || s == payment.BankRefunding || s == payment.BankRefunded ||
		s == payment.BankReturned
}
