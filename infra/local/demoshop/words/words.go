// Package words holds every text of the shop in its four languages: its own, in one table (words.txt), and what all who
// speak of payments say alike.
package words

import (
	_ "embed" // for the table

	"kassa/shared/wording"
)

//go:embed words.txt
var source string

// Languages are the shop's, as HTML names them; the first is spoken to whoever reads none of them.
func Languages() []string { return wording.Languages() }

// Table is all texts.
type Table struct{ wording.Table }

// Read reads the texts that are built in. An error names the line and what to mend.
func Read() (Table, error) {
	t, err := wording.Read(source)
	return Table{t}, err
}

// In gives the texts of a language of ours.
func (t Table) In(language string) Speech { return Speech{t.Table.In(language)} }

// Speech is the texts of one language.
type Speech struct{ wording.Speech }

// In gives the texts of another language.
func (s Speech) In(language string) Speech { return Speech{s.Speech.In(language)} }
