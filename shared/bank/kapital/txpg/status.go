package txpg

import (
	"cmp"
	"context"
	"slices"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/tranzaxis"
	"kassa/shared/payment"
)

// Status asks for the order in its full form; see bank.Bank for the kinds of errors.
func (g *Gateway) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	if err := g.Serves(bank.OpStatus, h); err != nil {
		return bank.Report{}, err
	}
	o, err := g.order(ctx, h)
	if err != nil {
		return bank.Report{}, err
	}
	report, doubt := o.report(g.meaning(o.word))
	if doubt != "" {
		g.Log.WarnContext(ctx, "kapital: "+doubt, "word", report.Word, "state", string(report.State), "order_id", h.OrderID)
	}
	return report, nil
}

// order is one reading of an order.
func (g *Gateway) order(ctx context.Context, h bank.Handle) (order, error) {
	message, err := g.ask(ctx, h.OrderID)
	if err != nil {
		return order{}, err
	}
	o, err := readOrder(message, h.OrderID)
	if err != nil {
		return order{}, exchange.Unreadable(exchange.Question, err)
	}
	return o, nil
}

// meaning is what a status says of money. Sources disagree about several words, so none of them decides: it only
// confirms what the sums say.
type meaning int

const (
	unknown meaning = iota
	fresh           // nothing has happened yet
	held            // money is reserved
	taken           // the whole was taken
	partly          // money was taken, and perhaps only a part, or a part went back
	back            // money was taken and went back, or a hold was released
	voided          // so, and nothing is left
	left            // the customer went, or the bank means money that went back: the sums tell
	refusal
	expired
)

// meanings are the words of the bank, in the spellings that were seen or typed off its table. They are compared
// exactly.
func meanings() map[string]meaning {
	return map[string]meaning{
		"Preparing": fresh,
		"FullyPaid": taken,
		"PartPaid":  partly, "PartiallyPaid": partly, "Closed": partly,
		"Authorized": held,
		"Refunded":   back,
		"Voided":     voided,
		"Cancelled":  left, "Canceled": left, "Refused": left,
		"Declined": refusal, "Rejected": refusal,
		"Expired": expired,
		"Funded":  unknown, // of transfers, which this is none of
	}
}

func (g *Gateway) meaning(word string) meaning {
	if known, further := g.settings.words[word]; further {
		word = known
	}
	return meanings()[word]
}

// report weighs the order: the sums decide, the word confirms. doubt says, for the log, what a person should know.
func (o order) report(m meaning) (r bank.Report, doubt string) {
	s := o.sums()
	r = bank.Report{State: payment.BankUnknown, Word: o.word}
	switch {
	case m == unknown:
		return r, "unknown order status; nothing was changed; see status_words of txpg in the bank secret"
	case s.doubt != "":
		return r, s.doubt + "; nothing was changed"
	case s.taken == 0:
		return o.unpaid(m, r)
	}
	r.Amount = payment.Money{Minor: s.taken, Currency: s.currency}
	r.Receipt = o.receipt()
	if s.lowered == s.taken && (m == voided || m == left) {
		s.returned = s.taken // the void shows in what is cleared alone
	}
	r.Refunded = payment.Said(s.returned)
	switch {
	case s.returned == s.taken:
		r.State = payment.BankReturned
	case s.returned > 0:
		r.State = payment.BankRefunded
	case m == back, m == voided, m == partly && s.lowered > 0:
		r.State, r.Refunded = payment.BankRefunded, payment.Sum{} // something went back, and nothing says how much
	case s.lowered > 0:
		return bank.Report{State: payment.BankUnknown, Word: o.word},
			"the order's sums show less than its operations took, and its status does not say why; nothing was changed"
	default:
		r.State = payment.BankApproved
	}
	if r.Refunded.Said && m.denies(s) {
		r.Denied, doubt = true, "the order's sums show money, and its status says none: the money counts"
	}
	r.Returning = s.returned < s.taken && slices.ContainsFunc(o.operations, func(op operation) bool { return op.pending })
	if r.Refunded.Said && s.listed == s.returned {
		r.Operations = o.returns()
	}
	return r, doubt
}

// denies says whether a status speaks against the money that the sums show as taken and not given back.
func (m meaning) denies(s sums) bool {
	switch m {
	case fresh, held, refusal, expired:
		return true
	case left, voided:
		return s.returned < s.taken
	}
	return false
}

// unpaid reports an order of which no operation has taken money. Where anything else of it speaks of money, it has not
// ended.
func (o order) unpaid(m meaning, r bank.Report) (_ bank.Report, doubt string) {
	paid, money := m == taken || m == partly, shows(o.cleared) || shows(o.returned)
	last, trying := operation{}, false
	for _, op := range o.operations {
		last, trying = op, op.weight == open
	}
	switch {
	case m == held, paid, money, m == fresh && trying:
		r.State = payment.BankProcessing
		if paid || money {
			doubt = "the order speaks of money, and no operation that counts has taken any: it is not paid yet"
		}
	case m == fresh:
		r.State = payment.BankOpen
	case m == back, shows(o.held):
		return r, "the order's status and its sums contradict each other; nothing was changed"
	case m == voided, m == left:
		r.State = payment.BankCancelled
	case m == expired:
		r.State = payment.BankExpired
	case m == refusal:
		r.State = payment.BankDeclined
		if !last.counts() && len(last.code) <= longestCode { // also one that would leave a try open
			r.Code = cmp.Or(last.code, o.refused)
			r.Hint = tranzaxis.CauseOf(r.Code).Hint()
		}
	}
	return r, doubt
}

// returns lists what gave money back, oldest first; empty, not nil, where nothing did.
func (o order) returns() []payment.Operation {
	list := []payment.Operation{}
	for _, op := range o.operations {
		if op.counts() && op.amount < 0 {
			list = append(list, payment.Operation{ID: op.id, Amount: -op.amount})
		}
	}
	return list
}
