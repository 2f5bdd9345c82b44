package expression

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"kassa/infra/local/engine/wire"
)

// nameForm is a bare name, or one that stands for another.
var nameForm = regexp.MustCompile(`^#?[A-Za-z][A-Za-z0-9_]*$`)

// ParseProjection reads a ProjectionExpression and the request's ExpressionAttributeNames, which may both be nil; nil
// are all attributes. What is named twice, or has a name and does not use it, AWS refuses, too.
func ParseProjection(text *string, aliases map[string]string) (names []string, err error) {
	// what is left at the end was never used
	left := maps.Clone(aliases)
	if text != nil {
		for name := range strings.SplitSeq(*text, ",") {
			name = strings.TrimSpace(name)
			if !nameForm.MatchString(name) {
				return nil, wire.Validation("Invalid ProjectionExpression: Syntax error, or something that the local engine "+
					"does not support; near: %q", name)
			}
			if alias, is := strings.CutPrefix(name, "#"); !is {
				err = firstError(err, checkName(name))
			} else if meant, defined := aliases[name]; defined {
				delete(left, name)
				name = meant
			} else {
				err = firstError(err, wire.Validation("Invalid ProjectionExpression: An expression attribute name used in the "+
					"document path is not defined; attribute name: #%s", alias))
			}
			if slices.Contains(names, name) {
				err = firstError(err, wire.Validation("Invalid ProjectionExpression: Two document paths overlap with each "+
					"other; must remove or rewrite one of these paths; path one: [%s], path two: [%[1]s]", name))
			}
			names = append(names, name)
		}
	}
	if len(left) > 0 {
		err = firstError(err, wire.Validation("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}",
			strings.Join(slices.Sorted(maps.Keys(left)), ", ")))
	}
	return names, err
}
