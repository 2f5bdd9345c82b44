// Package contract holds what was really said over HTTP to openapi.yaml, the one description of the API that shops
// read. Tests alone import it: the functions' benches and the end-to-end client pass every exchange through Check, so
// that an answer that is not documented turns a test red, whichever test it was.
package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is openapi.yaml, read.
type Document struct {
	doc *openapi3.T

	// What a document says that things are taken away from is compiled by nobody: kin-openapi's own validator, which
	// walks it as it stands, knows the keywords that a thing can be taken away from.
	walked   bool
	compiled compiled
}

// Load reads the repository's openapi.yaml, once, from wherever in the repository a test runs.
func Load() (*Document, error) { return load() }

var load = sync.OnceValues(func() (*Document, error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path) //nolint:gosec // G304: of this repository
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

// Parse reads a document and makes sure that it is one: of its version, every reference leading somewhere, every
// example being what its schema says.
func Parse(text []byte) (*Document, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi.yaml is no OpenAPI document: %w", err)
	}
	return &Document{doc: doc}, nil
}

// conforms holds a value to a schema.
func (d *Document) conforms(schema *openapi3.Schema, value any, how ...openapi3.SchemaValidationOption) error {
	if d.walked {
		return schema.VisitJSON(value, how...)
	}
	whole, err := d.compiled.of(d.doc, schema)
	if err != nil {
		return err
	}
	return whole.Validate(value)
}

// conformsText holds a JSON text to a schema.
func (d *Document) conformsText(schema *openapi3.Schema, text string, how ...openapi3.SchemaValidationOption) error {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return fmt.Errorf("the body is no JSON: %w", err)
	}
	return d.conforms(schema, value, how...)
}

// fits holds one header's value to its schema.
func (d *Document) fits(schema *openapi3.Schema, text string) error {
	if !schema.Type.Is(openapi3.TypeInteger) {
		return d.conforms(schema, text)
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return fmt.Errorf("%q is no whole number", text)
	}
	return d.conforms(schema, n)
}
