package checkout

import (
	"context"
	"errors"
	"slices"
	"time"

	"kassa/shared/payment"
)

// again decides by all attempts of the order, first match wins, and reads them again whenever one of them has just
// ended.
func (o opener) again(ctx context.Context) (InitiateResult, error) {
	for range tries {
		attempts, err := o.Store.Attempts(ctx, o.key)
		if err != nil {
			return InitiateResult{}, err
		}
		if err := o.closed(attempts); err != nil {
			return InitiateResult{}, err
		}
		opened, settled, err := o.next(ctx, attempts)
		if settled || err != nil {
			return opened, err
		}
	}
	return InitiateResult{}, &payment.Error{Kind: payment.Unavailable, Code: "order_busy", RetryAfter: time.Second,
		Message: "Other requests for this order keep changing it; try again."}
}

// closed gives the reason why none of the attempts leaves room for a payment, nil when there is room.
func (o opener) closed(attempts []payment.Payment) error {
	paid := slices.DeleteFunc(slices.Clone(attempts), func(p payment.Payment) bool { return !holdsMoney(p) })
	for _, p := range paid {
		if p.Amount == o.order.Amount {
			return standing(p, "order_already_paid", "This order is paid.")
		}
	}
	if len(paid) > 0 {
		return standing(paid[0], "order_ref_taken", "This order_ref was paid with another amount.")
	}
	for _, p := range attempts {
		if len(p.Reviews) > 0 && !p.Status.Money() {
			return underReview(p)
		}
		if p.Approved() && p.Status != payment.Pending { // whose own page is the same one
			return beingConfirmed(p)
		}
	}
	return nil
}

// ended gives the reason why an order without a live attempt is not tried once more: what was paid for it was given
// back. Only a shop that means it makes a new debt of that; a page that is reloaded does not.
func (o opener) ended(attempts []payment.Payment) error {
	for _, p := range slices.Backward(attempts) {
		if p.Status.Money() && !o.order.Reopen {
			return standing(p, "order_refunded", "This order was paid and wholly given back; send reopen to have it paid anew.")
		}
	}
	return nil
}

// next answers with the live attempt or makes a new one. settled false: read the attempts again.
func (o opener) next(ctx context.Context, attempts []payment.Payment) (opened InitiateResult, settled bool, err error) {
	for _, p := range attempts {
		switch {
		case !p.Status.Live():
		case o.now.Before(p.Lease):
			return InitiateResult{}, true, beingOpened(p, o.now)
		case o.order.sameTerms(p):
			return o.resume(ctx, p)
		case o.order.Supersede:
			_, err := o.cancel(ctx, p, o.order.By, o.now)
			return InitiateResult{}, false, err
		default:
			return InitiateResult{}, true, standing(p, "order_has_live_payment",
				"This order has an open payment with other terms; repeat them, cancel it, or send supersede.")
		}
	}
	if err := o.ended(attempts); err != nil {
		return InitiateResult{}, true, err
	}
	return o.attempt(ctx, attempts)
}

// resume answers with the page of a live attempt, unless asking the bank ends it; an opening that nobody finished is
// begun again.
func (o opener) resume(ctx context.Context, p payment.Payment) (InitiateResult, bool, error) {
	if p.Status == payment.Created {
		p, err := o.change(ctx, p, payment.OpeningStart{Until: o.until}, o.now)
		if payment.KindOf(err) == payment.Standing {
			return InitiateResult{}, false, nil
		}
		if err != nil {
			return InitiateResult{}, true, err
		}
		opened, err := o.open(ctx, p)
		return opened, true, err
	}
	p, _, err := o.ask(ctx, p, o.now)
	return InitiateResult{Payment: p, Replayed: true}, p.Status == payment.Pending && len(p.Reviews) == 0, err
}

// attempt opens one more payment after the others have ended. One of them may be paid while it is made: then it is not
// needed. Where they cannot be read, it waits for a repeat of the order: each order has room for so many attempts.
func (o opener) attempt(ctx context.Context, before []payment.Payment) (InitiateResult, bool, error) {
	last := before[len(before)-1]
	n := last.ID.Attempt + 1
	if n > payment.MaxAttempts {
		return InitiateResult{}, true,
			standing(last, "too_many_attempts", "This order was tried too often; use a new order_ref.")
	}
	p, err := o.create(ctx, n)
	if err != nil {
		return InitiateResult{}, !errors.Is(err, ErrConflict), ignoreConflict(err)
	}
	attempts, err := o.Store.Attempts(ctx, o.key)
	if err != nil {
		o.leave(ctx, p)
		return InitiateResult{}, true, err
	}
	if err = o.closed(attempts); err == nil {
		err = o.ended(attempts)
	}
	if err != nil {
		_, cancelErr := o.change(ctx, p, payment.Cancellation{By: "kassa"}, o.now)
		return InitiateResult{}, true, errors.Join(err, cancelErr)
	}
	opened, err := o.open(ctx, p)
	return opened, true, err
}
