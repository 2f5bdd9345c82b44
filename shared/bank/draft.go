package bank

import (
	"embed"
	"fmt"
)

// drafts stand beside each bank, and not in its profile, so that a function links none of them.
//
//go:embed */shop.yaml.tmpl
var drafts embed.FS

// Draft is a bank's part of a new shop's settings file: a text/template, over what is known of the shop there, in which
// every field of the secret stands with what it means. The bank's folder has its name.
func Draft(name string) (string, error) {
	text, err := drafts.ReadFile(name + "/shop.yaml.tmpl")
	if err != nil {
		return "", fmt.Errorf("the draft of the settings of %s: %w", name, err)
	}
	return string(text), nil
}
