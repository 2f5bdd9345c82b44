// Looking: show, history and list ask no bank and change nothing, so they need no name, no question and no reason.

package paymentcmd

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/shared/payment"
)

// Of an order's attempts the one that holds money is what people mean who look a payment up.
func newShow(t *tool.Tool) *cobra.Command {
	s, chosen := which{wanted: holdsMoney()}, ""
	c := s.command(t, &cobra.Command{
		Use:   "show",
		Short: "Show a payment as it is on record",
		Long: `Shows a payment as it is on record. No bank is asked, and neither tokens nor the bank's page are shown. What
people must look at is explained, with the command to type next.

With --json: the payment as GET /v1/payments/{id} gives it (redirect_url and client_token null,
order_status in our words), and "shop", "merchant", "environment", "refundable_amount", "reviews":[..],
"deliveries":[{"sequence","state","tries","at","code"}], "resolutions":[{"sequence","at","how","by","why"}].
Amounts are minor units.`,
		Example: "  kassa payment show pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod\n  kassa payment show --shop my-shop " +
			"--order 12345 --stage prod",
	}, func(_ context.Context, w work, p payment.Payment) error {
		w, err := w.in(chosen)
		if err != nil {
			return err
		}
		return w.show(p)
	})
	language(c, &chosen)
	return c
}

// show is how every command ends that has changed a payment, too: with what is on record now.
func (w work) show(p payment.Payment) error {
	return w.Console.Show(viewOf(p, w.Now()), func(out io.Writer) {
		w.writeRows(out, p)
		w.advise(out, p)
	})
}

// A history is asked for by whoever doubts what happened, so it names who did it, and how far the shop was told of each
// entry.
func newHistory(t *tool.Tool) *cobra.Command {
	s, chosen := which{wanted: holdsMoney()}, ""
	c := s.command(t, &cobra.Command{
		Use:   "history",
		Short: "Show everything that happened to a payment, and how its shop was told",
		Long: `Shows everything that happened to a payment, oldest first, who did it, and how far the message to the shop is:
new, retry, delivered, dead, or - where the shop is not told.

With --json: {"id","history":[{"sequence","at","what","by","ref","code","delivery":{..},"why"}]}`,
		Example: "  kassa payment history pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod\n  kassa payment history --shop " +
			"my-shop --order 12345 --stage prod",
	}, func(_ context.Context, w work, p payment.Payment) error {
		w, err := w.in(chosen)
		if err != nil {
			return err
		}
		all := w.historyOf(p)
		return w.Console.Show(struct {
			ID      string  `json:"id"`
			History []entry `json:"history"`
		}{p.ID.String(), all}, func(out io.Writer) { historyTable(out, all) })
	})
	language(c, &chosen)
	return c
}

// search is what `kassa payment list` was told.
type search struct {
	shop, order string
	language    string
	days        ofDays
}

// The two lists are one command, because both answer with payments; what differs is who asks: support by an order, the
// operator of the day by --review.
func newList(t *tool.Tool) *cobra.Command {
	var s search
	c := &cobra.Command{
		Use:   "list --shop SHOP {--order REF | --from DAY} | --review",
		Short: "List the attempts to pay an order, the payments of days, or those that people must look at",
		Long: `With --shop and --order: all attempts to pay one order of a shop, newest first. With --review: all payments
that people must look at, oldest first, and below them what each reason means and what to do; --shop leaves those of one
shop. With --shop and --from: the payments of days, by the UTC day of their last change, the newest first, and within it
the last created first; --csv writes a sheet for a bookkeeper, and neither that nor --json has an end. No bank is asked.

With --json: {"payments":[..]}, each as kassa payment show gives it.

` + console.Codes,
		Example: "  kassa payment list --shop my-shop --order 12345 --stage prod\n  kassa payment list --review --stage " +
			"prod --json\n  kassa payment list --shop my-shop --from 2026-11-01 --to 2026-11-28 --zone +04:00 " +
			"--csv --stage prod",
		Args: tool.Exactly(),
		RunE: func(c *cobra.Command, _ []string) error { return s.run(c.Context(), t) },
	}
	c.Flags().StringVar(&s.shop, "shop", "", "the shop")
	c.Flags().StringVar(&s.order, "order", "", "the shop's own number of the order (order_ref)")
	language(c, &s.language)
	s.days.register(c)
	return c
}

// mostReviews is how many payments under review are listed for each shard of the table's list.
const mostReviews = 200

// Neither list is cut by a page: an order has few attempts, and whoever has to look at reviews has to see all of them.
func (s search) run(ctx context.Context, t *tool.Tool) error {
	asked := 0
	s.order = orderRef(s.order)
	review := s.days.Review != nil && s.days.From == ""
	for _, one := range []bool{review, s.order != "", s.days.From != ""} {
		asked += map[bool]int{true: 1}[one]
	}
	if err := s.days.alone(t.Console.JSON); err != nil {
		return err
	}
	if asked != 1 || !review && s.shop == "" {
		return console.Fail(console.Usage,
			"say what to list: --shop SHOP --order REF, --shop SHOP --from DAY, or --review")
	}
	if err := shopForm(s.shop); err != nil {
		return err
	}
	q, zone, err := s.days.query(s.shop)
	if err != nil {
		return err
	}
	w, err := begin(ctx, t)
	if err != nil {
		return err
	}
	if w, err = w.in(s.language); err != nil {
		return err
	}
	if s.days.From != "" {
		return w.explain(s.days.run(ctx, w, q, zone))
	}
	return w.explain(s.list(ctx, w))
}

// list shows what it found even where the table failed half-way, and ends with that error: a list that is silently
// shorter would be believed.
func (s search) list(ctx context.Context, w work) error {
	found, partly := []payment.Payment(nil), error(nil)
	if s.days.Review != nil {
		found, partly = w.operator().UnderReview(ctx, mostReviews) // what could be read is shown beside the error
		found = slices.DeleteFunc(found, func(p payment.Payment) bool { return s.shop != "" && p.Shop != s.shop })
	} else {
		var err error
		if found, err = w.attempts(ctx, s.shop, s.order); err != nil {
			return err
		}
	}
	if partly != nil && len(found) == 0 { // an empty list would say that nobody has to look
		return partly
	}
	if len(found) == 0 && s.shop != "" {
		if err := w.knows(ctx, s.shop); err != nil {
			return err
		}
	}
	all := []view{}
	for _, p := range found {
		all = append(all, viewOf(p, w.Now()))
	}
	err := w.Console.Show(struct {
		Payments []view `json:"payments"`
	}{all}, func(out io.Writer) {
		table(out, found)
		w.legend(out, found)
	})
	if partly != nil {
		return partly
	}
	return err
}
