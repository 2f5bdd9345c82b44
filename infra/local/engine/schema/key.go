// Keys: which attributes they are, what values they may have, and where an item stands by them.

package schema

import (
	"slices"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/wire"
)

// Limits of key values in bytes (Service quotas, "Partition keys and sort keys").
const (
	maxHashKey  = 2048
	maxRangeKey = 1024
)

// Key is one key attribute.
type Key struct {
	name string
	kind attribute.Kind
}

// Keys is the hash key and perhaps the range key of a table or an index.
type Keys []Key

// Names are the names of the key attributes.
func (k Keys) Names() []string {
	names := make([]string, len(k))
	for i, key := range k {
		names[i] = key.name
	}
	return names
}

// Encode is the place of an item in the order of its keys; the item must have been checked.
func (k Keys) Encode(item attribute.Item) []byte {
	encoded := make([]byte, 0, 64) // as much as most take
	for _, key := range k {
		encoded = attribute.AppendKey(encoded, item[key.name])
	}
	return encoded
}

// Readable is the key for the record of calls: "pay_abc/1".
func (k Keys) Readable(item attribute.Item) string {
	text := ""
	for i, key := range k {
		if i > 0 {
			text += "/"
		}
		text += item[key.name].Text
	}
	return text
}

// Has tells whether an item has all attributes of the key: without them it is not in a sparse index.
func (k Keys) Has(item attribute.Item) bool {
	return !slices.ContainsFunc(k, func(key Key) bool {
		_, ok := item[key.name]
		return !ok
	})
}

// CheckItem refuses an item whose primary key is missing, empty, too long or of another type.
func (k Keys) CheckItem(item attribute.Item) error {
	for i, key := range k {
		value, ok := item[key.name]
		switch {
		case !ok:
			return wire.Validation("One or more parameter values were invalid: Missing the key %s in the item", key.name)
		case value.Kind != key.kind:
			return wire.Validation("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s",
				key.name, string(key.kind), string(value.Kind))
		case value.Text == "":
			return wire.Validation("One or more parameter values are not valid. The AttributeValue for a key attribute "+
				"cannot contain an empty string or binary value. Key: %s", key.name)
		}
		if err := checkLength(i, value); err != nil {
			return err
		}
	}
	return nil
}

// CheckExact refuses a Key parameter that is not exactly a primary key.
func (k Keys) CheckExact(key attribute.Item) error {
	if len(key) != len(k) {
		return wire.Validation("The provided key element does not match the schema")
	}
	for _, attribute := range k {
		if value, ok := key[attribute.name]; !ok || value.Kind != attribute.kind {
			return wire.Validation("The provided key element does not match the schema")
		}
	}
	return k.CheckItem(key)
}

// CheckIndexed refuses key values of an index that AWS would refuse. A missing one only keeps the item out of the
// index.
func (k Keys) CheckIndexed(indexName string, item attribute.Item) error {
	for i, key := range k {
		value, ok := item[key.name]
		switch {
		case !ok:
			continue
		case value.Kind != key.kind:
			return wire.Validation("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s "+
				"Actual: %s IndexName: %s", key.name, string(key.kind), string(value.Kind), indexName)
		case value.Text == "":
			return wire.Validation("One or more parameter values are not valid. A value specified for a secondary index key "+
				"is not supported. The AttributeValue for a key attribute cannot contain an empty string or binary value. "+
				"IndexName: %s, IndexKey: %s", indexName, key.name)
		}
		if err := checkLength(i, value); err != nil {
			return err
		}
	}
	return nil
}

// checkLength bounds texts; a number always fits. position 0 is the hash key.
func checkLength(position int, value attribute.Value) error {
	if value.Kind == attribute.Number {
		return nil
	}
	if position == 0 && len(value.Text) > maxHashKey {
		return wire.Validation("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size " +
			"limit of 2048 bytes")
	}
	if position == 1 && len(value.Text) > maxRangeKey {
		return wire.Validation("One or more parameter values were invalid: Aggregated size of all range keys has exceeded " +
			"the size limit of 1024 bytes")
	}
	return nil
}
