// Package template reads from template.yaml what one machine needs to behave as the deployment would: functions,
// routes, function URLs, schedules, cross-origin rules and the table.
//
// The template is the only source. What this package cannot resolve it refuses with the line, rather than run something
// that the deployment would not.
package template

import (
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
	file string
	root *yaml.Node
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

// Parse reads a template from memory; file is the name used in errors, which are of type *Error.
func Parse(file string, data []byte) (*Document, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, &Error{File: file, What: "not valid YAML: " + oneLine(err)}
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, &Error{File: file, What: "not a template: the top level must be a mapping"}
	}
	d := &Document{file: file, root: doc.Content[0]}
	if d.section("Resources") == nil {
		return nil, &Error{File: file, What: "not a template: it has no Resources"}
	}
	return d, nil
}

// section returns a top-level section, or nil.
func (d *Document) section(name string) *yaml.Node {
	return child(d.root, name)
}

// child returns the value under a key of a mapping, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
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

func oneLine(err error) string {
	text := []byte(err.Error())
	for i, c := range text {
		if c == '\n' || c == '\r' {
			text[i] = ' '
		}
	}
	return string(text)
}
