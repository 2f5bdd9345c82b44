// The bill of materials that ships beside the functions, so that whoever runs them can look a new vulnerability up
// without the sources.

package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// bill lists what the functions are made of, in the form CycloneDX 1.6. It is read from the binaries, so it holds what
// was linked, not what was asked for.
type bill struct {
	functions []component
	modules   map[string]component // by purl
	uses      []dependency
}

// component is an entry of the bill: a function, or a module that it was built with.
type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

// hash is a checksum, in hex.
type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// property is a value that CycloneDX has no field for.
type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// dependency says which modules a function was linked with, by their refs.
type dependency struct {
	Ref  string   `json:"ref"`
	Uses []string `json:"dependsOn"`
}

// newBill is an empty one.
func newBill() *bill { return &bill{modules: map[string]component{}} }

// add lists a function: its binary says what is in it, its archive is what gets uploaded.
func (b *bill) add(function, binary string, archive []byte) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("%s does not say what it is made of: %w", binary, err)
	}
	ref := "function/" + function
	b.functions = append(b.functions, component{Type: "application", Ref: ref, Name: function,
		Hashes: []hash{{"SHA-256", fmt.Sprintf("%x", sha256.Sum256(archive))}}})
	uses := []string{b.module("stdlib", strings.TrimPrefix(info.GoVersion, "go"), "")}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		uses = append(uses, b.module(m.Path, m.Version, m.Sum))
	}
	slices.Sort(uses)
	b.uses = append(b.uses, dependency{ref, uses})
	return nil
}

// module lists a Go module and answers its purl. Sum is the hash of its whole tree, as go.sum has it.
func (b *bill) module(path, version, sum string) string {
	purl := "pkg:golang/" + path + "@" + version
	c := component{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
	if sum != "" {
		c.Properties = []property{{"go.sum", sum}}
	}
	b.modules[purl] = c
	return purl
}

// encode writes the bill. Its serial number comes from its content and it has no date, so the same functions have the
// same bill.
func (b *bill) encode() ([]byte, error) {
	all := b.functions
	for _, purl := range slices.Sorted(maps.Keys(b.modules)) {
		all = append(all, b.modules[purl])
	}
	content, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(content)
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // a UUID of version 8, "custom" (RFC 9562)
	document := struct {
		Format       string         `json:"bomFormat"`
		Spec         string         `json:"specVersion"`
		Serial       string         `json:"serialNumber"`
		Version      int            `json:"version"`
		Metadata     map[string]any `json:"metadata"`
		Components   []component    `json:"components"`
		Dependencies []dependency   `json:"dependencies"`
	}{
		Format: "CycloneDX", Spec: "1.6", Version: 1,
		Serial:       fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16]),
		Metadata:     map[string]any{"component": component{Type: "application", Ref: "kassa", Name: "kassa"}},
		Components:   all,
		Dependencies: b.uses,
	}
	text, err := json.MarshalIndent(document, "", "  ")
	return append(text, '\n'), err
}
