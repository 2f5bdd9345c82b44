package main

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"

	"kassa/infra/template"
)

// packaged is a template whose functions name their archives, and these functions in their order. Where there are
// settings, their digest stands in each function's description. Nothing else changes but the layout.
func packaged(source []byte, settings string) (text []byte, functions []string, err error) {
	document, err := template.Parse("template.yaml", source)
	if err != nil {
		return nil, nil, err
	}
	err = document.EachFunction(func(id string, properties *yaml.Node) error {
		if properties == nil || properties.Kind != yaml.MappingNode || template.Child(properties, "CodeUri") != nil {
			return fmt.Errorf("the function %s has no Properties, or a CodeUri of its own", id)
		}
		properties.Content = append(properties.Content,
			&yaml.Node{Kind: yaml.ScalarNode, Value: "CodeUri"}, &yaml.Node{Kind: yaml.ScalarNode, Value: id + ".zip"})
		functions = append(functions, id)
		if err := describe(template.Child(properties, "Description"), settings); err != nil {
			return fmt.Errorf("the function %s: %w", id, err)
		}
		return nil
	})
	if err == nil && len(functions) == 0 {
		err = errors.New("the template declares no function")
	}
	if err != nil {
		return nil, nil, err
	}
	text, err = document.Encode()
	return text, functions, err
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
