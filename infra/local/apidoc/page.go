// From the document to what the page shows: groups by tag, operations with their parameters, bodies and answers, and
// the objects that they refer to. The views hold finished words and HTML; the template only lays them out.

package apidoc

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

// reader reads the document.
type reader struct {
	root node
	api  string
}

// page is everything that is shown.
type page struct {
	Title, Version, Summary string
	API                     string
	Introduction            template.HTML
	Schemes                 []scheme
	Groups                  []group
	Objects                 []object
}

// scheme is a way to prove who one is.
type scheme struct {
	Name        string
	Description template.HTML
}

// group is a tag and the operations that carry it.
type group struct {
	Name        string
	Description template.HTML
	Operations  []operation
}

// operation is one call, or one webhook.
type operation struct {
	ID, Method, Path, Summary string
	Webhook                   bool
	Description               template.HTML
	Security                  []string
	Parameters                []field
	Body                      *body
	Responses                 []response
	Command                   string // what to type to try it
}

// body is what a request holds.
type body struct {
	Required     bool
	Description  template.HTML
	Alternatives []object
	Examples     []example
}

// example is a value with a name.
type example struct{ Summary, JSON string }

// response is what comes back.
type response struct {
	Status, Title string
	Error         bool
	Description   template.HTML
	Headers       []field
	Shapes        []shape
	Examples      []example
}

// shape is what an answer's body may be.
type shape struct {
	Type, Link, Title string
	Codes             []string
}

// page goes through the whole document once. Operations stand under the first of their tags, in the order of the file.
func (r reader) page() page {
	info := r.root.get("info")
	p := page{Title: info.get("title").text(), Version: info.get("version").text(), Summary: info.get("summary").text(),
		API:          r.api,
		Introduction: markdown(info.get("description").text())}
	for _, s := range r.root.get("components", "securitySchemes").pairs() {
		p.Schemes = append(p.Schemes, scheme{s.name, markdown(s.value.get("description").text())})
	}
	all := r.operations()
	for _, tag := range r.root.get("tags").list() {
		g := group{Name: tag.get("name").text(), Description: markdown(tag.get("description").text())}
		for _, o := range all {
			if o.tag == g.Name {
				g.Operations = append(g.Operations, o.operation)
			}
		}
		p.Groups = append(p.Groups, g)
	}
	for _, s := range r.root.get("components", "schemas").pairs() {
		if o := r.object(s.value); len(o.Fields) > 0 {
			o.Name = s.name
			p.Objects = append(p.Objects, o)
		}
	}
	return p
}

// taggedOperation is an operation on its way into its group.
type taggedOperation struct {
	operation
	tag string
}

// tagOf is the group of an operation.
func tagOf(operation node) string {
	for _, tag := range operation.get("tags").list() {
		return tag.text()
	}
	return ""
}

// operations are the API's calls and, behind them, the webhooks, which are calls that the shop takes.
func (r reader) operations() (all []taggedOperation) {
	for _, path := range r.root.get("paths").pairs() {
		for _, method := range path.value.pairs() {
			if !method.value.get("operationId").there() {
				continue
			}
			o := r.operation(method.value, path.value.get("parameters").list())
			o.Method, o.Path = strings.ToUpper(method.name), path.name
			o.Command = r.command(o, method.value)
			all = append(all, taggedOperation{o, tagOf(method.value)})
		}
	}
	for _, hook := range r.root.get("webhooks").pairs() {
		post := hook.value.get("post")
		o := r.operation(post, nil)
		o.Method, o.Path, o.Webhook = "POST", hook.name, true
		all = append(all, taggedOperation{o, tagOf(post)})
	}
	return all
}

func (r reader) operation(n node, shared []node) operation {
	o := operation{ID: n.get("operationId").text(), Summary: n.get("summary").text(),
		Description: markdown(n.get("description").text())}
	security := n.get("security")
	if !security.there() {
		security = r.root.get("security")
	}
	for _, one := range security.list() {
		for _, p := range one.pairs() {
			o.Security = append(o.Security, p.name)
		}
	}
	for _, ref := range append(shared, n.get("parameters").list()...) {
		p, _ := r.resolve(ref)
		f := r.field(p.get("name").text(), p.get("schema"), p.get("required").flag())
		f.Type = p.get("in").text() + ", " + f.Type
		f.Description, f.Example = markdown(p.get("description").text()), p.get("example").text()
		o.Parameters = append(o.Parameters, f)
	}
	if b := n.get("requestBody"); b.there() {
		o.Body = r.body(b)
	}
	for _, p := range n.get("responses").pairs() {
		o.Responses = append(o.Responses, r.response(p.name, p.value))
	}
	return o
}

