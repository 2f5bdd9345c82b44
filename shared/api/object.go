package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Object is one JSON object of a request. Its readers give the zero value for a field that is not there, or is of
// another type; the latter is collected with everything else that is wrong, for Err to tell. null is refused rather
// than taken for "not there": a shop whose amount was lost on the way must not be understood to mean "all".
type Object struct {
	form   *form
	at     string
	fields map[string]any
	read   []string // names that a reader asked for
}

func (f *form) object(at string, fields map[string]any) *Object {
	o := &Object{form: f, at: at, fields: fields, read: make([]string, 0, 2*len(fields)+8)}
	f.objects = append(f.objects, o)
	return o
}

// Err is everything that is wrong with the whole body as one Invalid error, fields that nobody asked for among it; nil
// when nothing is. Call it once, after all readers. also is what else was found: of that, only what no reader has
// explained already is added, so that a caller learns everything at once and nothing twice.
func (o *Object) Err(also ...payment.FieldError) error {
	wrong := o.form.failure()
	fields := slices.Clone(wrong)
	for _, f := range also {
		if explained(wrong, f.Pointer) {
			continue
		}
		if (f.Code == "out_of_range" || f.Code == "bad_format") && !o.holds(f.Pointer) {
			f.Code, f.Detail = "required", "Is missing. "+f.Detail
		}
		fields = append(fields, f)
	}
	if len(fields) == 0 {
		return nil
	}
	fields = fields[:min(len(fields), maxErrors)]
	slices.SortStableFunc(fields, func(a, b payment.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	return &payment.Error{Kind: payment.Invalid, Code: "invalid_fields", Fields: fields}
}

// holds says whether there is a value at a pointer, which is o's own.
func (o *Object) holds(at string) bool {
	var here any = o.fields
	for step := range strings.SplitSeq(strings.TrimPrefix(at, "/"), "/") {
		switch v := here.(type) {
		case map[string]any:
			here = v[strict.StepName(step)]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return false
			}
			here = v[i]
		default:
			return false
		}
	}
	return here != nil && !isBlank(here)
}

// isBlank says whether a value is what a form sends for a field that was left empty.
func isBlank(v any) bool {
	text, ok := v.(string)
	return ok && strings.TrimSpace(text) == ""
}

// explained says whether an error at this pointer, or above it, is among those found.
func explained(found []payment.FieldError, at string) bool {
	return slices.ContainsFunc(found, func(f payment.FieldError) bool {
		return f.Pointer == at || strings.HasPrefix(at, f.Pointer+"/")
	})
}

// Has says whether the field is there at all.
func (o *Object) Has(name string) bool {
	_, there := o.fields[name]
	return there
}

// field finds a field of type T; what names that type for the error.
func field[T any](o *Object, name, what string) (v T, ok bool) {
	o.read = append(o.read, name)
	raw, there := o.fields[name]
	if !there {
		return v, false
	}
	v, ok = raw.(T)
	if !ok {
		o.mistyped(pointer(o.at, name), raw, what)
	}
	return v, ok
}

func (o *Object) mistyped(at string, raw any, what string) {
	if raw == nil {
		o.form.wrong(at, "wrong_type", "Is null; leave it out or send "+what+".")
		return
	}
	o.form.wrong(at, "wrong_type", "Must be "+what+".")
}

// Text reads a string. One of which a character was lost on the way is refused: encoding/json puts U+FFFD where an
// escape names half a character.
func (o *Object) Text(name string) string {
	v, _ := field[string](o, name, "a string")
	if strings.ContainsRune(v, utf8.RuneError) {
		o.form.wrong(pointer(o.at, name), "invalid_text", "Contains a character that is not one.")
	}
	return v
}

// Prose reads a text that people alone understand, such as a description: where a character was lost, as where a
// program cut a name short within it, stands a question mark.
func (o *Object) Prose(name string) string {
	v, _ := field[string](o, name, "a string")
	return strings.ReplaceAll(v, string(utf8.RuneError), "?")
}

// Flag reads true or false, also as PHP and forms write them: 1, 0, a text of either, and an empty one for false.
func (o *Object) Flag(name string) bool {
	var text string
	switch v := o.fields[name].(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		flag, _ := field[bool](o, name, "true or false")
		return flag
	}
	o.read = append(o.read, name)
	if !slices.Contains([]string{"true", "1", "", "false", "0"}, text) {
		o.mistyped(pointer(o.at, name), text, "true or false")
	}
	return text == "true" || text == "1"
}

// Count reads a whole number in any spelling that means one thing, see wholeNumber, also a text of digits with noughts
// behind a point, as PHP has the decimal fields of a table; 0 when it is not there, or left empty as in a form.
func (o *Object) Count(name string) int64 { return o.number(name, 0, false) }

// MinorOr reads an amount in minor units: Count, but for what is written as money in major units. It gives another
// value for what is not there or wrong.
func (o *Object) MinorOr(name string, fallback int64) int64 { return o.number(name, fallback, true) }

func (o *Object) number(name string, fallback int64, money bool) int64 {
	o.read = append(o.read, name)
	what := wholeCount
	if money {
		what = wholeMinor
	}
	raw, there := o.fields[name]
	if !there || isBlank(raw) {
		return fallback
	}
	var text string
	switch v := raw.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
		if whole, noughts, _ := strings.Cut(v, "."); !money && strings.Trim(noughts, "0") == "" && noughts != "" {
			text = whole
		}
		if len(text) > longestInteger || strings.Trim(text, "0123456789") != "" || text == "" || text != "0" &&
			text[0] == '0' {
			o.mistyped(pointer(o.at, name), raw, what)
			return fallback
		}
	default:
		o.mistyped(pointer(o.at, name), raw, what)
		return fallback
	}
	n, code, detail := wholeNumber(text, money)
	if code != "" {
		o.form.wrong(pointer(o.at, name), code, detail)
		return fallback
	}
	return n
}

