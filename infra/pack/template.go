package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// packaged is a template whose functions name their archives, and these functions in their order. Where there are
// settings, their digest stands in each function's description. Nothing else changes but the layout.
func packaged(source []byte, settings string) (text []byte, functions []string, err error) {
	var document yaml.Node
	if err := yaml.Unmarshal(source, &document); err != nil {
		return nil, nil, err
	}
	if document.Kind != yaml.DocumentNode {
		return nil, nil, errors.New("the template is empty")
	}
	resources := child(document.Content[0], "Resources")
	if resources == nil {
		return nil, nil, errors.New("the template has no Resources")
	}
	for i := 0; i+1 < len(resources.Content); i += 2 {
		id, resource := resources.Content[i].Value, resources.Content[i+1]
		if kind := child(resource, "Type"); kind == nil || kind.Value != "AWS::Serverless::Function" {
			continue
		}
		properties := child(resource, "Properties")
		if properties == nil || properties.Kind != yaml.MappingNode || child(properties, "CodeUri") != nil {
			return nil, nil, fmt.Errorf("the function %s has no Properties, or a CodeUri of its own", id)
		}
		properties.Content = append(properties.Content,
			&yaml.Node{Kind: yaml.ScalarNode, Value: "CodeUri"}, &yaml.Node{Kind: yaml.ScalarNode, Value: id + ".zip"})
		if err := describe(child(properties, "Description"), settings); err != nil {
			return nil, nil, fmt.Errorf("the function %s: %w", id, err)
		}
		functions = append(functions, id)
	}
	if len(functions) == 0 {
		return nil, nil, errors.New("the template declares no function")
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(&document), encoder.Close()); err != nil {
		return nil, nil, err
	}
	return out.Bytes(), functions, nil
}

// describe adds the digest of the settings to a description.
func describe(description *yaml.Node, settings string) error {
	if settings == "" {
		return nil
	}
	if description == nil || description.Kind != yaml.ScalarNode {
		return errors.New("it has no Description to put the settings' digest into")
	}
	description.Value += fmt.Sprintf(" [settings %.10x]", sha256.Sum256([]byte(settings)))
	return nil
}

func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
