package boot

import (
	"context"
	"log/slog"
	"time"

	"kassa/shared/metric"
	"kassa/shared/payment"
)

// meter tells how the banks do: one line for each call.
type meter struct {
	stage string
	now   func() time.Time
	log   *slog.Logger
}

// asked is what a bank was called for: about is the id by which the line is found, if one is known.
type asked struct {
	operation string
	about     slog.Attr
}

// The operations, beside those of the seam: settings is the building of a bank from its secret, told only when it
// fails.
const (
	opOpen     = "open"
	opStatus   = "status"
	opRefund   = "refund"
	opSettings = "settings"
)

// called writes the line of a call that began at a time. A definite refusal and a power that a bank does not have are
// answers; what else is none counts as an error. Neither the error's text nor what was sent stands in it: the caller
// logs what it means.
func (m meter) called(ctx context.Context, w which, a asked, began time.Time, err error) {
	level, failed, kind := slog.LevelInfo, 0, "ok"
	if err != nil {
		kind = payment.KindOf(err).String()
		if k := payment.KindOf(err); k != payment.Refused && k != payment.Unsupported {
			level, failed = slog.LevelWarn, 1
		}
	}
	now := m.now()
	line := []any{slog.String("shop", w.shop), slog.String("kind", kind)}
	if a.about.Key != "" {
		line = append(line, a.about)
	}
	m.log.Log(ctx, level, "bank call", append(line, metric.CallAttrs(now, m.stage, w.name, a.operation,
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
