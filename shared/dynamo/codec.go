package dynamo

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// attributes are an item, or a map inside one.
type attributes = map[string]types.AttributeValue

// field ties an attribute to its place in a Go value, both ways, so that what is written and what is read cannot drift
// apart.
type field struct {
	name string
	at   holder
}

// holder is the place. Most are one pointer and nothing else, and so take no memory of their own: a payment has some
// sixty.
type holder interface {
	write() types.AttributeValue // nil when the attribute is left out: the place holds its zero value
	read(v types.AttributeValue) error
}

// write makes attributes of the places.
func write(fields []field) attributes {
	item := make(attributes, len(fields)*2/3) // seldom are more of them there, with what indexes want
	for _, f := range fields {
		if value := f.at.write(); value != nil {
			item[f.name] = value
		}
	}
	return item
}

// read fills the places from the attributes and gives those that belong to none and are not among the derived, which
// nobody reads; nil where there are none.
func read(item attributes, fields []field, derived ...string) (rest attributes, err error) {
	known, err := fillIn(item, fields)
	if err != nil {
		return nil, err
	}
	for _, name := range derived {
		if _, there := item[name]; there {
			known++
		}
	}
	if known == len(item) {
		return nil, nil
	}
	rest = maps.Clone(item)
	for _, f := range fields {
		delete(rest, f.name)
	}
	for _, name := range derived {
		delete(rest, name)
	}
	return rest, nil
}

// pick fills the places from the attributes. One that is not there leaves its place as it is. Errors name attributes,
// never values: an item holds tokens.
func pick(item attributes, fields []field) error {
	_, err := fillIn(item, fields)
	return err
}

// fillIn does the same and says how many there were.
func fillIn(item attributes, fields []field) (found int, err error) {
	for _, f := range fields {
		value, there := item[f.name]
		if !there {
			continue
		}
		if err := f.at.read(value); err != nil {
			return 0, fmt.Errorf("%s: %w", f.name, err)
		}
		found++
	}
	return found, nil
}

// text is an S; left out when empty.
func text[T ~string](name string, at *T) field { return field{name, textAt[T]{at}} }

type textAt[T ~string] struct{ at *T }

func (p textAt[T]) write() types.AttributeValue {
	if *p.at == "" {
		return nil
	}
	return stringValue(*p.at)
}

func (p textAt[T]) read(v types.AttributeValue) (err error) {
	*p.at, err = readText[T](v)
	return err
}

// whole is an N without fraction; left out when zero.
func whole[T ~int | ~int64](name string, at *T) field { return field{name, wholeAt[T]{at}} }

type wholeAt[T ~int | ~int64] struct{ at *T }

func (p wholeAt[T]) write() types.AttributeValue {
	if *p.at == 0 {
		return nil
	}
	return numberValue(int64(*p.at))
}

func (p wholeAt[T]) read(v types.AttributeValue) error {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return errors.New("is not a number")
	}
	value, err := strconv.ParseInt(n.Value, 10, 64)
	*p.at = T(value)
	if err != nil || int64(*p.at) != value {
		return errors.New("is not a whole number that fits")
	}
	return nil
}

// timeForm is RFC 3339 in UTC with exactly three decimals: people read it, and it sorts.
const timeForm = "2006-01-02T15:04:05.000Z"

// moment is an S in timeForm; left out when zero.
func moment(name string, at *time.Time) field { return field{name, momentAt{at}} }

type momentAt struct{ at *time.Time }

func (p momentAt) write() types.AttributeValue {
	if p.at.IsZero() {
		return nil
	}
	return stringValue(p.at.UTC().Format(timeForm))
}

func (p momentAt) read(v types.AttributeValue) error {
	s, err := readText[string](v)
	if err != nil {
		return err
	}
	if *p.at, err = time.Parse(timeForm, s); err != nil {
		return errors.New("is not a time such as " + timeForm)
	}
	return nil
}

// flag is a BOOL; left out when false.
func flag(name string, at *bool) field { return field{name, flagAt{at}} }

