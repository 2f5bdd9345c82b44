package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Value is one value of a JSON document that passed every check. All methods work on a nil Value, as on one that is not
// there.
type Value struct {
	kind   kind
	text   string // of a string; of a number, exactly as it was written
	fields map[string]*Value
	items  []*Value
}

type kind int

const (
	nothing kind = iota // null, or not there
	word
	number
	truth
	object
	array
)

// ParseJSON reads one JSON object past what stands around it, and refuses whatever two readers could understand in two
// ways: anything else after the object, the same name twice, or in two letter cases for two values, broken UTF-8, which
// encoding/json alone would mend or overlook. Half a character, which programs make that cut texts short, is read as
// U+FFFD, whether it is escaped or not: it spoils the one text that it stands in, and Printable tells. Numbers stay as
// they were written. Errors quote nothing of the document.
func ParseJSON(document []byte, form Form) (*Value, error) {
	if len(document) > form.Bytes {
		return nil, fmt.Errorf("the document has more than %d bytes", form.Bytes)
	}
	document = Bare(document)
	document, plain := withHalves(document)
	if !plain {
		return nil, errors.New("the document is not UTF-8")
	}
	if !json.Valid(document) { // refuses text behind the value, too
		return nil, errors.New("the document is not valid JSON")
	}
	r := jsonReader{form: form, tokens: NewTokens(document)}
	v, err := r.value(1)
	if err != nil {
		return nil, err
	}
	if v.kind != object {
		return nil, errors.New("the document is not an object")
	}
	return v, nil
}

type jsonReader struct {
	form   Form
	tokens *Tokens
	count  int
}

func (r *jsonReader) next() (json.Token, error) {
	if r.count++; r.count > r.form.Tokens {
		return nil, fmt.Errorf("the document has more than %d parts", r.form.Tokens)
	}
	return r.tokens.Next(), nil
}

func (r *jsonReader) value(depth int) (*Value, error) {
	token, err := r.next()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case string:
		return &Value{kind: word, text: t}, nil
	case json.Number:
		return &Value{kind: number, text: t.String()}, nil
	case bool:
		return &Value{kind: truth, text: strconv.FormatBool(t)}, nil
	case json.Delim:
		if depth > r.form.Depth {
			return nil, fmt.Errorf("values are nested deeper than %d", r.form.Depth)
		}
		if t == '[' {
			return r.array(depth)
		}
		return r.object(depth)
	}
	return &Value{}, nil
}

func (r *jsonReader) array(depth int) (*Value, error) {
	list := &Value{kind: array}
	for r.tokens.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list.items = append(list.items, item)
	}
	_, err := r.next()
	return list, err
}

func (r *jsonReader) object(depth int) (*Value, error) {
	all := &Value{kind: object, fields: map[string]*Value{}}
	seen := map[string]string{}
	for r.tokens.More() {
		token, err := r.next()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)                        // a name of an object is always a string
		folded := strings.ToLower(strings.ToUpper(name)) // also brings the long s to s and the Kelvin sign to k
		other, twice := seen[folded]
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		// programs of Jackson write a field xPropName as xpropName besides
		if twice && (other == name || !reflect.DeepEqual(all.fields[other], v)) {
			return nil, errors.New("a name stands twice in one object")
		}
		seen[folded], all.fields[name] = name, v
	}
	_, err := r.next()
	return all, err
}

// At finds the value at a JSON pointer (RFC 6901), such as /totals/refunded or /list/0/id; nil when there is none.
func (v *Value) At(pointer string) *Value {
	for pointer != "" && v != nil {
		step, rest, more := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
		if pointer = ""; more {
			pointer = "/" + rest
		}
		v = v.step(StepName(step))
	}
	return v
}

func (v *Value) step(name string) *Value {
	if v.kind != array {
		return v.fields[name]
	}
	i, err := strconv.Atoi(name)
	if err != nil || strconv.Itoa(i) != name || i < 0 || i >= len(v.items) {
		return nil
	}
	return v.items[i]
}

// Absent says whether there is nothing to read: no such value, null, or what programs write for nothing, an empty text
// and, in PHP, an empty list.
func (v *Value) Absent() bool {
	switch {
	case v == nil || v.kind == nothing:
		return true
	case v.kind == word:
		return strings.TrimSpace(v.text) == ""
	}
	return (v.kind == array || v.kind == object) && len(v.items)+len(v.fields) == 0
}

// Unsaid says whether a value tells nothing: it is absent, a word for nothing or, as PHP writes what it has not, false.
func (v *Value) Unsaid() bool {
	text, _ := v.Plain()
	return v.Absent() || v.kind == truth && v.text == "false" || Nothing(text)
}

// Nothing knows what programs write into a text that holds nothing.
func Nothing(text string) bool {
	return slices.Contains(strings.Fields("- NULL NIL NONE N/A UNDEFINED FALSE"), strings.ToUpper(strings.TrimSpace(text)))
}

// Text is the text of a string; false for everything else.
func (v *Value) Text() (string, bool) {
	if v == nil || v.kind != word {
		return "", false
	}
	return v.text, true
}

// Plain is the text of a string, or of a number as it was written; false for everything else.
func (v *Value) Plain() (string, bool) {
	if v == nil || v.kind != word && v.kind != number {
		return "", false
	}
	return v.text, true
}

// Flag reads a truth as programs write it: true, "True", 1, "1", Y, yes, and their opposites; what is not there is
// false. ok is false for everything else.
func (v *Value) Flag() (on, ok bool) {
	text, ok := v.Plain()
	if v != nil && v.kind == truth {
		text, ok = v.text, true
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "t", "yes", "y", "on", "1":
		return true, true
	case "false", "f", "no", "n", "off", "0":
		return false, true
	case "":
		return false, ok || v.Absent()
	}
	return false, false
}

// Texts are all strings among the values, however deep, and the names of what is true, in no order.
func (v *Value) Texts() iter.Seq[string] {
	return func(yield func(string) bool) { v.eachText(yield) }
}

func (v *Value) eachText(yield func(string) bool) bool {
	if text, ok := v.Text(); ok {
		return yield(text)
	}
	if v == nil {
		return true
	}
	for name, inner := range v.fields {
		if inner.kind == truth && inner.text == "true" && !yield(name) {
			return false
		}
	}
	for _, inner := range slices.Concat(v.items, slices.Collect(maps.Values(v.fields))) {
		if !inner.eachText(yield) {
			return false
		}
	}
	return true
}

// Items are the values of an array; false for everything else.
func (v *Value) Items() ([]*Value, bool) {
	if v == nil || v.kind != array {
		return nil, false
	}
	return v.items, true
}
