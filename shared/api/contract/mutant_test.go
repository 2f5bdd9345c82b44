package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// mutant is one thing taken away from the document. Whoever tries it must put it back.
type mutant struct {
	where string
	word  string // stands somewhere in whatever the thing is about; spares looking at the rest
	take  func() (back func())
}

// mutants are all things that can be taken away from a document so that something that was said is not documented any
// more. Bounds, descriptions and examples are none of them, and neither is what a shop's server may answer to a
// webhook: nobody has recorded it.
func mutants(d *Document) []mutant {
	f := &finder{seen: map[any]bool{}}
	f.alternatives("security", d.doc.Security)
	for _, path := range slices.Sorted(maps.Keys(d.doc.Paths.Map())) {
		item := d.doc.Paths.Value(path)
		f.add(path, "", func() func() { d.doc.Paths.Delete(path); return func() { d.doc.Paths.Set(path, item) } })
		f.parameters(path, &item.Parameters)
		for method, operation := range item.Operations() {
			where := method + " " + path
			f.add(where, "", func() func() {
				item.SetOperation(method, nil)
				return func() { item.SetOperation(method, operation) }
			})
			f.operation(where, operation)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.doc.Webhooks)) {
		hook := d.doc.Webhooks[name]
		f.add("webhook "+name, name, removal(d.doc.Webhooks, name))
		f.parameters("webhook "+name, &hook.Post.Parameters)
		f.content("webhook "+name, hook.Post.RequestBody.Value.Content)
	}
	slices.SortFunc(f.found, func(a, b mutant) int { return strings.Compare(a.where, b.where) })
	return f.found
}

// finder walks a document. What several places share is looked into once.
type finder struct {
	found []mutant
	seen  map[any]bool
}

func (f *finder) add(where, word string, take func() func()) {
	f.found = append(f.found, mutant{where, word, take})
}

// removal takes one entry out of a map.
func removal[V any](from map[string]V, name string) func() func() {
	return func() func() {
		kept := from[name]
		delete(from, name)
		return func() { from[name] = kept }
	}
}

func (f *finder) operation(where string, o *openapi3.Operation) {
	f.parameters(where, &o.Parameters)
	if o.Security != nil {
		f.alternatives(where, *o.Security)
	}
	if o.RequestBody != nil {
		f.content(where+" body", o.RequestBody.Value.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses.Map())) {
		response := o.Responses.Value(status)
		at := where + " " + status
		f.add(at, "", func() func() {
			o.Responses.Delete(status)
			return func() { o.Responses.Set(status, response) }
		})
		if f.seen[response.Value] {
			continue
		}
		f.seen[response.Value] = true
		for _, name := range slices.Sorted(maps.Keys(response.Value.Headers)) {
			f.add(at+" header "+name, strings.ToLower(name), removal(response.Value.Headers, name))
			f.schema(at+" header "+name, response.Value.Headers[name].Value.Schema)
		}
		f.content(at, response.Value.Content)
	}
}

// parameters can be left out of the list one by one.
func (f *finder) parameters(where string, list *openapi3.Parameters) {
	for i, p := range *list {
		f.add(where+" "+p.Value.In+" "+p.Value.Name, "", func() func() {
			kept := *list
			*list = slices.Delete(slices.Clone(kept), i, i+1)
			return func() { *list = kept }
		})
		f.schema(where+" "+p.Value.Name, p.Value.Schema)
	}
}

// alternatives are ways to prove who one is; each can be taken for one that nobody has.
func (f *finder) alternatives(where string, list openapi3.SecurityRequirements) {
	for i, requirement := range list {
		f.add(fmt.Sprintf("%s security %v", where, slices.Collect(maps.Keys(requirement))), "authorization", func() func() {
			list[i] = openapi3.SecurityRequirement{"nothing": nil}
			return func() { list[i] = requirement }
		})
	}
}

func (f *finder) content(where string, content openapi3.Content) {
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		f.add(where+" "+kind, kind, removal(content, kind))
		f.schema(where, content[kind].Schema)
	}
}

// nothing is a value that no enumeration holds: an empty one would allow everything.
const nothing = "\x00"

func (f *finder) schema(where string, ref *openapi3.SchemaRef) {
	if ref == nil || f.seen[ref.Value] {
		return
	}
	f.seen[ref.Value] = true
	s := ref.Value
	if ref.Ref != "" {
		where = strings.TrimPrefix(ref.Ref, "#/components/schemas/")
	}
	for i, value := range s.Enum {
		if value == nil {
			continue // kin-openapi lets null pass by the type, whatever is enumerated beside it
		}
		f.add(fmt.Sprintf("%s = %v", where, value), fmt.Sprint(value), func() func() {
			s.Enum[i] = nothing
			return func() { s.Enum[i] = value }
		})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if closed := s.AdditionalProperties.Has; closed != nil && !*closed {
			f.add(where+"."+name, `"`+name+`"`, func() func() {
				back, required := removal(s.Properties, name)(), s.Required
				s.Required = slices.DeleteFunc(slices.Clone(required), func(r string) bool { return r == name })
				return func() { back(); s.Required = required }
			})
		}
		f.schema(where+"."+name, s.Properties[name])
	}
	f.schema(where, s.Items)
	f.schema(where, s.AdditionalProperties.Schema)
	for _, all := range []openapi3.SchemaRefs{s.AllOf, s.OneOf} {
		for i, inner := range all {
			f.schema(fmt.Sprintf("%s/%d", where, i), inner)
		}
	}
	for i := range s.OneOf {
		f.add(fmt.Sprintf("%s, alternative %d", where, i), "", func() func() {
			kept := s.OneOf
			s.OneOf = slices.Delete(slices.Clone(kept), i, i+1)
			return func() { s.OneOf = kept }
		})
	}
}
