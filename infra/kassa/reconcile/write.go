package reconcile

import (
	_ "embed" // the page
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/days"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

// words are the verdicts for people.
func (v Verdict) words() string { return strings.ReplaceAll(string(v), "_", " ") }

// Summary is the report in one sentence.
func (r Report) Summary() string {
	if len(r.Rows) == 0 {
		return fmt.Sprintf("No money of %s moved on %s.", r.Shop, r.Day)
	}
	parts := []string{}
	for _, v := range urgency() {
		if n := r.Counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v.words()))
		}
	}
	return fmt.Sprintf("%s on %s: %s.", r.Shop, r.Day, strings.Join(parts, ", "))
}

// Table writes for a terminal what is not equal, and the totals.
func (r Report) Table(w io.Writer) {
	rows := [][]string{}
	for _, row := range r.Rows {
		if row.Verdict == Equal && row.Booked == 0 {
			continue
		}
		for i, what := range row.notes() {
			if i == 0 {
				rows = append(rows, []string{row.Verdict.words(), row.name(), row.OrderRef, row.BankOrderID, what})
			} else {
				rows = append(rows, []string{"", "", "", "", what})
			}
		}
	}
	if len(rows) > 0 {
		console.Table(w, []string{"VERDICT", "PAYMENT", "ORDER", "BANK ORDER", "WHAT (HERE / THERE)"}, rows)
		_, _ = fmt.Fprintln(w) // w is a buffer
	}
	if len(r.Totals) > 0 {
		rows = [][]string{}
		for _, t := range r.Totals {
			rows = append(rows, append([]string{t.Currency, "here"}, t.Here.cells(t.Currency)...),
				append([]string{"", "there"}, t.There.cells(t.Currency)...))
		}
		console.Table(w, []string{"CURRENCY", "SIDE", "CAPTURED", "REFUNDED", "NET"}, rows)
		_, _ = fmt.Fprintln(w) // as above
	}
	_, _ = fmt.Fprintln(w, r.Summary()) // as above
	if s := r.Statement; s != nil {     // lines of another day may be all that there is
		_, _ = fmt.Fprintf(w, "The statement, read as %s: %d lines of this day; %d of other days were left out.\n", s.Layout,
			s.Lines, s.OtherDays) // as above
	}
}

// name is the payment's id, where there is a payment.
func (r Row) name() string {
	if r.ID == "" {
		return "-"
	}
	return r.ID
}

// notes are what is to be said of a row, one a line.
func (r Row) notes() (all []string) {
	for _, d := range r.Differences {
		all = append(all, fmt.Sprintf("%s: %s / %s", d.What, d.Here, d.There))
	}
	if r.Why != "" {
		all = append(all, r.Why)
	}
	if r.Booked > 0 {
		all = append(all, "booked: "+english().Tell(r.money(r.Booked))+" that the bank's desk gave back")
	}
	if len(r.Lines) > 0 && r.Verdict != Equal {
		all = append(all, "statement, line "+numbers(r.Lines))
	}
	return all
}

// cells are the sums of one side in a row of the totals.
func (s Sums) cells(currency string) (cells []string) {
	for _, minor := range []int64{s.Captured, s.Refunded, s.Net} {
		cells = append(cells, decimal(currency, minor))
	}
	return cells
}

// decimal writes minor units of a currency as people read them.
func decimal(currency string, minor int64) string {
	return payment.Money{Minor: minor, Currency: payment.Currency(currency)}.Decimal()
}

// CSV writes every row (RFC 4180, UTF-8); amounts are decimals, and no cell is a formula to a spreadsheet.
func (r Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{{"verdict", "payment_id", "order_ref", "bank", "bank_order_id", "rrn", "currency", "here_status",
		"here_captured", "here_refunded", "there_status", "there_captured", "there_refunded", "statement_lines",
		"differences", "booked", "why"}}
	for _, row := range r.Rows {
		what := make([]string, len(row.Differences))
		for i, d := range row.Differences {
			what[i] = fmt.Sprintf("%s: %s / %s", d.What, d.Here, d.There)
		}
		cells := []string{string(row.Verdict), row.ID, row.OrderRef, row.Bank, row.BankOrderID, row.RRN, row.Currency}
		cells = append(append(cells, row.Here.cells(row.Currency)...), row.There.cells(row.Currency)...)
		cells = append(cells, numbers(row.Lines), strings.Join(what, "; "), decimal(row.Currency, row.Booked), row.Why)
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		rows = append(rows, cells)
	}
	return out.WriteAll(rows)
}

// cells are one side of a row; empty where nothing is known, which is not the same as nothing.
func (f *Figures) cells(currency string) []string {
	if f == nil {
		return []string{"", "", ""}
	}
	return []string{f.Status, decimal(currency, f.Captured), decimal(currency, f.Refunded)}
}

// harmless keeps a spreadsheet from running a text that others wrote: an order_ref may begin with any character. What
// is a number stays one.
func harmless(cell string) string {
	if number, negative := strings.CutPrefix(cell, "-"); negative && number != "" &&
		strings.Trim(number, "0123456789.") == "" {
		return cell
	}
	return days.Harmless(cell)
}

//go:embed report.html.tmpl
var page string

// HTML writes one page in a language that needs nothing beside itself: to read, to print, to send on.
func (r Report) HTML(w io.Writer, made time.Time, language string) error {
	say := english().In(language)
	t, err := template.New("report").Funcs(template.FuncMap{"decimal": decimal,
		"time":    func(at time.Time) string { return at.Format("2006-01-02 15:04 -07:00") },
		"say":     func(key string, values ...any) string { return say.Say("reconciliation."+key, values...) },
		"verdict": func(v Verdict) string { return say.Word("verdict", string(v)) },
		"sum":     func(minor int64, currency string) string { return say.Tell(sum(minor, payment.Currency(currency))) },
	}).Parse(page)
	if err != nil {
		return err
	}
	type count struct {
		Verdict Verdict
		N       int
	}
	view := struct {
		Report
		wording.Speech
		Made        time.Time
		Tally       []count
		Unequal, OK []Row
	}{Report: r, Speech: say, Made: made}
	for _, v := range urgency() {
		view.Tally = append(view.Tally, count{v, r.Counts[v]})
	}
	for _, row := range r.Rows {
		if row.Verdict == Equal {
			view.OK = append(view.OK, row)
		} else {
			view.Unequal = append(view.Unequal, row)
		}
	}
	return t.Execute(w, view)
}
