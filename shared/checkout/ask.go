package checkout

import (
	"context"
	"errors"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout/saving"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// bankAnswer is what came of asking a bank: a report, or the bank's reason for not giving one.
type bankAnswer struct {
	report *bank.Report
	err    error // the bank's, never the store's; Unsupported when it has no such question
	recent bool  // nobody was asked: somebody else did a moment ago
}

// silent says whether the bank owes us an answer.
func (h bankAnswer) silent() bool {
	return h.err != nil && payment.KindOf(h.err) != payment.Unsupported
}

// event is what p, as it stood when a question was put at asked, learns of the answer.
func (h bankAnswer) event(p payment.Payment, asked time.Time) payment.Event {
	if h.report == nil {
		return payment.Silence{Unsupported: !h.silent(), NoCall: errors.Is(h.err, bank.ErrNoCall)}
	}
	return payment.Statement{Handle: p.Handle, Report: *h.report, Asked: asked, Unpaid: !p.Status.Money()}
}

// turn is whose it is to ask the bank.
type turn int

const (
	theirs turn = iota // somebody else has asked a moment ago, or has promised to
	ours               // the question is claimed: it is to be put now
	later              // it is promised for as soon as the bank may be asked again
)

// takeTurn claims the next question about p, so that at most one is asked in each interval, whoever provokes it. Where
// that is too early and soon is set, it promises the question, if nobody else has.
func takeTurn(p payment.Payment, e payment.Question, soon bool, now time.Time) (payment.Payment, turn, error) {
	claimed, err := payment.Apply(p, e, now)
	if payment.CodeOf(err) != "asked_recently" {
		return claimed, ours, err
	}
	if promised, err := payment.Apply(p, payment.QuestionPromise{}, now); err == nil && soon {
		return promised, later, nil
	}
	return p, theirs, nil
}

// answered says whether somebody else's answer, which came after before, is one for whoever came back from the bank
// then: it knows of the money, or nothing is promised any more. While a promise stands, an answer without money was to
// a question of before.
func answered(p payment.Payment, before int64) bool {
	return p.Sequence != before && (p.Status.Money() || p.AskNext.IsZero())
}

// take saves the turn. Where somebody else's answer has shown the money meanwhile, nothing is promised.
func (s *Service) take(ctx context.Context, p payment.Payment, e payment.Question, soon bool,
	now time.Time) (_ payment.Payment, whose turn, err error) {
	before := p.Sequence
	p, err = saving.Change(ctx, s.Store, p, func(p payment.Payment) (next payment.Payment, err error) {
		next, whose, err = takeTurn(p, e, soon && (p.Sequence == before || !p.Status.Money()), now)
		return next, err
	})
	return p, whose, err
}

// ask is how polls, callbacks, repeats and the sweep ask the bank, when it is their turn. What also is known then is
// saved with the answer.
func (s *Service) ask(ctx context.Context, p payment.Payment, now time.Time,
	also ...payment.Event) (payment.Payment, bankAnswer, error) {
	return s.takeTurn(ctx, p, payment.Question{}, now, also...)
}

func (s *Service) takeTurn(ctx context.Context, p payment.Payment, e payment.Question, now time.Time,
	also ...payment.Event) (payment.Payment, bankAnswer, error) {
	p, whose, err := s.take(ctx, p, e, false, now)
	if err != nil {
		return p, bankAnswer{}, err
	}
	return s.await(ctx, p, whose, also...)
}

// askSoon asks for those who come back from the bank, whom an answer of before does not help: at once, or as soon as
// the bank may be asked again. One of them alone waits for that, however many come: it has promised the question on
// record, so that the sweep puts it should this request be cut off. Standing, asked_soon: it is another who waits;
// RetryAfter says when the answer should be there.
func (s *Service) askSoon(ctx context.Context, p payment.Payment,
	also ...payment.Event) (payment.Payment, bankAnswer, error) {
	before, now := p.Sequence, s.Now()
	p, whose, err := s.take(ctx, p, payment.Question{}, true, now)
	if err == nil && whose == theirs && !answered(p, before) {
		err = comeAgain(p, now)
	}
	if err != nil {
		return p, bankAnswer{recent: true}, err
	}
	return s.await(ctx, p, whose, also...)
}

// Bounds of the waiting for the moment at which the bank may be asked again.
const (
	look     = time.Second     // between two looks at whether somebody else's answer has come meanwhile
	mostLook = 8               // a claim keeps others from asking for five seconds
	askTime  = 5 * time.Second // what must be left of the invocation to ask and to hear, besides saving it
)

// await puts the question to the bank when it is its turn.
func (s *Service) await(ctx context.Context, p payment.Payment, whose turn,
	also ...payment.Event) (payment.Payment, bankAnswer, error) {
	if whose == ours {
		return s.question(ctx, p, p.AskedAt, also...)
	}
	before, recent := p.Sequence, bankAnswer{recent: true}
	if whose == theirs {
		return p, recent, nil
	}
	for range mostLook {
		now := s.Now()
		left := p.AskNext.Sub(now)
		if left <= 0 && !p.AskNext.IsZero() && !answered(p, before) {
			var err error
			if p, whose, err = s.take(ctx, p, payment.Question{Promised: true}, false, now); err != nil {
				return p, recent, err
			}
			if whose == ours {
				return s.question(ctx, p, p.AskedAt, also...)
			}
		}
		switch {
		case answered(p, before):
			return p, recent, nil
		case whose == theirs || p.AskNext.IsZero(): // another has taken the turn, and asks just now
			return p, recent, comeAgain(p, now)
		}
		if saving.Remaining(ctx) < left+askTime+saveTime || !s.pass(ctx, min(look, left)) {
			return p, recent, comeAgain(p, now)
		}
		fresh, err := s.Store.Load(ctx, p.ID)
		if err != nil {
			return p, recent, err
		}
		p = fresh
	}
	return p, recent, comeAgain(p, s.Now())
}

func comeAgain(p payment.Payment, now time.Time) error {
	err := standing(p, "asked_soon", "The bank is asked about this payment in a moment.")
	// who has promised it may have another clock
	err.RetryAfter = max(time.Second, min(p.AskNext.Sub(now), mostLook*look)+time.Second)
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
	return saving.Pass(ctx, d)
}

// question puts the question about p's own handle to its bank, now, and saves what the answer changes as of when it
// came: a payment is made at the latest when the bank is heard to say so, and not when somebody began to ask. The error
// is the store's.
func (s *Service) question(ctx context.Context, p payment.Payment, asked time.Time,
	also ...payment.Event) (payment.Payment, bankAnswer, error) {
	h := s.hear(ctx, p)
	now := s.Now()
	p, err := s.saveProven(ctx, p, saving.All(now, append([]payment.Event{h.event(p, asked)}, also...)...), now)
	return p, h, err
}

// hear asks the bank, and saves nothing.
func (s *Service) hear(ctx context.Context, p payment.Payment) bankAnswer {
	report, err := s.status(ctx, p)
	if err != nil {
		return bankAnswer{err: err}
	}
	return bankAnswer{report: &report}
}

// saveProven saves what a bank has proven, and reads the order's other attempts where that made it necessary.
func (s *Service) saveProven(ctx context.Context, p payment.Payment, step saving.Step, now time.Time) (payment.Payment,
	error) {
	p, err := saving.Surely(ctx, s.Store, p, step)
	if err == nil && p.SiblingsDue {
		p, err = s.readSiblings(ctx, p, now)
	}
	return p, err
}

// status asks the bank and changes nothing. What nobody understands is reported here, for every caller.
func (s *Service) status(ctx context.Context, p payment.Payment) (bank.Report, error) {
	var report bank.Report
	err := s.atBank(ctx, p, func(ctx context.Context, b bank.Bank) (err error) {
		report, err = b.Status(ctx, p.Handle)
		return err
	})
	if errors.Is(err, bank.ErrNoCall) && p.Answered() && len(p.Notices) == 0 { // what it has signed counts without asking
		err = &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable",
			Message: "The bank has answered this question before, and does not know it now.", Cause: err}
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

// atBank calls the bank that p was opened at, in the time that leaves enough to save what it says. A shop that no
// longer has it is misconfigured: p is there, and its money may be too.
func (s *Service) atBank(ctx context.Context, p payment.Payment, call func(context.Context, bank.Bank) error) error {
	ctx, cancel := bankTime(ctx)
	defer cancel()
	err := s.Banks.With(ctx, p.Shop, p.Bank, func(b bank.Bank) error { return call(ctx, b) })
	if err != nil && payment.KindOf(err) == payment.NotFound {
		err = &payment.Error{Kind: payment.Misconfigured,
			Message: "The shop has no settings any more for the bank of this payment.", Cause: err}
	}
	return err
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
			next, err := s.change(ctx, a, payment.SiblingReading{Overpaid: true}, now)
			if err != nil {
				return p, err
			}
			s.tellPeople(ctx, a, next)
		}
	}
	next, err := s.change(ctx, p, payment.SiblingReading{Overpaid: first.ID != p.ID}, now)
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
