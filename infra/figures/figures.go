// Package figures puts tables that are computed into pages that people write.
package figures

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Table is a table of Markdown.
type Table struct{ strings.Builder }

// Row adds a row.
func (t *Table) Row(cells ...any) {
	for _, c := range cells {
		fmt.Fprintf(&t.Builder, "| %v ", c)
	}
	t.WriteString("|\n")
}

// Head adds the first row, and the line below it.
func (t *Table) Head(cells ...any) {
	t.Row(cells...)
	t.WriteString(strings.Repeat("| --- ", len(cells)) + "|\n")
}

// Fill gives a page with what is computed, each by the name of the marks that it stands between; what stands around
// them stays. A name without marks is an error, since its page would go on saying what was true once; all are told.
func Fill(page string, computed map[string]string) (string, error) {
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(computed)) {
		begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		before, rest, begins := strings.Cut(page, begin)
		_, after, ends := strings.Cut(rest, end)
		if !begins || !ends {
			wrong = append(wrong, fmt.Errorf("the page has no place for %s", name))
			continue
		}
		page = before + begin + computed[name] + end + after
	}
	return page, errors.Join(wrong...)
}
