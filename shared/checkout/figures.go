package checkout

import (
	"context"
	"slices"
	"strings"
	"time"

	"kassa/shared/metric"
	"kassa/shared/payment"
)

// save replaces the version p by next, and counts what the history has gained: by the writer whose save it was, and nobody else.
func (s *Service) save(ctx context.Context, p, next payment.Payment) (payment.Payment, error) {
	saved, err := s.Store.Save(ctx, next)
	if err == nil {
		count(ctx, next, next.History[len(p.History):])
	}
	return saved, err
}

// countLost counts the change by e to p when the answer to its save was lost and found, read again, holds it all the same.
func countLost(ctx context.Context, p, found payment.Payment, e payment.Event, now time.Time) {
	tried, err := payment.Apply(p, e, now)
	if err != nil || len(found.History) < len(tried.History) {
		return
	}
	if n := len(p.History); slices.Equal(tried.History[n:], found.History[n:len(tried.History)]) {
		count(ctx, found, tried.History[n:])
	}
}

// count adds new entries of p's history to the figures of the request or run that saved them.
func count(ctx context.Context, p payment.Payment, entries []payment.Entry) {
	figures := map[string]metric.Name{
		string(payment.Pending):   metric.PaymentsOpened,
		string(payment.Paid):      metric.PaymentsPaid,
		string(payment.Declined):  metric.PaymentsDeclined,
		string(payment.Cancelled): metric.PaymentsCancelled,
		string(payment.Expired):   metric.PaymentsExpired,
		"overpaid":                metric.PaymentsOverpaid,
		"review":                  metric.PaymentsReview,
		"refund_succeeded":        metric.RefundsSucceeded,
		"refund_failed":           metric.RefundsFailed,
		"refund_unknown":          metric.RefundUnknown,
	}
	for _, e := range entries {
		what, _, _ := strings.Cut(e.What, ":") // a review says its reason behind a colon
		if name, counted := figures[what]; counted {
			metric.Add(ctx, name, 1)
		}
		if e.What == string(payment.Paid) && p.Late {
			metric.Add(ctx, metric.PaymentsLate, 1)
		}
	}
}
