package partnerapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fields reads one object field by field and keeps the first complaint.
type fields struct {
	path string
	from object
	read map[string]bool
	bad  error
}

func open(path string, value any) *fields {
	f := &fields{path: path, read: map[string]bool{}}
	from, ok := value.(object)
	if !ok {
		f.bad = FormatError{Field: path, Why: "is not an object"}
	}
	f.from = from
	return f
}

func (f *fields) complain(name, format string, args ...any) {
	if f.bad == nil {
		f.bad = FormatError{Field: f.at(name), Why: fmt.Sprintf(format, args...)}
	}
}

func (f *fields) at(name string) string {
	if f.path == "" {
		return name
	}
	return f.path + "." + name
}

// value takes a field that must be there.
func (f *fields) value(name string) any {
	f.read[name] = true
	value, there := f.from[name]
	if !there {
		f.complain(name, "is missing")
	}
	return value
}

// has reports whether an optional field is there.
func (f *fields) has(name string) bool {
	_, there := f.from[name]
	return there
}

// end complains about the first field that nobody asked for.
func (f *fields) end() error {
	for name := range f.from {
		if !f.read[name] {
			f.complain(fmt.Sprintf("%.40q", name), "is not a field of this request")
		}
	}
	return f.bad
}

// text takes a string of 1 to most characters without control characters.
func (f *fields) text(name string, most int) string {
	value, ok := f.value(name).(string)
	switch {
	case f.bad != nil:
	case !ok:
		f.complain(name, "is not a string")
	case strings.TrimSpace(value) == "":
		f.complain(name, "is empty")
	case utf8.RuneCountInString(value) > most:
		f.complain(name, "is longer than %d characters", most)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		f.complain(name, "holds a control character")
	}
	return value
}

// matching takes a string of the pattern's form.
func (f *fields) matching(name string, form *regexp.Regexp, what string) string {
	value := f.text(name, 255)
	if f.bad == nil && !form.MatchString(value) {
		f.complain(name, "is not %s", what)
	}
	return value
}

// whole takes a JSON integer from 1 to most, written plainly.
func (f *fields) whole(name string, most int64) int64 {
	number, ok := f.value(name).(json.Number)
	n, err := strconv.ParseInt(string(number), 10, 64)
	if f.bad == nil && (!ok || err != nil || n < 1 || n > most || strconv.FormatInt(n, 10) != string(number)) {
		f.complain(name, "is not a whole number from 1 to %d", most)
	}
	return n
}

// address takes an absolute http or https address.
func (f *fields) address(name string) string {
	value := f.text(name, 2048)
	u, err := url.Parse(value)
	if f.bad == nil && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http") {
		f.complain(name, "is not an absolute address")
	}
	return value
}

// amount takes money in the form that the bank was told to expect.
func (f *fields) amount(name string, form Form) int64 {
	return f.price(name, form, 1)
}

// price takes money of at least so many minor units: a line of an order may be free.
func (f *fields) price(name string, form Form, least int64) int64 {
	minor, why := form.read(f.value(name), least)
	if why != "" {
		f.complain(name, "%s", why)
	}
	return minor
}
