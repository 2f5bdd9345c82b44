package boot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// renewTime bounds a fetch that no caller's deadline bounds.
const renewTime = 3 * time.Second

// guarded is a bank whose secret may have been rotated since it was fetched. Misconfigured promises that nothing was
// done; then the secret is fetched anew and, if it has changed, the call is made once more with the new one.
type guarded struct {
	keeping
	all *banks
	of  which
}

// refunding is a guarded bank that can give money back.
type refunding struct{ guarded }

var (
	_ bank.Checker  = guarded{}
	_ bank.Ready    = guarded{}
	_ bank.Refunder = refunding{}
)

// retried calls a bank, and once more after a rotation. Each call is metered.
func retried[T any](ctx context.Context, g guarded, a asked, answer func(bank.Bank) (T, error)) (T, error) {
	call := func(b bank.Bank) (T, error) {
		began := g.all.meter.now()
		v, err := answer(b)
		g.all.meter.called(ctx, g.of, a, began, err)
		return v, err
	}
	v, err := call(g.bank)
	if payment.KindOf(err) != payment.Misconfigured {
		return v, named(err)
	}
	fresh, renewErr := g.all.renew(ctx, g.of, g.secret, err)
	if renewErr != nil {
		return v, err
	}
	v, err = call(fresh.bank)
	return v, named(err)
}

// named gives an unreachable bank the code that tells it from our own store.
func named(err error) error {
	e, ok := errors.AsType[*payment.Error](err)
	if !ok || e.Kind != payment.Unavailable || e.Code != "" {
		return err
	}
	coded := *e
	coded.Code = "bank_unavailable"
	return &coded
}

func (g guarded) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	a := asked{opOpen, slog.String("payment_id", o.ID.String())}
	return retried(ctx, g, a, func(b bank.Bank) (bank.Session, error) { return b.Open(ctx, o) })
}

func (g guarded) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	a := asked{opStatus, slog.String("bank_order_id", h.OrderID)}
	return retried(ctx, g, a, func(b bank.Bank) (bank.Report, error) { return b.Status(ctx, h) })
}

// Callback reads a message; one that fails its signature, or belongs to settings that are not there, once more after a
// rotation: the bank's keys are in the secret too. How often strangers can make us fetch it is bounded by the secrets.
func (g guarded) Callback(c bank.Callback) (bank.Notice, error) {
	notice, err := g.bank.Callback(c)
	if k := payment.KindOf(err); k != payment.Forged && k != payment.Misconfigured {
		return notice, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), renewTime)
	defer cancel()
	fresh, renewErr := g.all.renew(ctx, g.of, g.secret, err)
	if renewErr != nil {
		return notice, err
	}
	return fresh.bank.Callback(c)
}

// Ready says whether an operation can work with the settings as they are; of a bank that cannot tell, it can.
func (g guarded) Ready(op bank.Operation) error {
	if r, ok := g.bank.(bank.Ready); ok {
		return r.Ready(op)
	}
	return nil
}

// Check asks the bank which fields it cannot take; a bank without that power takes all that Kassa takes.
func (g guarded) Check(o bank.Order) []payment.FieldError {
	if c, ok := g.bank.(bank.Checker); ok {
		return c.Check(o)
	}
	return nil
}

func (g refunding) Refund(ctx context.Context, r bank.Refund) (bank.Report, error) {
	a := asked{opRefund, slog.String("bank_order_id", r.Handle.OrderID)}
	return retried(ctx, g.guarded, a, func(b bank.Bank) (bank.Report, error) {
		if refunder, ok := b.(bank.Refunder); ok {
			return refunder.Refund(ctx, r)
		}
		return bank.Report{}, &payment.Error{Kind: payment.Unsupported, Message: "This bank gives no money back."}
	})
}
