// Package schema is what a table is declared to be: its keys, its indexes, its stream, and where an item stands in
// their order.
package schema

import (
	"slices"

	"kassa/infra/local/engine/attribute"
)

// Definition is a table as CreateTable declares it; the names are the wire's (API Reference, "CreateTable").
type Definition struct {
	TableName              string
	AttributeDefinitions   []AttributeDefinition
	KeySchema              []KeyElement
	GlobalSecondaryIndexes []IndexDefinition    `json:",omitempty"`
	BillingMode            string               `json:",omitempty"`
	StreamSpecification    *StreamSpecification `json:",omitempty"`
}

// AttributeDefinition gives a key attribute its type.
type AttributeDefinition struct {
	AttributeName string
	AttributeType attribute.Kind
}

// KeyElement gives an attribute its part in a key.
type KeyElement struct {
	AttributeName string
	KeyType       string // HASH or RANGE
}

// IndexDefinition declares a global secondary index.
type IndexDefinition struct {
	IndexName  string
	KeySchema  []KeyElement
	Projection Projection
}

// Projection says what an index holds of an item.
type Projection struct {
	ProjectionType   string   // KEYS_ONLY or INCLUDE
	NonKeyAttributes []string `json:",omitempty"`
}

// StreamSpecification switches the stream on.
type StreamSpecification struct {
	StreamEnabled  bool
	StreamViewType string `json:",omitempty"`
}

// Index is a global secondary index made ready for use: the declaration, and its keys with their types.
type Index struct {
	IndexDefinition
	Keys Keys
}

// Keys is the primary key.
func (d Definition) Keys() Keys { return d.schema(d.KeySchema) }

// schema gives the elements of a key their types.
func (d Definition) schema(elements []KeyElement) Keys {
	schema := make(Keys, len(elements))
	for i, element := range elements {
		schema[i] = Key{name: element.AttributeName, kind: d.kindOf(element.AttributeName)}
	}
	return schema
}

// kindOf is the declared type of an attribute; "" for one that is not declared.
func (d Definition) kindOf(name string) attribute.Kind {
	for _, declared := range d.AttributeDefinitions {
		if declared.AttributeName == name {
			return declared.AttributeType
		}
	}
	return ""
}

// Indexes are the global secondary indexes as declared.
func (d Definition) Indexes() []Index {
	indexes := make([]Index, len(d.GlobalSecondaryIndexes))
	for i, declared := range d.GlobalSecondaryIndexes {
		indexes[i] = Index{IndexDefinition: declared, Keys: d.schema(declared.KeySchema)}
	}
	return indexes
}

// Index finds an index by name.
func (d Definition) Index(name string) (Index, bool) {
	for _, index := range d.Indexes() {
		if index.IndexName == name {
			return index, true
		}
	}
	return Index{}, false
}

// HasStream tells whether writes leave stream records.
func (d Definition) HasStream() bool {
	return d.StreamSpecification != nil && d.StreamSpecification.StreamEnabled
}

// Project is what the index holds of an item.
func (in Index) Project(primary Keys, item attribute.Item) attribute.Item {
	return item.Pick(slices.Concat(primary.Names(), in.Keys.Names(), in.Projection.NonKeyAttributes))
}
