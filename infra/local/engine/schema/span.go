// A query as an interval. Keys are encoded so that their bytes sort as their values do, so a condition on a key is a
// stretch of the bucket, and reading it is walking along, in either direction.

package schema

import (
	"bytes"
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
	"kassa/infra/local/engine/wire"
)

// Span is an interval of encoded keys: From is in it, To is the first one behind it (nil: no end).
type Span struct{ From, To []byte }

// prefixed is the span of all keys that begin with the prefix.
func prefixed(prefix []byte) Span { return Span{prefix, attribute.After(prefix)} }

// Span is the interval that a key condition admits: all of a hash key, or what its range key has within bounds.
func (k Keys) Span(hash expression.Term, within expression.Bounds) (Span, error) {
	if err := k[0].checkTerm(hash); err != nil {
		return Span{}, err
	}
	partition := attribute.AppendKey(nil, hash.Value)
	span := prefixed(partition)
	for _, bound := range []*expression.Term{within.From, within.To} {
		if bound == nil {
			continue
		}
		if len(k) < 2 {
			return Span{}, wire.Validation("Query key condition not supported: there is no range key, but %s", bound.Attribute)
		}
		if err := k[1].checkTerm(*bound); err != nil {
			return Span{}, err
		}
		place := prefixed(attribute.AppendKey(slices.Clone(partition), bound.Value))
		if bound == within.From {
			span.From = place.From
		} else {
			span.To = place.To
		}
	}
	// an interval that ends before it begins would be read as an empty one, and the mistake stay unseen
	if span.To != nil && bytes.Compare(span.From, span.To) >= 0 {
		return Span{}, wire.Validation("Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be " +
			"greater than or equal to lower bound")
	}
	return span, nil
}

// checkTerm looks that a condition is about this key, and by its type.
func (key Key) checkTerm(term expression.Term) error {
	switch {
	case term.Attribute != key.name:
		return wire.Validation("Query condition missed key schema element: %s; in its place stands %s", key.name,
			term.Attribute)
	case term.Value.Kind != key.kind:
		return wire.Validation("One or more parameter values were invalid: Condition parameter type does not match schema "+
			"type: %s expected: %s actual: %s",
			key.name, string(key.kind), string(term.Value.Kind))
	case term.Value.Text == "":
		return wire.Validation("One or more parameter values are not valid. "+
			"The AttributeValue for a key attribute cannot contain an empty string or binary value. Key: %s", key.name)
	}
	return nil
}

// Walk visits the keys of a bucket that lie in the span, and their values, in order or against it.
func (s Span) Walk(cursor *bolt.Cursor, forward bool) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		step := cursor.Next
		key, value := cursor.Seek(s.From)
		if !forward {
			step = cursor.Prev
			key, value = s.last(cursor)
		}
		for ; key != nil && s.Holds(key); key, value = step() {
			if !yield(key, value) {
				return
			}
		}
	}
}

// last moves to the last key before the end of the span.
func (s Span) last(cursor *bolt.Cursor) (key, value []byte) {
	if s.To != nil {
		if key, _ := cursor.Seek(s.To); key != nil {
			return cursor.Prev()
		}
	}
	return cursor.Last()
}

// Holds tells whether a place lies within the span.
func (s Span) Holds(place []byte) bool {
	return bytes.Compare(place, s.From) >= 0 && (s.To == nil || bytes.Compare(place, s.To) < 0)
}
