// Package page is the simulated bank's application page for the customer, in
// Belarusian, Russian and English, and the bank's desk for people. Everything
// works without JavaScript; the small script only comforts.
package page

import (
	"embed"

	"kassa/shared/simbank/frame"
)

//go:embed templates/*.html assets/*
var files embed.FS

// New parses the embedded templates.
func New() (*frame.Renderer, error) { return frame.New(files, "apply", "end") }
