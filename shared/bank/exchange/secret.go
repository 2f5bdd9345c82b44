package exchange

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"kassa/shared/address"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Secret reads a bank secret, a JSON object, field by field, and gathers everything that is wrong with it. Values are
// never part of a message. What nobody took is unknown, most likely misspelt, and counts as wrong in the end.
type Secret struct {
	raw    map[string]json.RawMessage
	prefix string       // of the names of an inner object's fields
	wrong  *WrongFields // shared with the inner objects
}

// WrongField is one field of a bank secret and what is wrong with it. The name of an inner object's field is preceded
// by the object's, with a slash between.
type WrongField struct{ Name, Why string }

// WrongFields are all that is wrong with a bank secret, sorted by field. They are the cause of the error of kind
// Misconfigured that a bank's constructor gives.
type WrongFields []WrongField

// Error names every field in one line.
func (w WrongFields) Error() string {
	texts := make([]string, len(w))
	for i, f := range w {
		texts[i] = f.Name + " " + f.Why
	}
	return strings.Join(texts, "; ")
}

// Besides are the fields that are wrong besides those of these names and all that stands inside them.
func (w WrongFields) Besides(names ...string) (rest WrongFields) {
	for _, f := range w {
		if !slices.ContainsFunc(names, func(name string) bool {
			return f.Name == name || strings.HasPrefix(f.Name, name+"/")
		}) {
			rest = append(rest, f)
		}
	}
	return rest
}

// ReadSecret takes the object apart that is the secret of the named bank. encoding/json alone would keep the last of
// two equal names and ignore letter case. Its error is Misconfigured.
func ReadSecret(name string, text []byte) (*Secret, error) {
	s := &Secret{raw: map[string]json.RawMessage{}, wrong: &WrongFields{}}
	if err := s.split(text); err != nil {
		return nil, &payment.Error{Kind: payment.Misconfigured, Message: "the bank secret of " + name + " cannot be read",
			Cause: err}
	}
	return s, nil
}

func (s *Secret) split(text []byte) error {
	return strict.Members(text, func(name string, value json.RawMessage) {
		if _, twice := s.raw[name]; twice {
			s.Wrong(name, "stands twice")
		}
		s.raw[name] = value
	})
}

// Wrong notes that a field is wrong, and why.
func (s *Secret) Wrong(name, why string) {
	*s.wrong = append(*s.wrong, WrongField{Name: fmt.Sprintf("%s%.40s", s.prefix, name), Why: why})
}

// Verdict names everything that was wrong, as WrongFields; nil when nothing was.
func (s *Secret) Verdict() error {
	s.Rest()
	if len(*s.wrong) == 0 {
		return nil
	}
	slices.SortStableFunc(*s.wrong, func(a, b WrongField) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Why, b.Why))
	})
	return *s.wrong
}

// Rest notes the fields that nobody took.
func (s *Secret) Rest() {
	for _, name := range slices.Sorted(maps.Keys(s.raw)) {
		s.Wrong(name, "is not a field of this secret")
	}
}

// Skip leaves fields to another reader of the same secret; without names, all that nobody has taken so far.
func (s *Secret) Skip(names ...string) {
	if len(names) == 0 {
		clear(s.raw)
	}
	for _, name := range names {
		delete(s.raw, name)
	}
}

// Holds says whether a field is there and nobody has taken it so far.
func (s *Secret) Holds(name string) bool {
	_, ok := s.raw[name]
	return ok
}

// Empty says whether every field was taken or skipped.
func (s *Secret) Empty() bool { return len(s.raw) == 0 }

// take hands a field out once. A field of the wrong type counts as absent.
func (s *Secret) take(name string, into any, kind string) {
	raw, ok := s.raw[name]
	delete(s.raw, name)
	if ok && (string(raw) == "null" || json.Unmarshal(raw, into) != nil) {
		s.Wrong(name, "must be "+kind)
	}
}

// Text takes a string; "" when there is none.
func (s *Secret) Text(name string) string { return s.text(name, "a string") }

// text takes a string that is to be of a kind; "" when there is none.
func (s *Secret) text(name, kind string) (value string) {
	s.take(name, &value, kind)
	return value
}

// TextOr takes a string, which may be empty; fallback when there is none.
func (s *Secret) TextOr(name, fallback string) string {
	s.take(name, &fallback, "a string")
	return fallback
}

// Flag takes a boolean; fallback when there is none.
func (s *Secret) Flag(name string, fallback bool) bool {
	s.take(name, &fallback, "true or false")
	return fallback
}

