package checkout

import (
	"context"
	"errors"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// heard is what came of asking a bank: a report, or the bank's reason for not giving one.
type heard struct {
	report *bank.Report
	err    error // the bank's, never the store's; Unsupported when it has no such question
	recent bool  // nobody was asked: somebody else did a moment ago
}

// silent says whether the bank owes us an answer.
func (h heard) silent() bool { return h.err != nil && payment.KindOf(h.err) != payment.Unsupported }

// ask is how polls, callbacks, repeats and the sweep ask the bank: it claims the question first, so that at most one is asked in
// each interval, whoever provokes it.
func (s *Service) ask(ctx context.Context, p payment.Payment, now time.Time) (payment.Payment, heard, error) {
	claimed, err := s.change(ctx, p, payment.Asking{}, now)
	if payment.CodeOf(err) == "asked_recently" {
		return claimed, heard{recent: true}, nil
	}
	if err != nil {
		return claimed, heard{}, err
	}
	return s.question(ctx, claimed, now)
}

// question puts the question about p's own handle to its bank and saves what the answer changes. The error is the store's. A shop's
// cancellation asks so, without a claim: it must not wait for ever behind a customer whose page polls, nor keep the return of a
// customer who pays at that moment from being asked about.
func (s *Service) question(ctx context.Context, p payment.Payment, now time.Time) (payment.Payment, heard, error) {
	report, err := s.status(ctx, p)
	if err != nil {
		unsupported := payment.KindOf(err) == payment.Unsupported
		next, saveErr := s.settle(ctx, p, payment.Unanswered{Unsupported: unsupported}, now)
		return next, heard{err: err}, saveErr
	}
	next, err := s.settle(ctx, p, payment.Reported{Handle: p.Handle, Report: report}, now)
	return next, heard{report: &report}, err
}

// settle saves what a bank has proven, and reads the order's other attempts where that made it necessary.
func (s *Service) settle(ctx context.Context, p payment.Payment, e payment.Event, now time.Time) (payment.Payment, error) {
	p, err := s.changeSurely(ctx, p, e, now)
	if err == nil && p.SiblingsDue {
		p, err = s.readSiblings(ctx, p, now)
	}
	return p, err
}

// status asks the bank and changes nothing. What nobody understands is reported here, for every caller.
func (s *Service) status(ctx context.Context, p payment.Payment) (bank.Report, error) {
	b, err := s.bankOf(ctx, p)
	var report bank.Report
	if err == nil {
		asking, cancel := bankTime(ctx)
		defer cancel()
		report, err = b.Status(asking, p.Handle)
	}
	if err == nil && !report.Possible() { // as good as no answer; the caller has done nothing wrong
		err = &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable", Message: "The bank's answer makes no sense.",
			Cause: errors.New("it states an amount that cannot be")}
	}
	switch {
	case err != nil && payment.KindOf(err) != payment.Unsupported:
		s.Log.WarnContext(ctx, "the bank did not answer a status question", "payment_id", p.ID.String(), "bank", p.Bank,
			"kind", payment.KindOf(err).String(), "error", err.Error())
	case err == nil && report.State == payment.BankUnknown:
		s.Log.ErrorContext(ctx, "the bank reports a status that decides nothing: nothing is changed", "payment_id", p.ID.String(),
			"bank", p.Bank, "bank_status", report.Word, "bank_code", report.Code)
	}
	return report, err
}

// readSiblings looks at the order's other attempts after one of them was paid late or anew. Of those whose money we still hold,
// every one but the first paid is overpaid, whichever of them is saved last: two that are paid at once see each other here.
func (s *Service) readSiblings(ctx context.Context, p payment.Payment, now time.Time) (payment.Payment, error) {
	attempts, err := s.Store.Attempts(ctx, p.ID.Order)
	if err != nil {
		return p, err
	}
	first := p
	for _, a := range attempts {
		if holdsMoney(a) && paidBefore(a, first) {
			first = a
		}
	}
	for _, a := range attempts {
		if holdsMoney(a) && !a.Overpaid && a.ID != first.ID && a.ID != p.ID {
			if _, err := s.change(ctx, a, payment.SiblingsRead{Overpaid: true}, now); err != nil {
				return p, err
			}
		}
	}
	return s.change(ctx, p, payment.SiblingsRead{Overpaid: first.ID != p.ID}, now)
}

func holdsMoney(p payment.Payment) bool { return p.Captured > p.Refunded }

func paidBefore(a, b payment.Payment) bool {
	if a.PaidAt.Equal(b.PaidAt) {
		return a.ID.Attempt < b.ID.Attempt
	}
	return a.PaidAt.Before(b.PaidAt)
}
