package checkout

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout/saving"
	"kassa/shared/payment"
)

// InitiateResult is a payment with a page to send the customer to. Replayed: it was opened by an earlier request.
type InitiateResult struct {
	Payment  payment.Payment
	Replayed bool
}

// Initiate opens a payment for an order, or finds the one that is open. The order is the idempotency key: however often
// and from however many tabs it is asked, at most one page is handed out as live.
//
// Invalid: fields are wrong, all of them said. Standing: the order's earlier attempts leave no room, Code says why and
// Payment which. Refused: the bank said no. Unavailable, Uncertain: try the same request again. Misconfigured: the
// shop's settings.
func (s *Service) Initiate(ctx context.Context, o Order) (InitiateResult, error) {
	o = o.inOneForm()
	now := s.Now()
	until := now.Add(saving.Remaining(ctx) + leaseOver)
	page, wrong, err := s.examine(ctx, o)
	if err = cmp.Or(o.refuse(wrong), err); err != nil {
		return InitiateResult{}, err
	}
	opener := opener{Service: s, order: o, now: now, until: until, page: page, key: payment.OrderKey(o.Shop, o.Ref)}
	first, err := opener.create(ctx, 1)
	switch {
	case err == nil:
		return opener.open(ctx, first)
	case errors.Is(err, ErrConflict):
		return opener.again(ctx)
	}
	return InitiateResult{}, err
}

// examine gives how long the bank's page lives, all that is wrong with the order's fields, to Kassa and to its bank,
// and why that cannot open any order. It asks nobody.
func (s *Service) examine(ctx context.Context, o Order) (page time.Duration, wrong []payment.FieldError, err error) {
	wrong = o.Check()
	if !slices.Contains(o.Banks, o.Bank) {
		return 0, wrong, nil
	}
	var refused []payment.FieldError
	err = s.Banks.With(ctx, o.Shop, o.Bank, func(b bank.Bank) error {
		profile := b.Profile()
		if broken := profile.Broken[bank.OpOpen]; broken != nil {
			return broken // half of its settings judge nobody's order
		}
		page, refused = profile.PageLife, profile.Examine(o.forBank())
		return nil
	})
	if err != nil && payment.KindOf(err) == payment.NotFound {
		return 0, append(wrong, unknownBank()), nil
	}
	for _, f := range refused {
		if !slices.ContainsFunc(wrong, func(have payment.FieldError) bool { return have.Pointer == f.Pointer }) {
			wrong = append(wrong, f)
		}
	}
	return page, wrong, err
}

// opener is one request to pay one order.
type opener struct {
	*Service
	order Order
	now   time.Time
	until time.Time     // when this invocation cannot be at work any more
	page  time.Duration // how long the bank's page lives
	key   string
}

// token is 128 random bits in the fewest characters that addresses and headers take as they are: it stands in each
// write of the item.
func token() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // which never fails
	return base64.RawURLEncoding.EncodeToString(random[:])
}

func (o opener) create(ctx context.Context, attempt int) (payment.Payment, error) {
	draft := o.order.draft(payment.ID{Order: o.key, Attempt: attempt})
	draft.PageLife, draft.CallbackToken, draft.ClientToken = o.page, token(), token()
	p, err := o.Store.Create(ctx, payment.New(draft, o.now, o.until))
	if payment.KindOf(err) == payment.Unavailable { // it may be made all the same
		if stands, loadErr := o.Store.Load(ctx, draft.ID); loadErr == nil {
			p, err = stands, ErrConflict
		}
	}
	if errors.Is(err, ErrConflict) && p.CallbackToken == draft.CallbackToken && p.Status == payment.Created {
		return p, nil // our own write: its answer was lost, somebody saved on top, and it was repeated
	}
	return p, err
}

// open asks the bank to open what is on record as created. The first answer saved wins; a loser answers with the
// winner's page.
func (o opener) open(ctx context.Context, p payment.Payment) (InitiateResult, error) {
	session, bankErr := o.openAtBank(ctx, p)
	switch kind := payment.KindOf(bankErr); {
	case bankErr == nil:
		opened, whose := payment.OpeningDone{Handle: session.Handle, RedirectURL: session.RedirectURL,
			ExpiresAt: session.ExpiresAt}, theirs
		saved, err := saving.Surely(ctx, o.Store, p, func(p payment.Payment) (payment.Payment, error) {
			next, err := payment.Apply(p, opened, o.now)
			if whose = theirs; err == nil && len(next.Notices) > 0 { // the bank called before it answered
				next, whose, err = takeTurn(next, payment.Question{}, false, o.now)
			}
			return next, err
		})
		if err == nil {
			saved, _, err = o.await(ctx, saved, whose)
		}
		if payment.KindOf(err) == payment.Standing && saved.Status == payment.Pending {
			return InitiateResult{Payment: saved, Replayed: saved.Handle != session.Handle}, nil
		}
		if err == nil && saved.Status != payment.Pending { // there is no page to send anybody to any more
			err = standing(saved, "payment_"+string(saved.Status), "The bank has called before it answered: this payment is "+
				string(saved.Status)+".")
		}
		return InitiateResult{Payment: saved}, err
	case kind == payment.Refused:
		code := payment.BankCodeOf(bankErr)
		p, err := o.changeSurely(ctx, p, payment.OpeningRefusal{Code: code}, o.now)
		if err != nil {
			return InitiateResult{}, err
		}
		return InitiateResult{}, &payment.Error{Kind: payment.Refused, Code: "bank_refused", BankCode: code, Payment: &p,
			Cause:   bankErr,
			Message: "The bank does not open a payment for this order."}
	}
	o.leave(ctx, p)
	return InitiateResult{}, bankErr
}

// leave frees the lease of p, which has no page that anybody has seen: a repeat of the order opens it.
func (o opener) leave(ctx context.Context, p payment.Payment) {
	if _, err := o.change(ctx, p, payment.OpeningLoss{}, o.now); err != nil {
		o.Log.WarnContext(ctx, "a lease could not be given back; it ends by itself", "payment_id", p.ID.String(), "error",
			err.Error())
	}
}

func (o opener) openAtBank(ctx context.Context, p payment.Payment) (bank.Session, error) {
	order := o.order.forBank()
	order.ID, order.Now = p.ID, o.now
	if p.ID.Attempt > 1 || p.Openings > 1 {
		order.RefForBank = fmt.Sprintf("%s/%d.%d", order.RefForBank, p.ID.Attempt, p.Openings)
	}
	base := o.CallbackURL + "/" + p.ID.String() + "/" + p.CallbackToken
	order.ReturnURL, order.NotifyURL = base+"/return", base+"/notify"
	var session bank.Session
	err := o.atBank(ctx, p, func(ctx context.Context, b bank.Bank) (err error) {
		session, err = b.Open(ctx, order)
		return err
	})
	return session, err
}
