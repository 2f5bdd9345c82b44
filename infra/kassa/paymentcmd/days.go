package paymentcmd

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/amount"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/days"
	"kassa/infra/kassa/tool"
	"kassa/shared/checkout/book"
	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// mostRows is how many payments a table for people shows; a sheet or JSON has no end. More than that nobody reads at a
// terminal, and whoever means to is told what to type.
const mostRows = 1000

// ofDays is what `kassa payment list --from` was told. It is a part of the same command as the list of an order,
// since what comes out is the same.
type ofDays struct {
	days.Flags
	days.Filters
	csv bool
}

// register adds the flags, each of which says that it belongs to days: the command lists other things, too.
func (d *ofDays) register(c *cobra.Command) {
	d.Flags.Register(c)
	d.Filters.Register(c.Flags())
	c.Flags().BoolVar(&d.csv, "csv", false, "as a sheet for a bookkeeper; with --from")
}

// alone refuses what means nothing without days, and two forms at once.
func (d *ofDays) alone(inJSON bool) error {
	if d.From == "" && (d.To != "" || d.Zone != "Z" || d.Any() || d.csv) {
		return console.Fail(console.Usage, "--to, --zone, --status, --bank, --order-ref-prefix, --amount-from, --amount-to, "+
			"--late, --overpaid, --review=false, --changed and --csv go with --from")
	}
	if d.csv && inJSON {
		return console.Fail(console.Usage, "take --csv or --json, not both")
	}
	return nil
}

// query reads what was typed about days; nothing where none was.
func (d *ofDays) query(shop string) (q book.Query, zone *time.Location, err error) {
	if d.From == "" {
		return q, nil, nil
	}
	d.Shop = shop
	q, zone, err = d.Query()
	return q, zone, console.All(err, d.Apply(&q, amount.Bound))
}

// run lists in the form that was asked for. What cannot be read is left out and ends the command with its error, after
// everything else was written: a list that is silently shorter would be believed.
func (d *ofDays) run(ctx context.Context, w work, q book.Query, zone *time.Location) error {
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
		Use:   "find TEXT {--shop SHOP [--from DAY]}",
		Short: "Find payments by a number that somebody has",
		Long: `Finds payments by the number that a customer, a bank or a statement gives. It must be the whole number. A
payment's id needs nothing else, and the shop's number of an order only --shop: both are there at once. With --from it
is also looked for as the bank's number of an order, a refund's id (ours or the bank's), and the retrieval reference
number (RRN), among the payments of the shop whose last change was on the days given, the newest first. These numbers
stand in no index, so all of these days is looked through: how far it is, it tells on standard error.

With --json: {"payments":[..]}, each as kassa payment show gives it.

` + console.Codes,
		Example: "  kassa payment find 12345 --shop my-shop --stage prod\n  kassa payment find 614012345678 --shop my-shop " +
			"--from 2026-11-01 --to 2026-11-28 --stage prod",
		Args: tool.Exactly("TEXT"),
		RunE: func(c *cobra.Command, args []string) error { return find(c.Context(), t, &d, args[0]) },
	}
	c.Flags().StringVar(&d.Shop, "shop", "", "the shop")
	d.Register(c)
	return c
}

// find begins with what is read directly, and looks through days only where days were typed: the number of one order
// may be the bank's of another, so a hit ends nothing.
func find(ctx context.Context, t *tool.Tool, d *days.Flags, text string) error {
	number := strings.TrimSpace(text)
	var q book.Query
	var err error
	id, direct := payment.ParseID(number)
	switch {
	case number == "":
		err = console.Fail(console.Usage, "say what to find: the number is empty")
	case direct: // it says by itself where it is
	case *d == days.Flags{Shop: d.Shop, Zone: "Z"} && d.Shop != "":
		err = shopForm(d.Shop)
	default:
		q, _, err = d.Query()
	}
	if err != nil {
		return err
	}
	w, err := begin(ctx, t)
	if err != nil {
		return err
	}
	if direct {
		p, err := w.load(ctx, id.String())
		if err != nil {
			return w.explain(err)
		}
		return w.found([]payment.Payment{p})
	}
	// by the last change: that is how the book goes, and so no day is read in vain
	q.Changed = true
	return w.explain(w.seek(ctx, q, d.Shop, number))
}

// seek shows what goes by the number, and what could not be read as an error behind it.
func (w work) seek(ctx context.Context, q book.Query, shop, number string) error {
	// an order's number has one form; the others are of plain letters, which that form leaves as they are
	number = field.Ref(number)
	found, partly := w.stage.Store().Attempts(ctx, payment.OrderKey(shop, number))
	slices.Reverse(found)
	looked := 0
	if !q.From.IsZero() {
		progress := func(payments int) {
			looked = payments
			w.Console.Note("%d payments looked at", looked)
		}
		q.Number = number
		for p, err := range book.Find(ctx, w.stage.Store(), q, w.Now(), progress) {
			partly = cmp.Or(partly, err)
			if err == nil && !slices.ContainsFunc(found, func(f payment.Payment) bool { return f.ID == p.ID }) {
				found = append(found, p)
			}
		}
	}
	switch {
	case len(found) > 0:
		return cmp.Or(w.found(found), partly)
	case partly != nil:
		return partly
	case q.From.IsZero():
		return console.Fail(console.NotFound, "the shop %s has no order %q; with --from it is also looked for as a bank's "+
			"number, a refund's and an RRN", shop, number)
	}
	return console.Fail(console.NotFound, "there is no order %q, and none of %d payments of these days has that number; "+
		"take more days (a payment stands on that of its last change), or look whether it is another shop's", number, looked)
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
