package expression

import (
	"slices"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/wire"
)

// Term is one comparison of a key condition: an attribute, the operator as it is written (=, <, <=, >, >=, BETWEEN,
// begins_with) and its one value, or two for BETWEEN.
type Term struct {
	Attribute string
	Operator  string
	Values    []attribute.Value
}

// KeyCondition reads a KeyConditionExpression into its terms, in the order in which they stand.
func (s *Scope) KeyCondition(text string) ([]Term, error) {
	s.parsed = true
	root, err := newParser(s, "KeyConditionExpression", text).whole()
	if err != nil {
		return nil, err
	}
	return keyTerms(root)
}

func keyTerms(n node) ([]Term, error) {
	if n.operator == and {
		var terms []Term
		for _, part := range n.parts {
			more, err := keyTerms(part)
			if err != nil {
				return nil, err
			}
			terms = append(terms, more...)
		}
		return terms, nil
	}
	if slices.Contains([]operator{or, not, exists, notExists, "<>"}, n.operator) {
		return nil, wire.Validation("Invalid operator used in KeyConditionExpression: %s", string(n.operator))
	}
	return comparison(n)
}

func comparison(n node) ([]Term, error) {
	term := Term{Attribute: n.operands[0].attribute, Operator: string(n.operator)}
	if n.operands[0].literal != nil {
		return nil, wire.Validation(
			"Invalid KeyConditionExpression: a condition begins with the name of a key attribute; operator: %s", term.Operator)
	}
	for _, o := range n.operands[1:] {
		if o.literal == nil {
			return nil, wire.Validation(
				"Invalid KeyConditionExpression: The key attribute %s is compared with another attribute; it can be compared "+
					"with values only", term.Attribute)
		}
		term.Values = append(term.Values, *o.literal)
	}
	return []Term{term}, nil
}
