package bookcmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// New makes the command that only holds others.
func New(t *tool.Tool) *cobra.Command {
	return tool.Group("book", "Look after the list of payments by day", newFill(t))
}

// filling is what `kassa book fill` was told. It has no right to scan the table, and needs none: a shop knows its
// orders, and the order is the key.
type filling struct {
	shop, orders string
	rate         int
	behind       int // lines to pass over
}

// newFill makes the command. The file comes from outside, because the table has no list of what is missing from a list:
// only a scan would find that, and nobody has the right to one.
func newFill(t *tool.Tool) *cobra.Command {
	var f filling
	c := &cobra.Command{
		Use:   "fill --shop SHOP --orders FILE",
		Short: "Enter payments of before the book was there",
		Long: `Enters payments in the book that were made before there was one. Every payment enters at its next change by
itself; this is for those that will not change any more. FILE holds the shop's orders (order_ref), one a line: from the
shop's own system, or from an export of the table. The table is not scanned.

Nothing about a payment changes, and no shop is told anything. What stands in the book already is passed over, so a run
that was cut off may simply be run again; --behind passes over the lines that it had told of. At the usual rate of 20 a
second 100,000 orders take an hour and a half. An order costs nine queries and, where there is something to enter, one
write.

` + console.Codes,
		Example: "  kassa book fill --shop my-shop --orders orders.txt --stage prod",
		Args:    tool.Exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			at, err := t.Flags.Open(c.Context())
			if err != nil {
				return err
			}
			return f.run(c.Context(), t, at)
		},
	}
	c.Flags().StringVar(&f.shop, "shop", "", "the shop")
	c.Flags().StringVar(&f.orders, "orders", "", "the `file` of orders, one a line")
	c.Flags().IntVar(&f.rate, "rate", 20, "how many orders a second, 1 to 1000")
	c.Flags().IntVar(&f.behind, "behind", 0, "how many lines to pass over")
	return c
}

// check gives all that is wrong with what was typed at once.
func (f filling) check() error {
	var wrong []error
	if !vault.IsShopID(f.shop) {
		wrong = append(wrong, console.Fail(console.Usage, "--shop is needed: the id of a shop, 1 to 32 of a-z, 0-9 and -"))
	}
	if f.orders == "" {
		wrong = append(wrong, console.Fail(console.Usage, "--orders is needed: a file with an order (order_ref) a line"))
	}
	if f.rate < 1 || f.rate > 1000 {
		wrong = append(wrong, console.Fail(console.Usage, "--rate is 1 to 1000 orders a second"))
	}
	if f.behind < 0 {
		wrong = append(wrong, console.Fail(console.Usage, "--behind is a number of lines"))
	}
	return console.All(wrong...)
}

// every is after how many lines a run tells how far it is: at the usual rate, a minute or so.
const every = 1000

// run goes through the file line by line, at the rate: payments go on while it does, and the table's first writes in
// a second are theirs. A line whose order is unknown is counted and no error, since a shop has orders that nobody
// paid here.
func (f filling) run(ctx context.Context, t *tool.Tool, at stage.Stage) error {
	file, err := os.Open(f.orders)
	if err != nil {
		return console.Fail(console.Usage, "--orders: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	// each line waits for its turn, so a second has so many at most
	turn := time.NewTicker(time.Second / time.Duration(f.rate))
	defer turn.Stop()
	// lines are counted from the beginning of the file, those that are passed over among them
	lines, entered, unknown := 0, 0, 0
	text := bufio.NewScanner(file)
	for text.Scan() {
		if lines++; lines <= f.behind || strings.TrimSpace(text.Text()) == "" {
			continue
		}
		select {
		case <-ctx.Done():
			return f.cut(t, lines-1, ctx.Err())
		case <-turn.C:
		}
		order := strings.TrimPrefix(text.Text(), "\uFEFF") // a mark before the first, by which editors know UTF-8
		attempts, err := at.Store().Attempts(ctx, payment.OrderKey(f.shop, strings.TrimSpace(field.Ref(order))))
		if err != nil {
			return f.cut(t, lines-1, err)
		}
		if len(attempts) == 0 {
			unknown++
		}
		for _, p := range attempts {
			done, err := enter(ctx, at, p)
			if err != nil {
				return f.cut(t, lines-1, err)
			}
			entered += map[bool]int{true: 1}[done]
		}
		if lines%every == 0 {
			t.Console.Note("%d lines, %d payments entered", lines, entered)
		}
	}
	if err := text.Err(); err != nil {
		return console.Fail(console.Usage, "--orders: line %d cannot be read: %w", lines+1, err)
	}
	t.Console.Note("%d lines, %d payments entered, %d orders of which the shop %s has no payment", lines, entered,
		unknown, f.shop)
	return nil
}

// cut says where to go on: the line at which it ended was not done.
func (f filling) cut(t *tool.Tool, lines int, err error) error {
	t.Console.Note("cut off; to go on, add --behind %d", lines)
	return err
}

// enter saves a payment as it is, unless the book has it. The index is asked and not the item: an older version in a
// roll-out carries the attribute on as it was, and leaves the payment on a day that is over. Who saved it in between
// has entered it, too.
func enter(ctx context.Context, at stage.Stage, p payment.Payment) (bool, error) {
	listed, err := at.Store().Book(ctx, payment.BookPart{Shop: p.Shop, Day: p.ChangedAt(), Since: p.CreatedAt,
		Until: p.CreatedAt.Add(time.Millisecond), Limit: 1000})
	if err != nil || slices.ContainsFunc(listed, func(e payment.BookEntry) bool { return e.ID == p.ID }) {
		return false, err
	}
	if _, err = at.Store().Save(ctx, p); errors.Is(err, payment.ErrConflict) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("enter %s: %w", p.ID, err)
	}
	return true, nil
}
