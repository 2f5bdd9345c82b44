// Package bookcmd is `kassa totals` and `kassa book`: what a shop took on days, and the book that says so.
//
// Totals are added up from the payments themselves, each time anew. Nothing keeps a running sum: it would have to be
// written with every payment, by whoever saves it, and could be wrong without anybody seeing it.
package bookcmd

import (
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/days"
	"kassa/infra/kassa/tool"
	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// total is one line as JSON; amounts are minor units.
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
			all, err := book.Totals(c.Context(), at.Store(), q, t.Now(), key(by, zone))
			if err != nil { // no total that misses a payment
				return err
			}
			return show(t, all)
		},
	}
	c.Flags().StringVar(&d.Shop, "shop", "", "the shop")
	d.Register(c)
	c.Flags().StringVar(&by, "by", "day", "what each line adds up: day, bank or status")
	return c
}

// key is what payments of one line have in common. A day is that of the creation, where the days of the command begin.
func key(by string, zone *time.Location) func(payment.Summary) string {
	return func(p payment.Summary) string {
		switch by {
		case "bank":
			return p.Bank
		case "status":
			return string(p.Status)
		}
		return p.CreatedAt.In(zone).Format(time.DateOnly)
	}
}

// show writes the lines in the order of their keys, which for days is that of the calendar.
func show(t *tool.Tool, all []book.Total) error {
	lines, rows := make([]total, len(all)), make([][]string, len(all))
	for i, l := range all {
		lines[i] = total{l.Key, l.Currency, l.Payments, l.Paid, l.Captured, l.Refunded, l.Captured - l.Refunded}
		sum := func(minor int64) string { return payment.Money{Minor: minor, Currency: l.Currency}.Decimal() }
		rows[i] = []string{l.Key, string(l.Currency), strconv.FormatInt(l.Payments, 10), strconv.FormatInt(l.Paid, 10),
			sum(l.Captured), sum(l.Refunded), sum(lines[i].Net)}
	}
	return t.Console.Show(struct {
		Totals []total `json:"totals"`
	}{lines}, func(out io.Writer) {
		console.Table(out, []string{"KEY", "CURRENCY", "PAYMENTS", "PAID", "CAPTURED", "GIVEN BACK", "NET"}, rows)
	})
}
