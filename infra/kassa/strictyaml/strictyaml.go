// Package strictyaml reads a settings file strictly: YAML without its traps. A name that stands twice, an anchor, a
// second document, a number in a form that only YAML knows: each is refused with its line, where a lenient reader would
// guess. What comes out are the values of JSON, and the line of each.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"kassa/shared/strict"
)

// Fault is what is wrong at a place: a pointer such as /webhook/url, "" for the file as a whole. Line counts
// from 1; 0 is not known.
type Fault struct {
	Line     int
	At, Text string
}

// Document is a file that was read.
type Document struct {
	Values map[string]any // string, bool, int64, []any, map[string]any

	lines map[string]int
	names map[string][]string // of a mapping's members, in the order of the file
}

// maxBytes bounds a file: the secret that it becomes holds 64 KB.
const maxBytes = 64 << 10

// Read reads a file and gives all that is wrong with it.
func Read(text []byte) (Document, []Fault) {
	d := Document{Values: map[string]any{}, lines: map[string]int{}, names: map[string][]string{}}
	root, fault := parse(text)
	if fault != nil {
		return d, []Fault{*fault}
	}
	r := reader{document: &d}
	if values, ok := r.value("", root).(map[string]any); ok {
		d.Values = values
	} else if len(r.faults) == 0 {
		r.fail("", root, "must be settings, each a name and a value: name: value")
	}
	return d, r.faults
}

// Line is where a place stands in the file; of what is not there, where it belongs.
func (d Document) Line(at string) int {
	for at != "" {
		if line, known := d.lines[at]; known {
			return line
		}
		at = at[:strings.LastIndex(at, "/")]
	}
	return 0
}

// Names are a mapping's members in the order of the file.
func (d Document) Names(at string) []string { return d.names[at] }

var (
	lineForm = regexp.MustCompile(`line ([0-9]+): (.*)`)
	tabForm  = regexp.MustCompile(`^ *\t\s*[^\s#]`)
	hardForm = regexp.MustCompile(`^(?:[ -]*|[^#"']*:[ ]*)\x{a0}[ \x{a0}]*[^\s\x{a0}]`)
)

// parse makes the one document a tree. Text that is no YAML comes back as a fault that names the likely slip, because a
// parser's own words help nobody who has never seen one.
func parse(text []byte) (*yaml.Node, *Fault) {
	if len(text) > maxBytes || !utf8.Valid(text) {
		return nil, &Fault{Text: fmt.Sprintf("must be UTF-8 text of at most %d bytes", maxBytes)}
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if hardForm.Match(line) { // to YAML it is a letter
			return nil, &Fault{Line: i + 1, Text: "has a no-break space, which nobody sees, where a blank must be; type one"}
		}
	}
	var first, second yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(bare(text)))
	err := d.Decode(&first)
	if errors.Is(err, io.EOF) || err == nil && len(first.Content) == 0 {
		return nil, &Fault{Text: "holds no setting"}
	}
	if err == nil {
		if err = d.Decode(&second); errors.Is(err, io.EOF) {
			return first.Content[0], nil
		}
		if err == nil {
			return nil, &Fault{Line: second.Line, Text: "holds a second document; take the line --- out"}
		}
	}
	return nil, broken(text, err)
}

// bare takes away what stands around the settings, but not the blanks and line ends before them: they indent, and count
// in line numbers.
func bare(text []byte) []byte {
	settings := strict.Bare(text)
	before, _, _ := bytes.Cut(text, settings)
	return append(bytes.ReplaceAll(before, []byte("\ufeff"), nil), settings...)
}

// broken says where a text stops being YAML. The parser names the line where it gave up, which is often below the one
// to mend; a tab that indents is named itself, because nobody sees it.
func broken(text []byte, err error) *Fault {
	fault := &Fault{Text: "is no YAML: " + err.Error()}
	if m := lineForm.FindStringSubmatch(err.Error()); m != nil {
		fault.Line, _ = strconv.Atoi(m[1]) // the form holds digits alone
		fault.Text = fmt.Sprintf("is no YAML, at or above line %s: %s", m[1], m[2])
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if i < fault.Line && tabForm.Match(line) {
			return &Fault{Line: i + 1, Text: "is no YAML: a tab indents the line; take spaces"}
		}
	}
	return fault
}

// reader turns nodes into values.
type reader struct {
	document *Document
	faults   []Fault
}

// fail notes a fault at a place, with the line on which it stands; reading goes on, so that all faults are told at
// once.
func (r *reader) fail(at string, n *yaml.Node, text string) {
	r.faults = append(r.faults, Fault{Line: n.Line, At: at, Text: text})
}

// value reads a node into the values of JSON, and remembers the line of each element. Anchors are refused: what they
// repeat stands in another place than it is read from, and a file of a few lines could become a huge one.
func (r *reader) value(at string, n *yaml.Node) any {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		r.fail(at, n, "must not use anchors and aliases (& and *); a text that begins so needs quotes")
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(at, n)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, element := range n.Content {
			here := at + "/" + strconv.Itoa(i)
			r.document.lines[here] = element.Line
			list[i] = r.value(here, element)
		}
		return list
	case yaml.ScalarNode:
		return r.scalar(at, n)
	}
	r.fail(at, n, "cannot be read")
	return nil
}

// mapping keeps the order of the names and refuses one that stands twice, of which YAML readers take either.
func (r *reader) mapping(at string, n *yaml.Node) any {
	values := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || !slices.Contains([]string{"!!str", "!!int"}, key.ShortTag()) {
			r.fail(at, key, "must have plain names")
			continue
		}
		here := at + "/" + key.Value
		if _, twice := values[key.Value]; twice {
			r.fail(here, key, fmt.Sprintf("stands twice, first in line %d", r.document.lines[here]))
			continue
		}
		r.document.lines[here] = key.Line
		r.document.names[at] = append(r.document.names[at], key.Value)
		values[key.Value] = r.value(here, value)
	}
	return values
}

var digitsForm = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)$`)

// scalar takes the forms that every reader of YAML takes alike: texts, true and false, whole numbers in plain digits.
func (r *reader) scalar(at string, n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
		return n.Value
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!null":
		r.fail(at, n, "has no value; write one, or take the line out")
		return nil
	case "!!int":
		if number, err := strconv.ParseInt(n.Value, 10, 64); err == nil && digitsForm.MatchString(n.Value) {
			return number
		}
	}
	r.fail(at, n, "must be a whole number in plain digits; a text needs quotes")
	return nil
}
