// Package apidoc shows openapi.yaml to people: as one page without scripts and without anything from elsewhere, which
// reads as well on a phone as in print. It shows the whole of the document and adds nothing but the curl command that
// each operation amounts to.
package apidoc

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"sync"

	"go.yaml.in/yaml/v4"
)

//go:embed page.html page.css
var files embed.FS

var pageTemplate = sync.OnceValues(func() (*template.Template, error) {
	css, err := files.ReadFile("page.css")
	if err != nil {
		return nil, err
	}
	//nolint:gosec // G203: a file of ours
	style := template.FuncMap{"style": func() template.CSS { return template.CSS(css) }}
	return template.New("page.html").Funcs(style).ParseFS(files, "page.html")
})

// Beside serves the document of this path at /docs/api, readable, and at /docs/openapi.yaml, as it is; everything else
// is for next. The file is read for each request, so an edit is seen at once. api is the address of the API in commands
// to try.
func Beside(next http.Handler, path, api string) http.Handler {
	//nolint:gosec // G304: of the repository that the stack runs from
	document := func() ([]byte, error) { return os.ReadFile(path) }
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc("GET /docs/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		text, err := document()
		answer(w, "application/yaml; charset=utf-8", text, err)
	})
	mux.HandleFunc("GET /docs/api", func(w http.ResponseWriter, _ *http.Request) {
		text, err := document()
		if err == nil {
			text, err = Render(text, api)
		}
		answer(w, "text/html; charset=utf-8", text, err)
	})
	return mux
}

// answer keeps the page from fetching or running anything: the document may be edited by hand at any moment, and its
// text is shown as HTML.
func answer(w http.ResponseWriter, kind string, text []byte, err error) {
	if err != nil {
		http.Error(w, "The document of the API cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = w.Write(text) // a reader who has left needs no answer
}

// Render makes the page of a document.
func Render(text []byte, api string) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("the document is no mapping")
	}
	view := reader{root: node{root.Content[0]}, api: api}.page()
	tmpl, err := pageTemplate()
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := tmpl.Execute(&page, view); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return page.Bytes(), nil
}
