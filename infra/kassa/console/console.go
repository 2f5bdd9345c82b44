// Package console is how the command talks: results on standard output, as a table for people or as JSON for programs;
// everything else on standard error; questions only where somebody sits at a terminal.
package console

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Console is the command's streams.
type Console struct {
	Out, Err io.Writer
	JSON     bool     // results are JSON
	Person   Terminal // nil where nobody can be asked
}

// Note tells a person something that is no result.
func (c *Console) Note(format string, values ...any) {
	_, _ = fmt.Fprintf(c.Err, format+"\n", values...) // nobody is left to tell when standard error is closed
}

// Show writes a result: value as JSON where that was asked for, or else what people writes.
func (c *Console) Show(value any, people func(w io.Writer)) error {
	if !c.JSON {
		return c.print(people)
	}
	e := json.NewEncoder(c.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// print writes the whole result or, where that fails, says so: a cut table would be taken for a short one.
func (c *Console) print(people func(w io.Writer)) error {
	var text strings.Builder
	people(&text)
	if _, err := io.WriteString(c.Out, text.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// Table writes rows below a head, in columns.
func Table(w io.Writer, head []string, rows [][]string) {
	columns(w, append([][]string{head}, rows...))
}

// Pairs writes names and values, one a line.
func Pairs(w io.Writer, rows [][]string) { columns(w, rows) }

// columns aligns cells and makes each of them Plain, whoever has written it.
func columns(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = Plain(cell)
		}
		_, _ = fmt.Fprintln(t, strings.TrimRight(strings.Join(cells, "\t"), "\t")) // w is a buffer
	}
	_ = t.Flush() // as above
}

// Plain is a text without what would move the cursor, colour the terminal or break a table: others wrote it.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '?'
		}
		return r
	}, text)
}
