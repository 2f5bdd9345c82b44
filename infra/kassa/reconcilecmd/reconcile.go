// Package reconcilecmd is `kassa reconcile`: a shop's bank day, compared with the bank.
package reconcilecmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/reconcile"
	"kassa/infra/kassa/statement"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/boot"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

// flags is what `kassa reconcile` was told.
type flags struct {
	shop, bank, day, statement, layout, language string

	csv, html, book bool
	rate            int
}

// New makes the command.
func New(t *tool.Tool) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:   "reconcile --shop SHOP --day DAY [--statement FILE]",
		Short: "Compare a bank day of a shop with what the bank says of it",
		Long: `Asks the bank about each payment of a shop whose money moved in a bank day, and compares state, amount, what
went back, and the operations that the bank lists. The day is the bank's: its midnight counts, not yours. The bank is
asked from this machine, --rate times a second at most; one that fails three times in a row is left alone, and what was
not asked is told. Nothing is written, unless --book is there.

--statement matches what the bank has settled, a CSV or XLSX file, by the bank's order or the RRN, and by amount. Lines
of other days are left out, where it has dates. How the file is laid out is found among
` + strings.Join(names(), ", ") + `; --layout names a YAML file for another one:

  order: [Order ID]        headings; order or rrn is needed, and amount; each may have several
  rrn: [RRN]
  amount: [Amount]
  currency: [Currency]
  kind: [Operation]        the column that tells charges and refunds apart; without it a minus is a refund
  charges: [Purchase]
  refunds: [Refund]
  date: [Date]
  date_form: dd.mm.yyyy    or dd/mm/yyyy, yyyy-mm-dd, dd.mm.yy, dd-mm-yyyy, mm/dd/yyyy, yyyymmdd
  decimal: ","             or ".", auto
  separator: ";"           or ",", tab, auto
  encoding: auto           or utf-8, windows-1251; UTF-16 is known by its mark
  sheet: Sheet1            of an XLSX file (default the one that has lines)
  totals: [Total]          words of a row that sums up and names no order
  repeats: false           true where the same line may stand twice

What is wrong with a file is told by line, all at once; nothing is asked then.

--book puts on record what the bank proves to have given back at its own desk, as the next question of Kassa's own
would.

The report is a table of what is not equal; with --json, --csv or --html it is all of it. --html is one page that needs
nothing beside itself, in the language that --language names.

With --json: {"shop","stage","day","banks":[{"bank","from","until"}],"statement":{"file","layout","lines","other_days"}
or null,"booking","counts":{"only_there","only_here","differs","not_asked","equal"},"totals":[{"currency",
"here":{"captured","refunded","net"},"there":{..},"unasked"}],"rows":[{"verdict","payment_id","order_ref","bank",
"bank_order_id","rrn","currency","here":{"status","captured","refunded"},"there":{..} or null,"statement_lines":[..],
"differences":[{"what","here","there"}],"booked","why"}]}; minor units.

Exit codes: 0 all is equal, 1 something differs, 2 the command line or the statement is wrong, 3 no such shop, 4 not
everything could be asked and nothing else differs: the same once more is safe.`,
		Example: `  kassa reconcile --shop my-shop --day 2026-11-27 --stage prod
  kassa reconcile --shop my-shop --day 2026-11-27 --statement bank.xlsx --html --stage prod > report.html
  kassa reconcile --shop my-shop --day 2026-11-27 --book --stage prod`,
		Args: tool.Exactly(),
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), t) },
	}
	c.Flags().StringVar(&f.shop, "shop", "", "the shop")
	c.Flags().StringVar(&f.day, "day", "", "the bank day, such as 2026-11-27")
	c.Flags().StringVar(&f.bank, "bank", "", "payments of this bank alone")
	c.Flags().StringVar(&f.statement, "statement", "", "what the bank has settled: a CSV or XLSX `file`")
	c.Flags().StringVar(&f.layout, "layout", "", "how the statement is laid out: a YAML `file`, or the name of a layout")
	c.Flags().BoolVar(&f.csv, "csv", false, "the report as CSV")
	c.Flags().BoolVar(&f.html, "html", false, "the report as one HTML page")
	c.Flags().StringVar(&f.language, "language", wording.Languages()[0],
		"of the HTML page: "+strings.Join(wording.Languages(), ", "))
	c.Flags().BoolVar(&f.book, "book", false, "put refunds of the bank's own desk on record")
	c.Flags().IntVar(&f.rate, "rate", reconcile.Polite, "at most so many questions a second, 1 to 20")
	return c
}

// names are the layouts that come with Kassa.
func names() (all []string) {
	for _, l := range statement.Examples() {
		all = append(all, l.Name)
	}
	return all
}

// check reads what was typed, and gives all that is wrong with it at once.
func (f flags) check(t *tool.Tool) (time.Time, error) {
	var wrong []error
	fault := func(bad bool, format string, values ...any) {
		if bad {
			wrong = append(wrong, console.Fail(console.Usage, format, values...))
		}
	}
	fault(!vault.IsShopID(f.shop), "--shop %q is no id of a shop: it is 1 to 32 of a-z, 0-9 and -", f.shop)
	day, err := time.Parse(time.DateOnly, f.day)
	fault(err != nil, "--day %q is no day: it is written as in 2026-11-27", f.day)
	fault(err == nil && day.After(t.Now().Add(14*time.Hour)), "the day %s has not begun yet", f.day)
	fault(err == nil && day.Before(t.Now().AddDate(0, 0, -reconcile.Oldest)), "the day %s is more than %d days ago", f.day,
		reconcile.Oldest)
	fault(f.bank != "" && boot.Profiles()[f.bank].Name == "", "--bank %q is no bank", f.bank)
	fault(f.layout != "" && f.statement == "", "--layout goes with --statement")
	fault(!slices.Contains(wording.Languages(), f.language), "--language %q is none; there are %s", f.language,
		strings.Join(wording.Languages(), ", "))
	fault(f.rate < 1 || f.rate > 20, "--rate must be 1 to 20")
	formats := 0
	for _, one := range []bool{f.csv, f.html, t.Console.JSON} {
		if one {
			formats++
		}
	}
	fault(formats > 1, "choose one of --json, --csv and --html")
	return day, console.All(wrong...)
}

