package contract

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// SameNames holds that Go source reads exactly the names that the document has for what an operation, "POST
// /v1/payments", is sent: the parameters of its query and the fields of its body, at any depth. A name is read where a
// method of api.Object, api.Query or api.Request is called with it.
func SameNames(t testing.TB, method, path string, sources ...string) {
	t.Helper()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	route, _ := d.route(method, path)
	if route == nil {
		t.Fatalf("%s %s is not documented", method, path)
	}
	documented, read := map[string]bool{}, map[string]bool{}
	for _, p := range route.Operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			documented[p.Value.Name] = true
		}
	}
	if body := route.Operation.RequestBody; body != nil {
		fields(body.Value.Content["application/json"].Schema, documented)
	}
	for _, source := range sources {
		readNames(t, source, read)
	}
	for _, name := range slices.Sorted(maps.Keys(documented)) {
		if !read[name] {
			t.Errorf("%s %s: %s is documented, and nothing reads it", method, path, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(read)) {
		if !documented[name] {
			t.Errorf("%s %s: %s is read, and not documented", method, path, name)
		}
	}
}

// fields collects the names of all fields of a schema.
func fields(ref *openapi3.SchemaRef, into map[string]bool) {
	if ref == nil {
		return
	}
	for name, property := range ref.Value.Properties {
		into[name] = true
		fields(property, into)
	}
	fields(ref.Value.Items, into)
	for _, part := range slices.Concat(ref.Value.AllOf, ref.Value.OneOf) {
		fields(part, into)
	}
}

// readers are the methods that read a name.
var readers = []string{"Text", "Texts", "Prose", "Integer", "Count", "MinorOr", "Flag", "Amount", "Object", "Objects",
	"QueryValue"}

func readNames(t testing.TB, source string, into map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, isMethod := call.Fun.(*ast.SelectorExpr)
		if isMethod && method.Sel.Name == "Page" { // of api.Query
			into["limit"], into["cursor"] = true, true
		}
		name, isText := call.Args[0].(*ast.BasicLit)
		if isMethod && isText && name.Kind == token.STRING && slices.Contains(readers, method.Sel.Name) {
			if text, err := strconv.Unquote(name.Value); err == nil {
				into[text] = true
			}
		}
		return true
	})
}
