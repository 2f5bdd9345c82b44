// CloudFormation's intrinsic functions, as far as template.yaml uses them. Each takes resolved arguments, but for If,
// whose other branch may name what is not there. What is wrong is remembered with its line, and only the first is
// told: the rest mostly follows from it.

package template

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxDepth bounds nesting, also of conditions that name conditions.
const maxDepth = 64

// resolver turns YAML nodes into values, replacing CloudFormation's intrinsic functions in their short (!Ref) and long
// (Ref:, Fn::Sub:) forms.
type resolver struct {
	failure
	document *Document
	where    Place
	refs     map[string]value // parameters and pseudo parameters
	// beyond knows attributes that no template tells, because AWS makes them up. It may know resources that SAM makes.
	beyond func(id, attribute string) (string, bool)
}

// resolve gives a node's value; depth counts calls, not lines, and bounds templates that name themselves.
func (r *resolver) resolve(n *yaml.Node, depth int) value {
	if n == nil || r.err != nil {
		return value{}
	}
	if depth > maxDepth {
		r.fail(n.Line, "nested too deeply")
		return value{}
	}
	if name, arg, ok := intrinsic(n); ok {
		v := r.call(name, arg, depth+1)
		v.line = n.Line
		return v
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return value{line: n.Line}
		}
		return value{kind: scalar, line: n.Line, text: n.Value, tag: n.ShortTag()}
	case yaml.SequenceNode:
		return r.list(n, depth)
	case yaml.MappingNode:
		return r.mapping(n, depth)
	default:
		r.fail(n.Line, "anchors and aliases are not allowed; CloudFormation does not know them")
		return value{}
	}
}

// list leaves out what is AWS::NoValue, as CloudFormation does, instead of keeping a hole.
func (r *resolver) list(n *yaml.Node, depth int) value {
	v := value{kind: list, line: n.Line}
	for _, item := range n.Content {
		if got := r.resolve(item, depth+1); got.kind != absent {
			v.items = append(v.items, got)
		}
	}
	return v
}

// mapping refuses a name that stands twice: YAML readers take either, so two readers may take different ones.
func (r *resolver) mapping(n *yaml.Node, depth int) value {
	v := value{kind: mapping, line: n.Line, fields: map[string]value{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if _, twice := v.fields[key]; twice {
			r.fail(n.Content[i].Line, "%s stands here twice", key)
			return v
		}
		if got := r.resolve(n.Content[i+1], depth+1); got.kind != absent {
			v.keys = append(v.keys, key)
			v.fields[key] = got
		}
	}
	return v
}

// intrinsic recognises !Name, and a mapping whose only key is Ref, Condition or Fn::Name.
func intrinsic(n *yaml.Node) (name string, arg *yaml.Node, ok bool) {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		plain := *n
		plain.Tag = ""
		return n.Tag[1:], &plain, true
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return "", nil, false
	}
	key := n.Content[0].Value
	if long, is := strings.CutPrefix(key, "Fn::"); is {
		return long, n.Content[1], true
	}
	if key == "Ref" {
		return key, n.Content[1], true
	}
	return "", nil, false
}

// call replaces one function. FindInMap, ImportValue and the like are refused by their names.
func (r *resolver) call(name string, arg *yaml.Node, depth int) value {
	switch name {
	case "Ref":
		return r.ref(arg.Line, r.text(r.resolve(arg, depth), "the argument of Ref"), depth)
	case "GetAtt":
		return r.getAtt(r.resolve(arg, depth), depth)
	case "Sub":
		return r.sub(r.resolve(arg, depth), depth)
	case "Join":
		return r.join(r.resolve(arg, depth))
	case "Select":
		return r.pick(r.resolve(arg, depth))
	case "Split":
		return r.split(r.resolve(arg, depth))
	case "If":
		return r.choose(arg, depth)
	default:
		r.fail(arg.Line, "the function %s is not known here", name)
		return value{}
	}
}

// sub replaces ${Name}, ${Name.Attribute} and variables of its own; ${!Name} stays as ${Name}.
func (r *resolver) sub(v value, depth int) value {
	pattern, own := v, value{}
	if v.kind == list && len(v.items) == 2 {
		pattern, own = v.items[0], v.items[1]
	}
	rest := r.text(pattern, "the argument of Sub")
	var out strings.Builder
	for {
		before, after, found := strings.Cut(rest, "${")
		out.WriteString(before)
		if !found {
			return value{kind: scalar, text: out.String()}
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			r.fail(v.line, "Sub: ${ without }")
			return value{}
		}
		out.WriteString(r.variable(v.line, name, own, depth))
		rest = tail
	}
}

// variable is what stands for one ${...} of Sub: its own variables go before the template's names.
func (r *resolver) variable(line int, name string, own value, depth int) string {
	if literal, is := strings.CutPrefix(name, "!"); is {
		return "${" + literal + "}"
	}
	if v, is := own.fields[name]; is {
		return r.text(v, "the variable "+name)
	}
	if id, attribute, dotted := strings.Cut(name, "."); dotted {
		return r.attribute(line, id, attribute, depth).text
	}
	return r.text(r.ref(line, name, depth), "the variable "+name)
}

// join is Join, which takes texts alone.
func (r *resolver) join(v value) value {
	if len(v.items) != 2 {
		r.fail(v.line, "Join takes a separator and a list")
		return value{}
	}
	parts := r.texts(v.items[1], "the list of Join")
	return value{kind: scalar, text: strings.Join(parts, v.items[0].text)}
}

// pick is Select, counted from 0.
func (r *resolver) pick(v value) value {
	if len(v.items) != 2 || v.items[1].kind != list {
		r.fail(v.line, "Select takes an index and a list")
		return value{}
	}
	i, err := strconv.Atoi(v.items[0].text)
	if err != nil || i < 0 || i >= len(v.items[1].items) {
		r.fail(v.line, "Select: index %q is outside the list", v.items[0].text)
		return value{}
	}
	return v.items[1].items[i]
}

// split is Split.
func (r *resolver) split(v value) value {
	if len(v.items) != 2 || v.items[0].text == "" {
		r.fail(v.line, "Split takes a separator and a text")
		return value{}
	}
	return splitText(v.items[1].text, v.items[0].text)
}

// splitText makes a list of texts; a separator that is not there gives one of the whole.
func splitText(text, separator string) value {
	out := value{kind: list}
	for part := range strings.SplitSeq(text, separator) {
		out.items = append(out.items, value{kind: scalar, text: part})
	}
	return out
}

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
	n := Child(r.document.section("Conditions"), name)
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
	if inner := Child(n, "Condition"); !ok && inner != nil {
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
		r.fail(arg.Line, "the condition function %s is not known here", name)
		return false
	}
}

// combine is And for all and Or for not all; it stops at the first condition that decides.
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