// run compares and shows. What is wrong with the command line or the statement is told before any bank is asked.
func (f flags) run(ctx context.Context, t *tool.Tool) error {
	day, err := f.check(t)
	if err != nil {
		return err
	}
	q := reconcile.Request{Shop: f.shop, Bank: f.bank, Day: day, Book: f.book}
	if f.statement != "" {
		if q.Statement, err = f.reader(); err != nil {
			return err
		}
	}
	at, err := t.Flags.Open(ctx)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(t.Console.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	service := at.Service(log)
	report, err := reconcile.Reconciler{Payments: reconcile.FromBook(at.Store(), t.Now), Banks: service.Banks,
		Usual: boot.Profiles(), Store: at.Store(), Now: t.Now, Pace: reconcile.Pace(f.rate),
		Progress: t.Console.Progress("asking the bank")}.Run(ctx, q)
	if problems, are := errors.AsType[statement.Problems](err); are {
		return refuse(t, f.statement, problems)
	}
	if errors.Is(err, reconcile.ErrWhichBank) {
		return console.Fail(console.Usage, "%w", err)
	}
	if err != nil {
		return err
	}
	if len(report.Rows) == 0 { // nothing found must not look like nothing there
		v := vault.New(at.Secrets(), at.Name)
		if _, found, err := v.Read(ctx, v.ShopName(f.shop)); err != nil || !found {
			return cmp.Or(err, t.NoShop(&payment.Error{Kind: payment.NotFound,
				Message: fmt.Sprintf("there is no shop %q in %s", f.shop, at)}))
		}
	}
	report.Stage = at.Name
	if report.Statement != nil {
		report.Statement.File = filepath.Base(f.statement)
	}
	if err := f.write(t, report); err != nil {
		return err
	}
	return verdict(report)
}

// verdict is how the command ends. A difference is one whatever else could not be asked, so it goes before.
func verdict(r reconcile.Report) error {
	switch unasked := r.Unasked(); {
	case r.Unlike() > 0 && unasked > 0:
		return console.Fail(console.Failed, "%d differ, and %d could not be asked", r.Unlike(), unasked)
	case r.Unlike() > 0:
		return console.Fail(console.Failed, "%d differ", r.Unlike())
	case unasked > 0:
		return console.Fail(console.TryAgain, "%d could not be asked; nothing else differs", unasked)
	}
	return nil
}

// write shows the report in the one form that was chosen.
func (f flags) write(t *tool.Tool, r reconcile.Report) error {
	switch {
	case f.csv:
		return r.CSV(t.Console.Out)
	case f.html:
		return r.HTML(t.Console.Out, t.Now(), f.language)
	}
	return t.Console.Show(r, func(w io.Writer) { r.Table(w) })
}

// reader reads the statement by the layout that was named, or by those that come with Kassa. The file is read before
// anything else is done, and understood once the shop's currency is known: many a statement names none.
func (f flags) reader() (func(payment.Currency) (statement.Statement, error), error) {
	layouts := statement.Examples()
	if f.layout != "" {
		one, err := layout(f.layout, layouts)
		if err != nil {
			return nil, err
		}
		layouts = []statement.Layout{one}
	}
	// a file that is no statement at all may be of any size, and is not to fill the memory
	if info, err := os.Stat(f.statement); err == nil && info.Size() > statement.MaxBytes {
		return nil, console.Fail(console.Usage, "%s is larger than %d MB: cut it by days", f.statement,
			statement.MaxBytes>>20)
	}
	file, err := os.ReadFile(f.statement)
	if err != nil {
		return nil, console.Fail(console.Usage, "the statement cannot be read: %w", err)
	}
	return func(usual payment.Currency) (statement.Statement, error) { return statement.Read(file, layouts, usual) }, nil
}

// layout is one that comes with Kassa, or that of a file.
func layout(name string, known []statement.Layout) (statement.Layout, error) {
	for _, l := range known {
		if l.Name == name {
			return l, nil
		}
	}
	text, err := os.ReadFile(name) //nolint:gosec // whoever typed the command named it
	if err != nil {
		return statement.Layout{}, console.Fail(console.Usage, "--layout %s is neither a file that can be read nor one of %s",
			name, strings.Join(names(), ", "))
	}
	l, err := statement.ReadLayout(name, text)
	if err != nil {
		return l, console.Fail(console.Usage, "%s", strings.ReplaceAll(err.Error(), "\n", ";"))
	}
	return l, nil
}

// refuse tells everything that is wrong with a statement, a line each.
func refuse(t *tool.Tool, file string, problems statement.Problems) error {
	for _, line := range strings.Split(strings.TrimPrefix(problems.Error(), "\n"), "\n") {
		t.Console.Note("%s", console.Plain(line))
	}
	return console.Fail(console.Usage, "the statement %s was not read, and nobody was asked", file)
}
