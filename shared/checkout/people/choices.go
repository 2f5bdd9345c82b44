package people

import (
	"strings"
	"unicode"

	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// Choice is a way in which a review can end. Which is the right one depends on what the bank's portal says.
type Choice struct {
	When     string         // the key of when it is right, in the package wording
	Ruling   payment.Ruling // what is to go on record, with a proposal for its reason; by whom is still to be said
	Part     bool           // an amount is to be said, too
	GiveBack bool           // there is no ruling: a refund of all that was taken ends the review
}

// Choices are those that a review of a payment leaves open.
func Choices(p payment.Payment, reason payment.Review) []Choice {
	dismiss := func(when, why string) Choice {
		return Choice{When: when, Ruling: payment.Ruling{How: payment.ResolveDismiss, Review: reason, Why: why}}
	}
	switch reason {
	case payment.ReviewAmount:
		return []Choice{
			{When: "step.keep", Ruling: payment.Ruling{How: payment.ResolveAcceptCaptured,
				Why: "the shop keeps what the bank took"}},
			{When: "step.give_back", GiveBack: true},
		}
	case payment.ReviewCurrency:
		return []Choice{dismiss("step.given_back", "given back at the bank's desk")}
	case payment.ReviewSession:
		return []Choice{
			dismiss("step.found_given_back", "given back at the bank's desk"),
			dismiss("step.no_money", "no such money, says the bank's portal"),
		}
	case payment.ReviewStatus:
		if p.Status.Money() {
			return []Choice{dismiss("step.money_there", "the money is there, says the bank")}
		}
		return []Choice{dismiss("step.unpaid", "unpaid, says the bank's portal")}
	case payment.ReviewRegress:
		return []Choice{dismiss("step.settled", "settled with the bank")}
	case payment.ReviewRefund:
		if r := p.InFlight(); r != nil {
			return aboutRefund(r.ID)
		}
		right := dismiss("step.right", "what is on record is right, says the bank")
		if p.Refundable() == 0 { // nothing that was taken is left to have gone back, or none was of the order's currency
			return []Choice{right}
		}
		return []Choice{{When: "step.more", Part: true, Ruling: payment.Ruling{How: payment.ResolveRefundDone,
			Why: "given back by the bank itself"}}, right}
	}
	return nil
}

// aboutRefund are those of a refund in flight that nobody can tell of.
func aboutRefund(id string) []Choice {
	done := payment.Ruling{How: payment.ResolveRefundDone, Refund: id, Why: "the bank's portal shows it"}
	return []Choice{
		{When: "step.refund_there", Ruling: done},
		{When: "step.refund_part", Ruling: done, Part: true},
		{When: "step.refund_missing", Ruling: payment.Ruling{How: payment.ResolveRefundNotDone, Refund: id,
			Why: "the bank's portal does not show it"}},
	}
}

// Reason reads why a person decides something, as one line like a shop's own reason: it is often pasted from a chat or
// a mail. False where it says nothing, is too long, or holds what others who read it should not see.
func Reason(text string) (string, bool) {
	text = field.OneLine(text)
	said := strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	return text, said && field.Plain(text, payment.MaxReason) && !field.HoldsCardNumber(text)
}
