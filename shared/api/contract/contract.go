// Package contract holds what was really said over HTTP to openapi.yaml, the one description of the API that shops read. Tests alone
// import it: the functions' benches and the end-to-end client pass every exchange through Check, so that an answer that is not
// documented turns a test red, whichever test it was.
package contract

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is openapi.yaml, read.
type Document struct{ doc *openapi3.T }

// Load reads the repository's openapi.yaml, once, from wherever in the repository a test runs.
func Load() (*Document, error) { return load() }

var load = sync.OnceValues(func() (*Document, error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(text)
})

// Path is where openapi.yaml lies.
func Path() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, "shared", "api", "openapi.yaml"), nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", errors.New("no go.mod above the working directory: openapi.yaml cannot be found")
		}
		folder = above
	}
}

// Parse reads a document and makes sure that it is one: of its version, every reference leading somewhere, every example being what
// its schema says.
func Parse(text []byte) (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi.yaml is no OpenAPI document: %w", err)
	}
	return &Document{doc}, nil
}
