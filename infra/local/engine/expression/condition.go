package expression

import (
	"strings"

	"kassa/infra/local/engine/attribute"
)

// Condition is a parsed ConditionExpression.
type Condition struct{ root node }

// Condition reads a ConditionExpression.
func (s *Scope) Condition(text string) (*Condition, error) {
	s.parsed = true
	root, err := newParser(s, "ConditionExpression", text).whole()
	if err != nil {
		return nil, err
	}
	return &Condition{root}, nil
}

// Holds tells whether the item meets the condition. An item that does not exist is an empty one.
func (c *Condition) Holds(item attribute.Item) bool { return c.root.holds(item) }

func (n node) holds(item attribute.Item) bool {
	switch n.operator {
	case and:
		for _, part := range n.parts {
			if !part.holds(item) {
				return false
			}
		}
		return true
	case or:
		for _, part := range n.parts {
			if part.holds(item) {
				return true
			}
		}
		return false
	case not:
		return !n.parts[0].holds(item)
	case exists, notExists:
		_, found := item[n.operands[0].attribute]
		return found == (n.operator == exists)
	default:
		return n.compares(item)
	}
}

// compares evaluates an operator on values. Values of different types are unequal and have no order; a comparison with
// an attribute that the item does not have is false, except that it is certainly <> everything.
func (n node) compares(item attribute.Item) bool {
	values := make([]attribute.Value, len(n.operands))
	alike := true
	for i, o := range n.operands {
		found := true
		if o.literal != nil {
			values[i] = *o.literal
		} else {
			values[i], found = item[o.attribute]
		}
		alike = alike && found && values[i].Kind == values[0].Kind
	}
	switch {
	case n.operator == "<>":
		return !alike || !attribute.Equal(values[0], values[1])
	case !alike:
		return false
	case n.operator == "=":
		return attribute.Equal(values[0], values[1])
	case n.operator == beginsWith:
		return values[0].Kind != attribute.Number && strings.HasPrefix(values[0].Text, values[1].Text)
	case !attribute.Ordered(values[0].Kind):
		return false
	case n.operator == between:
		return attribute.Compare(values[0], values[1]) >= 0 && attribute.Compare(values[0], values[2]) <= 0
	default:
		return ordered(n.operator, attribute.Compare(values[0], values[1]))
	}
}

func ordered(operator operator, order int) bool {
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}
