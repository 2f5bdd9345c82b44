// Package policy decides what IAM policies allow, as far as the template uses them: actions and resources with
// wildcards, Deny before Allow, and the conditions that stand there. What it does not know it refuses, rather than
// decide too kindly.
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kassa/infra/template"
)

// Statement is one statement of a policy document.
type Statement struct {
	Effect     string // Allow or Deny
	Actions    []string
	Resources  []string
	Conditions []Condition
}

// Condition is one comparison of a statement: any of the values will do.
type Condition struct {
	Operator, Key string
	Values        []string
}

// Call is one use of AWS: the action on one resource, and what is known about the request, by condition key.
type Call struct {
	Action, Resource string
	Context          map[string]string
}

// Read reads the statements of a policy document in JSON's Go types. Principal is not looked at: documents of
// identities have none.
func Read(document any) ([]Statement, error) {
	var all []Statement
	for _, raw := range template.List(template.At(document, "Statement")) {
		s := Statement{Actions: template.Texts(template.At(raw, "Action")),
			Resources: template.Texts(template.At(raw, "Resource"))}
		s.Effect, _ = template.At(raw, "Effect").(string)
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return nil, fmt.Errorf("the effect %q of a statement is neither Allow nor Deny", s.Effect)
		}
		for _, other := range []string{"NotAction", "NotResource"} {
			if template.At(raw, other) != nil {
				return nil, fmt.Errorf("%s is not understood here: name what is allowed", other)
			}
		}
		if len(s.Actions) == 0 || len(s.Resources) == 0 {
			return nil, errors.New("a statement has no Action or no Resource")
		}
		var err error
		if s.Conditions, err = conditions(template.At(raw, "Condition")); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, errors.New("the document has no Statement")
	}
	return all, nil
}

// conditions reads a statement's Condition. An operator that is not known here is an error, since a condition that is
// passed over would make a policy look wider or narrower than it is.
func conditions(raw any) (all []Condition, err error) {
	operators, _ := raw.(map[string]any)
	for operator, keys := range operators {
		if comparisons[operator] == nil {
			return nil, fmt.Errorf("the condition operator %s is not understood here", operator)
		}
		pairs, _ := keys.(map[string]any)
		for key, values := range pairs {
			all = append(all, Condition{Operator: operator, Key: key, Values: template.Texts(values)})
		}
	}
	return all, nil
}

// Allows decides a call: a Deny that fits forbids it, else an Allow that fits allows it.
func Allows(statements []Statement, c Call) bool {
	allowed := false
	for _, s := range statements {
		if s.Fits(c) {
			if s.Effect == "Deny" {
				return false
			}
			allowed = true
		}
	}
	return allowed
}

// Fits says whether the statement speaks of the call.
func (s Statement) Fits(c Call) bool {
	return anyLike(lower(s.Actions), strings.ToLower(c.Action)) && anyLike(s.Resources, c.Resource) && s.holds(c.Context)
}

// holds says whether every condition is met. A key that the request does not have meets none, as in IAM for these
// operators.
func (s Statement) holds(context map[string]string) bool {
	for _, c := range s.Conditions {
		value, has := context[c.Key]
		if !has || !comparisons[c.Operator](c.Values, value) {
			return false
		}
	}
	return true
}

// comparisons are the operators that the template uses. ARNs are compared as texts with wildcards, which for whole ARNs
// is the same.
var comparisons = map[string]func(patterns []string, value string) bool{
	"StringEquals": slices.Contains[[]string],
	"StringLike":   anyLike,
	"ArnLike":      anyLike,
	"ArnEquals":    anyLike,
}

// anyLike says whether a value fits one of the patterns, in which * stands for any text and ? for one character.
func anyLike(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return like(pattern, value) })
}

// lower prepares actions, whose letters IAM does not tell apart by case.
func lower(texts []string) (out []string) {
	for _, text := range texts {
		out = append(out, strings.ToLower(text))
	}
	return out
}

// like matches in linear space: after a * it tries the shortest text first and comes back to the last * when it went
// wrong.
func like(pattern, value string) bool {
	p, v, star, resume := 0, 0, -1, 0
	for v < len(value) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, v
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == value[v]):
			p++
			v++
		case star >= 0:
			resume++
			p, v = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
