package checkout

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout/field"
	"kassa/shared/checkout/limit"
	"kassa/shared/checkout/saving"
	"kassa/shared/payment"
)

// RefundOrder is a shop's order to give money back. Key is its idempotency key; Amount is in minor units, 0 = all that
// remains.
type RefundOrder struct {
	ID            payment.ID
	Shop, By, Key string
	Amount        int64
	Reason        string // why, at most 250 characters; told to a bank that takes it
	Reference     string // what the shop calls this refund, at most 64 characters; "" for nothing
	DayLimit      int64  // what the shop gives back a day at most, in minor units of the payment's currency; 0 = no limit
}

// RefundResult is a payment and the refund that was meant. Replayed: an earlier request with this key made it.
type RefundResult struct {
	Payment  payment.Payment
	Refund   payment.Refund
	Replayed bool
}

// Refund gives money back once for each key, never more than was captured, one at a time. The refund is on record
// before the bank hears of it; what the bank does not prove stays in flight with its amount reserved.
//
// NotFound: no such payment, or another shop's. Invalid: refund_exceeds_captured, idempotency_key_reused. Standing: not
// paid, or another refund is in flight. Refused: the bank said no; the same key may try again. Unavailable: nothing was
// done.
//
// A repeat is known by its key and amount alone. It gets the reason and the reference that are on record, whatever it
// says now; only a new try after a failure brings its own: the words may have been what the bank refused.
func (s *Service) Refund(ctx context.Context, o RefundOrder) (RefundResult, error) {
	if err := invalid(o.Check()); err != nil {
		return RefundResult{}, err
	}
	o.Reason, o.Reference = field.OneLine(o.Reason), field.Ref(o.Reference)
	owner := rand.Text()
	c := limit.Hold{Store: s.Allowances, PerDay: o.DayLimit}
	result, err := RefundResult{}, saving.Busy(payment.Payment{ID: o.ID})
	for range tries {
		if result, err = s.refundOnce(ctx, o, owner, &c); !errors.Is(err, ErrConflict) {
			break
		}
		err = saving.Busy(payment.Payment{ID: o.ID})
	}
	c.GiveUp(ctx, err, func() (payment.Payment, error) { return s.Store.Load(ctx, o.ID) }, s.Log)
	return result, err
}

// refundOnce is one try to be the writer who saves the intent: ErrConflict before anything was sent when it was not.
// Whoever finds on record what bears his own owner token has saved it, whatever his save was answered.
func (s *Service) refundOnce(ctx context.Context, o RefundOrder, owner string, c *limit.Hold) (RefundResult, error) {
	now := s.Now()
	until := now.Add(saving.Remaining(ctx))
	p, err := s.load(ctx, o.ID, Reader{Shop: o.Shop})
	if err != nil {
		return RefundResult{}, err
	}
	id := payment.RefundID(p.ID, o.Key)
	old, known := p.FindRefund(id)
	own := known && old.Status == payment.RefundBegun && old.Owner == owner
	if known && old.Status != payment.RefundFailed && o.repeats(old) && !own {
		return s.replay(ctx, p, id, now)
	}
	if err := s.refundable(ctx, p); err != nil {
		return RefundResult{}, err
	}
	if own {
		return s.giveBack(ctx, p, id, c, now)
	}
	intent := payment.RefundIntent{ID: id, Reason: o.Reason, Reference: o.Reference, By: o.By, Until: until,
		Owner: owner}
	// A refusal that the record alone can decide is told before the bank is asked for its total.
	if _, err := o.reserve(p, intent, now); err != nil && !readingHelps(err) {
		return RefundResult{}, withRetry(err)
	}
	read, base, err := s.readBase(ctx, p, now)
	if err != nil {
		return RefundResult{}, err
	}
	intent.Base = base
	reserved, err := o.reserve(read, intent, now)
	if found := doneMeanwhile(p, read); found != nil && (err == nil || found.ID == id || readingHelps(err)) {
		return s.foundDone(ctx, p, *base, found.ID, id, now)
	}
	if err == nil {
		r, _ := reserved.FindRefund(id)
		err = c.Make(ctx, read, r, now)
	}
	if err != nil {
		// What the bank's total has told is kept, also when it leaves no room for this refund.
		if base != nil {
			_, saveErr := s.change(ctx, p, payment.Statement{Handle: p.Handle, Report: *base}, now)
			return RefundResult{}, errors.Join(withRetry(err), saveErr)
		}
		return RefundResult{}, withRetry(err)
	}
	if p, err = saving.Once(ctx, s.Store, p, reserved); err != nil {
		if !errors.Is(err, ErrConflict) && s.release(ctx, reserved, intent, now) {
			c.Free()
		}
		return RefundResult{}, err
	}
	return s.giveBack(ctx, p, id, c, now)
}

// replay answers with the refund that the key made before. One that is just being asked for enters the history with
// that: whoever was told that it is under way must hear how it ends. Gone meanwhile, because nothing was sent: a new
// try.
func (s *Service) replay(ctx context.Context, p payment.Payment, id string, now time.Time) (RefundResult, error) {
	p, err := s.change(ctx, p, payment.RefundDisclosure{ID: id}, now)
	if err != nil {
		return RefundResult{}, err
	}
	r, there := p.FindRefund(id)
	if !there {
		return RefundResult{}, ErrConflict
	}
	return RefundResult{Payment: p, Refund: r, Replayed: true}, nil
}

