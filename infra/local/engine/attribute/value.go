// Package attribute is DynamoDB's attribute values: how they are read and written as JSON, compared, measured and
// ordered.
package attribute

import (
	"bytes"
	"reflect"
)

// Kind is the type tag of an attribute value on the wire.
type Kind string

// The ten types of DynamoDB.
const (
	String    Kind = "S"
	Number    Kind = "N"
	Binary    Kind = "B"
	Bool      Kind = "BOOL"
	Null      Kind = "NULL"
	List      Kind = "L"
	Map       Kind = "M"
	StringSet Kind = "SS"
	NumberSet Kind = "NS"
	BinarySet Kind = "BS"
)

// Value is one attribute value. It is always in normal form (numbers plain and trimmed, sets sorted), so that equal
// values are equal structs. A number is kept as its decimal text and never becomes a float.
type Value struct {
	Kind Kind
	Text string // the string, the decimal, or the raw bytes of a binary
	Bool bool
	List []Value
	Map  Item
	Set  []string // elements of any set, in the form of Text
}

// Item is a whole item: attribute values by name.
type Item map[string]Value

// Equal tells whether two values are of one type and the same.
func Equal(a, b Value) bool { return reflect.DeepEqual(a, b) }

// Same tells whether two items hold the same attributes.
func Same(a, b Item) bool { return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b)) }

// Ordered tells whether values of a type can be compared with < and >.
func Ordered(kind Kind) bool { return kind == String || kind == Number || kind == Binary }

// Compare orders two values of one ordered type as DynamoDB orders them: -1, 0 or 1.
func Compare(a, b Value) int { return bytes.Compare(AppendKey(nil, a), AppendKey(nil, b)) }

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
	case String, Binary:
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
	case StringSet, NumberSet, BinarySet:
		return v.setSize()
	default: // A truth value or a null is one byte.
		return 1
	}
}

func (v Value) setSize() int {
	size := 0
	for _, text := range v.Set {
		if v.Kind == NumberSet {
			size += numberSize(text)
		} else {
			size += len(text)
		}
	}
	return size
}

func numberSize(text string) int {
	n, err := parseNumber(text)
	if err != nil {
		return len(text) // A Value holds only checked numbers.
	}
	return n.size()
}
