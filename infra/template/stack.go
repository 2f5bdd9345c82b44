package template

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Stack is what a template makes with given parameters.
type Stack struct {
	Resources map[string]Resource // by logical id; those whose condition does not hold are not there
	Outputs   map[string]any
}

// Resource is one resource, its values plain: in the Go types of JSON.
type Resource struct {
	ID, Type   string
	Properties map[string]any
	// Attributes stand beside the properties: DeletionPolicy, UpdateReplacePolicy, DependsOn, UpdatePolicy.
	Attributes map[string]any
}

// Stack resolves a translated template as if it were deployed at a place. Parameters without a value take their
// default. What AWS would make up stands there as something recognisable: "(Function.Version)". It fails on whatever
// CloudFormation would refuse, and on functions and ARNs that it does not know; errors name the resource.
func (d *Document) Stack(parameters map[string]string, where Place) (Stack, error) {
	r := resolver{document: d, where: where}
	r.beyond = func(id, attribute string) (string, bool) {
		return "(" + id + "." + attribute + ")", attribute != "Arn" && r.made(id, 0) != nil
	}
	r.begin(parameters)
	s := Stack{Resources: map[string]Resource{}, Outputs: map[string]any{}}
	r.each("Resources", func(id string, n *yaml.Node) { s.Resources[id] = r.resource(id, n) })
	r.each("Outputs", func(id string, n *yaml.Node) { s.Outputs[id] = r.resolve(Child(n, "Value"), 0).plain() })
	return s, r.err
}

// each calls f with what a section holds and what its condition lets be there, and puts the name of the first to fail
// before the error.
func (r *resolver) each(section string, f func(id string, n *yaml.Node)) {
	eachChild(r.document.section(section), func(id string, n *yaml.Node) {
		if r.err != nil || !r.holds(n, 0) {
			return
		}
		if f(id, n); r.err != nil {
			r.err = fmt.Errorf("%s: %w", id, r.err)
		}
	})
}

// resource makes one resource plain, with what stands beside its properties.
func (r *resolver) resource(id string, n *yaml.Node) Resource {
	out := Resource{ID: id, Type: typeOf(n), Properties: map[string]any{}, Attributes: map[string]any{}}
	eachChild(n, func(key string, n *yaml.Node) {
		switch plain := r.resolve(n, 0).plain(); key {
		case "Properties":
			out.Properties, _ = plain.(map[string]any)
		case "Type", "Condition":
		default:
			out.Attributes[key] = plain
		}
	})
	return out
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
