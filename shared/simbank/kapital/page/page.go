// Package page is Kapital Bank's hosted page for the customer, in
// Azerbaijani, Russian and English, and the bank's desk for people: both gateways
// show it. Everything works without JavaScript; the small script only comforts.
package page

import (
	"embed"

	"kassa/shared/simbank/frame"
)

//go:embed templates/*.html assets/*
var files embed.FS

// New parses the embedded templates.
func New() (*frame.Renderer, error) {
	return frame.New(files, "pay", "code", "wait", "end", "back")
}
