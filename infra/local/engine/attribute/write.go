// Writing attribute values, by hand: an item is written with every change of a payment, into the table, into each index
// and twice into the stream, and the package for all JSON takes ten times as long to find out what a value is.

package attribute

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// MarshalJSON writes the item as UnmarshalJSON reads it, by the order of its names.
func (i Item) MarshalJSON() ([]byte, error) { return i.AppendJSON(nil), nil }

// MarshalJSON writes the value as UnmarshalJSON reads it.
func (v Value) MarshalJSON() ([]byte, error) { return v.appendJSON(nil), nil }

// AppendJSON writes the item behind a text.
func (i Item) AppendJSON(text []byte) []byte {
	if i == nil {
		return append(text, "null"...)
	}
	text = append(text, '{')
	for at, name := range slices.Sorted(maps.Keys(i)) {
		if at > 0 {
			text = append(text, ',')
		}
		text = append(appendString(text, name), ':')
		text = i[name].appendJSON(text)
	}
	return append(text, '}')
}

// appendJSON writes the type's tag and what stands behind it. A number is a text there.
func (v Value) appendJSON(text []byte) []byte {
	text = append(appendString(append(text, '{'), string(v.Kind)), ':')
	switch v.Kind {
	case Bool:
		text = strconv.AppendBool(text, v.Bool)
	case List:
		text = append(text, '[')
		for at, element := range v.List {
			if at > 0 {
				text = append(text, ',')
			}
			text = element.appendJSON(text)
		}
		text = append(text, ']')
	case Map:
		text = v.Map.AppendJSON(text)
	default:
		text = appendString(text, v.Text)
	}
	return append(text, '}')
}

// appendString writes what needs no escape as it stands, and leaves the rest to the package that knows all of them.
func appendString(text []byte, s string) []byte {
	if isPlain(s) {
		return append(append(append(text, '"'), s...), '"')
	}
	quoted, _ := json.Marshal(s) // a text can always be written
	return append(text, quoted...)
}
