package statement

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kassa/infra/kassa/strictyaml"
	"kassa/shared/wording"
)

// Layout says how a bank writes its statements. Columns are named by their headings, of which each may have several, in
// any letter case; a layout whose columns are not all there does not fit.
type Layout struct {
	Name                                       string
	Order, RRN, Amount, Currency, Kind, Date   []string // headings; Amount is needed, and Order or RRN
	Charges, Refunds                           []string // what stands below Kind
	Totals                                     []string // words of a row that sums up and is no line
	DateForm, Decimal, Separator, Encoding, In string   // In is the name of the sheet; "" is the first
	Repeats                                    bool     // the same line may stand twice
}

//go:embed layouts/*.yaml
var examples embed.FS

// Examples are the layouts that come with Kassa.
func Examples() []Layout {
	files, _ := examples.ReadDir("layouts") // it is in the program
	all := make([]Layout, 0, len(files))
	for _, f := range files {
		text, _ := examples.ReadFile("layouts/" + f.Name())
		if l, err := ReadLayout(f.Name(), text); err == nil { // a test holds that each can be read
			all = append(all, l)
		}
	}
	return all
}

// ReadLayout reads a layout's YAML file and gives all that is wrong with it.
func ReadLayout(file string, text []byte) (Layout, error) {
	l := Layout{Name: strings.TrimSuffix(path.Base(file), path.Ext(file))}
	d, faults := strictyaml.Read(text)
	fault := func(at, format string, values ...any) {
		faults = append(faults, strictyaml.Fault{Line: d.Line(at), At: at, Text: fmt.Sprintf(format, values...)})
	}
	lists := map[string]*[]string{"order": &l.Order, "rrn": &l.RRN, "amount": &l.Amount, "currency": &l.Currency,
		"kind": &l.Kind, "date": &l.Date, "charges": &l.Charges, "refunds": &l.Refunds, "totals": &l.Totals}
	words := map[string]*string{"date_form": &l.DateForm, "decimal": &l.Decimal, "separator": &l.Separator,
		"encoding": &l.Encoding, "sheet": &l.In}
	for name, value := range d.Values {
		switch {
		case lists[name] != nil:
			all, ok := texts(value)
			if !ok {
				fault("/"+name, "must be a text, or a list of texts")
			}
			*lists[name] = all
		case words[name] != nil:
			all, ok := texts(value)
			if !ok || len(all) != 1 {
				fault("/"+name, "must be a text")
				continue
			}
			*words[name] = all[0]
		case name == "repeats":
			yes, ok := value.(bool)
			if !ok {
				fault("/repeats", "must be true or false")
			}
			l.Repeats = yes
		default:
			fault("/"+name, "is no setting of a layout")
		}
	}
	l.judge(fault)
	if len(faults) == 0 {
		return l, nil
	}
	problems := make(Problems, len(faults))
	for i, f := range faults {
		problems[i] = Problem{f.Line, wording.Verbatim(strings.TrimPrefix(f.At, "/") + " " + f.Text)}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return l, fmt.Errorf("the layout %s:%w", file, problems)
}

// judge finds what contradicts itself or is missing.
func (l Layout) judge(fault func(at, format string, values ...any)) {
	oneOf := func(at, value string, all ...string) {
		if value != "" && !slices.Contains(all, value) {
			fault(at, "is %q; it must be one of %s", value, strings.Join(all, "  "))
		}
	}
	if len(l.Amount) == 0 {
		fault("/amount", "is missing: the heading of the column of amounts")
	}
	if len(l.Order) == 0 && len(l.RRN) == 0 {
		fault("/order", "is missing: the heading of the column of the bank's orders, or rrn: that of the RRN")
	}
	if len(l.Kind) > 0 && (len(l.Charges) == 0 || len(l.Refunds) == 0) {
		fault("/kind", "needs charges: and refunds:, what stands in that column")
	}
	if len(l.Kind) == 0 && len(l.Charges)+len(l.Refunds) > 0 {
		fault("/kind", "is missing: the heading of the column in which charges and refunds stand")
	}
	if len(l.Date) > 0 && l.DateForm == "" {
		fault("/date_form", "is missing: %s", strings.Join(dateForms(), ", "))
	}
	oneOf("/date_form", l.DateForm, dateForms()...)
	oneOf("/decimal", l.Decimal, "auto", ",", ".")
	oneOf("/separator", l.Separator, "auto", ",", ";", "tab")
	oneOf("/encoding", l.Encoding, "auto", "utf-8", "windows-1251")
}

// texts reads a text, or a list of them, as a setting may be either.
func texts(value any) ([]string, bool) {
	list, many := value.([]any)
	if !many {
		list = []any{value}
	}
	all := make([]string, len(list))
	for i, one := range list {
		text, is := one.(string)
		if !is || clean(text) == "" {
			return nil, false
		}
		all[i] = text
	}
	return all, len(all) > 0
}

// columns are where a file has what; -1 is nowhere. Width is how many cells the head has.
type columns struct{ order, rrn, amount, currency, kind, date, width int }

// headWithin is how many rows may stand above the head: whose account it is, and the like.
const headWithin = 40

// lack is why a table has no head: how many columns are missing, and in words.
type lack struct {
	columns int
	why     wording.Phrase
}

// find looks for the head, and says what is missing where there is none. Row is the head's.
func (l Layout) find(rows []row) (head int, at columns, missing *lack) {
	best := []string(nil)
	for i, r := range rows[:min(len(rows), headWithin)] {
		at, absent, twice := l.columns(r)
		switch {
		case twice != "":
			return 0, at, &lack{0, wording.Says("statement.twice", r.number, twice)}
		case len(absent) == 0:
			return i, at, nil
		case best == nil || len(absent) < len(best):
			best, head = absent, i
		}
	}
	if best == nil {
		return 0, columns{}, &lack{0, wording.Says("statement.no_line")}
	}
	return 0, columns{}, &lack{len(best), wording.Says("statement.columns", strings.Join(best, "; "), rows[head].number,
		quoted(strings.Join(rows[head].cells, " | ")))}
}

// columns looks for the layout's headings in a row, and says which are missing, and which stand there twice.
func (l Layout) columns(r row) (at columns, missing []string, twice string) {
	place := func(names []string) int {
		found := -1
		for i := range r.cells {
			if slices.ContainsFunc(names, func(name string) bool { return same(r.cell(i), name) }) {
				if found >= 0 {
					twice = names[0]
				}
				found = i
			}
		}
		if found < 0 && len(names) > 0 {
			missing = append(missing, either(names))
		}
		return found
	}
	at = columns{place(l.Order), place(l.RRN), place(l.Amount), place(l.Currency), place(l.Kind), place(l.Date),
		len(r.cells)}
	return at, missing, twice
}

// same compares what stands in a cell with a word of the layout, in any letter case, that of Azerbaijani among them.
func same(cell, word string) bool { return folded(cell) == folded(word) }

// folded is a text in small letters, composed (Unicode NFC), with one blank between its words. An i is one with a dot
// or without: capitals of Azerbaijani tell the two apart, other programs' do not, and their small İ keeps a dot behind
// it.
func folded(text string) string {
	text = norm.NFC.String(strings.Join(strings.FieldsFunc(text, isBlank), " "))
	return strings.Map(func(r rune) rune {
		switch r {
		case 'İ', 'ı':
			return 'i'
		case '\u0307':
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// either lists the headings that a column may have.
func either(names ...[]string) string { return strings.Join(slices.Concat(names...), " / ") }

// quoted is what a file says, as a message repeats it: on one screen, and with nothing in it that cannot be seen.
func quoted(text string) string {
	if letters := []rune(text); len(letters) > 160 {
		text = string(letters[:160]) + "..."
	}
	return strconv.Quote(text)
}
