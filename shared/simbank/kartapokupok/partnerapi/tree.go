// Package partnerapi is the wire form of Karta Pokupok's partner API: a strict
// reader of the three requests, and the answers. It knows no HTTP and no books.
//
// The brief names the fields of create and refund. Everything else here, the
// form of amounts first of all, is an assumption that a switch can change.
package partnerapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// FormatError says which field the bank could not read. Its words never repeat a
// value, because a value may be the customer's.
type FormatError struct {
	Field string // a path such as items[0].price; empty for the document itself
	Why   string
}

// Error names the field and the reason.
func (e FormatError) Error() string {
	if e.Field == "" {
		return e.Why
	}
	return e.Field + " " + e.Why
}

// maxDepth is more than any request needs.
const maxDepth = 6

// object is a JSON object; its values are objects, lists, strings, json.Number,
// bool or nil.
type object map[string]any

type list []any

// parse reads one JSON document and refuses what encoding/json forgives:
// a name that stands twice, bytes that are no UTF-8, and anything after the end.
func parse(document []byte) (any, error) {
	if !utf8.Valid(document) {
		return nil, FormatError{Why: "the body is not UTF-8"}
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	value, err := readValue(decoder, maxDepth)
	if err != nil {
		var known FormatError
		if errors.As(err, &known) {
			return nil, known
		}
		return nil, FormatError{Why: "the body is not JSON"}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, FormatError{Why: "something follows the JSON document"}
	}
	return value, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if token == json.Delim('{') || token == json.Delim('[') {
		if depth == 0 {
			return nil, FormatError{Why: "the body is nested too deeply"}
		}
	}
	switch token {
	case json.Delim('{'):
		return readObject(d, depth-1)
	case json.Delim('['):
		return readList(d, depth-1)
	}
	return token, nil
}

func readObject(d *json.Decoder, depth int) (any, error) {
	o := object{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // within an object the decoder gives nothing else here
		if _, twice := o[name]; twice {
			return nil, FormatError{Field: fmt.Sprintf("%.40q", name), Why: "stands twice"}
		}
		if o[name], err = readValue(d, depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return o, err
}

func readList(d *json.Decoder, depth int) (any, error) {
	l := list{}
	for d.More() {
		value, err := readValue(d, depth)
		if err != nil {
			return nil, err
		}
		l = append(l, value)
	}
	_, err := d.Token()
	return l, err
}
