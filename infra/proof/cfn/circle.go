package cfn

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Circle finds resources that wait for each other, so that CloudFormation could make none of them first: the ids in
// their order, the first again at the end. Conditions are left aside, as CloudFormation does. Nil where there is none.
func (t Template) Circle() []string {
	resources := t.section("Resources")
	needs := map[string][]string{}
	for id, raw := range resources {
		found := map[string]bool{}
		mentions(raw, func(name string) {
			if resources[name] != nil {
				found[name] = true
			}
		})
		needs[id] = slices.Sorted(maps.Keys(found))
	}
	settled := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(needs)) {
		if circle := follow(id, needs, settled, nil); circle != nil {
			return circle
		}
	}
	return nil
}

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

// mentions calls found with every name that a value refers to.
func mentions(value any, found func(name string)) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			mentions(item, found)
		}
	case map[string]any:
		for key, item := range v {
			switch key {
			case "Ref", "DependsOn":
				for _, name := range List(item) {
					found(fmt.Sprint(name))
				}
			case "Fn::GetAtt":
				name, _, _ := strings.Cut(strings.Join(Texts(item), "."), ".")
				found(name)
			case "Fn::Sub":
				for _, text := range Texts(item) {
					for _, match := range variables.FindAllStringSubmatch(text, -1) {
						found(match[1])
					}
				}
			}
			mentions(item, found)
		}
	}
}