// Amount reads money in minor units that must be at least 1, or not there at all, which means all that remains: one
// that was left empty may have been lost on the way.
func (o *Object) Amount(name string) int64 {
	wrong := len(o.form.errs)
	if isBlank(o.fields[name]) {
		o.form.wrong(pointer(o.at, name), "required", "Is empty; send at least 1, or leave it out to mean all that remains.")
	}
	n := o.MinorOr(name, 0)
	if o.Has(name) && n <= 0 && len(o.form.errs) == wrong {
		o.form.wrong(pointer(o.at, name), "out_of_range", "Must be at least 1; leave it out to mean all that remains.")
	}
	return n
}

// Object reads an object; a field that is not there gives an empty one. So does an empty array: PHP writes an empty
// object so.
func (o *Object) Object(name string) *Object {
	if list, ok := o.fields[name].([]any); ok && len(list) == 0 {
		o.read = append(o.read, name)
		return o.form.object(pointer(o.at, name), nil)
	}
	v, _ := field[map[string]any](o, name, "an object")
	return o.form.object(pointer(o.at, name), v)
}

// Objects reads an array of objects. An object whose names are numbers is the array of what they name, in their order:
// PHP writes a list so that lost a line in its midst, or that it was told to call an object. Errors count its entries
// from 0.
func (o *Object) Objects(name string) []*Object {
	if fields, ok := o.fields[name].(map[string]any); ok {
		if list, numbered := numberedList(fields); numbered {
			o.fields[name] = list
		}
	}
	list, _ := field[[]any](o, name, "an array of objects")
	var objects []*Object
	for i, raw := range list {
		at := fmt.Sprintf("%s/%d", pointer(o.at, name), i)
		v, ok := raw.(map[string]any)
		if !ok {
			o.mistyped(at, raw, "an object")
		}
		objects = append(objects, o.form.object(at, v))
	}
	return objects
}

// numberedList gives the values of an object in the order of its names, false where one of these is no index as PHP has
// them.
func numberedList(fields map[string]any) ([]any, bool) {
	values := map[int]any{}
	var indexes []int
	for name, value := range fields {
		index, err := strconv.Atoi(name)
		if err != nil || index < 0 || strconv.Itoa(index) != name || len(name) >= longestInteger {
			return nil, false
		}
		values[index] = value
		indexes = append(indexes, index)
	}
	slices.Sort(indexes)
	list := make([]any, 0, len(indexes))
	for _, index := range indexes {
		list = append(list, values[index])
	}
	return list, true
}

// Texts reads an object whose fields, of any name, are all strings; nil when it is not there.
func (o *Object) Texts(name string) map[string]string {
	if !o.Has(name) {
		return nil
	}
	inner, texts := o.Object(name), map[string]string{}
	for key := range inner.fields {
		texts[key] = inner.Text(key)
		if strings.ContainsRune(key, '\uFFFD') {
			o.form.wrong(pointer(inner.at, key), "invalid_text", "Has a name with a character that is not one.")
		}
	}
	return texts
}

// refuseUnknown reports the fields that no reader asked for: a misspelt name must not silently mean nothing.
func (o *Object) refuseUnknown() {
	var unknown []string
	for name := range o.fields {
		if !slices.Contains(o.read, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		o.form.wrong(pointer(o.at, name), "unknown_field", "Is not a field of this request.")
	}
}
