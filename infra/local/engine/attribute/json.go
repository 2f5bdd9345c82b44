package attribute

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"kassa/infra/local/engine/wire"
)

// maxDepth is how deep lists and maps may be nested (Service quotas, "Nested attribute depth").
const maxDepth = 32

// UnmarshalJSON reads {"S":"text"} and its like. What DynamoDB would refuse is refused with its words, as a
// *wire.Error.
func (v *Value) UnmarshalJSON(data []byte) error {
	parsed, err := parse(data, 1)
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

func parse(data []byte, depth int) (Value, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return Value{}, wire.Serialization("An attribute value is not a JSON object.")
	}
	switch {
	case depth > maxDepth:
		return Value{}, wire.Validation(
			"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit")
	case len(members) == 0:
		return Value{}, wire.Validation(
			"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case len(members) > 1:
		return Value{}, wire.Validation(
			"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	for kind, raw := range members {
		return parseKind(Kind(kind), raw, depth)
	}
	return Value{}, nil
}

func parseKind(kind Kind, raw json.RawMessage, depth int) (Value, error) {
	v := Value{Kind: kind}
	var err error
	switch kind {
	case String, Number, Binary:
		v.Text, err = parseText(kind, raw)
	case Bool:
		v.Bool, err = decode[bool](kind, raw)
	case Null:
		if isNull, wrong := decode[bool](kind, raw); wrong != nil || !isNull {
			err = wire.Validation("One or more parameter values were invalid: Null attribute value types must have the value " +
				"of true")
		}
	case List:
		v.List, err = parseList(raw, depth)
	case Map:
		v.Map, err = parseMap(raw, depth)
	case StringSet, NumberSet, BinarySet:
		v.Set, err = parseSet(kind, raw)
	default:
		err = wire.Serialization("%q is not the name of an attribute type.", string(kind))
	}
	return v, err
}

// decode reads one JSON value of a known Go type. JSON's null is no value of any of them.
func decode[T any](kind Kind, raw json.RawMessage) (T, error) {
	var value *T
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		var none T
		return none, wire.Serialization("The value of an attribute of type %s has the wrong JSON type.", string(kind))
	}
	return *value, nil
}

func parseText(kind Kind, raw json.RawMessage) (string, error) {
	text, err := decode[string](kind, raw)
	if err != nil {
		return "", err
	}
	switch kind {
	case Number:
		n, err := parseNumber(text)
		return n.String(), err
	case Binary, BinarySet:
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", wire.Serialization("A binary attribute value is not base64.")
		}
		return string(bytes), nil
	default:
		return text, nil
	}
}

func parseList(raw json.RawMessage, depth int) ([]Value, error) {
	elements, err := decode[[]json.RawMessage](List, raw)
	if err != nil {
		return nil, err
	}
	values := make([]Value, len(elements))
	for i, element := range elements {
		if values[i], err = parse(element, depth+1); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func parseMap(raw json.RawMessage, depth int) (Item, error) {
	members, err := decode[map[string]json.RawMessage](Map, raw)
	if err != nil {
		return nil, err
	}
	item := make(Item, len(members))
	for name, member := range members {
		if item[name], err = parse(member, depth+1); err != nil {
			return nil, err
		}
	}
	return item, nil
}

// elementKind is the type of a set's elements.
func elementKind(set Kind) Kind {
	switch set {
	case NumberSet:
		return Number
	case BinarySet:
		return Binary
	default:
		return String
	}
}

func parseSet(kind Kind, raw json.RawMessage) ([]string, error) {
	elements, err := decode[[]json.RawMessage](kind, raw)
	if err != nil {
		return nil, err
	}
	if len(elements) == 0 {
		return nil, wire.Validation("One or more parameter values were invalid: A set of type %s may not be empty",
			string(kind))
	}
	set := make([]string, len(elements))
	for i, element := range elements {
		if set[i], err = parseText(elementKind(kind), element); err != nil {
			return nil, err
		}
	}
	slices.Sort(set)
	if len(slices.Compact(slices.Clone(set))) != len(set) {
		return nil, wire.Validation(
			"One or more parameter values were invalid: Input collection of type %s contains duplicates.", string(kind))
	}
	return set, nil
}

// MarshalJSON writes the value as UnmarshalJSON reads it.
func (v Value) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[Kind]any{v.Kind: v.wireForm()})
}

func (v Value) wireForm() any {
	switch v.Kind {
	case Binary:
		return []byte(v.Text)
	case Bool:
		return v.Bool
	case Null:
		return true
	case List:
		return v.List
	case Map:
		return v.Map
	case StringSet, NumberSet:
		return v.Set
	case BinarySet:
		set := make([][]byte, len(v.Set))
		for i, text := range v.Set {
			set[i] = []byte(text)
		}
		return set
	default:
		return v.Text
	}
}
