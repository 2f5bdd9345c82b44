package boot

import (
	"context"
	"log/slog"
	"time"

	"kassa/shared/bank"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// meter tells how the banks do: one line for each call.
type meter struct {
	stage string
	now   func() time.Time
	log   *slog.Logger
}

// opSettings is the building of a bank from its secret, beside the operations of the seam: it is told only when it
// fails.
const opSettings bank.Operation = "settings"

// metered is a bank each call of which is told. What asks nobody is not.
type metered struct {
	bank.Bank
	meter meter
	of    which
}

func (m metered) Open(ctx context.Context, o bank.Order) (s bank.Session, err error) {
	began := m.meter.now()
	s, err = m.Bank.Open(ctx, o)
	m.meter.called(ctx, m.of, bank.OpOpen, slog.String("payment_id", o.ID.String()), began, err)
	return s, err
}

func (m metered) Status(ctx context.Context, h bank.Handle) (r bank.Report, err error) {
	began := m.meter.now()
	r, err = m.Bank.Status(ctx, h)
	m.meter.called(ctx, m.of, bank.OpStatus, slog.String("bank_order_id", h.OrderID), began, err)
	return r, err
}

func (m metered) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	began := m.meter.now()
	id, err = m.Bank.Refund(ctx, r)
	m.meter.called(ctx, m.of, bank.OpRefund, slog.String("bank_order_id", r.Handle.OrderID), began, err)
	return id, err
}

// called writes the line of a call that began at a time. A definite refusal and a power that a bank does not have are
// answers; what else is none counts as an error. Neither the error's text nor what was sent stands in it: the caller
// logs what it means.
func (m meter) called(ctx context.Context, w which, op bank.Operation, about slog.Attr, began time.Time, err error) {
	level, failed, kind := slog.LevelInfo, 0, "ok"
	if err != nil {
		kind = payment.KindOf(err).String()
		if k := payment.KindOf(err); k != payment.Refused && k != payment.Unsupported {
			level, failed = slog.LevelWarn, 1
		}
	}
	now := m.now()
	line := []any{slog.String("shop", w.shop), slog.String("kind", kind)}
	if about.Key != "" {
		line = append(line, about) // the id by which the line is found
	}
	m.log.Log(ctx, level, "bank call", append(line, metric.CallAttrs(now, m.stage, w.name, string(op),
		metric.Count(metric.BankErrors, failed),
		metric.Figure{Name: metric.BankLatency, Value: now.Sub(began).Milliseconds()})...)...)
}

// certificates notes, for the line of the request or run that meets a bank, how many days are left until it cannot be
// asked.
func (m meter) certificates(ctx context.Context, ends time.Time) {
	if !ends.IsZero() {
		metric.Add(ctx, metric.CertificateDays, int64(ends.Sub(m.now())/(24*time.Hour)))
	}
}
