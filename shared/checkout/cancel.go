package checkout

import (
	"context"
	"time"

	"kassa/shared/payment"
)

// Cancel ends an unpaid payment for its shop. The bank is asked first; its page may stay payable for its lifetime, and money that
// comes all the same is kept as late.
//
// NotFound: no such payment, or another shop's. Standing: it is paid, or the customer is paying just now.
func (s *Service) Cancel(ctx context.Context, id payment.ID, shop, by string) (payment.Payment, error) {
	p, err := s.load(ctx, id, Reader{Shop: shop})
	if err != nil {
		return p, err
	}
	return s.cancel(ctx, p, by, s.Now())
}

func (s *Service) cancel(ctx context.Context, p payment.Payment, by string, now time.Time) (payment.Payment, error) {
	if now.Before(p.Lease) {
		return p, inProgress(p, "This payment is just being opened; try again shortly.")
	}
	if p.Status == payment.Pending {
		next, heard, err := s.question(ctx, p, now)
		if err == nil && heard.silent() {
			err = heard.err
		}
		if err != nil {
			return next, err
		}
		if r := heard.report; r != nil && (r.State == payment.BankProcessing || r.State == payment.BankUnknown) {
			return next, inProgress(next, "The customer is at the bank just now; try again later.")
		}
		p = next
	}
	return s.change(ctx, p, payment.CancelRequested{By: by}, now)
}

func inProgress(p payment.Payment, message string) error {
	err := standing(p, "payment_in_progress", message)
	err.RetryAfter = askAgain
	return err
}

func standing(p payment.Payment, code, message string) *payment.Error {
	return &payment.Error{Kind: payment.Standing, Code: code, Message: message, Payment: &p}
}