// readingHelps says whether the bank's total may take away what stands in the way of a refund.
func readingHelps(err error) bool {
	code := payment.CodeOf(err)
	return code == "refund_under_review" || code == "refund_unconfirmed"
}

// doneMeanwhile is a refund that had failed without proof, and that the bank's total now shows to be done; nil when
// there is none.
func doneMeanwhile(before, read payment.Payment) *payment.Refund {
	for _, old := range before.Refunds {
		if r, _ := read.FindRefund(old.ID); old.Status == payment.RefundFailed && r.Status == payment.RefundSucceeded {
			return &r
		}
	}
	return nil
}

// foundDone keeps what the reading has shown, and sends nothing. A repeat of that refund's key hears that it is done;
// another request may have been made because that one was believed to have failed, so its sender decides anew.
func (s *Service) foundDone(ctx context.Context, p payment.Payment, read bank.Report, found, asked string,
	now time.Time) (RefundResult, error) {
	p, err := s.change(ctx, p, payment.Statement{Handle: p.Handle, Report: read}, now)
	if err != nil {
		return RefundResult{}, err
	}
	r, _ := p.FindRefund(found)
	if found == asked {
		return RefundResult{Payment: p, Refund: r, Replayed: true}, nil
	}
	return RefundResult{}, standing(p, "refund_done_meanwhile",
		"An earlier refund of this payment, which seemed lost, turns out to be done: "+
			payment.Money{Minor: r.Amount, Currency: p.Amount.Currency}.String()+", "+r.ID+
			". Nothing was sent now; repeat the request if it is still wanted.")
}

// release takes back an intent whose save may have come through, or may still: nothing was sent to the bank, and
// without this the refund would block all others until it is recovered. Where the intent is not there yet, saving the
// version before it once more keeps it from ever getting there, since its write is conditional on that version. false
// when it could not be done.
func (s *Service) release(ctx context.Context, before payment.Payment, intent payment.RefundIntent,
	now time.Time) bool {
	ctx, cancel := saving.Within(ctx, saving.Remaining(ctx), saving.AnswerTime)
	defer cancel()
	for ctx.Err() == nil {
		p, err := s.Store.Load(ctx, before.ID)
		if r, saved := p.FindRefund(intent.ID); err == nil && saved && r.Owner == intent.Owner {
			answer := payment.RefundAnswer{ID: intent.ID, Owner: intent.Owner, Answer: payment.AnswerUnsent}
			_, err = s.changeSurely(ctx, p, answer, now)
		} else if err == nil && p.Rev == before.Rev {
			_, err = s.Store.Save(ctx, p)
		}
		if err == nil {
			return true
		}
		if !errors.Is(err, ErrConflict) {
			saving.Pass(ctx, saving.RetryPause)
		}
	}
	s.Log.WarnContext(ctx, "a refund that was never sent could not be released; it is recovered later", "payment_id",
		before.ID.String(),
		"refund", intent.ID)
	return false
}

// reserve applies the intent, for what remains where the shop named no amount.
func (o RefundOrder) reserve(p payment.Payment, intent payment.RefundIntent, now time.Time) (payment.Payment,
	error) {
	intent.Amount = o.Amount
	if o.Amount == 0 {
		intent.All, intent.Amount = true, p.Refundable()
	}
	return payment.Apply(p, intent, now)
}

// repeats says whether the order asks for the refund that its key made before.
func (o RefundOrder) repeats(old payment.Refund) bool {
	return old.All == (o.Amount == 0) && (old.All || old.Amount == o.Amount)
}

// readBase reads the bank's total before the refund, and books what the bank gave back by itself meanwhile. nil = the
// bank has no such question.
func (s *Service) readBase(ctx context.Context, p payment.Payment, now time.Time) (payment.Payment, *bank.Report,
	error) {
	report, err := s.status(ctx, p)
	none := payment.KindOf(err) == payment.Unsupported
	switch {
	case none && p.Blind(nil), err == nil && p.Blind(&report):
		_, saveErr := s.change(ctx, p, payment.Silence{Blind: true}, now)
		return p, nil, &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable", Cause: errors.Join(err, saveErr),
			Message: "The bank does not say how much it has given back, and a refund that seemed lost may be in it."}
	case none:
		return p, nil, nil
	case err != nil:
		return p, nil, err
	}
	if report.State == payment.BankRefunding {
		busy := standing(p, "refund_in_progress", "The bank is giving money back for this payment just now; try again later.")
		return p, nil, withRetry(busy)
	}
	if report.Silent(p.Captured) { // as good as no answer: it says neither that the money is there nor what went back
		why := "The bank does not say how this payment stands"
		if report.State == payment.BankUnknown && report.Word != "" {
			why = "The bank calls this payment by a word that its settings here do not know, and the log of errors names"
		}
		return p, nil, &payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable",
			Message: why + "; the refund was not sent. Try again later."}
	}
	p, err = payment.Apply(p, payment.Statement{Handle: p.Handle, Report: report}, now)
	return p, &report, err
}

func ignoreConflict(err error) error {
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}
