package schema

import (
	"bytes"
	"iter"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
	"kassa/infra/local/engine/wire"
)

// Span is an interval of encoded keys: From is in it, To is the first one behind it (nil: no end).
type Span struct{ From, To []byte }

// prefixed is the span of all keys that begin with the prefix.
func prefixed(prefix []byte) Span { return Span{prefix, attribute.After(prefix)} }

// Span turns the terms of a key condition into an interval, and returns the hash key's value for the record of calls.
func (k Keys) Span(terms []expression.Term) (interval Span, hash string, err error) {
	var byName [2]*expression.Term
	for _, term := range terms {
		position := k.position(term.Attribute)
		switch {
		case position < 0:
			return Span{}, "", wire.Validation("Query key condition not supported: %s is no key attribute", term.Attribute)
		case byName[position] != nil:
			return Span{}, "", wire.Validation("KeyConditionExpressions must only contain one condition per key: %s",
				term.Attribute)
		}
		byName[position] = &term
		if err := k[position].checkTerm(term); err != nil {
			return Span{}, "", err
		}
	}
	if byName[0] == nil {
		return Span{}, "", wire.Validation("Query condition missed key schema element: %s", k[0].name)
	}
	if byName[0].Operator != "=" {
		return Span{}, "", wire.Validation("Query key condition not supported: the hash key %s is compared with =", k[0].name)
	}
	value := byName[0].Values[0]
	partition := attribute.AppendKey(nil, value)
	if byName[1] == nil {
		return prefixed(partition), value.Text, nil
	}
	interval, err = rangeSpan(partition, *byName[1])
	return interval, value.Text, err
}

func (k Keys) position(name string) int {
	for i, key := range k {
		if key.name == name {
			return i
		}
	}
	return -1
}

func (key Key) checkTerm(term expression.Term) error {
	for _, value := range term.Values {
		if value.Kind != key.kind {
			return wire.Validation("One or more parameter values were invalid: Condition parameter type does not match "+
				"schema type: %s expected: %s actual: %s", key.name, string(key.kind), string(value.Kind))
		}
		if key.kind != attribute.Number && value.Text == "" {
			return wire.Validation("One or more parameter values are not valid. The AttributeValue for a key attribute "+
				"cannot contain an empty string or binary value. Key: %s", key.name)
		}
	}
	return nil
}

// rangeSpan narrows a partition down to what a term about the range key admits.
func rangeSpan(partition []byte, term expression.Term) (Span, error) {
	all := prefixed(partition)
	first := prefixed(attribute.AppendKey(bytes.Clone(partition), term.Values[0]))
	switch term.Operator {
	case "=":
		return first, nil
	case "<":
		return Span{all.From, first.From}, nil
	case "<=":
		return Span{all.From, first.To}, nil
	case ">":
		return Span{first.To, all.To}, nil
	case ">=":
		return Span{first.From, all.To}, nil
	case "begins_with":
		return prefixed(attribute.AppendPrefix(bytes.Clone(partition), term.Values[0].Text)), nil
	case "BETWEEN":
		if attribute.Compare(term.Values[0], term.Values[1]) > 0 {
			return Span{}, wire.Validation(
				"Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower "+
					"bound; %s", term.Attribute)
		}
		last := prefixed(attribute.AppendKey(bytes.Clone(partition), term.Values[1]))
		return Span{first.From, last.To}, nil
	}
	return Span{}, wire.Validation("Query key condition not supported: %s", term.Operator)
}

// Walk visits the keys of a bucket that lie in the span, in order or against it.
func (s Span) Walk(cursor *bolt.Cursor, forward bool) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		step := cursor.Next
		key, _ := cursor.Seek(s.From)
		if !forward {
			step = cursor.Prev
			key = s.last(cursor)
		}
		for ; key != nil && s.Holds(key); key, _ = step() {
			if !yield(key) {
				return
			}
		}
	}
}

// last moves to the last key before the end of the span.
func (s Span) last(cursor *bolt.Cursor) []byte {
	if s.To != nil {
		if key, _ := cursor.Seek(s.To); key != nil {
			key, _ = cursor.Prev()
			return key
		}
	}
	key, _ := cursor.Last()
	return key
}

// Holds tells whether a place lies within the span.
func (s Span) Holds(place []byte) bool {
	return bytes.Compare(place, s.From) >= 0 && (s.To == nil || bytes.Compare(place, s.To) < 0)
}
