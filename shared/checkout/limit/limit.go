// Package limit holds refunds that a shop asks for by its API keys to the shop's daily limit: each is claimed in the
// day's count before it is on record, and given up when it is certain that it came to nothing.
package limit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
)

// Store keeps what shops use of their daily limits. Errors as those of checkout.Store.
type Store interface {
	// Used reads consistently what is used; nothing there is no error.
	Used(ctx context.Context, id allowance.ID) (allowance.Usage, error)

	// Use replaces the version that u was read as. When another was saved since, it gives that one and
	// payment.ErrConflict.
	Use(ctx context.Context, u allowance.Usage) (allowance.Usage, error)
}

// tries is how often a claim is made that the shop's other refunds keep overtaking: all of a shop meet at one count.
const tries = 30

// Hold is a refund's share of its shop's daily limit, as one request holds it. Of the zero value nothing is read or
// written.
type Hold struct {
	Store  Store
	PerDay int64 // the limit in minor units of the payment's currency; 0 = none

	id    allowance.ID
	claim allowance.Claim
	made  bool
	free  bool // the bank was never asked, says whoever was to ask it
}

// Free says that nothing was sent to the bank, and nothing is on record any more.
func (c *Hold) Free() { c.free = true }

// Make counts a refund of p that is about to be put on record; again in a later try of the same request it counts once.
// Standing (refund_limit_reached) when it does not fit into what is left of the day.
func (c *Hold) Make(ctx context.Context, p payment.Payment, r payment.Refund, now time.Time) error {
	if c.PerDay == 0 {
		return nil
	}
	if c.claim.Owner == "" {
		c.id = allowance.ID{Shop: p.Shop, Currency: string(p.Amount.Currency)}
		c.claim = allowance.Claim{Refund: r.ID, Owner: rand.Text()}
	}
	c.claim.Amount = r.Amount
	day, next := allowance.Day(c.id.Currency, now)
	used, err := c.Store.Used(ctx, c.id)
	for range tries {
		if err != nil && !errors.Is(err, payment.ErrConflict) {
			return err
		}
		if used.Holds(c.claim, day) {
			return nil // by an earlier try, or by our own write whose answer was lost
		}
		taken, left, ok := used.Take(c.claim, day, c.PerDay)
		if !ok {
			return c.beyond(p, left, next, now)
		}
		c.made = true // perhaps, from here on
		if used, err = c.Store.Use(ctx, taken); err == nil {
			return nil
		}
	}
	return &payment.Error{Kind: payment.Unavailable, RetryAfter: time.Second,
		Message: "Too many refunds of this shop are counted just now; nothing was given back. Send the same request again."}
}

// beyond says what is left and when the count begins anew. An amount that could never fit is not told to come again.
func (c *Hold) beyond(p payment.Payment, left int64, next, now time.Time) error {
	in := func(minor int64) string { return payment.Money{Minor: minor, Currency: p.Amount.Currency}.String() }
	e := &payment.Error{Kind: payment.Standing, Code: "refund_limit_reached", Payment: &p,
		Message: fmt.Sprintf("This shop gives back at most %s a day by its API keys; %s are left until %s.", in(c.PerDay),
			in(left), next.Format(time.RFC3339))}
	if c.claim.Amount <= c.PerDay {
		e.RetryAfter = next.Sub(now)
	}
	return e
}

// GiveUp takes the claim back after the request ended in an error, once the record as it stands then says that the
// refund failed, or knows nothing of it although no write of ours can be under way any more. In doubt it stays counted,
// until the day ends at the latest.
func (c *Hold) GiveUp(ctx context.Context, why error, load func() (payment.Payment, error), log *slog.Logger) {
	if !c.made || why == nil {
		return
	}
	p, err := load()
	r, there := p.FindRefund(c.claim.Refund)
	kind := payment.KindOf(why)
	failed := there && r.Status == payment.RefundFailed ||
		!there && (c.free || kind == payment.Standing || kind == payment.Invalid)
	if err != nil || !failed {
		return
	}
	used, err := c.Store.Used(ctx, c.id)
	for range tries {
		if err != nil && !errors.Is(err, payment.ErrConflict) {
			break
		}
		next, mine := used.GiveUp(c.claim)
		if !mine {
			return
		}
		if used, err = c.Store.Use(ctx, next); err == nil {
			return
		}
	}
	log.WarnContext(ctx, "a refund that failed still counts against its shop's daily limit, until the day ends", "refund",
		c.claim.Refund)
}
