package checkout

import (
	"cmp"
	"context"
	"time"

	"kassa/shared/payment"
)

// Cancel ends an unpaid payment for its shop. The bank is asked first; its page may stay payable for its lifetime, and
// money that comes all the same is kept as late.
//
// NotFound: no such payment, or another shop's. Standing: it is paid, or the customer is paying just now.
func (s *Service) Cancel(ctx context.Context, id payment.ID, shop, by string) (payment.Payment, error) {
	p, err := s.load(ctx, id, Reader{Shop: shop})
	if err != nil {
		return p, err
	}
	return s.cancel(ctx, p, by, s.Now())
}

// cancel asks without a claim: a shop's cancellation must not wait for ever behind a customer whose page polls, nor
// keep the return of a customer who pays at that moment from being asked about.
func (s *Service) cancel(ctx context.Context, p payment.Payment, by string, now time.Time) (payment.Payment, error) {
	if now.Before(p.Lease) {
		return p, beingOpened(p, now)
	}
	cancelled := payment.Cancellation{By: by}
	if p.Status != payment.Pending {
		return s.change(ctx, p, cancelled, now)
	}
	h, asked := s.hear(ctx, p), now
	heard := h.event(p, asked)
	now = s.Now()
	var barred error
	p, err := s.saveProven(ctx, p, func(p payment.Payment) (payment.Payment, error) {
		next, err := payment.Apply(p, heard, now)
		if barred = h.forbidsCancel(next); err != nil || barred != nil {
			return next, err
		}
		next, barred = payment.Apply(next, cancelled, now)
		return next, nil
	}, now)
	return p, cmp.Or(err, barred)
}

// forbidsCancel is why p, which is not paid as far as we know, must not be ended now.
func (h bankAnswer) forbidsCancel(p payment.Payment) error {
	switch {
	case p.Status != payment.Pending:
		return nil
	case h.silent():
		return h.err
	case p.Approved() && len(p.Reviews) > 0:
		return underReview(p)
	case p.Approved():
		return beingConfirmed(p)
	case h.report == nil:
		return nil
	}
	switch h.report.State {
	case payment.BankOpen:
		return nil
	case payment.BankApproved, payment.BankRefunded, payment.BankReturned:
		return standing(p, "order_under_review",
			"The bank has taken money for this payment, and not as ordered; a person has to look at it first.")
	}
	return inProgress(p, "The customer is at the bank just now; try again later.", askAgain)
}

// beingOpened is when somebody else is opening p. Most openings take a second; an opener that was cut off keeps its
// lease to the end.
func beingOpened(p payment.Payment, now time.Time) error {
	again := time.Second
	if now.Sub(p.OpeningAt) > askAgain {
		again = p.Lease.Sub(now)
	}
	return inProgress(p, "This payment is just being opened; try again shortly.", again)
}

// beingConfirmed is when the bank has signed that p is paid, and has still to be heard to say so, or p's opening to be
// saved: no other page of the order is to be paid meanwhile.
func beingConfirmed(p payment.Payment) error {
	return inProgress(p, "The bank has signed that it took money for this payment, which is still to be confirmed; try "+
		"again shortly.", askAgain)
}

// underReview is when nobody but a person can tell whether p is paid.
func underReview(p payment.Payment) error {
	return standing(p, "order_under_review",
		"It is not clear whether this order is paid; a person has to look at it first.")
}

func inProgress(p payment.Payment, message string, again time.Duration) error {
	err := standing(p, "payment_in_progress", message)
	err.RetryAfter = again
	return err
}

func standing(p payment.Payment, code, message string) *payment.Error {
	return &payment.Error{Kind: payment.Standing, Code: code, Message: message, Payment: &p}
}
