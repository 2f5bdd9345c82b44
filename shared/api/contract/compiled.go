package contract

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled keeps each schema as a validator of JSON Schema 2020-12, which knows every keyword of OpenAPI 3.1. One that
// kin-openapi makes anew for every value that it is shown takes a hundred times as long.
type compiled struct {
	lock    sync.Mutex
	schemas map[*openapi3.Schema]*jsonschema.Schema
}

func (c *compiled) of(doc *openapi3.T, schema *openapi3.Schema) (*jsonschema.Schema, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if known := c.schemas[schema]; known != nil {
		return known, nil
	}
	fresh, err := compile(doc, schema)
	if err != nil {
		return nil, fmt.Errorf("a schema of openapi.yaml is none of JSON Schema: %w", err)
	}
	if c.schemas == nil {
		c.schemas = map[*openapi3.Schema]*jsonschema.Schema{}
	}
	c.schemas[schema] = fresh
	return fresh, nil
}

// compile makes a validator of a schema beside the document's components, which its references lead to.
func compile(doc *openapi3.T, schema *openapi3.Schema) (*jsonschema.Schema, error) {
	text, err := json.Marshal(map[string]any{"components": doc.Components, "it": schema})
	if err != nil {
		return nil, err
	}
	var resource any
	if err := json.Unmarshal(text, &resource); err != nil {
		return nil, err
	}
	const place = "https://kassa.example/openapi"
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource(place, resource); err != nil {
		return nil, err
	}
	return compiler.Compile(place + "#/it")
}
