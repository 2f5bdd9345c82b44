package reconcile

import (
	"slices"
	"strings"

	"kassa/infra/kassa/statement"
	"kassa/shared/payment"
)

// ledger is the part of a statement that is of the day, and which of its lines have found their payment. nil is no
// statement.
type ledger struct {
	lines []statement.Line
	found []bool
}

// newLedger leaves out lines of other days: a statement may be a month's.
func newLedger(all []statement.Line, day string) *ledger {
	lines := slices.DeleteFunc(slices.Clone(all), func(l statement.Line) bool { return l.Day != "" && l.Day != day })
	return &ledger{lines, make([]bool, len(lines))}
}

// match gives each payment its lines: by the bank order, else by the RRN. Where several payments fit a line, as where
// two banks draw the same number, the one whose money moved that day goes before others, and of these the one of its
// amount.
func (l *ledger) match(all []payment.Payment, moved func(payment.Payment) bool) map[payment.ID][]statement.Line {
	named := map[payment.ID][]statement.Line{}
	if l == nil {
		return named
	}
	byOrder, byRRN := map[string][]payment.Payment{}, map[string][]payment.Payment{}
	for _, p := range all {
		if p.Handle.OrderID != "" {
			byOrder[p.Handle.OrderID] = append(byOrder[p.Handle.OrderID], p)
		}
		for _, number := range numbersOf(p) {
			byRRN[number] = append(byRRN[number], p)
		}
	}
	for i, line := range l.lines {
		fit := byOrder[line.Order]
		if line.Order == "" || len(fit) == 0 && line.RRN != "" {
			fit = byRRN[bare(line.RRN)]
		}
		if len(fit) == 0 {
			continue
		}
		p := slices.MaxFunc(fit, func(a, b payment.Payment) int { return rank(a, line, moved) - rank(b, line, moved) })
		named[p.ID] = append(named[p.ID], line)
		l.found[i] = true
	}
	return named
}

// numbersOf are those under which a statement may have a payment and what went back of it: a refund's is often its own.
func numbersOf(p payment.Payment) (all []string) {
	for _, r := range append([]payment.Refund{{BankRefundID: p.Receipt.RRN}}, p.Refunds...) {
		if r.BankRefundID != "" && !slices.Contains(all, bare(r.BankRefundID)) {
			all = append(all, bare(r.BankRefundID))
		}
	}
	return all
}

// bare is a number as a spreadsheet leaves it, without the zeros before it: an RRN often has some.
func bare(number string) string { return strings.TrimLeft(number, "0") }

// rank is how likely a line is of this payment.
func rank(p payment.Payment, line statement.Line, moved func(payment.Payment) bool) (n int) {
	if moved(p) {
		n += 2
	}
	if p.Captured == line.Amount {
		n++
	}
	return n
}

// strangers are the lines that belong to no payment, those of one order and currency together.
func (l *ledger) strangers() (rows []Row) {
	if l == nil {
		return nil
	}
	at := map[[3]string]int{}
	for i, line := range l.lines {
		if l.found[i] {
			continue
		}
		key := [3]string{line.Order, "", string(line.Currency)}
		if line.Order == "" {
			key[1] = line.RRN
		}
		n, known := at[key]
		if !known {
			n, at[key] = len(rows), len(rows)
			rows = append(rows, Row{Verdict: OnlyThere, BankOrderID: line.Order, RRN: line.RRN,
				Currency: string(line.Currency), There: figures(says("in_statement"), 0, 0)})
		}
		row := &rows[n]
		row.Lines = append(row.Lines, line.Number)
		if line.Refund {
			row.There.Refunded += line.Amount
		} else {
			row.There.Captured += line.Amount
		}
	}
	for i := range rows {
		there := rows[i].There
		rows[i].differ("payment", says("none"), says("charged", rows[i].money(there.Captured),
			rows[i].money(there.Refunded)))
	}
	return rows
}
