// Package bookcmd is `kassa totals` and `kassa book`: what a shop took on days, and the book that says so.
//
// Totals are added up from the payments themselves, each time anew. Nothing keeps a running sum: it would have to be
// written with every payment, by whoever saves it, and could be wrong without anybody seeing it.
package bookcmd

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/days"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/tool"
	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// total is the sum of what payments have in common; amounts are minor units. Currencies are never added to each other.
type total struct {
	Key      string           `json:"key"` // a day, a bank or a status
	Currency payment.Currency `json:"currency"`
	Payments int64            `json:"payments"`
	Paid     int64            `json:"paid"` // of them, those that were paid
	Captured int64            `json:"captured_amount"`
	Refunded int64            `json:"refunded_amount"`
	Net      int64            `json:"net_amount"`
}

// NewTotals makes the command. It stands beside `payment` and not in it, because it is about no payment in
// particular: who types it wants to know how the day went.
func NewTotals(t *tool.Tool) *cobra.Command {
	var d days.Flags
	var by string
	c := &cobra.Command{
		Use:   "totals --shop SHOP --from DAY",
		Short: "Add up what a shop took and gave back",
		Long: `Adds up the payments that were created on the days given: how many, how many of them were paid, what was
captured, what of that went back until now, and what is left; by day, bank or status, and for each currency. No bank is
asked.

With --json: {"totals":[{"key","currency","payments","paid","captured_amount","refunded_amount","net_amount"}]}; minor
units.

` + console.Codes,
		Example: "  kassa totals --shop my-shop --from 2026-11-01 --to 2026-11-28 --by bank --zone +04:00 --stage prod",
		Args:    tool.Exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			q, zone, err := d.Query()
			if !slices.Contains([]string{"day", "bank", "status"}, by) {
				err = console.All(err, console.Fail(console.Usage, "--by %q is none of day, bank and status", by))
			}
			if err != nil {
				return err
			}
			at, err := t.Flags.Open(c.Context())
			if err != nil {
				return err
			}
			return show(t, totalsOf(c.Context(), at, q, t.Now(), key(by, zone)))
		},
	}
	c.Flags().StringVar(&d.Shop, "shop", "", "the shop")
	d.Register(c)
	c.Flags().StringVar(&by, "by", "day", "what each line adds up: day, bank or status")
	return c
}

// key is what payments of one line have in common. A day is that of the creation, where the days of the command begin.
func key(by string, zone *time.Location) func(payment.Payment) string {
	return func(p payment.Payment) string {
		switch by {
		case "bank":
			return p.Bank
		case "status":
			return string(p.Status)
		}
		return p.CreatedAt.In(zone).Format(time.DateOnly)
	}
}

// sums are the totals so far, and what kept a payment out of them. There are as many lines as days, banks or
// statuses, so the memory does not grow with the payments.
type sums struct {
	all    []total
	partly error
}

// totalsOf goes through all payments of the query once.
func totalsOf(ctx context.Context, at stage.Stage, q book.Query, now time.Time, key func(payment.Payment) string) sums {
	type line struct {
		key      string
		currency payment.Currency
	}
	lines, s := map[line]*total{}, sums{all: []total{}}
	for p, err := range book.All(ctx, at.Store(), q, now) {
		if err != nil {
			s.partly = cmp.Or(s.partly, err)
			continue
		}
		l := line{key(p), p.Amount.Currency}
		if lines[l] == nil {
			lines[l] = &total{Key: l.key, Currency: l.currency}
		}
		sum := lines[l]
		sum.Payments++
		// what the bank took counts, whatever became of it later
		if p.Captured > 0 {
			sum.Paid++
		}
		sum.Captured, sum.Refunded = sum.Captured+p.Captured, sum.Refunded+p.Refunded
		sum.Net = sum.Captured - sum.Refunded
	}
	for _, sum := range lines {
		s.all = append(s.all, *sum)
	}
	// a map has no order, and two runs must look alike
	slices.SortFunc(s.all, func(a, b total) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Currency, b.Currency))
	})
	return s
}

// show writes the lines in the order of their keys, which for days is that of the calendar; and it
// writes no total that misses a payment without saying so.
func show(t *tool.Tool, s sums) error {
	if s.partly != nil {
		return s.partly
	}
	return t.Console.Show(struct {
		Totals []total `json:"totals"`
	}{s.all}, func(out io.Writer) {
		rows := make([][]string, len(s.all))
		for i, l := range s.all {
			sum := func(minor int64) string { return payment.Money{Minor: minor, Currency: l.Currency}.Decimal() }
			rows[i] = []string{l.Key, string(l.Currency), strconv.FormatInt(l.Payments, 10), strconv.FormatInt(l.Paid, 10),
				sum(l.Captured), sum(l.Refunded), sum(l.Net)}
		}
		console.Table(out, []string{"KEY", "CURRENCY", "PAYMENTS", "PAID", "CAPTURED", "GIVEN BACK", "NET"}, rows)
	})
}
