package saving

import (
	"context"
	"strings"

	"kassa/shared/metric"
	"kassa/shared/payment"
)

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
