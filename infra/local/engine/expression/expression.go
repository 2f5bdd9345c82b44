// Package expression reads DynamoDB's expressions exactly as far as Kassa writes them:
//
//	attribute_not_exists(name)             a condition: nothing stands there yet
//	name = :value                          a condition: it is still the version that was read
//	hash = :value [AND range <= :value]    a key condition
//	hash = :value AND range BETWEEN :value AND :value
//	name, #name                            a projection: what is given of an item
//
// The names are bare names of top-level attributes; only a projection may have them elsewhere, by #name. All the rest
// is a ValidationException, so that a program which writes more fails here before it meets what this engine might get
// wrong.
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
	absence  = regexp.MustCompile(`^attribute_not_exists\(([A-Za-z][A-Za-z0-9_]*)\)$`)
	equality = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*) = (:[A-Za-z0-9_]+)$`)
	bound    = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*) <= (:[A-Za-z0-9_]+)$`)
	floor    = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*) BETWEEN (:[A-Za-z0-9_]+)$`)
)

// Term is an attribute, by name, and the value that it is compared with.
type Term struct {
	Attribute string
	Value     attribute.Value
}

// Bounds are what a key condition admits of the range key, both included; nil for no bound.
type Bounds struct{ From, To *Term }

// Condition is a parsed ConditionExpression. The zero Condition holds for everything.
type Condition struct {
	absent string // the attribute that must not be there
	equal  *Term
}

// Holds tells whether the item meets the condition. An item that does not exist is an empty one.
func (c Condition) Holds(item attribute.Item) bool {
	if c.equal != nil {
		value, found := item[c.equal.Attribute]
		return found && attribute.Equal(value, c.equal.Value)
	}
	_, found := item[c.absent]
	return !found // no item has an attribute without a name
}

// ParseCondition reads a ConditionExpression, which may be nil, and the request's ExpressionAttributeValues.
func ParseCondition(text *string, values attribute.Item) (Condition, error) {
	if text == nil {
		return Condition{}, unused(values)
	}
	if parts := absence.FindStringSubmatch(*text); parts != nil {
		return Condition{absent: parts[1]}, firstError(checkName(parts[1]), unused(values))
	}
	term, err := parse(equality, "ConditionExpression", *text, values)
	return Condition{equal: &term}, firstError(err, unused(values, *text))
}

// ParseKey reads a KeyConditionExpression: the hash key's term, and the range key's bounds where there are any.
func ParseKey(text string, values attribute.Item) (hash Term, within Bounds, err error) {
	const parameter = "KeyConditionExpression"
	first, second, two := strings.Cut(text, " AND ")
	hash, err = parse(equality, parameter, first, values)
	comparisons := []string{first}
	// the word AND stands within BETWEEN as well, so what is left is cut again
	if lower, upper, between := strings.Cut(second, " AND "); err == nil && between {
		within.From = new(Term)
		*within.From, err = parse(floor, parameter, lower, values)
		comparisons = append(comparisons, lower)
		second = within.From.Attribute + " <= " + upper
	}
	if err == nil && two {
		within.To = new(Term)
		*within.To, err = parse(bound, parameter, second, values)
		comparisons = append(comparisons, second)
	}
	return hash, within, firstError(err, unused(values, comparisons...))
}

// parse reads one comparison.
func parse(form *regexp.Regexp, parameter, text string, values attribute.Item) (Term, error) {
	parts := form.FindStringSubmatch(text)
	if parts == nil {
		return Term{}, wire.Validation(
			"Invalid %s: Syntax error, or something that the local engine does not support; near: %q", parameter, text)
	}
	value, defined := values[parts[2]]
	if !defined {
		return Term{}, wire.Validation(
			"Invalid %s: An expression attribute value used in expression is not defined; attribute value: %s", parameter,
			parts[2])
	}
	return Term{Attribute: parts[1], Value: value}, checkName(parts[1])
}

// checkName refuses a reserved word. DynamoDB takes one only as a #name, which this engine does not know.
func checkName(name string) error {
	if strings.Contains("\n"+reservedWords, "\n"+strings.ToUpper(name)+"\n") {
		return wire.Validation("Invalid expression: Attribute name is a reserved keyword; reserved keyword: %s", name)
	}
	return nil
}

// unused refuses values that none of the comparisons has used, as AWS does. A comparison ends in the value that it
// uses.
func unused(values attribute.Item, comparisons ...string) error {
	switch {
	case values != nil && len(values) == 0:
		return wire.Validation("ExpressionAttributeValues must not be empty")
	case values == nil:
		return nil
	}
	left := maps.Clone(values)
	for _, comparison := range comparisons {
		delete(left, comparison[strings.LastIndex(comparison, " ")+1:])
	}
	if len(left) > 0 {
		return wire.Validation("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}",
			strings.Join(slices.Sorted(maps.Keys(left)), ", "))
	}
	return nil
}

// firstError is the first that there is, for DynamoDB tells one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
