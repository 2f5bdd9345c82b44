// Schemas in words. References and allOf are followed, so that a reader sees one object and need not put it together;
// what is bounded or required is said beside the field.

package apidoc

import (
	"html/template"
	"slices"
	"strings"
)

// field is one field of an object, a parameter or a header.
type field struct {
	Name        string
	Type        string // "string", "integer or null", "array of"
	Link        string // name of the schema that says more
	Required    bool
	Bounds      []string
	Values      []string // of an enumeration
	Description template.HTML
	Example     string
}

// object is a schema with fields.
type object struct {
	Name, Title string
	Description template.HTML
	Fields      []field
	Whole       bool // every field is required; then none says so
}

// resolve follows a $ref; the name is that of what it leads to.
func (r reader) resolve(n node) (found node, name string) {
	ref := n.get("$ref").text()
	if ref == "" {
		return n, ""
	}
	steps := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	return r.root.get(steps...), steps[len(steps)-1]
}

// parts are a schema and what its allOf adds, the first that says something about a keyword first.
func (r reader) parts(n node) (all []node, name string) {
	n, name = r.resolve(n)
	all = []node{n}
	for _, inner := range n.get("allOf").list() {
		more, innerName := r.parts(inner)
		all = append(all, more...)
		if name == "" {
			name = innerName
		}
	}
	return all, name
}

// first is the first of the parts' values of a keyword.
func first(parts []node, keyword string) node {
	for _, p := range parts {
		if v := p.get(keyword); v.there() {
			return v
		}
	}
	return node{}
}

// field reads one field of an object, a parameter or a header.
func (r reader) field(name string, schema node, required bool) field {
	parts, link := r.parts(schema)
	f := field{Name: name, Required: required, Description: markdown(first(parts, "description").text())}
	f.Type, f.Link = r.typeOf(parts, link)
	for _, v := range first(parts, "enum").list() {
		if v.ShortTag() != "!!null" {
			f.Values = append(f.Values, orEmpty(v.text()))
		}
	}
	f.Bounds = bounds(parts)
	return f
}

// orEmpty shows the empty text of an enumeration, which would be invisible.
func orEmpty(text string) string {
	if text == "" {
		return `""`
	}
	return text
}

// typeOf words a type; link names the schema of an object, or of what an array holds.
func (r reader) typeOf(parts []node, name string) (text, link string) {
	kind := first(parts, "type")
	words := []string{kind.text()}
	if kind.text() == "" {
		words = nil
		for _, one := range kind.list() {
			words = append(words, one.text())
		}
	}
	text = strings.Join(words, " or ")
	switch text {
	case "object":
		if len(first(parts, "properties").pairs()) > 0 {
			return text, name
		}
		return "object of strings", ""
	case "array":
		inner, innerName := r.parts(first(parts, "items"))
		what, link := r.typeOf(inner, innerName)
		return "array of " + what + "s", link
	}
	if format := first(parts, "format").text(); format == "date-time" {
		text = strings.Replace(text, "string", "time", 1)
	}
	return text, ""
}

// bounds words what a value must keep to.
func bounds(parts []node) (all []string) {
	say := func(keyword, before, after string) {
		if v := first(parts, keyword).text(); v != "" && v != "0" {
			all = append(all, before+grouped(v)+after)
		}
	}
	say("minimum", "from ", "")
	say("maximum", "up to ", "")
	say("minLength", "at least ", " character")
	say("maxLength", "at most ", " characters")
	say("minItems", "at least ", "")
	say("maxItems", "at most ", "")
	say("maxProperties", "at most ", " pairs")
	if v := first(parts, "pattern").text(); v != "" && v != "Z$" {
		all = append(all, v)
	}
	if v := first(parts, "default").text(); v != "" {
		all = append(all, "default "+v)
	}
	return all
}

// grouped sets digits in threes, so that a long number can be read.
func grouped(digits string) string {
	var groups []string
	for len(digits) > 3 && !strings.Contains(digits, ".") {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	return strings.Join(groups, " ")
}

// object reads a schema that has fields.
func (r reader) object(schema node) object {
	parts, name := r.parts(schema)
	o := object{Name: name, Title: first(parts, "title").text(), Description: markdown(first(parts, "description").text())}
	required := []string{}
	for _, p := range parts {
		for _, one := range p.get("required").list() {
			required = append(required, one.text())
		}
	}
	for _, p := range first(parts, "properties").pairs() {
		o.Fields = append(o.Fields, r.field(p.name, p.value, slices.Contains(required, p.name)))
	}
	o.Whole = !slices.ContainsFunc(o.Fields, func(f field) bool { return !f.Required })
	for i := range o.Fields {
		o.Fields[i].Required = o.Fields[i].Required && !o.Whole
	}
	return o
}
