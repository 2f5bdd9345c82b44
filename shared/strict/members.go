package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Members walks through one JSON object past what stands around it, and gives each name and its value as it was
// written, in order. It walks by tokens, since encoding/json lets a repeated name pass and takes names in any letter
// case: what a repeated name means is for the caller to say. An error, which quotes nothing of the text, comes when it
// is not UTF-8, not one object or not valid JSON; then some members may have been given before.
func Members(text []byte, each func(name string, value json.RawMessage)) error {
	text = Bare(text)
	if !utf8.Valid(text) {
		return errors.New("it is not UTF-8")
	}
	in := json.NewDecoder(bytes.NewReader(text))
	broken := func() error { return fmt.Errorf("it is not valid JSON near byte %d", in.InputOffset()) }
	if open, err := in.Token(); err != nil || open != json.Delim('{') {
		return errors.New("it is not a JSON object")
	}
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return broken()
		}
		var value json.RawMessage
		if in.Decode(&value) != nil {
			return broken()
		}
		name, _ := token.(string) // an object's token before a value is its name
		each(name, value)
	}
	if _, err := in.Token(); err != nil {
		return broken()
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}
