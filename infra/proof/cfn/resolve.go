package cfn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxDepth bounds nesting, also of conditions that name conditions.
const maxDepth = 64

type resolver struct {
	template   Template
	parameters map[string]any
	made       map[string]map[string]any // resources whose condition holds, as they stand in the template
	depth      int
}

// none is what AWS::NoValue becomes: the key or item that holds it goes.
type none struct{}

// value replaces every intrinsic function in a value.
func (r *resolver) value(v any) (any, error) {
	if r.depth++; r.depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	defer func() { r.depth-- }()
	switch v := v.(type) {
	case []any:
		return r.list(v)
	case map[string]any:
		if name, argument, is := intrinsic(v); is {
			return r.call(name, argument)
		}
		return r.object(v)
	default:
		return v, nil
	}
}

func (r *resolver) list(v []any) (any, error) {
	out := []any{}
	for _, item := range v {
		plain, err := r.value(item)
		if err != nil {
			return nil, err
		}
		if !isNone(plain) {
			out = append(out, plain)
		}
	}
	return out, nil
}

func (r *resolver) object(v map[string]any) (any, error) {
	out := map[string]any{}
	for key, item := range v {
		plain, err := r.value(item)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if !isNone(plain) {
			out[key] = plain
		}
	}
	return out, nil
}

func isNone(v any) bool {
	_, is := v.(none)
	return is
}

func intrinsic(v map[string]any) (name string, argument any, is bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for key, argument := range v {
		if name, long := strings.CutPrefix(key, "Fn::"); long || key == "Ref" {
			return name, argument, true
		}
	}
	return "", nil, false
}

func (r *resolver) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return r.ref(fmt.Sprint(argument))
	case "If":
		return r.choose(argument)
	case "GetAtt":
		return r.getAtt(argument)
	case "Sub":
		return r.sub(argument)
	case "Join", "Split", "Select":
		return r.onTexts(name, argument)
	default:
		return nil, fmt.Errorf("the function %s is not known here", name)
	}
}

func (r *resolver) choose(argument any) (any, error) {
	parts, _ := argument.([]any)
	if len(parts) != 3 {
		return nil, errors.New("a condition and two values are what If takes")
	}
	holds, err := r.holds(parts[0])
	if err != nil {
		return nil, err
	}
	if holds {
		return r.value(parts[1])
	}
	return r.value(parts[2])
}

func (r *resolver) onTexts(name string, argument any) (any, error) {
	plain, err := r.value(argument)
	parts, _ := plain.([]any)
	if err != nil || len(parts) != 2 {
		return nil, errors.Join(fmt.Errorf("%s takes two values", name), err)
	}
	switch name {
	case "Join":
		return strings.Join(Texts(parts[1]), fmt.Sprint(parts[0])), nil
	case "Split":
		out := []any{}
		for part := range strings.SplitSeq(fmt.Sprint(parts[1]), fmt.Sprint(parts[0])) {
			out = append(out, part)
		}
		return out, nil
	}
	all, _ := parts[1].([]any)
	for i := range all {
		if fmt.Sprint(i) == fmt.Sprint(parts[0]) {
			return all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no item %v to Select", parts[0])
}

// sub replaces ${Name} and ${Name.Attribute}; ${!Name} stays as ${Name}.
func (r *resolver) sub(argument any) (any, error) {
	own := map[string]any{}
	if parts, is := argument.([]any); is && len(parts) == 2 {
		plain, err := r.value(parts[1])
		if err != nil {
			return nil, err
		}
		own, _ = plain.(map[string]any)
		argument = parts[0]
	}
	rest, out := fmt.Sprint(argument), strings.Builder{}
	for {
		before, after, found := strings.Cut(rest, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			return nil, errors.New("${ without } in a Sub")
		}
		text, err := r.variable(name, own)
		if err != nil {
			return nil, err
		}
		out.WriteString(text)
		rest = tail
	}
}

func (r *resolver) variable(name string, own map[string]any) (string, error) {
	if literal, is := strings.CutPrefix(name, "!"); is {
		return "${" + literal + "}", nil
	}
	if v, is := own[name]; is {
		return fmt.Sprint(v), nil
	}
	var v any
	var err error
	if id, attribute, dotted := strings.Cut(name, "."); dotted {
		v, err = r.getAtt([]any{id, attribute})
	} else {
		v, err = r.ref(name)
	}
	return fmt.Sprint(v), err
}

// holds decides a condition: by name, or as it stands in the template; nil is no condition at all.
func (r *resolver) holds(condition any) (bool, error) {
	if r.depth++; r.depth > maxDepth {
		return false, errors.New("conditions are nested too deeply")
	}
	defer func() { r.depth-- }()
	switch c := condition.(type) {
	case nil:
		return true, nil
	case string:
		if definition := r.template.section("Conditions")[c]; definition != nil {
			return r.holds(definition)
		}
		return false, fmt.Errorf("there is no condition %s", c)
	case map[string]any:
		if name, is := c["Condition"]; is {
			return r.holds(name)
		}
		if name, argument, is := intrinsic(c); is {
			return r.decide(name, List(argument))
		}
	}
	return false, fmt.Errorf("%v is no condition", condition)
}

func (r *resolver) decide(name string, parts []any) (bool, error) {
	if name == "Equals" && len(parts) == 2 {
		plain, err := r.list(parts)
		both, _ := plain.([]any)
		return err == nil && fmt.Sprint(both[0]) == fmt.Sprint(both[1]), err
	}
	if !slices.Contains([]string{"Not", "And", "Or"}, name) || len(parts) == 0 {
		return false, fmt.Errorf("the condition %s cannot be decided", name)
	}
	for _, part := range parts {
		holds, err := r.holds(part)
		if err != nil {
			return false, err
		}
		if name == "Not" {
			return !holds, nil
		}
		if holds == (name == "Or") {
			return holds, nil
		}
	}
	return name == "And", nil
}
