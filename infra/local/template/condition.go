package template

import "go.yaml.in/yaml/v4"

// choose resolves If. Only the chosen branch is looked at, because the other may name what does not exist here.
func (r *resolver) choose(arg *yaml.Node, depth int) value {
	if arg.Kind != yaml.SequenceNode || len(arg.Content) != 3 {
		r.fail(arg.Line, "If takes a condition and two values")
		return value{}
	}
	if r.condition(arg.Content[0].Line, arg.Content[0].Value, depth) {
		return r.resolve(arg.Content[1], depth)
	}
	return r.resolve(arg.Content[2], depth)
}

// condition evaluates a condition by its name.
func (r *resolver) condition(line int, name string, depth int) bool {
	n := child(r.conditions, name)
	if n == nil {
		r.fail(line, "no such condition: %s", name)
		return false
	}
	return r.truth(n, depth+1)
}

// truth evaluates Equals, Not, And, Or and Condition.
func (r *resolver) truth(n *yaml.Node, depth int) bool {
	if r.err != nil {
		return false
	}
	if depth > maxDepth {
		r.fail(n.Line, "conditions are nested too deeply")
		return false
	}
	name, arg, ok := intrinsic(n)
	if inner := child(n, "Condition"); !ok && inner != nil {
		name, arg, ok = "Condition", inner, true
	}
	if !ok {
		r.fail(n.Line, "a condition must be Equals, Not, And, Or or Condition")
		return false
	}
	switch name {
	case "Condition":
		return r.condition(arg.Line, arg.Value, depth)
	case "Equals":
		both := r.texts(r.resolve(arg, depth), "each side of Equals")
		if len(both) != 2 {
			r.fail(arg.Line, "Equals takes two values")
			return false
		}
		return both[0] == both[1]
	case "Not":
		if len(arg.Content) != 1 {
			r.fail(arg.Line, "Not takes one condition")
			return false
		}
		return !r.truth(arg.Content[0], depth+1)
	case "And", "Or":
		return r.combine(name == "And", arg, depth)
	default:
		r.fail(arg.Line, "the local host cannot evaluate the condition function %s", name)
		return false
	}
}

func (r *resolver) combine(all bool, arg *yaml.Node, depth int) bool {
	if arg.Kind != yaml.SequenceNode || len(arg.Content) < 2 {
		r.fail(arg.Line, "And and Or take at least two conditions")
		return false
	}
	for _, n := range arg.Content {
		if r.truth(n, depth+1) != all {
			return !all
		}
	}
	return all
}
