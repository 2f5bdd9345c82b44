// Package attribute is DynamoDB's attribute values: how they are read and written as JSON, compared, measured and
// ordered.
package attribute

import "reflect"

// Kind is the type tag of an attribute value on the wire.
type Kind string

// The types that Kassa stores. DynamoDB has more: bytes, null and sets.
const (
	String Kind = "S"
	Number Kind = "N"
	Bool   Kind = "BOOL"
	List   Kind = "L"
	Map    Kind = "M"
)

// Value is one attribute value. It is always in normal form (numbers plain and trimmed), so that equal values are equal
// structs. A number is kept as its decimal text and never becomes a float.
type Value struct {
	Kind Kind
	Text string // the string, or the decimal
	Bool bool
	List []Value
	Map  Item
}

// Item is a whole item: attribute values by name.
type Item map[string]Value

// Equal tells whether two values are of one type and the same.
func Equal(a, b Value) bool { return reflect.DeepEqual(a, b) }

// Same tells whether two items hold the same attributes.
func Same(a, b Item) bool { return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b)) }

// Pick returns the named attributes of an item, those that it has.
func (i Item) Pick(names []string) Item {
	picked := make(Item, len(names))
	for _, name := range names {
		if value, ok := i[name]; ok {
			picked[name] = value
		}
	}
	return picked
}

// Size is the size in bytes that an item counts for against the limit of 400 KB: names and values, as the developer
// guide's page "Item sizes and formats" counts them.
func (i Item) Size() int {
	size := 0
	for name, value := range i {
		size += len(name) + value.size()
	}
	return size
}

func (v Value) size() int {
	const container, element = 3, 1
	switch v.Kind {
	case String:
		return len(v.Text)
	case Number:
		return numberSize(v.Text)
	case List:
		size := container
		for _, value := range v.List {
			size += element + value.size()
		}
		return size
	case Map:
		return container + element*len(v.Map) + v.Map.Size()
	default: // A truth value is one byte.
		return 1
	}
}

// numberSize is what the text of a number counts for.
func numberSize(text string) int {
	n, err := parseNumber(text)
	if err != nil {
		return len(text) // A Value holds only checked numbers.
	}
	return n.size()
}
