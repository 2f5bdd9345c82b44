// Package statement reads what a bank has settled, as its cabinet or its clerk gives it: a CSV file or an XLSX sheet.
// Which column is which is settings, a Layout. It is strict about money: what can be read in two ways is refused, by
// line, with what to do, and all that is wrong is told at once.
package statement

import (
	"bytes"
	_ "embed" // for the texts
	"slices"
	"strings"
	"time"
	"unicode"

	"kassa/shared/payment"
	"kassa/shared/wording"
)

// Bounds of a statement.
const (
	MaxBytes = 32 << 20 // of the file, and of a sheet once it is unpacked
	maxLines = 200_000
)

// Line is one charge or one refund.
type Line struct {
	Number   int    // in the file, from 1
	Order    string // the bank order, "" where there is no such column
	RRN      string
	Amount   int64 // minor units, above nothing
	Refund   bool  // it went back to the customer
	Currency payment.Currency
	Day      string // 2006-01-02 in the bank's zone, "" where there is no such column
}

// Statement is what was read.
type Statement struct {
	Layout string // the name of the layout that fitted
	Lines  []Line
}

// Problem is what is wrong with a line; 0 is the file as a whole.
type Problem struct {
	Line int
	Text wording.Phrase
}

// Problems are everything that is wrong with a statement.
type Problems []Problem

// Words are the texts of problems, which whoever tells them adds to the table.
//
//go:embed words.txt
var Words string

// mostShown is how many problems are told: what comes after them is more of the same.
const mostShown = 40

// In tells them in a language, one each, and at their end how many more there are.
func (p Problems) In(say wording.Speech) (all []string) {
	for _, one := range p[:min(len(p), mostShown)] {
		if one.Line > 0 {
			one.Text = wording.Says("statement.line", one.Line, one.Text)
		}
		all = append(all, say.Tell(one.Text))
	}
	if more := len(p) - mostShown; more > 0 {
		all = append(all, say.Say("statement.more", more))
	}
	return all
}

// Error lists them in English, one a line.
func (p Problems) Error() string {
	texts, err := wording.Read(Words)
	if err != nil { // which a test finds
		return err.Error()
	}
	return "\n  " + strings.Join(p.In(texts.In("en")), "\n  ")
}

// says is a problem of a line in the words of the table.
func says(key string, line int, values ...any) Problem {
	return Problem{line, wording.Says("statement."+key, values...)}
}

// Read reads a file by the first of the layouts whose columns it has. usual is the currency of lines that name none.
// The error is Problems.
func Read(file []byte, layouts []Layout, usual payment.Currency) (Statement, error) {
	if len(file) == 0 {
		return Statement{}, Problems{says("empty", 0)}
	}
	if len(file) > MaxBytes {
		return Statement{}, Problems{says("large", 0, MaxBytes>>20)}
	}
	var sheets []sheet // nil of a text
	if bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		var why *Problem
		if sheets, why = workbook(file); why != nil {
			return Statement{}, Problems{*why}
		}
	}
	var missing Problems
	for _, l := range layouts {
		table, at, why := l.fit(file, sheets)
		if why != nil {
			missing = append(missing, says("by_layout", why.Line, l.Name, why.Text))
			continue
		}
		lines, wrong := l.lines(table, at, usual)
		if len(wrong) > 0 {
			return Statement{}, wrong
		}
		return Statement{Layout: l.Name, Lines: lines}, nil
	}
	return Statement{}, missing
}

// row is one line of the file, as text.
type row struct {
	number int
	cells  []string
	zero   time.Time // of a spreadsheet: the day that it counts days from; numbers are as it holds them
}

// sheet says whether the row is of a spreadsheet.
func (r row) sheet() bool { return !r.zero.IsZero() }

// cell is one cell; a row may end before the head does.
func (r row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return clean(r.cells[i])
}

// clean is a cell without the blanks around it, of whatever kind.
func clean(cell string) string {
	return strings.TrimFunc(cell, func(r rune) bool { return r == 0xFEFF || isBlank(r) || r == '\r' || r == '\n' })
}

// width is how many cells there are, without empty ones at the end.
func (r row) width() int {
	n := len(r.cells)
	for n > 0 && clean(r.cells[n-1]) == "" {
		n--
	}
	return n
}

