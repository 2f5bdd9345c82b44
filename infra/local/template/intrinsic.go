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
	refs       map[string]value // what Ref answers: parameters, pseudo parameters, resources
	attributes map[string]string
	conditions *yaml.Node
}

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
		return value{kind: scalar, line: n.Line, text: n.Value}
	case yaml.SequenceNode:
		return r.list(n, depth)
	case yaml.MappingNode:
		return r.mapping(n, depth)
	default:
		r.fail(n.Line, "anchors and aliases are not allowed; CloudFormation does not know them")
		return value{}
	}
}

func (r *resolver) list(n *yaml.Node, depth int) value {
	v := value{kind: list, line: n.Line}
	for _, item := range n.Content {
		if got := r.resolve(item, depth+1); got.kind != absent {
			v.items = append(v.items, got)
		}
	}
	return v
}

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

func (r *resolver) call(name string, arg *yaml.Node, depth int) value {
	switch name {
	case "Ref":
		return r.ref(arg.Line, r.text(r.resolve(arg, depth), "the argument of Ref"))
	case "GetAtt":
		return r.getAtt(r.resolve(arg, depth))
	case "Sub":
		return r.sub(r.resolve(arg, depth))
	case "Join":
		return r.join(r.resolve(arg, depth))
	case "Select":
		return r.pick(r.resolve(arg, depth))
	case "Split":
		return r.split(r.resolve(arg, depth))
	case "If":
		return r.choose(arg, depth)
	default:
		r.fail(arg.Line, "the local host cannot resolve the function %s", name)
		return value{}
	}
}

func (r *resolver) ref(line int, name string) value {
	v, ok := r.refs[name]
	if !ok {
		r.fail(line, "Ref %s: no such parameter or resource", name)
	}
	return v
}

func (r *resolver) getAtt(v value) value {
	name := v.text
	if v.kind == list {
		name = strings.Join(r.texts(v, "the argument of GetAtt"), ".")
	}
	return r.attribute(v.line, name)
}

func (r *resolver) attribute(line int, name string) value {
	text, ok := r.attributes[name]
	if !ok {
		r.fail(line, "GetAtt %s: the local host does not know this attribute", name)
	}
	return value{kind: scalar, text: text}
}

// sub replaces ${Name}, ${Name.Attribute} and variables of its own; ${!Name} stays as ${Name}.
func (r *resolver) sub(v value) value {
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
		out.WriteString(r.variable(v.line, name, own))
		rest = tail
	}
}

func (r *resolver) variable(line int, name string, own value) string {
	if literal, is := strings.CutPrefix(name, "!"); is {
		return "${" + literal + "}"
	}
	if v, is := own.fields[name]; is {
		return r.text(v, "the variable "+name)
	}
	if strings.Contains(name, ".") {
		return r.attribute(line, name).text
	}
	return r.text(r.ref(line, name), "the variable "+name)
}

func (r *resolver) join(v value) value {
	if len(v.items) != 2 {
		r.fail(v.line, "Join takes a separator and a list")
		return value{}
	}
	parts := r.texts(v.items[1], "the list of Join")
	return value{kind: scalar, text: strings.Join(parts, v.items[0].text)}
}

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

func (r *resolver) split(v value) value {
	if len(v.items) != 2 || v.items[0].text == "" {
		r.fail(v.line, "Split takes a separator and a text")
		return value{}
	}
	return splitText(v.items[1].text, v.items[0].text)
}

func splitText(text, separator string) value {
	out := value{kind: list}
	for part := range strings.SplitSeq(text, separator) {
		out.items = append(out.items, value{kind: scalar, text: part})
	}
	return out
}
