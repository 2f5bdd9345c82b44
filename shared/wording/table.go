// Package wording holds what people read about payments, in four languages and once for all who say it: why a bank
// refused, and why a human must look. Whoever has texts of its own adds them to the same table.
package wording

import (
	_ "embed" // for the table
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// source is read when somebody asks for texts, never at a start; what needs none does not link it.
//
//go:embed wording.txt
var source string

// Languages are those of every text, as HTML names them; the first is spoken to whoever reads none of them.
func Languages() []string { return []string{"en", "az", "be", "ru"} }

// Table is all texts.
type Table struct{ texts map[string]map[string]string } // key -> language -> text

// Read reads the table that is built in, and further ones in its form. An error names the line and what to mend; a key
// stands in one of them alone.
func Read(further ...string) (Table, error) {
	t := Table{texts: map[string]map[string]string{}}
	for _, text := range append([]string{source}, further...) {
		if err := t.add(text); err != nil {
			return Table{}, err
		}
	}
	for key, texts := range t.texts {
		if len(texts) != len(Languages()) {
			return Table{}, fmt.Errorf("the text %s is not in every language", key)
		}
	}
	return t, nil
}

func (t Table) add(source string) error {
	key, number := "", 0
	for line := range strings.SplitSeq(source, "\n") {
		number++
		name, text, _ := strings.Cut(line, " ")
		switch {
		case line == "" || name == "#":
		case name == "=" && text != "" && t.texts[text] == nil:
			key = text
			t.texts[key] = map[string]string{}
		case slices.Contains(Languages(), name) && key != "" && text != "" && t.texts[key][name] == "":
			t.texts[key][name] = text
		default:
			return fmt.Errorf("line %d of the texts: %q is no new key and no text of one", number, line)
		}
	}
	return nil
}

// In gives the texts of a language of ours.
func (t Table) In(language string) Speech { return Speech{Language: language, table: t} }

// Speech is the texts of one language.
type Speech struct {
	Language string
	table    Table
}

// Say gives a text with its places {1}, {2} filled in. A key that there is not is shown in brackets, which a test looks
// for.
func (s Speech) Say(key string, values ...any) string {
	text, known := s.table.texts[key][s.Language]
	if !known {
		return "[" + key + "]"
	}
	pairs := make([]string, 0, 2*len(values))
	for i, value := range values {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", fmt.Sprint(value))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Has says whether there is such a text.
func (s Speech) Has(key string) bool { return s.table.texts[key] != nil }

// Word gives the text of a word that somebody else's list names, such as a status of the API. One that the table does
// not know is shown as it came, readable: "partially_refunded" as "partially refunded".
func (s Speech) Word(list, word string) string {
	if key := list + "." + word; s.Has(key) {
		return s.Say(key)
	}
	return strings.NewReplacer("_", " ", ":", ": ").Replace(word)
}

// Choose finds the language of a visitor: the one that was chosen before, or else the one that the browser likes best
// (Accept-Language, RFC 9110, section 12.5.4), or else ours.
func Choose(chosen, accepted string) string {
	if slices.Contains(Languages(), chosen) {
		return chosen
	}
	best, liked := Languages()[0], 0
	for entry := range strings.SplitSeq(accepted, ",") {
		tag, parameter, _ := strings.Cut(entry, ";")
		language, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if weight := thousandths(parameter); slices.Contains(Languages(), language) && weight > liked {
			best, liked = language, weight
		}
	}
	return best
}

// thousandths reads q=0.5 as 500; nothing is 1000, and what cannot be read is 0.
func thousandths(parameter string) int {
	parameter = strings.ToLower(strings.ReplaceAll(parameter, " ", ""))
	if parameter == "" {
		return 1000
	}
	whole, rest, _ := strings.Cut(strings.TrimPrefix(parameter, "q="), ".")
	n, err := strconv.Atoi(whole + (rest + "000")[:3])
	if err != nil || n > 1000 || n < 0 || len(rest) > 3 {
		return 0
	}
	return n
}

// In gives the texts of another language.
func (s Speech) In(language string) Speech { return s.table.In(language) }

// Keys are all keys of the table.
func (s Speech) Keys() []string { return slices.Sorted(maps.Keys(s.table.texts)) }
