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
	name  string
	write func() types.AttributeValue // nil when the attribute is left out: the place holds its zero value
	read  func(types.AttributeValue) error
}

// write makes attributes of the places.
func write(fields []field) attributes {
	item := make(attributes, len(fields))
	for _, f := range fields {
		if value := f.write(); value != nil {
			item[f.name] = value
		}
	}
	return item
}

// read fills the places from the attributes and gives those that belong to none.
func read(item attributes, fields []field) (rest attributes, err error) {
	if err := pick(item, fields); err != nil {
		return nil, err
	}
	rest = maps.Clone(item)
	for _, f := range fields {
		delete(rest, f.name)
	}
	return rest, nil
}

// pick fills the places from the attributes. One that is not there leaves its place as it is. Errors name attributes,
// never values: an item holds tokens.
func pick(item attributes, fields []field) error {
	for _, f := range fields {
		value, there := item[f.name]
		if !there {
			continue
		}
		if err := f.read(value); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// text is an S; left out when empty.
func text[T ~string](name string, at *T) field {
	return field{name,
		func() types.AttributeValue {
			if *at == "" {
				return nil
			}
			return stringValue(*at)
		},
		func(v types.AttributeValue) (err error) {
			*at, err = readText[T](v)
			return err
		}}
}

// whole is an N without fraction; left out when zero.
func whole[T ~int | ~int64](name string, at *T) field {
	return field{name,
		func() types.AttributeValue {
			if *at == 0 {
				return nil
			}
			return numberValue(int64(*at))
		},
		func(v types.AttributeValue) error {
			n, ok := v.(*types.AttributeValueMemberN)
			if !ok {
				return errors.New("is not a number")
			}
			value, err := strconv.ParseInt(n.Value, 10, 64)
			*at = T(value)
			if err != nil || int64(*at) != value {
				return errors.New("is not a whole number that fits")
			}
			return nil
		}}
}

// timeForm is RFC 3339 in UTC with exactly three decimals: people read it, and it sorts.
const timeForm = "2006-01-02T15:04:05.000Z"

// moment is an S in timeForm; left out when zero.
func moment(name string, at *time.Time) field {
	return field{name,
		func() types.AttributeValue {
			if at.IsZero() {
				return nil
			}
			return stringValue(at.UTC().Format(timeForm))
		},
		func(v types.AttributeValue) error {
			s, err := readText[string](v)
			if err != nil {
				return err
			}
			if *at, err = time.Parse(timeForm, s); err != nil {
				return errors.New("is not a time such as " + timeForm)
			}
			return nil
		}}
}

// flag is a BOOL; left out when false.
func flag(name string, at *bool) field {
	return field{name,
		func() types.AttributeValue {
			if !*at {
				return nil
			}
			return &types.AttributeValueMemberBOOL{Value: true}
		},
		func(v types.AttributeValue) error {
			b, ok := v.(*types.AttributeValueMemberBOOL)
			if !ok {
				return errors.New("is not a boolean")
			}
			*at = b.Value
			return nil
		}}
}

// dictionary is an M of S; left out when nil.
func dictionary(name string, at *map[string]string) field {
	return field{name,
		func() types.AttributeValue {
			if *at == nil {
				return nil
			}
			m := make(attributes, len(*at))
			for key, value := range *at {
				m[key] = stringValue(value)
			}
			return &types.AttributeValueMemberM{Value: m}
		},
		func(v types.AttributeValue) (err error) {
			m, ok := v.(*types.AttributeValueMemberM)
			if !ok {
				return errors.New("is not a map")
			}
			*at = make(map[string]string, len(m.Value))
			for key, value := range m.Value {
				if (*at)[key], err = readText[string](value); err != nil {
					return err
				}
			}
			return nil
		}}
}

// words is an L of S; left out when nil.
func words[T ~string](name string, at *[]T) field {
	return list(name, at, stringValue[T], readText[T])
}

// records is an L of M, each laid out as fields says; left out when nil. An attribute that this version does not know
// is an error here, unlike at the top of an item: it could not be carried through, and dropping it in silence would
// lose a newer version's data.
func records[T any](name string, at *[]T, fields func(*T) []field) field {
	return list(name, at,
		func(record T) types.AttributeValue {
			return &types.AttributeValueMemberM{Value: write(fields(&record))}
		},
		func(v types.AttributeValue) (record T, err error) {
			m, ok := v.(*types.AttributeValueMemberM)
			if !ok {
				return record, errors.New("is not a map")
			}
			rest, err := read(m.Value, fields(&record))
			for unknown := range rest {
				return record, fmt.Errorf("%s: is not known to this version; new attributes belong at the top of an item", unknown)
			}
			return record, err
		})
}

func list[T any](name string, at *[]T, write func(T) types.AttributeValue,
	read func(types.AttributeValue) (T, error)) field {
	return field{name,
		func() types.AttributeValue {
			if *at == nil {
				return nil
			}
			l := make([]types.AttributeValue, len(*at))
			for i, element := range *at {
				l[i] = write(element)
			}
			return &types.AttributeValueMemberL{Value: l}
		},
		func(v types.AttributeValue) error {
			l, ok := v.(*types.AttributeValueMemberL)
			if !ok {
				return errors.New("is not a list")
			}
			*at = make([]T, len(l.Value))
			for i, element := range l.Value {
				var err error
				if (*at)[i], err = read(element); err != nil {
					return fmt.Errorf("%d: %w", i, err)
				}
			}
			return nil
		}}
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