type flagAt struct{ at *bool }

func (p flagAt) write() types.AttributeValue {
	if !*p.at {
		return nil
	}
	return &types.AttributeValueMemberBOOL{Value: true}
}

func (p flagAt) read(v types.AttributeValue) error {
	b, ok := v.(*types.AttributeValueMemberBOOL)
	if !ok {
		return errors.New("is not a boolean")
	}
	*p.at = b.Value
	return nil
}

// dictionary is an M of S; left out when nil.
func dictionary(name string, at *map[string]string) field { return field{name, dictionaryAt{at}} }

type dictionaryAt struct{ at *map[string]string }

func (p dictionaryAt) write() types.AttributeValue {
	if *p.at == nil {
		return nil
	}
	m := make(attributes, len(*p.at))
	for key, value := range *p.at {
		m[key] = stringValue(value)
	}
	return &types.AttributeValueMemberM{Value: m}
}

func (p dictionaryAt) read(v types.AttributeValue) (err error) {
	m, ok := v.(*types.AttributeValueMemberM)
	if !ok {
		return errors.New("is not a map")
	}
	*p.at = make(map[string]string, len(m.Value))
	for key, value := range m.Value {
		if (*p.at)[key], err = readText[string](value); err != nil {
			return err
		}
	}
	return nil
}

// words is an L of S; left out when nil.
func words[T ~string](name string, at *[]T) field { return field{name, wordsAt[T]{at}} }

type wordsAt[T ~string] struct{ at *[]T }

func (p wordsAt[T]) write() types.AttributeValue {
	return writeList(*p.at, func(word *T) types.AttributeValue { return stringValue(*word) })
}

func (p wordsAt[T]) read(v types.AttributeValue) error {
	return readList(v, p.at, func(v types.AttributeValue, word *T) (err error) {
		*word, err = readText[T](v)
		return err
	})
}

// records is an L of M, each laid out as fields says; left out when nil. An attribute that this version does not know
// is an error here, unlike at the top of an item: it could not be carried through, and dropping it in silence would
// lose a newer version's data.
func records[T any](name string, at *[]T, fields func(*T) []field) field {
	return field{name, recordsAt[T]{at, fields}}
}

type recordsAt[T any] struct {
	at     *[]T
	fields func(*T) []field
}

func (p recordsAt[T]) write() types.AttributeValue {
	return writeList(*p.at, func(record *T) types.AttributeValue {
		return &types.AttributeValueMemberM{Value: write(p.fields(record))}
	})
}

func (p recordsAt[T]) read(v types.AttributeValue) error {
	return readList(v, p.at, func(v types.AttributeValue, record *T) error {
		m, ok := v.(*types.AttributeValueMemberM)
		if !ok {
			return errors.New("is not a map")
		}
		rest, err := read(m.Value, p.fields(record))
		for unknown := range rest {
			return fmt.Errorf("%s: is not known to this version; new attributes belong at the top of an item", unknown)
		}
		return err
	})
}

func writeList[T any](all []T, write func(*T) types.AttributeValue) types.AttributeValue {
	if all == nil {
		return nil
	}
	l := make([]types.AttributeValue, len(all))
	for i := range all {
		l[i] = write(&all[i])
	}
	return &types.AttributeValueMemberL{Value: l}
}

func readList[T any](v types.AttributeValue, at *[]T, read func(types.AttributeValue, *T) error) error {
	l, ok := v.(*types.AttributeValueMemberL)
	if !ok {
		return errors.New("is not a list")
	}
	*at = make([]T, len(l.Value))
	for i, element := range l.Value {
		if err := read(element, &(*at)[i]); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

func readText[T ~string](v types.AttributeValue) (T, error) {
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok {
		return "", errors.New("is not a string")
	}
	return T(s.Value), nil
}

func stringValue[T ~string](s T) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: string(s)}
}

func numberValue[T ~int | ~int64](n T) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(int64(n), 10)}
}
