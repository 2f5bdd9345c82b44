// Resolved values, and how they are read: each reading names what it wants, so that the message of a wrong one says so
// with its line, and goes on with a value that does no harm.

package template

import (
	"fmt"
	"strconv"
)

// kind is what a value is; a missing one is of a kind of its own, so that defaults are given only where nothing was
// said.
type kind int

const (
	absent  kind = iota // not there, null, or AWS::NoValue
	scalar              // text holds it, whatever its YAML type
	list                // items
	mapping             // keys, fields
)

// value is a piece of the template with every intrinsic function resolved.
type value struct {
	kind   kind
	line   int
	text   string
	tag    string // YAML's, of a scalar that stands in the template as it is
	items  []value
	keys   []string // of fields, in the order of the file
	fields map[string]value
}

// field returns the value under a key; it is absent where v has none.
func (v value) field(key string) value {
	f, ok := v.fields[key]
	if !ok {
		return value{line: v.line}
	}
	return f
}

// plain is the value in the Go types of JSON; nil where it is absent.
func (v value) plain() any {
	switch v.kind {
	case list:
		all := []any{}
		for _, item := range v.items {
			all = append(all, item.plain())
		}
		return all
	case mapping:
		all := map[string]any{}
		for key, field := range v.fields {
			all[key] = field.plain()
		}
		return all
	case scalar:
		return v.plainScalar()
	default:
		return nil
	}
}

// plainScalar gives numbers as float64, as JSON has them. They are sizes and times of the template; no money stands in
// it.
func (v value) plainScalar() any {
	number, err := strconv.ParseFloat(v.text, 64)
	switch {
	case v.tag == "!!bool":
		return v.text == "true"
	case err == nil && (v.tag == "!!int" || v.tag == "!!float"):
		return number
	default:
		return v.text
	}
}

// merged returns v with over laid over it: mappings key by key, anything else replaced. SAM merges Globals into a
// function in this way.
func (v value) merged(over value) value {
	if over.kind == absent {
		return v
	}
	if v.kind != mapping || over.kind != mapping {
		return over
	}
	out := value{kind: mapping, line: over.line, fields: map[string]value{}}
	for _, part := range []value{v, over} {
		for _, key := range part.keys {
			before, seen := out.fields[key]
			if !seen {
				out.keys = append(out.keys, key)
			}
			out.fields[key] = before.merged(part.fields[key])
		}
	}
	return out
}

// failure remembers the first problem found, so that reading code stays a straight line.
type failure struct {
	file string
	err  error
}

// fail keeps the first failure; what is read after it counts for nothing.
func (f *failure) fail(line int, format string, args ...any) {
	if f.err == nil {
		f.err = &Error{File: f.file, Line: line, What: fmt.Sprintf(format, args...)}
	}
}

// text reads a required scalar.
func (f *failure) text(v value, what string) string {
	if v.kind != scalar {
		f.fail(v.line, "%s must be a text", what)
	}
	return v.text
}

// textOr reads a scalar that may be absent.
func (f *failure) textOr(v value, what, fallback string) string {
	if v.kind == absent {
		return fallback
	}
	return f.text(v, what)
}

// numberOr reads a whole number between low and high that may be absent.
func (f *failure) numberOr(v value, what string, fallback, low, high int) int {
	if v.kind == absent {
		return fallback
	}
	n, err := strconv.Atoi(v.text)
	if v.kind != scalar || err != nil || n < low || n > high {
		f.fail(v.line, "%s must be a whole number from %d to %d", what, low, high)
		return fallback
	}
	return n
}

// flag reads a truth value that may be absent.
func (f *failure) flag(v value, what string, fallback bool) bool {
	switch text := f.textOr(v, what, strconv.FormatBool(fallback)); text {
	case "true", "false":
		return text == "true"
	default:
		f.fail(v.line, "%s must be true or false, not %q", what, text)
		return fallback
	}
}

// texts reads a list of scalars; absent is an empty list.
func (f *failure) texts(v value, what string) []string {
	if v.kind != list && v.kind != absent {
		f.fail(v.line, "%s must be a list", what)
	}
	var out []string
	for _, item := range v.items {
		out = append(out, f.text(item, what))
	}
	return out
}
