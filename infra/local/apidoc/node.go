// The document as a tree that keeps its order, for readers go through it from top to bottom as it was written. Nothing
// is looked up by Go structs: a keyword that is new in openapi.yaml is simply not shown, and never an error.

package apidoc

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v4"
)

// node is a piece of the document, in the order in which it was written. The zero node is what is not there.
type node struct{ *yaml.Node }

type pair struct {
	name  string
	value node
}

// there says whether something was found.
func (n node) there() bool { return n.Node != nil }

// get goes down by names; the zero node where there is nothing.
func (n node) get(names ...string) node {
	for _, name := range names {
		next := node{}
		for _, p := range n.pairs() {
			if p.name == name {
				next = p.value
			}
		}
		n = next
	}
	return n
}

// pairs are the members of an object, in the order of the file; none for anything else.
func (n node) pairs() (all []pair) {
	if n.Node == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, pair{n.Content[i].Value, node{n.Content[i+1]}})
	}
	return all
}

// list is the elements of an array; none for anything else.
func (n node) list() (all []node) {
	if n.Node == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	for _, inner := range n.Content {
		all = append(all, node{inner})
	}
	return all
}

// text is a scalar as it was written; "" for anything else.
func (n node) text() string {
	if n.Node == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// flag is a boolean; false where it is not said, as OpenAPI has it.
func (n node) flag() bool { return n.text() == "true" }

// json writes a piece of the document as JSON. What was written on one line stays on one.
func (n node) json() string {
	var b strings.Builder
	n.writeJSON(&b, "\n")
	return b.String()
}

// writeJSON writes n; lineEnd is the line break with the indentation of the lines around it, "" inside of one line.
func (n node) writeJSON(b *strings.Builder, lineEnd string) {
	if n.Node == nil {
		b.WriteString("null")
		return
	}
	within, space := lineEnd+"  ", ""
	if lineEnd == "" || n.Style&yaml.FlowStyle != 0 {
		lineEnd, within, space = "", "", " "
	}
	switch n.Kind {
	case yaml.MappingNode:
		writeAll(b, "{", "}", []string{within, space, lineEnd}, len(n.pairs()), func(i int) {
			p := n.pairs()[i]
			b.WriteString(quoted(p.name) + ": ")
			p.value.writeJSON(b, within)
		})
	case yaml.SequenceNode:
		writeAll(b, "[", "]", []string{within, "", lineEnd}, len(n.Content), func(i int) {
			node{n.Content[i]}.writeJSON(b, within)
		})
	default:
		if n.ShortTag() == "!!str" || n.ShortTag() == "!!timestamp" {
			b.WriteString(quoted(n.Value))
			return
		}
		b.WriteString(n.Value)
	}
}

// writeAll writes entries between brackets; breaks are the line break before each, the space inside of one line, and
// the last break.
func writeAll(b *strings.Builder, open, closing string, breaks []string, n int, entry func(int)) {
	b.WriteString(open)
	for i := range n {
		switch {
		case i == 0:
			b.WriteString(breaks[0] + breaks[1])
		case breaks[0] == "":
			b.WriteString(", ")
		default:
			b.WriteString("," + breaks[0])
		}
		entry(i)
	}
	if n > 0 {
		b.WriteString(breaks[2] + breaks[1])
	}
	b.WriteString(closing)
}

// quoted is a JSON string, with <, > and & as they are: it is escaped when it is put into the page.
func quoted(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always can be
	return strings.TrimSuffix(b.String(), "\n")
}
