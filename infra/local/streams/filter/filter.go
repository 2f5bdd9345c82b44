// Package filter decides which records of a stream a function gets, by the event patterns of Lambda's FilterCriteria.
//
// A pattern is a JSON object of the record's shape. Each of its leaves is a list of rules, one of which must hold for
// what stands in that place: a text, true, false or null stands for itself, {"exists":true} for any value,
// {"exists":false} for none. As in EventBridge, a list in the record offers each of its elements, and exists looks at
// values, not at what holds values.
//
// EventBridge knows more kinds of rules. They are refused, because a pattern that is half understood lets the wrong
// records pass.
package filter

import "slices"

// Limits of Lambda (Developer Guide, "Control which events Lambda sends to your function").
const (
	maxPattern  = 4096 // characters
	maxPatterns = 5    // of one mapping, without asking for more
)

// Filter is a set of patterns; the zero value lets everything pass.
type Filter struct{ patterns []object }

// Passes tells whether a record, as JSON decodes it, fits one of the patterns, or whether there are none.
func (f Filter) Passes(record map[string]any) bool {
	return len(f.patterns) == 0 || slices.ContainsFunc(f.patterns, func(p object) bool { return p.fits([]any{record}) })
}

// node is a place in a pattern; values is what the record has there, none where it has nothing.
type node interface{ fits(values []any) bool }

// object asks for all of its fields.
type object map[string]node

// fits is true when one of what stands there has all of the fields; where nothing stands there, the fields are asked
// about nothing, so that exists:false can hold.
func (o object) fits(values []any) bool {
	holders := flat(values, nil)
	if len(holders) == 0 {
		holders = []any{nil} // the fields may ask that nothing be there
	}
	return slices.ContainsFunc(holders, func(holder any) bool {
		fields, _ := holder.(map[string]any)
		for name, field := range o {
			var found []any
			if v, there := fields[name]; there {
				found = []any{v}
			}
			if !field.fits(found) {
				return false
			}
		}
		return true
	})
}

// leaf asks for one of its rules.
type leaf []rule

// fits is about values alone: what holds further fields counts as none.
func (l leaf) fits(values []any) bool {
	values = slices.DeleteFunc(flat(values, nil), func(v any) bool { _, holds := v.(map[string]any); return holds })
	return slices.ContainsFunc(l, func(r rule) bool { return r.holds(values) })
}

// flat replaces lists by their elements.
func flat(values, into []any) []any {
	for _, v := range values {
		if list, is := v.([]any); is {
			into = flat(list, into)
			continue
		}
		into = append(into, v)
	}
	return into
}

// rule is one element of a leaf.
type rule struct {
	kind  ruleKind
	value any // of an exact rule: a string, a bool or nil
}

// ruleKind is what a rule asks for.
type ruleKind int

const (
	exact ruleKind = iota
	present
	missing
)

// holds compares exactly; the other comparisons that EventBridge knows are refused when the pattern is read.
func (r rule) holds(values []any) bool {
	switch r.kind {
	case present:
		return len(values) > 0
	case missing:
		return len(values) == 0
	default:
		return slices.Contains(values, r.value) // leaves are comparable: flat and leaf.fits took lists and objects away
	}
}
