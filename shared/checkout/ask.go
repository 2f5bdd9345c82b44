package checkout

import (
	"context"
	"errors"
	"time"

	"kassa/shared/bank"
	"kassa/shared/metric"
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

// ask is how polls, callbacks, repeats and the sweep ask the bank: it claims the question first, so that at most one is
// asked in each interval, whoever provokes it.
func (s *Service) ask(ctx context.Context, p payment.Payment, now time.Time) (payment.Payment, heard, error) {
	return s.claim(ctx, p, payment.Asking{}, now)
}

func (s *Service) claim(ctx context.Context, p payment.Payment, e payment.Asking, now time.Time) (payment.Payment,
	heard, error) {
	claimed, err := s.change(ctx, p, e, now)
	if payment.CodeOf(err) == "asked_recently" {
		return claimed, heard{recent: true}, nil
	}
	if err != nil {
		return claimed, heard{}, err
	}
	return s.question(ctx, claimed, now)
}

// Bounds of the waiting for the moment at which the bank may be asked again.
const (
	look     = time.Second     // between two looks at whether somebody else's answer has come meanwhile
	mostLook = 8               // a claim keeps others from asking for five seconds
	askTime  = 5 * time.Second // what must be left of the invocation to ask and to hear, besides saving it
)

// askSoon asks for those who come back from the bank, whom an answer of before does not help: at once, or as soon as
// the bank may be asked again. One of them alone waits for that, however many come: it has promised the question on
// record, so that the sweep puts it should this request be cut off. Standing, asked_soon: it is another who waits;
// RetryAfter says when the answer should be there.
func (s *Service) askSoon(ctx context.Context, p payment.Payment) (payment.Payment, heard, error) {
	before := p.Sequence
	p, h, err := s.ask(ctx, p, s.Now())
	if err != nil || !h.recent || p.Sequence != before {
		return p, h, err
	}
	p, err = s.change(ctx, p, payment.Promise{}, s.Now())
	if payment.CodeOf(err) == "asked_soon" && p.Sequence == before {
		return p, h, soon(p, s.Now())
	}
	for range mostLook {
		if err != nil || p.Sequence != before || p.AskNext.IsZero() {
			return p, h, ignoreStanding(err)
		}
		now := s.Now()
		left := p.AskNext.Sub(now)
		if left <= 0 {
			return s.claim(ctx, p, payment.Asking{Promised: true}, now)
		}
		if remaining(ctx) < left+askTime+saveTime || !s.pass(ctx, min(look, left)) {
			return p, h, soon(p, now)
		}
		p, err = s.reload(ctx, p)
	}
	return p, h, soon(p, s.Now())
}

// reload reads p again; with an error p is as it was.
func (s *Service) reload(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	fresh, err := s.Store.Load(ctx, p.ID)
	if err != nil {
		return p, err
	}
	return fresh, nil
}

func soon(p payment.Payment, now time.Time) error {
	err := standing(p, "asked_soon", "The bank is asked about this payment in a moment.")
	err.RetryAfter = max(time.Second, p.AskNext.Sub(now)+time.Second)
	return err
}

// ignoreStanding leaves out that somebody else was faster, which is what was waited for.
func ignoreStanding(err error) error {
	if payment.KindOf(err) == payment.Standing {
		return nil
	}
	return err
}

// pass lets time pass; false when the invocation's is over.
func (s *Service) pass(ctx context.Context, d time.Duration) bool {
	if s.Wait != nil {
		return s.Wait(ctx, d)
	}
	return wait(ctx, d)
}

// question puts the question about p's own handle to its bank, now, and saves what the answer changes as of when it
// came: a payment is made at the latest when the bank is heard to say so, and not when somebody began to ask. The error
// is the store's. A shop's cancellation asks so, without a claim: it must not wait for ever behind a customer whose
// page polls, nor keep the return of a customer who pays at that moment from being asked about.
func (s *Service) question(ctx context.Context, p payment.Payment, now time.Time) (payment.Payment, heard, error) {
	report, err := s.status(ctx, p)
	answered := s.Now()
	if err != nil {
		unsupported := payment.KindOf(err) == payment.Unsupported
		next, saveErr := s.settle(ctx, p, payment.Unanswered{Unsupported: unsupported}, answered)
		return next, heard{err: err}, saveErr
	}
	next, err := s.settle(ctx, p, payment.Reported{Handle: p.Handle, Report: report, Asked: now}, answered)
	return next, heard{report: &report}, err
}

// settle saves what a bank has proven, and reads the order's other attempts where that made it necessary.
func (s *Service) settle(ctx context.Context, p payment.Payment, e payment.Event, now time.Time) (payment.Payment,
	error) {
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
		err = &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable",
			Message: "The bank's answer makes no sense.",
			Cause:   errors.New("it states an amount that cannot be")}
	}
	switch {
	case err != nil && payment.KindOf(err) != payment.Unsupported:
		s.Log.WarnContext(ctx, "the bank did not answer a status question", "payment_id", p.ID.String(), "bank", p.Bank,
			"kind", payment.KindOf(err).String(), "error", err.Error())
	case err == nil && report.State == payment.BankUnknown:
		metric.Add(ctx, metric.BankUnclear, 1)
		s.Log.ErrorContext(ctx, "the bank reports a status that decides nothing: nothing is changed", "payment_id",
			p.ID.String(),
			"bank", p.Bank, "bank_status", report.Word, "bank_code", report.Code)
	}
	return report, err
}

// readSiblings looks at the order's other attempts after one of them was paid late or anew. Of those whose money we
// still hold, every one but the first paid is overpaid, whichever of them is saved last: two that are paid at once see
// each other here.
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
			next, err := s.change(ctx, a, payment.SiblingsRead{Overpaid: true}, now)
			if err != nil {
				return p, err
			}
			s.tellPeople(ctx, a, next)
		}
	}
	next, err := s.change(ctx, p, payment.SiblingsRead{Overpaid: first.ID != p.ID}, now)
	if err == nil {
		s.tellPeople(ctx, p, next)
	}
	return next, err
}

// tellPeople names the order behind the figures payments_overpaid and payments_late: whoever hears their alarm looks
// for these lines.
func (s *Service) tellPeople(ctx context.Context, before, after payment.Payment) {
	line := func(what string) {
		s.Log.WarnContext(ctx, what, "payment_id", after.ID.String(), "shop", after.Shop, "order_ref", after.OrderRef)
	}
	if after.Overpaid && !before.Overpaid {
		line("an order is paid twice")
	}
	if after.Late && before.SiblingsDue {
		line("a payment was paid after it had ended")
	}
}

func holdsMoney(p payment.Payment) bool { return p.Captured > p.Refunded }

func paidBefore(a, b payment.Payment) bool {
	if a.PaidAt.Equal(b.PaidAt) {
		return a.ID.Attempt < b.ID.Attempt
	}
	return a.PaidAt.Before(b.PaidAt)
}
