package checkout

import (
	"context"
	"crypto/subtle"
	"errors"
	"reflect"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout/saving"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// Read takes a message that came to the address /{payment}/{token}/return or /notify. The payment is found by that
// address alone; what the message claims about it is at most a reason to ask the bank.
//
// With an error the payment is still given where it could be read, so that a browser can be sent back to its shop.
// NotFound: no such payment, or another token; nobody was asked. Forged: the message is refused. Unavailable,
// Misconfigured: the bank could not be asked or the answer not be saved; a server should call again. One that cannot be
// read and proves nothing is no error: the address says which payment is meant, and a server that is told to mend its
// message sends the same one for hours.
func (s *Service) Read(ctx context.Context, id payment.ID, token string, c bank.Message) (payment.Payment, error) {
	p, err := s.Store.Load(ctx, id)
	if payment.KindOf(err) == payment.NotFound || err == nil && subtle.ConstantTimeCompare([]byte(token),
		[]byte(p.CallbackToken)) != 1 {
		return payment.Payment{}, notFound(err)
	}
	if err != nil {
		return payment.Payment{}, err
	}
	now := s.Now()
	c.Handle, c.Now = p.Handle, now
	var reading bank.Reading
	var unread error
	err = s.atBank(ctx, p, func(_ context.Context, b bank.Bank) error {
		reading, unread = b.Read(c)
		return unread
	})
	if err != nil && unread == nil { // there is no bank to read it
		return p, err
	}
	// the settings that prove a message are wrong, and the bank may be asked all the same
	deaf := payment.KindOf(unread) == payment.Misconfigured
	if unread != nil && !deaf && payment.KindOf(unread) != payment.Malformed {
		metric.Add(ctx, metric.CallbackRejected, 1)
		return p, unread
	}
	if reading.Proven {
		return s.takeNotice(ctx, p, reading, now)
	}
	s.logClaims(ctx, p, reading, unread)
	switch {
	case deaf && p.Status.Money():
		return p, unread // it may be about money that goes back: the bank should call again
	case p.Status.Money(), p.Handle.OrderID == "" && !p.Status.Live():
		return p, nil
	case p.Handle.OrderID == "":
		return p, &payment.Error{Kind: payment.Unavailable, Code: "not_opened_yet", RetryAfter: askAgain,
			Message: "This payment is not open yet; call again shortly."}
	}
	claimed := payment.Hearsay{Handle: reading.Handle, Report: reading.Report}
	p, heard, err := s.returned(ctx, p, claimed)
	switch {
	case err == nil && deaf && heard.err != nil:
		err = errors.Join(unread, heard.err)
	case err == nil && heard.silent():
		err = heard.err
	}
	if err == nil && heard.recent {
		p, err = s.change(ctx, p, claimed, now)
	}
	return p, err
}

// returned asks about a payment that somebody has come back from. What its message claims is saved with the answer. An
// end that the bank has stated needs no waiting; but a bank may let somebody pay after it, and nobody else asks about
// that any more, so that a question which comes too early is left to the sweep.
func (s *Service) returned(ctx context.Context, p payment.Payment,
	claimed payment.Hearsay) (payment.Payment, bankAnswer, error) {
	if p.Status == payment.Pending || !p.EndStated {
		return s.askSoon(ctx, p, claimed)
	}
	now := s.Now()
	p, whose, err := s.take(ctx, p, payment.Question{}, true, now)
	if err != nil || whose == later && p.AskNext.After(now) {
		return p, bankAnswer{recent: true}, err
	}
	return s.await(ctx, p, whose, claimed)
}

// takeNotice saves what the bank has signed, and settles it: at once where the signature is enough, else when the bank
// has confirmed it. What cannot be settled now is kept in the payment and due in a minute, or once an unfinished
// opening's opener is gone, so the bank need not call again.
func (s *Service) takeNotice(ctx context.Context, p payment.Payment, n bank.Reading, now time.Time) (payment.Payment,
	error) {
	if n.Unclear != "" {
		n.Report.State = payment.BankUnclear
	}
	s.logProven(ctx, p, n)
	news, whose, unsettled := false, theirs, error(nil)
	p, err := saving.Surely(ctx, s.Store, p, func(p payment.Payment) (payment.Payment, error) {
		whose, unsettled = theirs, nil
		kept, err := payment.Apply(p, payment.NoticeArrival{Handle: n.Handle, Report: n.Report}, now)
		if err != nil || len(kept.Notices) == 0 || kept.Handle.OrderID == "" {
			return kept, err
		}
		var settled payment.Payment
		if n.Recheck {
			news = news || !reflect.DeepEqual(kept, p) // else whoever brought it first has asked, or the sweep will
			settled, whose, unsettled = takeTurn(kept, payment.Question{}, news, s.Now())
		} else {
			settled, unsettled = payment.Apply(kept, payment.NoticeTrust{}, now)
		}
		return settled, nil // what keeps it from being settled does not keep it from being saved
	})
	switch {
	case err != nil || unsettled != nil:
		return p, errors.Join(err, unsettled)
	case n.Recheck:
		p, _, err = s.await(ctx, p, whose)
		return p, ignoreStanding(err) // what is kept is asked about, by whomever
	case p.SiblingsDue:
		return s.readSiblings(ctx, p, now)
	}
	return p, nil
}
