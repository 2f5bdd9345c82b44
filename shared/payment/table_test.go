package payment

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// table is what the package comment draws.
type table struct {
	rows, columns, words []string
	cells                map[cell]string
	places               map[cell]int // where in the comment the word of the cell begins
}

type cell struct{ row, column string }

var (
	word   = regexp.MustCompile(`\S+`)
	legend = regexp.MustCompile(`^\t(\S+) `)
)

// readTable reads the table and the words of its legend from the package comment. Each word of a row must stand below a
// head.
func readTable(comment string) (table, error) {
	read := table{cells: map[cell]string{}, places: map[cell]int{}}
	heads, place, explaining := map[int]string{}, 0, false
	for line := range strings.Lines(comment) {
		drawn, isTable := strings.CutPrefix(line, "\t")
		explaining = explaining || strings.HasPrefix(line, "The words of the cells")
		explained := legend.FindStringSubmatch(line)
		switch {
		case explaining && explained != nil:
			read.words = append(read.words, explained[1])
		case explaining:
		case isTable && len(heads) == 0:
			for _, at := range word.FindAllStringIndex(drawn, -1) {
				heads[at[0]] = drawn[at[0]:at[1]]
				read.columns = append(read.columns, drawn[at[0]:at[1]])
			}
		case isTable:
			first := slices.Min(slices.Collect(maps.Keys(heads)))
			row := strings.TrimSpace(drawn[:first])
			read.rows = append(read.rows, row)
			for _, at := range word.FindAllStringIndex(drawn[first:], -1) {
				head, below := heads[first+at[0]]
				if !below {
					return read, fmt.Errorf("row %q: %q does not stand below a head", row, drawn[first+at[0]:first+at[1]])
				}
				read.cells[cell{row, head}] = drawn[first+at[0] : first+at[1]]
				read.places[cell{row, head}] = place + 1 + first + at[0]
			}
		}
		place += len(line)
	}
	return read, nil
}

// wrong gives every cell whose word is not the one effect that Apply has there.
func (read table) wrong(is map[cell]string) (cells []cell) {
	for at, effect := range is {
		if read.cells[at] != effect {
			cells = append(cells, at)
		}
	}
	return cells
}

// whatApplyDoes gives the effect of every row's event on a payment in every column's status.
func whatApplyDoes(t *testing.T) map[cell]string {
	t.Helper()
	is := map[cell]string{}
	for row := range rows() {
		for _, status := range allStatuses {
			is[cell{row, string(status)}] = effectOf(t, row, status)
		}
	}
	return is
}

var allStatuses = []Status{Created, Pending, Paid, PartiallyRefunded, Refunded, Declined, Cancelled, Expired}

func packageComment(t *testing.T) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file.Doc.Text()
}

func TestTheTableIsWhatApplyDoes(t *testing.T) {
	read, err := readTable(packageComment(t))
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, status := range allStatuses {
		columns = append(columns, string(status))
	}
	if !slices.Equal(read.columns, columns) {
		t.Errorf("the columns are %q, want %q", read.columns, columns)
	}
	if got, want := slices.Sorted(slices.Values(read.rows)), slices.Sorted(maps.Keys(rows())); !slices.Equal(got, want) {
		t.Errorf("the rows are\n%q, want\n%q", got, want)
	}
	is := whatApplyDoes(t)
	for _, at := range read.wrong(is) {
		t.Errorf("%s, %s: the table says %q, Apply does %q", at.row, at.column, read.cells[at], is[at])
	}
	ends := []string{"pending", "declined", "cancelled", "expired"} // a status by its name needs no words
	if got, want := slices.Sorted(slices.Values(slices.Concat(read.words, ends))),
		slices.Sorted(maps.Keys(effects())); !slices.Equal(got, want) {
		t.Errorf("the legend explains\n%q, the test knows\n%q", got, want)
	}
}

// The test above must notice any change: here every cell of the comment is emptied, and given every other word.
func TestNoCellOfTheTableCanChangeUnnoticed(t *testing.T) {
	comment := packageComment(t)
	read, err := readTable(comment)
	if err != nil {
		t.Fatal(err)
	}
	is, tried := whatApplyDoes(t), 0
	_, drawn, _ := strings.Cut(comment, "\n\t")
	heads, _, _ := strings.Cut(drawn, "\n")
	for at, place := range read.places {
		was := read.cells[at]
		for _, other := range append(slices.Collect(maps.Keys(effects())), "") {
			if other == was {
				continue
			}
			line := comment[strings.LastIndex(comment[:place], "\n")+1 : place]
			rest, _, _ := strings.Cut(comment[place+len(was):], "\n")
			gap := len(was) + len(rest) - len(strings.TrimLeft(rest, " ")) // the room of the cell, up to the next word
			changed := line + fmt.Sprintf("%-*s", gap, other) + strings.TrimLeft(rest, " ")
			if now, err := readTable("\t" + heads + "\n" + changed); err == nil && now.cells[at] == is[at] {
				t.Errorf("%v: %q instead of %q passes", at, other, was)
			}
			tried++
		}
	}
	if tried < 26*8*20 {
		t.Errorf("only %d changes were tried", tried)
	}
}

// Every event and every state of a bank has a row.
func TestEveryEventHasARow(t *testing.T) {
	source, err := os.ReadFile("event.go")
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for _, event := range rows() {
		covered[strings.TrimPrefix(fmt.Sprintf("%T", event(early, Report{})), "payment.")] = true
	}
	events := regexp.MustCompile(`(?m)^func \((\w+)\) +event\(\)`).FindAllStringSubmatch(string(source), -1)
	if len(events) < 12 {
		t.Fatalf("only %d events were found in event.go", len(events))
	}
	for _, found := range events {
		if !covered[found[1]] {
			t.Errorf("the event %s has no row in the table", found[1])
		}
	}
	for _, found := range regexp.MustCompile(`(?m)State += "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		if rows()["bank: "+found[1]] == nil {
			t.Errorf("the bank's state %s has no row in the table", found[1])
		}
	}
}
