package checkout

import (
	"context"
	"errors"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout/limit"
	"kassa/shared/payment"
)

// giveBack asks the bank, as the one writer who saved the intent, and saves what came of it.
func (s *Service) giveBack(ctx context.Context, p payment.Payment, id string, c *limit.Hold,
	now time.Time) (RefundResult, error) {
	r, _ := p.FindRefund(id)
	var bankID string
	bankErr := s.atBank(ctx, p, func(ctx context.Context, b bank.Bank) (err error) {
		bankID, err = b.Refund(ctx, bank.Refund{Handle: p.Handle, ID: id,
			Amount:   payment.Money{Minor: r.Amount, Currency: p.Amount.Currency},
			Captured: p.Captured, Returned: p.Refunded, PaidAt: p.PaidAt, Reason: r.Reason, Now: now})
		return err
	})
	answer := payment.RefundAnswer{ID: id, Owner: r.Owner, Answer: answerOf(bankErr), Code: payment.BankCodeOf(bankErr)}
	if bankErr == nil {
		answer.RefundID = bankID
	} else {
		answer.Promised = bankID
	}
	if !answer.Answer.Harmless() && answer.RefundID == "" && r.BaseKnown {
		if reading, err := s.status(ctx, p); err == nil {
			answer.Reading = &reading
		}
	}
	p, err := s.changeSurely(ctx, p, answer, now)
	if err != nil {
		return RefundResult{}, err
	}
	r, kept := p.FindRefund(id)
	if bankErr != nil && r.Status != payment.RefundSucceeded {
		s.Log.WarnContext(ctx, "the bank did not confirm a refund", "payment_id", p.ID.String(), "refund", id, "bank", p.Bank,
			"status", string(r.Status), "error", bankErr.Error())
	}
	if !kept {
		c.Free()
	}
	if !kept || r.Status == payment.RefundFailed {
		return RefundResult{}, refundError(bankErr, p)
	}
	return RefundResult{Payment: p, Refund: r}, nil
}

// answerOf sorts the bank's reaction. Only the kinds that say that no money moved free the reservation. A refusal with
// a code of ours is the bank folder's own, by a rule of the bank's: nothing was sent.
func answerOf(err error) payment.Answer {
	switch kind := payment.KindOf(err); {
	case err == nil:
		return payment.AnswerDone
	case kind == payment.Refused && payment.CodeOf(err) == "":
		return payment.AnswerRefused
	case kind == payment.Refused, kind == payment.Unavailable, kind == payment.Misconfigured,
		kind == payment.Unsupported:
		return payment.AnswerUnsent
	}
	return payment.AnswerLost
}

func refundError(bankErr error, p payment.Payment) error {
	if bankErr != nil && payment.KindOf(bankErr) != payment.Refused {
		return bankErr
	}
	if payment.CodeOf(bankErr) != "" { // the bank folder says in our words what the bank's rules are
		return bankErr
	}
	return &payment.Error{Kind: payment.Refused, Code: "refund_refused", BankCode: payment.BankCodeOf(bankErr),
		Payment: &p, Cause: bankErr,
		Message: "The bank refused the refund; nothing was given back. The same key may try again."}
}

// refundable says, without asking anybody, why the bank of p can give no money back; nil when it can.
func (s *Service) refundable(ctx context.Context, p payment.Payment) error {
	return s.atBank(ctx, p, func(_ context.Context, b bank.Bank) error {
		profile := b.Profile()
		if !profile.Refunds {
			return &payment.Error{Kind: payment.Invalid, Code: "refund_unsupported",
				Message: "This bank gives no money back through Kassa; refund it at the bank."}
		}
		return profile.Broken[bank.OpRefund]
	})
}

// withRetry tells when a refund that stands in the way may be over.
func withRetry(err error) error {
	if e, ok := errors.AsType[*payment.Error](err); ok && e.Code == "refund_in_progress" {
		e.RetryAfter = askAgain
	}
	return err
}
