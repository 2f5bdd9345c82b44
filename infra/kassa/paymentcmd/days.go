package paymentcmd

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/days"
	"kassa/infra/kassa/tool"
	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// mostRows is how many payments a table for people shows; a sheet or JSON has no end. More than that nobody reads at a
// terminal, and whoever means to is told what to type.
const mostRows = 1000

// ofDays is what `kassa payment list --from` was told. It is a part of the same command as the list of an order,
// since what comes out is the same.
type ofDays struct {
	days.Flags
	status, bank string
	changed, csv bool
}

// register adds the flags, each of which says that it belongs to days: the command lists other things, too.
func (d *ofDays) register(c *cobra.Command) {
	d.Register(c)
	c.Flags().StringVar(&d.status, "status", "", "only these `statuses`, separated by commas; with --from")
	c.Flags().StringVar(&d.bank, "bank", "", "only of this bank; with --from")
	c.Flags().BoolVar(&d.changed, "changed", false, "by the last change and not by the creation; with --from")
	c.Flags().BoolVar(&d.csv, "csv", false, "as a sheet for a bookkeeper; with --from")
}

// alone refuses what means nothing without days, and two forms at once.
func (d *ofDays) alone(inJSON bool) error {
	if d.From == "" && (d.To != "" || d.Zone != "Z" || d.status != "" || d.bank != "" || d.changed || d.csv) {
		return console.Fail(console.Usage, "--to, --zone, --status, --bank, --changed and --csv go with --from")
	}
	if d.csv && inJSON {
		return console.Fail(console.Usage, "take --csv or --json, not both")
	}
	return nil
}

// run lists in the form that was asked for. What cannot be read is left out and ends the command with its error, after
// everything else was written: a list that is silently shorter would be believed.
func (d *ofDays) run(ctx context.Context, w work, shop string) error {
	d.Shop = shop
	q, zone, err := d.Query()
	statuses, wrong := days.Statuses(d.status)
	if err = console.All(err, wrong); err != nil {
		return err
	}
	q.Statuses, q.Bank, q.Changed = statuses, d.bank, d.changed
	all := book.All(ctx, w.stage.Store(), q, w.Now())
	switch {
	case d.csv:
		return w.sheet(all, zone)
	case w.Console.JSON:
		return w.stream(all)
	}
	return w.rows(all)
}

// sheet writes rows as they come: a year of payments takes no more memory than a day.
func (w work) sheet(all iter.Seq2[payment.Payment, error], zone *time.Location) error {
	s := days.NewSheet(w.Console.Out, zone)
	var partly error
	for p, err := range all {
		if err != nil {
			partly = cmp.Or(partly, err)
			continue
		}
		s.Add(p)
	}
	return cmp.Or(s.Err(), partly)
}

// stream writes JSON as it comes, in the shape that the other lists have.
func (w work) stream(all iter.Seq2[payment.Payment, error]) error {
	// by hand, because an encoder would want all of them at once
	var partly error
	out, begun := w.Console.Out, false
	_, failed := io.WriteString(out, `{"payments": [`)
	for p, err := range all {
		if err != nil {
			partly = cmp.Or(partly, err)
			continue
		}
		text, err := json.Marshal(viewOf(p, w.Now()))
		if err != nil {
			return fmt.Errorf("write the result: %w", err)
		}
		_, err = fmt.Fprintf(out, "%s\n%s", map[bool]string{true: ","}[begun], text)
		failed, begun = cmp.Or(failed, err), true
	}
	_, err := io.WriteString(out, "\n]}\n")
	if failed = cmp.Or(failed, err); failed != nil {
		return fmt.Errorf("write the result: %w", failed)
	}
	return partly
}

// rows writes a table, whose columns are as wide as their widest cell: so it has to be held, and is bounded.
func (w work) rows(all iter.Seq2[payment.Payment, error]) error {
	var found []payment.Payment
	var partly error
	for p, err := range all {
		if err != nil {
			partly = cmp.Or(partly, err)
			continue
		}
		if len(found) == mostRows {
			w.Console.Note("there are more than %d; take fewer days, or --csv or --json, which have no end", mostRows)
			break
		}
		found = append(found, p)
	}
	err := w.Console.Show(nil, func(out io.Writer) { table(out, found) })
	return cmp.Or(err, partly)
}

// newFind makes the command for whoever has a number and no order: a customer's receipt, a line of a statement, a
// question of the bank's.
func newFind(t *tool.Tool) *cobra.Command {
	var d days.Flags
	c := &cobra.Command{
		Use:   "find TEXT --shop SHOP --from DAY",
		Short: "Find payments by a number that somebody has",
		Long: `Finds payments by the number that a customer, a bank or a statement gives: the payment's id, the order, the
bank's number of the order, a refund's id (ours or the bank's), or the retrieval reference number (RRN). It must be the
whole number. What is looked through are the payments of the shop whose last change was on the days given, the newest
first; a payment's id needs neither shop nor days. All of these days is read, so a month of 100,000 payments takes a
while: how far it is, it tells on standard error.

With --json: {"payments":[..]}, each as kassa payment show gives it.

` + console.Codes,
		Example: "  kassa payment find 614012345678 --shop my-shop --from 2026-11-01 --to 2026-11-28 --stage prod",
		Args:    tool.Exactly("TEXT"),
		RunE: func(c *cobra.Command, args []string) error {
			text := strings.TrimSpace(args[0])
			// an id is the key of its item
			if id, ok := payment.ParseID(text); ok {
				return one(c.Context(), t, id)
			}
			q, _, err := d.Query()
			if err != nil {
				return err
			}
			// by the last change: that is how the book goes, and so no day is read in vain
			q.Changed = true
			w, err := begin(c.Context(), t)
			if err != nil {
				return err
			}
			return w.explain(w.seek(c.Context(), q, text))
		},
	}
	c.Flags().StringVar(&d.Shop, "shop", "", "the shop")
	d.Register(c)
	return c
}

// one shows the payment of an id, which says by itself where it is: no book is needed.
func one(ctx context.Context, t *tool.Tool, id payment.ID) error {
	w, err := begin(ctx, t)
	if err != nil {
		return err
	}
	p, err := w.load(ctx, id.String())
	if err != nil {
		return w.explain(err)
	}
	return w.found([]payment.Payment{p})
}

// seek looks through the book. No index knows these numbers: one for each would cost every payment a write more, for
// what is asked a few times a day.
func (w work) seek(ctx context.Context, q book.Query, text string) error {
	found, looked, partly := []payment.Payment(nil), 0, error(nil)
	for p, err := range book.All(ctx, w.stage.Store(), q, w.Now()) {
		if err != nil {
			partly = cmp.Or(partly, err)
			continue
		}
		// how far it is, for whoever wonders whether it hangs
		if looked++; looked%1000 == 0 {
			w.Console.Note("%d payments looked at, back to %s", looked, stamp(p.ChangedAt()))
		}
		if book.Known(p, text) {
			found = append(found, p)
		}
	}
	if partly != nil && len(found) == 0 {
		return partly
	}
	if len(found) == 0 {
		return console.Fail(console.NotFound, "none of %d payments of these days has the number %s; take more days, or look "+
			"whether it is another shop's", looked, text)
	}
	return cmp.Or(w.found(found), partly)
}

// found shows what was found as the other lists do.
func (w work) found(all []payment.Payment) error {
	views := []view{}
	for _, p := range all {
		views = append(views, viewOf(p, w.Now()))
	}
	return w.Console.Show(struct {
		Payments []view `json:"payments"`
	}{views}, func(out io.Writer) { table(out, all) })
}
