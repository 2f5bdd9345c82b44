package paymentcmd

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/payment"
)

func newShow(t *tool.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a payment as it is on record",
		Long: `Shows a payment as it is on record. No bank is asked, and neither tokens nor the bank's page are shown.

With --json: the payment as GET /v1/payments/{id} gives it (redirect_url and client_token null, order_status in our words), and "shop",
"merchant", "environment", "refundable_amount", "reviews":[..], "deliveries":[{"sequence","state","tries","at","code"}],
"resolutions":[{"sequence","at","how","by","why"}]. Amounts are minor units.

` + console.Codes,
		Example: "  kassa payment show pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod",
		Args:    tool.Exactly("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			w, err := begin(c.Context(), t)
			if err != nil {
				return err
			}
			p, err := w.load(c.Context(), args[0])
			if err != nil {
				return err
			}
			return w.show(p)
		},
	}
}

func (w work) show(p payment.Payment) error {
	return w.Console.Show(viewOf(p, w.Now()), func(out io.Writer) { people(out, p) })
}

func newHistory(t *tool.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "history ID",
		Short: "Show everything that happened to a payment, and how its shop was told",
		Long: `Shows everything that happened to a payment, oldest first, who did it, and how far the message to the shop is: new, retry, delivered,
dead, or - where the shop is not told.

With --json: {"id","history":[{"sequence","at","what","by","ref","code","delivery":{..},"why"}]}

` + console.Codes,
		Example: "  kassa payment history pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod",
		Args:    tool.Exactly("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			w, err := begin(c.Context(), t)
			if err != nil {
				return err
			}
			p, err := w.load(c.Context(), args[0])
			if err != nil {
				return err
			}
			all := historyOf(viewOf(p, t.Now()))
			return t.Console.Show(struct {
				ID      string  `json:"id"`
				History []entry `json:"history"`
			}{p.ID.String(), all}, func(out io.Writer) { historyTable(out, all) })
		},
	}
}

// search is what `kassa payment list` was told.
type search struct {
	shop, order string
	review      bool
}

func newList(t *tool.Tool) *cobra.Command {
	var s search
	c := &cobra.Command{
		Use:   "list --shop SHOP --order REF | --review",
		Short: "List the attempts to pay an order, or the payments that people must look at",
		Long: `With --shop and --order: all attempts to pay one order of a shop, newest first. With --review: all payments that people must look at,
oldest first; --shop leaves those of one shop. No bank is asked.

With --json: {"payments":[..]}, each as kassa payment show gives it.

` + console.Codes,
		Example: "  kassa payment list --shop my-shop --order 12345 --stage prod\n  kassa payment list --review --stage prod --json",
		Args:    tool.Exactly(),
		RunE:    func(c *cobra.Command, _ []string) error { return s.run(c.Context(), t) },
	}
	c.Flags().StringVar(&s.shop, "shop", "", "the shop")
	c.Flags().StringVar(&s.order, "order", "", "the shop's own number of the order (order_ref)")
	c.Flags().BoolVar(&s.review, "review", false, "payments that people must look at")
	return c
}

// mostReviews is how many payments under review are listed for each shard of the table's list.
const mostReviews = 200

func (s search) run(ctx context.Context, t *tool.Tool) error {
	if s.review == (s.order != "") || s.order != "" && s.shop == "" {
		return console.Fail(console.Usage, "say what to list: --shop SHOP --order REF, or --review")
	}
	if s.shop != "" && !vault.IsShopID(s.shop) {
		return console.Fail(console.Usage, "--shop %q is no id of a shop: it is 1 to 32 of a-z, 0-9 and -", s.shop)
	}
	w, err := begin(ctx, t)
	if err != nil {
		return err
	}
	found, partly := []payment.Payment(nil), error(nil)
	if s.review {
		found, partly = w.desk().UnderReview(ctx, mostReviews) // what could be read is shown beside the error
		found = slices.DeleteFunc(found, func(p payment.Payment) bool { return s.shop != "" && p.Shop != s.shop })
	} else {
		if found, err = w.place.Store().Attempts(ctx, payment.OrderKey(s.shop, s.order)); err != nil {
			return err
		}
		if len(found) == 0 {
			return console.Fail(console.NotFound, "the shop %s has no payment of an order %s in %s", s.shop, s.order, w.place)
		}
		slices.Reverse(found)
	}
	if partly != nil && len(found) == 0 { // an empty list would say that nobody has to look
		return partly
	}
	all := []view{}
	for _, p := range found {
		all = append(all, viewOf(p, t.Now()))
	}
	err = t.Console.Show(struct {
		Payments []view `json:"payments"`
	}{all}, func(out io.Writer) { table(out, found) })
	if partly != nil {
		return partly
	}
	return err
}
