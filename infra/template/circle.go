package template

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Circle finds resources that wait for each other, so that CloudFormation could make none of them first: the ids in
// their order, the first again at the end. Conditions are left aside, as CloudFormation does. Nil where there is none.
func (d *Document) Circle() []string {
	resources := d.section("Resources")
	needs := map[string][]string{}
	eachChild(resources, func(id string, n *yaml.Node) {
		found := map[string]bool{}
		mentions(n, func(name string) {
			if Child(resources, name) != nil {
				found[name] = true
			}
		})
		needs[id] = slices.Sorted(maps.Keys(found))
	})
	settled := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(needs)) {
		if circle := follow(id, needs, settled, nil); circle != nil {
			return circle
		}
	}
	return nil
}

// follow goes down what a resource needs; path is the way to it, settled what is known to lead to no circle, so that
// each resource is looked at once.
func follow(id string, needs map[string][]string, settled map[string]bool, path []string) []string {
	if i := slices.Index(path, id); i >= 0 {
		return append(slices.Clone(path[i:]), id)
	}
	if settled[id] {
		return nil
	}
	path = append(path, id)
	for _, next := range needs[id] {
		if circle := follow(next, needs, settled, path); circle != nil {
			return circle
		}
	}
	settled[id] = true
	return nil
}

var variables = regexp.MustCompile(`\$\{([A-Za-z0-9]+)[.}]`)

// mentions calls found with every name that a piece of the template refers to.
func mentions(n *yaml.Node, found func(name string)) {
	if name, arg, is := intrinsic(n); is {
		text := arg // of a Sub with variables of its own, or the id of a GetAtt in two parts
		if arg.Kind == yaml.SequenceNode && len(arg.Content) > 0 {
			text = arg.Content[0]
		}
		switch name {
		case "Ref":
			found(arg.Value)
		case "GetAtt":
			id, _, _ := strings.Cut(text.Value, ".")
			found(id)
		case "Sub":
			for _, match := range variables.FindAllStringSubmatch(text.Value, -1) {
				found(match[1])
			}
		}
	}
	if needed := Child(n, "DependsOn"); needed != nil {
		for _, one := range append(needed.Content, needed) {
			found(one.Value)
		}
	}
	for _, inner := range n.Content {
		mentions(inner, found)
	}
}