// remark says whether all that there is are words in one cell, such as when the file was made and by whom. A line has a
// number and an amount at least, and no number has a blank in it. An amount without its number is none, and neither is
// a whole line that a program has put in quotes.
func (l Layout) remark(r row, at columns) bool {
	text := ""
	for i := range r.cells {
		cell := r.cell(i)
		if cell != "" && text != "" {
			return false
		}
		text += cell
	}
	quoted := slices.ContainsFunc([]string{";", ",", "\t"}, func(separator string) bool {
		return strings.Count(text, separator) >= at.width-1
	})
	_, _, _, why := l.amount(r.cell(at.amount), r.sheet())
	return strings.ContainsFunc(text, isBlank) && strings.ContainsFunc(text, unicode.IsLetter) && !quoted && why != nil
}

// size is about how many bytes of memory the row takes, where its cells share no text.
func (r row) size() (bytes int) {
	for _, cell := range r.cells {
		bytes += 16 + len(cell)
	}
	return bytes
}

// lines reads the rows below the head.
func (l Layout) lines(rows []row, at columns, usual payment.Currency) (lines []Line, wrong Problems) {
	seen := map[string]int{}
	for _, r := range rows {
		if r.width() == 0 || l.remark(r, at) || l.total(r, at) || l.headed(r, at) {
			continue
		}
		if len(lines) == maxLines {
			return nil, Problems{tooMany(r.number)}
		}
		key := strings.Join(r.cells, "\x00")
		if first, again := seen[key]; again && !l.Repeats {
			wrong = append(wrong, says("same", r.number, first))
			continue
		}
		seen[key] = r.number
		line, problems := l.line(r, at, usual)
		lines, wrong = append(lines, line), append(wrong, problems...)
	}
	return lines, wrong
}

func tooMany(line int) Problem { return says("many", line, maxLines) }

// total says whether a row is a sum below the lines and no line: it has the word where a line has something else, or
// names no order. A comment, or a merchant's name, may be the word of a line.
func (l Layout) total(r row, at columns) bool {
	nameless := r.cell(at.order) == "" && r.cell(at.rrn) == ""
	for i := range r.cells {
		if cell := strings.TrimRight(r.cell(i), ": "); nameless || slices.Contains([]int{at.order, at.rrn, at.kind,
			at.date, at.currency}, i) {
			if slices.ContainsFunc(l.Totals, func(word string) bool { return same(cell, word) }) {
				return true
			}
		}
	}
	return false
}

// headed says whether a row is the head once more, as it is printed on each page.
func (l Layout) headed(r row, at columns) bool {
	return slices.ContainsFunc(l.Amount, func(name string) bool { return same(r.cell(at.amount), name) })
}

// line reads one row, and gives all that is wrong with it.
func (l Layout) line(r row, at columns, usual payment.Currency) (Line, Problems) {
	line, wrong := Line{Number: r.number, Order: kept(r.cell(at.order)), RRN: kept(r.cell(at.rrn)),
		Currency: usual}, Problems(nil)
	fault := func(key string, values ...any) { wrong = append(wrong, says(key, r.number, values...)) }
	if n := r.width(); n > at.width {
		fault("width", n, at.width)
		return line, wrong // which cell is which is not known
	}
	if line.Order == "" && line.RRN == "" {
		fault("nameless", either(l.Order, l.RRN))
	}
	for _, id := range []string{line.Order, line.RRN} {
		if strings.ContainsFunc(id, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }) {
			fault("unseen", quoted(id))
		}
		if rounded(id, r.sheet()) {
			fault("rounded", quoted(id))
		}
	}
	amount, negative, currency, why := l.amount(r.cell(at.amount), r.sheet())
	if why != nil {
		fault("amount", quoted(r.cell(at.amount)), *why)
	}
	line.Amount, line.Refund = amount, negative
	kind := r.cell(at.kind)
	switch {
	case at.kind < 0:
	case slices.ContainsFunc(l.Refunds, func(word string) bool { return same(kind, word) }):
		line.Refund = true
	case slices.ContainsFunc(l.Charges, func(word string) bool { return same(kind, word) }):
		if negative {
			fault("charge_below", quoted(kind))
		}
	default:
		fault("kind", quoted(kind), strings.Join(slices.Concat(l.Charges, l.Refunds), ", "))
	}
	if named := r.cell(at.currency); named != "" {
		code := currencyOf(named)
		if !code.Known() {
			fault("currency", quoted(named))
		} else if currency != "" && currency != code {
			fault("currencies", currency, code)
		}
		currency = code
	}
	if currency != "" {
		line.Currency = currency
	}
	if text := r.cell(at.date); at.date >= 0 {
		day, read := l.day(text, r.zero)
		if !read {
			fault("date", quoted(text), l.DateForm)
		}
		line.Day = day
	}
	return line, wrong
}