// body reads a request's body. Where the schema is one of several, each is shown, because a reader has to choose.
func (r reader) body(n node) *body {
	media := n.get("content", "application/json")
	b := &body{Required: n.get("required").flag(), Description: markdown(n.get("description").text()),
		Examples: r.examples(media)}
	alternatives := media.get("schema", "oneOf").list()
	if alternatives == nil {
		alternatives = []node{media.get("schema")}
	}
	for _, one := range alternatives {
		b.Alternatives = append(b.Alternatives, r.object(one))
	}
	return b
}

// examples are values as they were written, on one line or on several.
func (r reader) examples(media node) (all []example) {
	for _, p := range media.get("examples").pairs() {
		e, _ := r.resolve(p.value)
		all = append(all, example{e.get("summary").text(), e.get("value").json()})
	}
	return all
}

// response reads one status: its headers, what its body may be, and an example of each.
func (r reader) response(status string, ref node) response {
	n, _ := r.resolve(ref)
	a := response{Status: status, Description: markdown(n.get("description").text())}
	if code, err := strconv.Atoi(status); err == nil {
		a.Title, a.Error = http.StatusText(code), code >= http.StatusBadRequest
	}
	for _, p := range n.get("headers").pairs() {
		h, _ := r.resolve(p.value)
		f := r.field(p.name, h.get("schema"), h.get("required").flag())
		f.Description = short(h.get("description").text())
		a.Headers = append(a.Headers, f)
	}
	for _, p := range n.get("content").pairs() {
		for _, s := range r.shapes(p.value.get("schema")) {
			s.Type = p.name
			a.Shapes = append(a.Shapes, s)
		}
		a.Examples = append(a.Examples, r.examples(p.value)...)
	}
	return a
}

// shapes are the alternatives of a body; an error's shape tells which codes it may have.
func (r reader) shapes(schema node) (all []shape) {
	if alternatives := schema.get("oneOf").list(); alternatives != nil {
		for _, one := range alternatives {
			all = append(all, r.shapes(one)...)
		}
		return all
	}
	parts, name := r.parts(schema)
	s := shape{Link: name, Title: first(parts, "title").text()}
	for _, p := range parts {
		for _, v := range p.get("properties", "code", "enum").list() {
			s.Codes = append(s.Codes, v.text())
		}
	}
	return append(all, s)
}

// command is what to type in a shell to try an operation.
func (r reader) command(o operation, n node) string {
	path, query, lines := o.Path, []string{}, []string{}
	for _, p := range o.Parameters {
		place, _, _ := strings.Cut(p.Type, ",")
		switch {
		case place == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", p.Example)
		case place == "query" && p.Required:
			query = append(query, p.Name+"="+p.Example)
		case place == "header" && p.Required:
			lines = append(lines, "-H '"+p.Name+": "+p.Example+"'")
		}
	}
	address := r.api + path
	if len(query) > 0 {
		address += "?" + strings.Join(query, "&")
	}
	command := "curl '" + address + "'"
	if o.Method != http.MethodGet {
		command = "curl -X " + o.Method + " '" + address + "'"
	}
	if len(o.Security) > 0 {
		lines = append([]string{"-H \"Authorization: Bearer $KEY\""}, lines...)
	}
	if o.Body != nil && len(o.Body.Examples) > 0 {
		media := n.get("requestBody", "content", "application/json", "examples")
		value, _ := r.resolve(media.pairs()[0].value)
		lines = append(lines, "-H 'Content-Type: application/json'", "-d '"+strings.ReplaceAll(value.get("value").json(), "'",
			`'\''`)+"'")
	}
	return strings.Join(append([]string{command}, lines...), " \\\n  ")
}
