// Package cfn does with a translated template what CloudFormation would do before it makes anything: it decides
// conditions and replaces intrinsic functions, so that rules can look at plain values. Resources get the names and ARNs
// that AWS would give them, where the template says enough, and recognisable ones where AWS would make them up.
package cfn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Region and Account are where the stack would stand.
const (
	Region  = "eu-central-1"
	Account = "123456789012"
)

// Template is a translated template, in JSON's Go types.
type Template map[string]any

// Parse reads a translated template.
func Parse(text []byte) (Template, error) {
	var t Template
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("the template is no JSON object: %w", err)
	}
	if len(t.section("Resources")) == 0 {
		return nil, fmt.Errorf("the template has no Resources")
	}
	return t, nil
}

func (t Template) section(name string) map[string]any {
	m, _ := t[name].(map[string]any)
	return m
}

// Stack is what a template makes with given parameters.
type Stack struct {
	Resources map[string]Resource // by logical id; those whose condition does not hold are not there
	Outputs   map[string]any
}

// Resource is one resource with plain values in its properties.
type Resource struct {
	ID, Type   string
	Properties map[string]any
	// Attributes stand beside the properties: DeletionPolicy, UpdateReplacePolicy, DependsOn, UpdatePolicy.
	Attributes map[string]any
}

// Resolve makes the stack. Parameters without a value take their default. It fails on whatever CloudFormation would
// refuse and on functions that it does not know.
func (t Template) Resolve(parameters map[string]string) (Stack, error) {
	r := resolver{template: t, parameters: map[string]any{}, made: map[string]map[string]any{}}
	if err := r.readParameters(parameters); err != nil {
		return Stack{}, err
	}
	for id, raw := range t.section("Resources") {
		resource, ok := raw.(map[string]any)
		if !ok {
			return Stack{}, fmt.Errorf("the resource %s is no object", id)
		}
		holds, err := r.holds(resource["Condition"])
		if err != nil {
			return Stack{}, fmt.Errorf("%s: %w", id, err)
		}
		if holds {
			r.made[id] = resource
		}
	}
	s := Stack{Resources: map[string]Resource{}, Outputs: map[string]any{}}
	for id, raw := range r.made {
		one, err := r.resource(id, raw)
		if err != nil {
			return Stack{}, fmt.Errorf("%s: %w", id, err)
		}
		s.Resources[id] = one
	}
	return s, r.outputs(s.Outputs)
}

func (r *resolver) readParameters(given map[string]string) error {
	declared := r.template.section("Parameters")
	for name := range given {
		if declared[name] == nil {
			return fmt.Errorf("the template has no parameter %s", name)
		}
	}
	for name, raw := range declared {
		p, _ := raw.(map[string]any)
		value, ok := any(given[name]), given[name] != ""
		if !ok {
			if value, ok = p["Default"]; !ok {
				return fmt.Errorf("the parameter %s has no value", name)
			}
		}
		r.parameters[name] = fmt.Sprint(value)
	}
	return nil
}

func (r *resolver) resource(id string, raw map[string]any) (Resource, error) {
	out := Resource{ID: id, Properties: map[string]any{}, Attributes: map[string]any{}}
	out.Type, _ = raw["Type"].(string)
	for key, value := range raw {
		plain, err := r.value(value)
		if err != nil {
			return Resource{}, err
		}
		switch fields, isMap := plain.(map[string]any); {
		case key == "Properties" && isMap:
			out.Properties = fields
		case key != "Type" && key != "Condition" && key != "Properties":
			out.Attributes[key] = plain
		}
	}
	return out, nil
}

func (r *resolver) outputs(into map[string]any) error {
	for name, raw := range r.template.section("Outputs") {
		output, _ := raw.(map[string]any)
		holds, err := r.holds(output["Condition"])
		if err == nil && holds {
			into[name], err = r.value(output["Value"])
		}
		if err != nil {
			return fmt.Errorf("the output %s: %w", name, err)
		}
	}
	return nil
}

// OfType lists the resources of a type in the order of their ids.
func (s Stack) OfType(typ string) (found []Resource) {
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		if s.Resources[id].Type == typ {
			found = append(found, s.Resources[id])
		}
	}
	return found
}

// At follows keys into a resource's properties; nil where there is nothing.
func (r Resource) At(keys ...string) any { return At(r.Properties, keys...) }

// At follows keys into a value; nil where there is nothing.
func At(value any, keys ...string) any {
	for _, key := range keys {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

// List reads what AWS lets be one value or a list of them.
func List(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// Texts reads one text or a list of texts; other values are left out.
func Texts(value any) (texts []string) {
	for _, one := range List(value) {
		if text, ok := one.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
