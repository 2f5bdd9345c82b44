package txpg

import (
	"context"
	"slices"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// execRequest is the message of POST /order/{id}/exec-tran.
type execRequest struct {
	Tran execPart `json:"tran"`
}

type execPart struct {
	Phase  string `json:"phase"`
	Type   string `json:"type,omitempty"`
	Void   string `json:"voidKind,omitempty"`
	Amount string `json:"amount,omitempty"` // major units, two decimals
}

// Refund gives money back; see bank.Bank for the kinds of errors. The bank has two verbs: a void undoes the whole
// payment on its own bank day, a refund gives back a part, or the whole later. When exactly the bank closes its day
// only it knows for sure; so the likelier verb goes first, and the other follows only when the bank refused with a
// word about the order's state and still shows the money as taken. A part is never voided: the bank can do that once
// for each payment.
//
// Each operation has the bank's own id, in the answer and in the order's list. The id that was not listed before is
// the proof; after a lost answer the caller reads the list again.
func (g *Gateway) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	if err := g.Serves(bank.OpRefund, r.Handle); err != nil {
		return "", err
	}
	before, err := g.order(ctx, r.Handle)
	if err != nil {
		return "", err // nothing was sent
	}
	if err := before.allows(r); err != nil {
		return "", err
	}
	for i, verb := range g.verbs(r, before) {
		if i > 0 && !namesState(payment.BankCodeOf(err)) {
			break
		}
		var plain bool
		id, plain, err = g.exec(ctx, r.Handle, verb)
		fresh := id != "" && !before.lists(id)
		switch {
		case err != nil && payment.KindOf(err) != payment.Refused && !fresh:
			return "", err
		case fresh: // and postponed, where there is an error
			return id, err
		}
		nameless := plain && id == ""
		after, unread := g.order(ctx, r.Handle)
		done := after.since(before, r.Amount.Minor)
		switch {
		case err == nil && len(done) == 1:
			return done[0], nil
		case nameless: // a yes all the same, whatever the order shows by now
			return "", nil
		case unread != nil:
			return "", unsure("it is not clear what the bank did, and the order could not be read", unread)
		case err == nil:
			return "", unsure("the bank did not confirm the refund", nil)
		case len(done) > 0 || after.gained(before, r.Amount.Minor) || after.tries(before) || after.sums().doubt != "":
			return "", exchange.Doubted(err)
		case after.sums() != before.sums() || after.word != before.word:
			return "", err // somebody else is at it
		}
	}
	return "", err
}

func unsure(message string, cause error) error {
	return &payment.Error{Kind: payment.Uncertain, Message: message, Cause: cause}
}

// allows refuses what the bank's own figures do not leave room for, without sending it.
func (o order) allows(r bank.Refund) error {
	s := o.sums()
	switch {
	case s.doubt != "" || s.taken == 0 || s.lowered > 0:
		return &payment.Error{Kind: payment.Unavailable,
			Message: "the bank does not show clearly that this payment was taken; nothing was sent"}
	case r.Amount.Currency != s.currency || r.Amount.Minor <= 0:
		return &payment.Error{Kind: payment.Refused, Code: "amount_refused",
			Message: "Kapital Bank gives back amounts above zero, and in the currency of the payment only"}
	case r.Amount.Minor > s.taken-s.returned:
		return &payment.Error{Kind: payment.Refused, Code: "amount_refused",
			Message: "the refund is more than the bank shows to be left of the payment; nothing was sent"}
	}
	return nil
}

// verbs lists what may do it, the likelier one first.
func (g *Gateway) verbs(r bank.Refund, o order) []execPart {
	refund := execPart{Phase: "Single", Type: "Refund", Amount: r.Amount.Decimal()}
	s := o.sums()
	noTaking := func(op operation) bool { return !op.counts() || op.amount < 0 }
	takings := slices.DeleteFunc(slices.Clone(o.operations), noTaking)
	if !r.Whole() || s.returned > 0 || s.taken != r.Amount.Minor || len(takings) != 1 {
		return []execPart{refund}
	}
	void := execPart{Phase: takings[0].phase, Void: "Full"}
	paid, stated := o.takenAt(g.settings.day.Zone)
	if !stated {
		paid = r.PaidAt
	}
	if g.settings.voidFirst && g.settings.day.Open(paid, r.Now) {
		return []execPart{void, refund}
	}
	return []execPart{refund, void}
}

// longestCode bounds a pmoResultCode that is told though nobody knows it.
const longestCode = 4

// exec sends one operation and gives the bank's id of it, "" where it names none; an id beside an error is of what is
// not decided yet. Without an error the bank has said yes; not plain, it may be a yes to less than was asked for.
func (g *Gateway) exec(ctx context.Context, h bank.Handle, what execPart) (id string, plain bool, err error) {
	message, err := g.send(ctx, execRequest{what}, exchange.Money, "order", h.OrderID, "exec-tran")
	if err != nil {
		return "", false, err
	}
	tran := message.At("/tran")
	host, _ := tran.At("/match/ridByPmo").Plain()
	code := resultCode(tran)
	partial, understood := tran.At("/approvedPartial").Flag()
	switch weight := weigh(code); {
	case weight == declined:
		return "", false, refused("PmoDecline", code)
	case weight == open, exchange.IsNothing(strings.TrimSpace(host)), fails(tran.At("/errorCode")):
		if len(code) > longestCode {
			code = ""
		}
		return operationID(tran.At("/match/tranActionId")), false, &payment.Error{Kind: payment.Uncertain, BankCode: code,
			Message: "the bank's answer decides nothing"}
	case weight == claimed, partial, !understood:
		return "", false, nil
	}
	return operationID(tran.At("/match/tranActionId")), true, nil
}

// lists says whether an operation of this id is in the order.
func (o order) lists(id string) bool {
	return slices.ContainsFunc(o.operations, func(op operation) bool { return op.id == id })
}

// since gives the ids of operations that were not there before, count, and gave back exactly this amount.
func (o order) since(before order, amount int64) (ids []string) {
	for _, op := range o.operations {
		if op.counts() && op.amount == -amount && !before.lists(op.id) {
			ids = append(ids, op.id)
		}
	}
	return ids
}

// tries says whether the bank has begun an operation, and not decided it: something on the way may have repeated ours.
func (o order) tries(before order) bool {
	undecided := func(o order) (n int) {
		for _, op := range o.operations {
			if op.weight == open {
				n++
			}
		}
		return n
	}
	return undecided(o) > undecided(before) ||
		slices.ContainsFunc(o.operations, func(op operation) bool { return op.weight == open && !before.lists(op.id) })
}

// gained says whether the order's sums have come to show this amount as given back, though no operation does.
func (o order) gained(before order, amount int64) bool {
	if o.sums().returned-before.sums().returned == amount {
		return true
	}
	return o.cleared != nil && before.cleared != nil && *before.cleared-*o.cleared == amount
}
