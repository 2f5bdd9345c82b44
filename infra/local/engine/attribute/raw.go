package attribute

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
)

// Raw is an item as the JSON that it is stored and sent as. What is only handed on need not be read: reading and
// writing it anew took ten times as long, which is what a month of payments was waiting for.
type Raw []byte

// AppendPick appends the item with these of its attributes alone, those that it has; nil are all.
func (r Raw) AppendPick(text []byte, names Names) ([]byte, error) {
	if names == nil {
		return append(text, r...), nil
	}
	text = append(text, '{')
	begin, whole := len(text), false
	for name, value := range r.members() {
		if whole = name == nil; !whole && names[string(name)] {
			if len(text) > begin {
				text = append(text, ',')
			}
			text = append(append(append(text, name...), ':'), value...)
		}
	}
	if !whole {
		return nil, fmt.Errorf("a stored item is damaged: %d bytes", len(r))
	}
	return append(text, '}'), nil
}

// Names are names of attributes as an item's JSON writes them.
type Names map[string]bool

// NamesOf gives nil for nil.
func NamesOf(names []string) Names {
	if names == nil {
		return nil
	}
	// one and the same encoder wrote the items, so a name has one spelling
	quoted := make(Names, len(names))
	for _, name := range names {
		text, _ := json.Marshal(name) //nolint:errchkjson // a string
		quoted[string(text)] = true
	}
	return quoted
}

// Raws are items of one answer. They are the table's, and hold as long as the transaction does.
type Raws struct {
	Items   []Raw
	size    int // of the first so many, as Item's Size has it
	counted int
	text    int // bytes of the others
}

// Add puts one more in.
func (r *Raws) Add(item Raw) { r.Items, r.text = append(r.Items, item), r.text+len(item) }

// Exceed tells whether the items count for more than most bytes. As JSON an item is never shorter, so they are read for
// it only when they may.
func (r *Raws) Exceed(most int) (bool, error) {
	if r.size+r.text <= most {
		return false, nil
	}
	for ; r.counted < len(r.Items); r.counted++ {
		var item Item
		if err := json.Unmarshal(r.Items[r.counted], &item); err != nil {
			return false, fmt.Errorf("a stored item is damaged: %w", err)
		}
		r.size += item.Size()
	}
	r.text = 0
	return r.size > most, nil
}

// Append writes the items of all, picked, with commas between them.
func (r *Raws) Append(text []byte, names Names) (_ []byte, err error) {
	for i, item := range r.Items {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = item.AppendPick(text, names); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// members goes through names and values as they are written, and ends with two nils if the text was an item to its end.
// The text is our own, without blanks; each value is an object, since it names its type.
func (r Raw) members() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		if string(r) == "{}" {
			yield(nil, nil)
			return
		}
		for at := 0; at < len(r) && (r[at] == ',' || at == 0 && r[at] == '{'); {
			colon := past(r, at+1)
			end := past(r, colon+1)
			if end > len(r) || r[at+1] != '"' || r[colon] != ':' || !yield(r[at+1:colon], r[colon+1:end]) {
				return
			}
			if at = end; at == len(r)-1 && r[at] == '}' {
				yield(nil, nil)
				return
			}
		}
	}
}

// past is where the string or the object that begins at a place has ended; behind the text if it does not end.
func past(text []byte, from int) int {
	const frame = len(`{"S":"`) // of nearly all values: there is nothing within to look at but the end
	if value := text[min(from, len(text)):]; len(value) > frame && value[0] == '{' && value[frame-1] == '"' &&
		value[frame-2] == ':' {
		if end := closing(text, from+frame-1); end+1 < len(text) && text[end+1] == '}' {
			return end + 2
		}
	}
	depth := 0
	for at := from; at < len(text); at++ {
		switch text[at] {
		case '"':
			at = closing(text, at)
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth == 0 && at < len(text) {
			return at + 1
		}
	}
	return len(text) + 1
}

// closing is where the string that a quotation mark opens has its other one, to which no backslash belongs; behind the
// text if there is none. Most of an item stands between such marks, so it is leapt over.
func closing(text []byte, mark int) int {
	for at := mark; ; {
		next := bytes.IndexByte(text[at+1:], '"')
		if next < 0 {
			return len(text)
		}
		at += 1 + next
		slashes := 0
		for text[at-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return at
		}
	}
}
