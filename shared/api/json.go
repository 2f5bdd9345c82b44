package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kassa/shared/payment"
	"kassa/shared/strict"
)

// The caps of a request's JSON. Its size in bytes is capped before.
const (
	maxDepth  = 8   // the deepest field of ours lies at 3
	maxErrors = 100 // wrong fields that one answer lists
	maxName   = 64  // bytes of a field's name that a pointer repeats
)

// form collects what is wrong anywhere in one request's body.
type form struct {
	errs    []payment.FieldError
	objects []*Object
}

func (f *form) wrong(pointer, code, detail string) {
	if len(f.errs) < maxErrors {
		f.errs = append(f.errs, payment.FieldError{Pointer: pointer, Code: code, Detail: detail})
	}
}

// ReadObject reads a body that must be exactly one JSON object in valid UTF-8; else malformed_json (400). An empty body
// is none: one that was lost on its way must not mean "all that remains". encoding/json alone would be too kind: it
// takes the last of two equal names, folds letter case and mends broken text silently, and each of these lets two
// readers see two different requests. What editors put around a document is read past.
func ReadObject(body []byte) (*Object, error) {
	if body = strict.Bare(body); len(body) == 0 {
		return nil, malformedJSON("The body is empty; send a JSON object, {} at least.")
	}
	if !utf8.Valid(body) {
		return nil, malformedJSON("The body is not valid UTF-8.")
	}
	if !json.Valid(body) {
		var whole json.RawMessage
		if at, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(body, &whole)); ok {
			return nil, malformedJSON(fmt.Sprintf("The body is not valid JSON; reading stopped at byte %d.", at.Offset))
		}
		return nil, malformedJSON("The body is not valid JSON.")
	}
	f := &form{}
	v, err := f.value(strict.NewTokens(body), "", "", 0)
	if err != nil {
		return nil, err
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, malformedJSON("The body must be one JSON object.")
	}
	return f.object("", fields), nil
}

// value reads the value of this name in what stands at a pointer; the whole has no name. It is a map for an object, a
// slice for an array, else a string, json.Number, bool or nil.
func (f *form) value(d *strict.Tokens, at, name string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, malformedJSON("The body is nested too deeply.")
	}
	token := d.Next()
	if t, ok := token.(json.Delim); ok {
		if depth > 0 {
			at = pointer(at, name)
		}
		if t == '[' {
			return f.array(d, at, depth)
		}
		return f.fields(d, at, depth)
	}
	return token, nil
}

func (f *form) array(d *strict.Tokens, at string, depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := f.value(d, at, strconv.Itoa(len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	d.Next() // the end of the array
	return list, nil
}

func (f *form) fields(d *strict.Tokens, at string, depth int) (any, error) {
	fields := map[string]any{}
	for d.More() {
		name := d.Name()
		if _, twice := fields[name]; twice {
			f.wrong(pointer(at, name), "duplicate_field", "Stands here twice; send it once.")
		}
		var err error
		if fields[name], err = f.value(d, at, name, depth+1); err != nil {
			return nil, err
		}
	}
	d.Next() // the end of the object
	return fields, nil
}

// pointer adds a name to a JSON pointer (RFC 6901), cut so that an answer cannot be made to repeat a whole body. A name
// with as many digits as a card number has is not repeated at all.
func pointer(at, name string) string {
	if digits(name) >= 13 {
		name = "..."
	}
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "..."
	}
	return at + "/" + strict.Step(name)
}

func digits(name string) (n int) {
	for _, r := range name {
		if unicode.IsNumber(r) {
			n++
		}
	}
	return n
}

// longestInteger is how many digits a number of 64 bits has at most.
const longestInteger = 19

// What a number must be: whoever sends "150.00" and is told to send a whole number might send 150, which is 1.50.
const (
	wholeMinor = "a whole number of minor units, such as 15000 for 150.00"
	wholeCount = "a whole number, such as 12"
)

// longestDecimals is how many decimals tables keep of a price; what has more was reckoned in floating point.
const longestDecimals = 8

// wholeNumber reads a JSON number that is whole, in whatever spelling: 15000, 15000.0 and 1.5e4 are one number (RFC
// 8259, and what JSON Schema calls an integer), and programs write whole numbers in each of these ways. Money that is
// written in major units, with two decimals or, as tables keep prices, more, and no exponent, is refused: 150.00 is
// most likely 150 manat, and as minor units it would be 1.50. With a code it is none.
func wholeNumber(text string, money bool) (n int64, code, detail string) {
	mantissa, exponent, powered := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	unsigned, negative := strings.CutPrefix(whole, "-")
	if money && !powered && len(fraction) > longestDecimals {
		return 0, "not_an_integer",
			"Is no whole number, as floating point makes them; round it to minor units, such as 15000 for 150.00."
	}
	if money && len(fraction) >= 2 && !powered {
		return 0, "not_an_integer",
			"Is written with decimals, as amounts in major units are; send minor units: 15000 for 150.00."
	}
	digits := strings.TrimLeft(unsigned+fraction, "0")
	if digits == "" {
		return 0, "", ""
	}
	power := 0
	if powered {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil || power > 1000 || power < -1000 {
			return 0, "out_of_range", "Is too large or too small a number."
		}
	}
	power -= len(fraction)
	significant := strings.TrimRight(digits, "0")
	power += len(digits) - len(significant)
	switch {
	case power < 0 && money:
		return 0, "not_an_integer", "Must be " + wholeMinor + "."
	case power < 0:
		return 0, "not_an_integer", "Must be " + wholeCount + "."
	case len(significant)+power > longestInteger:
		return 0, "out_of_range", "Is too large or too small a number."
	}
	if negative {
		significant = "-" + significant
	}
	n, err := strconv.ParseInt(significant+strings.Repeat("0", power), 10, 64)
	if err != nil {
		return 0, "out_of_range", "Is too large or too small a number."
	}
	return n, "", ""
}

// failure is everything that is wrong.
func (f *form) failure() []payment.FieldError {
	for _, o := range f.objects {
		o.refuseUnknown()
	}
	return f.errs
}

func malformedJSON(message string) error {
	return &payment.Error{Kind: payment.Malformed, Code: "malformed_json", Message: message}
}
