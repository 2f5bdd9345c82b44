package contract

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Input is all that one operation can be sent, for tests that put something into each field: a field that is added to
// the document is theirs without a word.
type Input struct {
	Method, Path string // as the document writes it, such as /v1/payments/{id}
	Parameters   []Parameter
	// Bodies are the examples, by name. Fields are the pointers of all fields of any body; 0 stands for each element of
	// a list, and * for each name that the caller may choose.
	Bodies map[string]any
	Fields []string
}

// Parameter is one of an operation's: In is path, query or header.
type Parameter struct {
	In, Name string
	Example  any // nil where there is none
}

// Inputs are the operations of the API in the order of their addresses, webhooks aside.
func (d *Document) Inputs() (all []Input) {
	paths := d.doc.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		operations := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			operation := operations[method]
			one := Input{Method: method, Path: path, Bodies: map[string]any{}}
			for _, p := range slices.Concat(paths[path].Parameters, operation.Parameters) {
				one.Parameters = append(one.Parameters, Parameter{p.Value.In, p.Value.Name, p.Value.Example})
			}
			if body := operation.RequestBody; body != nil {
				media := body.Value.Content["application/json"]
				for name, example := range media.Examples {
					one.Bodies[name] = example.Value.Value
				}
				found := map[string]bool{}
				pointers(media.Schema, "", found)
				one.Fields = slices.Sorted(maps.Keys(found))
			}
			all = append(all, one)
		}
	}
	return all
}

// pointers collects where the fields of a schema stand.
func pointers(ref *openapi3.SchemaRef, at string, into map[string]bool) {
	if ref == nil {
		return
	}
	for name, property := range ref.Value.Properties {
		into[at+"/"+name] = true
		pointers(property, at+"/"+name, into)
	}
	pointers(ref.Value.Items, at+"/0", into)
	if free := ref.Value.AdditionalProperties.Schema; free != nil {
		into[at+"/*"] = true
		pointers(free, at+"/*", into)
	}
	for _, part := range slices.Concat(ref.Value.AllOf, ref.Value.OneOf, ref.Value.AnyOf) {
		pointers(part, at, into)
	}
}
