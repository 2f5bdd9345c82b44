// Package template is the one reader of template.yaml, and of what AWS's translator makes of it. It decides conditions
// and replaces intrinsic functions as CloudFormation does before it makes anything.
//
// App is what one machine needs to behave as the deployment would: functions, routes, function URLs, schedules,
// cross-origin rules and the table. Stack is every resource with plain values, for the rules that look at them. What
// cannot be resolved is refused with its line, rather than run or proved as something that the deployment would not be.
package template

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"go.yaml.in/yaml/v4"
)

// Error is a template that cannot be used. It reads "template.yaml:12: what is wrong".
type Error struct {
	File string
	Line int // from 1; 0 where no single line is to blame
	What string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.What)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

// Document is a parsed template whose intrinsic functions are still unresolved.
type Document struct {
	file  string
	whole yaml.Node
	root  *yaml.Node // the mapping in whole
}

// Load reads the template at path. Errors are of type *Error.
func Load(path string) (*Document, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the caller names its own template
	if errors.Is(err, os.ErrNotExist) {
		return nil, &Error{File: path, What: "not found; run this from the root of the repository"}
	}
	if err != nil {
		return nil, &Error{File: path, What: err.Error()}
	}
	return Parse(path, data)
}

// Parse reads a template from memory, in YAML or JSON; file is the name used in errors, which are of type *Error.
func Parse(file string, data []byte) (*Document, error) {
	d := &Document{file: file}
	if err := yaml.Unmarshal(data, &d.whole); err != nil {
		return nil, &Error{File: file, What: "not valid YAML: " + oneLine(err)}
	}
	if d.whole.Kind != yaml.DocumentNode || len(d.whole.Content) != 1 || d.whole.Content[0].Kind != yaml.MappingNode {
		return nil, &Error{File: file, What: "not a template: the top level must be a mapping"}
	}
	if d.root = d.whole.Content[0]; d.section("Resources") == nil {
		return nil, &Error{File: file, What: "not a template: it has no Resources"}
	}
	return d, nil
}

// EachFunction calls f with the logical id and the properties of every function, in the order of the file. The
// properties are nil where there are none; what f changes about them stands in Encode.
func (d *Document) EachFunction(f func(id string, properties *yaml.Node) error) error {
	var first error
	eachChild(d.section("Resources"), func(id string, n *yaml.Node) {
		if typ := Child(n, "Type"); first == nil && typ != nil && typ.Value == typeFunction {
			first = f(id, Child(n, "Properties"))
		}
	})
	return first
}

// Encode writes the template as YAML, with its comments and in its order.
func (d *Document) Encode() ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err := errors.Join(encoder.Encode(&d.whole), encoder.Close())
	return out.Bytes(), err
}

// section returns a top-level section, or nil.
func (d *Document) section(name string) *yaml.Node {
	return Child(d.root, name)
}

// Child returns the value under a key of a mapping, or nil.
func Child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// eachChild calls f with every key and value of a mapping, in the order of the file.
func eachChild(n *yaml.Node, f func(key string, value *yaml.Node)) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i+1])
	}
}

// oneLine makes a parser's message one line, as all errors of this package are.
func oneLine(err error) string {
	text := []byte(err.Error())
	for i, c := range text {
		if c == '\n' || c == '\r' {
			text[i] = ' '
		}
	}
	return string(text)
}
