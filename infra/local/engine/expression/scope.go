// Package expression reads DynamoDB's expressions exactly as far as Kassa needs them: conditions made of comparisons,
// BETWEEN, begins_with, attribute_exists, attribute_not_exists, AND, OR, NOT and parentheses over top-level attributes;
// key conditions; projections. Everything else is refused as a ValidationException that names the place.
package expression

import (
	_ "embed"
	"maps"
	"regexp"
	"slices"
	"strings"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/wire"
)

// reservedWords are the words that DynamoDB refuses as bare attribute names (Developer Guide, "Reserved words in
// DynamoDB"), one a line.
//
//go:embed reserved.txt
var reservedWords string

var (
	namePlaceholder  = regexp.MustCompile(`^#[A-Za-z0-9_]+$`)
	valuePlaceholder = regexp.MustCompile(`^:[A-Za-z0-9_]+$`)
)

// Scope is what the expressions of one request share: the request's substitutions, and which of them were used.
type Scope struct {
	names  map[string]string
	values attribute.Item
	used   map[string]bool
	parsed bool
}

// NewScope checks ExpressionAttributeNames and ExpressionAttributeValues; nil means that the request had none.
func NewScope(names map[string]string, values attribute.Item) (*Scope, error) {
	if names != nil && len(names) == 0 {
		return nil, wire.Validation("ExpressionAttributeNames must not be empty")
	}
	if values != nil && len(values) == 0 {
		return nil, wire.Validation("ExpressionAttributeValues must not be empty")
	}
	for key, name := range names {
		if !namePlaceholder.MatchString(key) || name == "" {
			return nil, wire.Validation("ExpressionAttributeNames contains invalid key or value: Syntax error; key: %q", key)
		}
	}
	for key := range values {
		if !valuePlaceholder.MatchString(key) {
			return nil, wire.Validation("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", key)
		}
	}
	return &Scope{names: names, values: values, used: map[string]bool{}}, nil
}

// Unused refuses substitutions that no expression used, as AWS does. Call it after all expressions of the request were
// read.
func (s *Scope) Unused() error {
	for parameter, keys := range map[string][]string{
		"ExpressionAttributeNames":  slices.Sorted(maps.Keys(s.names)),
		"ExpressionAttributeValues": slices.Sorted(maps.Keys(s.values)),
	} {
		if len(keys) > 0 && !s.parsed {
			return wire.Validation("%s can only be specified when using expressions", parameter)
		}
		unused := slices.DeleteFunc(keys, func(key string) bool { return s.used[key] })
		if len(unused) > 0 {
			return wire.Validation("Value provided in %s unused in expressions: keys: {%s}", parameter,
				strings.Join(unused, ", "))
		}
	}
	return nil
}

// attribute resolves a bare word or a #name. The complaint is empty when there is none.
func (s *Scope) attribute(t token) (resolved, complaint string) {
	if t.kind == word {
		if isReserved(t.text) {
			return "", "Attribute name is a reserved keyword; reserved keyword: " + t.text
		}
		return t.text, ""
	}
	resolved, ok := s.names[t.text]
	if !ok {
		return "", "An expression attribute name used in the document path is not defined; attribute name: " + t.text
	}
	s.used[t.text] = true
	return resolved, ""
}

// literal resolves a :value. The complaint is empty when there is none.
func (s *Scope) literal(key string) (resolved *attribute.Value, complaint string) {
	v, ok := s.values[key]
	if !ok {
		return nil, "An expression attribute value used in expression is not defined; attribute value: " + key
	}
	s.used[key] = true
	return &v, ""
}

func isReserved(text string) bool {
	return strings.Contains("\n"+reservedWords, "\n"+strings.ToUpper(text)+"\n")
}

// Projection reads a ProjectionExpression: top-level attribute names separated by commas.
func (s *Scope) Projection(text string) ([]string, error) {
	s.parsed = true
	p := newParser(s, "ProjectionExpression", text)
	var names []string
	for more := true; more && p.err == nil; more = p.take(",") {
		o := p.operand()
		switch {
		case p.err != nil:
		case o.literal != nil:
			p.fail("Syntax error; a projection names attributes, not values")
		case slices.Contains(names, o.attribute):
			p.fail("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [%s], "+
				"path two: [%[1]s]", o.attribute)
		}
		names = append(names, o.attribute)
	}
	if p.err == nil && p.token.kind != end {
		p.unexpected()
	}
	return names, p.err
}
