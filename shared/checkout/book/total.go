package book

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"kassa/shared/payment"
)

// Total is the sum of what payments have in common; amounts are minor units. Currencies are never added to each other.
type Total struct {
	Key      string // what the payments have in common
	Currency payment.Currency
	Payments int64
	Paid     int64 // of them, those that were paid, whatever became of them later
	Captured int64
	Refunded int64
}

// Totals adds up all payments of a shop that were created in the query's days, which is all that it takes of the query.
// They come in the order of keys. With an error some payment is missing from them.
func Totals(ctx context.Context, s Store, q Query, now time.Time, key func(payment.Summary) string) ([]Total, error) {
	type line struct {
		key      string
		currency payment.Currency
	}
	lines, partly := map[line]Total{}, error(nil)
	for p, err := range Sums(ctx, s, q, now) {
		if err != nil {
			partly = cmp.Or(partly, err)
			continue
		}
		l := line{key(p), p.Amount.Currency}
		sum := lines[l]
		sum.Key, sum.Currency = l.key, l.currency
		sum.Payments++
		if p.Captured > 0 {
			sum.Paid++
		}
		sum.Captured, sum.Refunded = sum.Captured+p.Captured, sum.Refunded+p.Refunded
		lines[l] = sum
	}
	return slices.SortedFunc(maps.Values(lines), func(a, b Total) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Currency, b.Currency))
	}), partly
}
