package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Decode reads a request body into a struct that lists every parameter the engine knows. A parameter outside that list
// is refused by name: ignoring it would let a program pass here and behave differently at AWS.
func Decode(body []byte, into any) error {
	if !utf8.Valid(body) {
		return Serialization("The request body is not valid UTF-8.")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return decodeError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Serialization("The request body goes on after its JSON document.")
	}
	return nil
}

// decodeError lets a refusal from within an attribute value through as it is, and names a parameter that is unknown.
func decodeError(err error) error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return Validation("The local engine does not support the parameter %s of this request.", name)
	}
	return Serialization("The request body cannot be read: %v.", err)
}