// Number takes a whole number of at least zero; fallback when there is none.
func (s *Secret) Number(name string, fallback, most int) int {
	s.take(name, &fallback, "a whole number")
	if fallback < 0 || fallback > most {
		s.Wrong(name, fmt.Sprintf("must be from 0 to %d", most))
	}
	return fallback
}

// List takes a list of strings.
func (s *Secret) List(name string) (value []string) {
	s.take(name, &value, "a list of strings")
	return value
}

// Currencies takes a list of the currencies that the bank's terminals may have; the first of those alone when it is
// empty or not there. Their order stays: the first is the one that a shop of this bank is taken to sell in.
func (s *Secret) Currencies(name string, of ...payment.Currency) (all []payment.Currency) {
	for _, code := range s.List(name) {
		currency := payment.ReadCurrency(code)
		if !slices.Contains(of, currency) || slices.Contains(all, currency) {
			s.Wrong(name, "must be different currencies, each "+payment.Listed(of))
			return nil
		}
		all = append(all, currency)
	}
	if len(all) == 0 {
		return of[:1:1]
	}
	return all
}

// Numbers takes a list of whole numbers.
func (s *Secret) Numbers(name string) (value []int) {
	s.take(name, &value, "a list of whole numbers")
	return value
}

// Words takes an object whose values are strings.
func (s *Secret) Words(name string) map[string]string {
	inner, words := s.Inner(name), map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(inner.raw)) {
		words[key] = inner.Text(key)
	}
	return words
}

// Inner takes an object, whose fields are then taken from what is returned, and its Rest after them. It is empty when
// there is none.
func (s *Secret) Inner(name string) *Secret {
	inner, _ := s.object(name, "an object")
	return inner
}

// Switched takes an object, or the word off; false for that, and when there is neither.
func (s *Secret) Switched(name string) (*Secret, bool) {
	if string(s.raw[name]) == `"off"` {
		delete(s.raw, name)
	}
	return s.object(name, `"off" or an object`)
}

func (s *Secret) object(name, kind string) (inner *Secret, ok bool) {
	inner = &Secret{raw: map[string]json.RawMessage{}, prefix: s.prefix + name + "/", wrong: s.wrong}
	raw, ok := s.raw[name]
	delete(s.raw, name)
	if ok && inner.split(raw) != nil {
		s.Wrong(name, "must be "+kind)
		clear(inner.raw)
		ok = false
	}
	return inner, ok
}

// Matching takes a string of which form must be true; what says what that is.
func (s *Secret) Matching(name string, form func(text string) bool, what string) string {
	value := s.Text(name)
	if !form(value) {
		s.Wrong(name, "must be "+what)
	}
	return value
}

// OneOf takes a word in any letter case and returns it as it stands in allowed; for on and off, true and false say the
// same. An empty fallback makes the field required.
func (s *Secret) OneOf(name, fallback string, allowed ...string) string {
	kind := "one of: " + strings.Join(allowed, ", ")
	if word := map[string]string{"true": "on", "false": "off"}[string(s.raw[name])]; slices.Contains(allowed, word) {
		delete(s.raw, name)
		return word
	}
	before := len(*s.wrong)
	value := s.text(name, kind)
	if value == "" && fallback != "" || len(*s.wrong) > before {
		return fallback
	}
	for _, a := range allowed {
		if strings.EqualFold(a, value) {
			return a
		}
	}
	s.Wrong(name, "must be "+kind)
	return fallback
}

// Duration takes a duration such as "20m".
func (s *Secret) Duration(name string, fallback, least, most time.Duration) time.Duration {
	kind := fmt.Sprintf(`a duration from %s to %s, such as "%s"`, least, most, fallback)
	value := s.text(name, kind)
	if value == "" {
		return fallback
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		s.Wrong(name, "must be "+kind)
		return fallback
	}
	return d
}

// Address takes an https address and gives its host in the one form; nil when it is wrong. An empty fallback makes the
// field required.
func (s *Secret) Address(name, fallback string) *url.URL {
	value := s.Text(name)
	if value == "" {
		value = fallback
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery ||
		u.Fragment != "" || u.Opaque != "" {
		s.Wrong(name, "must be an https address without user, query and fragment")
		return nil
	}
	if host, err := address.Host("https", u.Host); err == nil { // else only DNS can say whether there is such a host
		u.Host = host
	}
	return u
}
