package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// root is the one part of a record that Lambda filters a DynamoDB stream by (Developer Guide, "Using event filtering
// with a DynamoDB event source").
const root = "dynamodb"

// Parse reads the patterns of one mapping. What it does not understand is an error.
func Parse(patterns []string) (Filter, error) {
	if len(patterns) > maxPatterns {
		return Filter{}, fmt.Errorf("a mapping has %d filters at most, not %d", maxPatterns, len(patterns))
	}
	var f Filter
	for _, text := range patterns {
		p, err := parse(text)
		if err != nil {
			return Filter{}, fmt.Errorf("the filter pattern %s: %w", abbreviated(text), err)
		}
		f.patterns = append(f.patterns, p)
	}
	return f, nil
}

// abbreviated quotes the beginning of a pattern for a message.
func abbreviated(text string) string {
	const most = 200
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return fmt.Sprintf("%q", text)
}

// parse reads one pattern. Whatever is left over behind it is refused, since Lambda would refuse the deployment.
func parse(text string) (object, error) {
	if n := utf8.RuneCountInString(text); n > maxPattern {
		return nil, fmt.Errorf("it has %d characters, more than the %d that Lambda takes", n, maxPattern)
	}
	r := reader{json.NewDecoder(strings.NewReader(text))}
	start, err := r.token()
	if err != nil {
		return nil, err
	}
	if start != json.Delim('{') {
		return nil, errors.New("it must be a JSON object")
	}
	pattern, err := r.object()
	if err != nil {
		return nil, err
	}
	if _, err := r.tokens.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	for name := range pattern {
		if name != root {
			return nil, fmt.Errorf("a DynamoDB stream is filtered by %q only, not by %q", root, name)
		}
	}
	return pattern, nil
}

// reader reads a pattern token by token, because decoding it at once would hide a name that stands twice. The length of
// a pattern bounds how deep it goes.
type reader struct{ tokens *json.Decoder }

// token reads on; whatever goes wrong means that the pattern is no JSON.
func (r reader) token() (json.Token, error) {
	token, err := r.tokens.Token()
	if err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	return token, nil
}

// object reads on behind the opening brace.
func (r reader) object() (object, error) {
	o := object{}
	for r.tokens.More() {
		token, err := r.token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("%q stands there twice", name)
		}
		if strings.HasPrefix(name, "$") {
			return nil, fmt.Errorf("the local host does not know the operator %q", name)
		}
		if o[name], err = r.node(name); err != nil {
			return nil, err
		}
	}
	if len(o) == 0 {
		return nil, errors.New("an empty object is no pattern")
	}
	_, err := r.token() // the closing brace
	return o, err
}

// node reads on at a place in the pattern: an object goes deeper, a list is a leaf, and there is nothing else.
func (r reader) node(name string) (node, error) {
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return r.object()
	case json.Delim('['):
		return r.leaf(name)
	default:
		return nil, fmt.Errorf("%q must be an object or a list of what may stand there", name)
	}
}

// leaf reads on behind the opening bracket.
func (r reader) leaf(name string) (node, error) {
	var l leaf
	for r.tokens.More() {
		one, err := r.rule(name)
		if err != nil {
			return nil, err
		}
		l = append(l, one)
	}
	if len(l) == 0 {
		return nil, fmt.Errorf("the list of %q is empty, so nothing could ever stand there", name)
	}
	_, err := r.token() // the closing bracket
	return l, err
}

// rule reads one element of a leaf. Numbers are refused with the reason: in a stream's record they are texts, so such a
// rule would never hold.
func (r reader) rule(name string) (rule, error) {
	token, err := r.token()
	if err != nil {
		return rule{}, err
	}
	switch token := token.(type) {
	case nil, bool, string:
		return rule{kind: exact, value: token}, nil
	case float64:
		return rule{}, fmt.Errorf("%q must not list the number %v: the numbers of an item are texts in a record", name, token)
	default:
		if token != json.Delim('{') {
			return rule{}, fmt.Errorf("%q must not list a list", name)
		}
		return r.operator(name)
	}
}

// operator reads {"exists":true} on behind the opening brace.
func (r reader) operator(name string) (rule, error) {
	key, keyErr := r.token()
	if keyErr == nil && key != "exists" {
		return rule{}, fmt.Errorf("the local host does not know the operator %v in %q", key, name)
	}
	value, valueErr := r.token()
	end, endErr := r.token()
	if err := errors.Join(keyErr, valueErr, endErr); err != nil {
		return rule{}, err
	}
	there, is := value.(bool)
	if !is || end != json.Delim('}') {
		return rule{}, fmt.Errorf(`exists in %q must read {"exists":true} or {"exists":false}`, name)
	}
	if there {
		return rule{kind: present}, nil
	}
	return rule{kind: missing}, nil
}
