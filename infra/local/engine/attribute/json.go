// Reading attribute values: an object whose one member names the type and holds the value. Numbers come as texts, and
// stay texts of digits here, so that no amount passes through a float on its way to the table and back.

package attribute

import (
	"bytes"
	"encoding/json"

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

// UnmarshalJSON reads an item. One that is written as clients and this engine write it is read in one go, and any other
// as all JSON.
func (i *Item) UnmarshalJSON(data []byte) error {
	item, whole := Item{}, false
	for name, value := range Raw(data).members() {
		if whole = name == nil; whole {
			break
		}
		if bytes.IndexByte(name, '\\') >= 0 || value[0] != '{' {
			break
		}
		v, err := parse(value, 1)
		if err != nil {
			return err
		}
		item[string(name[1:len(name)-1])] = v
	}
	if whole {
		*i = item
		return nil
	}
	return json.Unmarshal(data, (*map[string]Value)(i))
}

// parse reads one value; depth counts from 1, which bounds the recursion before anything is built.
func parse(data []byte, depth int) (Value, error) {
	if v, plain := parsePlain(data); plain && depth <= maxDepth {
		return v, nil
	}
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

// parsePlain reads what nearly all values are, a text or a whole number without anything to be unescaped. It takes a
// tenth of the time, and leaves whatever it does not know to the reader of all JSON.
func parsePlain(data []byte) (v Value, plain bool) {
	const frame = len(`{"S":""}`)
	if len(data) < frame || string(data[:2]) != `{"` || string(data[3:6]) != `":"` || string(data[len(data)-2:]) != `"}` {
		return v, false
	}
	text := data[6 : len(data)-2]
	if v.Kind = Kind(data[2:3]); v.Kind == Number {
		plain = len(text) > 0 && len(text) <= maxDigits && (text[0] != '0' || len(text) == 1)
		for _, digit := range text {
			plain = plain && '0' <= digit && digit <= '9'
		}
	} else if v.Kind == String {
		plain = isPlain(text)
	}
	v.Text = string(text)
	return v, plain
}

// isPlain says of a text that it stands in JSON as it is.
func isPlain[T string | []byte](text T) bool {
	for i := range len(text) {
		if letter := text[i]; letter < ' ' || letter >= 0x7f || letter == '"' || letter == '\\' {
			return false
		}
	}
	return true
}

// parseKind reads the value of a named type. Types that Kassa does not store are refused by name and not taken as they
// are: whoever adds one here has to say how it is compared and measured.
func parseKind(kind Kind, raw json.RawMessage, depth int) (Value, error) {
	v := Value{Kind: kind}
	var err error
	switch kind {
	case String:
		v.Text, err = decode[string](kind, raw)
	case Number:
		v.Text, err = parseNumberText(raw)
	case Bool:
		v.Bool, err = decode[bool](kind, raw)
	case List:
		v.List, err = parseList(raw, depth)
	case Map:
		v.Map, err = parseMap(raw, depth)
	default:
		err = wire.Serialization("%q is not the name of an attribute type that the local engine knows.", string(kind))
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

// parseNumberText gives the normal form, as DynamoDB does: what was written as 1.50 is read back as 1.5.
func parseNumberText(raw json.RawMessage) (string, error) {
	text, err := decode[string](Number, raw)
	if err != nil {
		return "", err
	}
	n, err := parseNumber(text)
	return n.String(), err
}

// parseList reads elements of any types.
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

// parseMap reads an object within an item; the item itself is read in the same way.
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
