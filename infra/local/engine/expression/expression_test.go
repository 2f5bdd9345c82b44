package expression_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kassa/infra/local/engine/attribute"
	"kassa/infra/local/engine/expression"
)

func item(t testing.TB, text string) attribute.Item {
	t.Helper()
	var i attribute.Item
	if err := json.Unmarshal([]byte(text), &i); err != nil {
		t.Fatal(err)
	}
	return i
}

const (
	stored = `{"pk":{"S":"pay_a"},"rev":{"S":"r1"},"n":{"N":"10"},"yes":{"BOOL":true}}`
	values = `{":v":{"S":"r1"},":w":{"N":"010"},":yes":{"BOOL":true}}`
)

// only is the one value that an expression uses.
func only(t testing.TB, name string) attribute.Item {
	if name == "" {
		return nil
	}
	return attribute.Item{name: item(t, values)[name]}
}

func TestConditions(t *testing.T) {
	for _, tc := range []struct {
		text, value      string
		stored, ofNaught bool
	}{
		{"attribute_not_exists(pk)", "", false, true}, {"attribute_not_exists(gone)", "", true, true},
		{"rev = :v", ":v", true, false}, {"rev = :w", ":w", false, false}, {"gone = :v", ":v", false, false},
		{"n = :w", ":w", true, false}, {"n = :v", ":v", false, false}, {"yes = :yes", ":yes", true, false},
	} {
		condition, err := expression.ParseCondition(&tc.text, only(t, tc.value))
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
		} else if condition.Holds(item(t, stored)) != tc.stored || condition.Holds(nil) != tc.ofNaught {
			t.Errorf("%s: %v, of nothing %v", tc.text, !tc.stored, !tc.ofNaught)
		}
	}
	if always, err := expression.ParseCondition(nil, nil); err != nil || !always.Holds(item(t, stored)) ||
		!always.Holds(nil) {
		t.Errorf("no condition at all: %v", err)
	}
}

func TestKeyConditions(t *testing.T) {
	hash, within, err := expression.ParseKey("pk = :v", only(t, ":v"))
	if err != nil || hash.Attribute != "pk" || hash.Value.Text != "r1" || within != (expression.Bounds{}) {
		t.Errorf("%v %v, %v", hash, within, err)
	}
	both := attribute.Item{":v": item(t, values)[":v"], ":w": item(t, values)[":w"]}
	hash, within, err = expression.ParseKey("due_shard = :v AND due_at <= :w", both)
	if err != nil || hash.Attribute != "due_shard" || within.From != nil || within.To == nil ||
		within.To.Attribute != "due_at" || within.To.Value.Text != "10" {
		t.Errorf("%v %v, %v", hash, within, err)
	}
	hash, within, err = expression.ParseKey("a = :v AND b BETWEEN :v AND :w", both)
	if err != nil || hash.Attribute != "a" || within.From == nil || within.To == nil || within.From.Attribute != "b" ||
		within.From.Value.Text != "r1" || within.To.Attribute != "b" || within.To.Value.Text != "10" {
		t.Errorf("%v %v, %v", hash, within, err)
	}
}

// TestRefused: what Kassa does not write is refused by both readers, whatever DynamoDB would make of it.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"": "Syntax error", "rev": "Syntax error", "rev =": "Syntax error", "rev=:v": "Syntax error",
		"rev = :v ": "Syntax error",
		"rev <> :v": "Syntax error", ":v = rev": "Syntax error", "a.b = :v": "Syntax error", "#r = :v": "Syntax error",
		"_a = :v":   "Syntax error",
		"rev = rev": "Syntax error", "é = :v": "Syntax error", "rev = :v OR rev = :w": "Syntax error",
		"NOT rev = :v": "Syntax error",
		"(rev = :v)":   "Syntax error", "rev = :v AND": "Syntax error", "rev = :v AND n = :w": "Syntax error",
		"begins_with(rev, :v)":  "Syntax error",
		"rev BETWEEN :v AND :w": "Syntax error", "attribute_exists(pk)": "Syntax error",
		"rev = :v AND n <= :w AND n <= :w": "Syntax error",
		"rev = :v\nAND n <= :w":            "Syntax error", "status = :v": "reserved keyword: status",
		"rev = :gone": "not defined; attribute value: :gone",
	} {
		_, err := expression.ParseCondition(&text, item(t, values))
		_, _, keyErr := expression.ParseKey(text, item(t, values))
		for _, err := range []error{err, keyErr} {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "ValidationException") {
				t.Errorf("%s: error %v, want ...%s...", text, err, want)
			}
		}
	}
	for _, text := range []string{"attribute_not_exists(status)", "attribute_not_exists(:v)", "attribute_not_exists( pk )",
		"rev = :v AND n <= :w"} {
		if _, err := expression.ParseCondition(&text, nil); err == nil {
			t.Errorf("%s is a condition", text)
		}
	}
}

// TestValuesMustBeUsed as AWS wants it.
func TestValuesMustBeUsed(t *testing.T) {
	text, absent := "rev = :v", "attribute_not_exists(pk)"
	for name, tc := range map[string]struct {
		text   *string
		values attribute.Item
		want   string
	}{
		"more than used": {&text, item(t, values), "keys: {:w, :yes}"},
		"none used":      {&absent, only(t, ":v"), "keys: {:v}"},
		"no expression":  {nil, only(t, ":v"), "keys: {:v}"},
		"empty values":   {&absent, attribute.Item{}, "must not be empty"},
	} {
		if _, err := expression.ParseCondition(tc.text, tc.values); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want ...%s...", name, err, tc.want)
		}
	}
	if _, _, err := expression.ParseKey(text, item(t, values)); err == nil ||
		!strings.Contains(err.Error(), "keys: {:w, :yes}") {
		t.Errorf("a key condition: %v", err)
	}
}

// FuzzExpressions: whatever is written as a condition, a key or a projection is read or refused, and a condition or a
// key that is read uses values that there are, and all of them.
func FuzzExpressions(f *testing.F) {
	for _, text := range []string{"attribute_not_exists(pk)", "rev = :v", "pk = :v AND n <= :w",
		"pk = :v AND n BETWEEN :w AND :yes", "pk = :v AND n BETWEEN :w", "pk, #s, n", "#s,#s", "status = :v", "a = :v AND "} {
		f.Add(text, values, "status")
	}
	f.Fuzz(func(t *testing.T, text, given, meant string) {
		var all attribute.Item
		if json.Unmarshal([]byte(given), &all) != nil {
			return
		}
		used := func(err error, names ...string) {
			if err == nil && len(all) > len(names) {
				t.Fatalf("%q is read with values that it does not use: %s", text, given)
			}
		}
		condition, err := expression.ParseCondition(&text, all)
		used(err, "one")
		if err == nil {
			condition.Holds(all)
			condition.Holds(nil)
		}
		hash, within, err := expression.ParseKey(text, all)
		used(err, "hash", "from", "to")
		if err == nil && (hash.Attribute == "" || within.From != nil && (within.To == nil ||
			within.From.Attribute != within.To.Attribute)) {
			t.Fatalf("%q is read as %+v, %+v", text, hash, within)
		}
		names, err := expression.ParseProjection(&text, map[string]string{"#s": meant})
		if err == nil && !strings.Contains(text, "#s") {
			t.Fatalf("%q names %q, and leaves a name unused", text, names)
		}
	})
}
