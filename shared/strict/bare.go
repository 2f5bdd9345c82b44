// Package strict reads what others have written, strictly where two readers could differ and leniently where they
// cannot. It knows nothing of payments, and nothing but the standard library; XML has a room of its own, since few need
// a reader of it.
package strict

import (
	"bytes"
	"unicode"
)

// Bare is a document without what editors and gateways put around one: byte order marks, white space and line ends, in
// any number and order. None of it means anything in XML, JSON, YAML or a form. Whoever verifies a signature does so
// over the bytes as they came.
func Bare(document []byte) []byte { return bytes.TrimFunc(document, surrounds) }

// surrounds says whether a character may stand around a document. The byte order mark is the one that Unicode calls no
// white space.
func surrounds(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }
