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
	stored = `{"pk":{"S":"pay_a"},"rev":{"S":"r1"},"n":{"N":"10.0"},"b":{"B":"AQ=="},"yes":{"BOOL":true},` +
		`"marks":{"NS":["2","1"]},"lesser":{"N":"9"},"odd name":{"S":"x"}}`
	values = `{":r1":{"S":"r1"},":ten":{"N":"1e1"},":nine":{"N":"9"},":p":{"S":"pay_"},":yes":{"BOOL":true},` +
		`":set":{"NS":["1.0","2"]},":b":{"B":"AQ=="},":b2":{"B":"Ag=="}}`
)

func scope(t testing.TB) *expression.Scope {
	t.Helper()
	s, err := expression.NewScope(map[string]string{"#n": "n", "#odd": "odd name"}, item(t, values))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConditions(t *testing.T) {
	i := item(t, stored)
	for text, want := range map[string]bool{
		"attribute_exists(pk)": true, "attribute_exists(gone)": false, "attribute_not_exists(pk)": false,
		"attribute_not_exists( gone )": true,
		"rev = :r1":                    true, ":r1 = rev": true, "rev = :ten": false, "rev <> :r1": false,
		"rev <> :ten": true,
		"#n = :ten":   true, "#odd <> :r1": true,
		"gone = :r1": false, "gone <> :r1": true, "gone < :r1": false, "NOT gone < :r1": true,
		"n < :ten": false, "n <= :ten": true, "n > :nine": true, "n >= :ten": true, "n > lesser": true, "rev < :ten": false,
		"rev >= :ten":  false,
		"marks = :set": true, "yes = :yes": true, "b < :b2": true, "b = :b": true, "yes < :b2": false,
		"n BETWEEN :nine AND :ten": true, "n between :ten and :ten": true, "lesser BETWEEN :ten AND :ten": false,
		"n BETWEEN lesser AND :ten AND rev = :r1": true,
		"begins_with(pk, :p)":                     true, "begins_with(rev, :p)": false, "begins_with(n, :p)": false,
		"rev = :ten OR rev = :r1 AND n = :nine": false, "rev = :r1 OR rev = :ten AND n = :nine": true,
		"(rev = :r1 OR rev = :ten) AND n = :nine": false,
		"NOT rev = :ten AND n = :ten":             true, "NOT (rev = :r1 AND n = :nine)": true, "not Not rev = :r1": true,
		"attribute_not_exists(pk) OR (rev=:r1 AND #n>=:nine)": true,
	} {
		condition, err := scope(t).Condition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := condition.Holds(i); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestConditionsOnNothing(t *testing.T) {
	for text, want := range map[string]bool{"attribute_not_exists(pk)": true, "attribute_exists(pk)": false,
		"rev = :r1": false, "rev <> :r1": true} {
		condition, err := scope(t).Condition(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := condition.Holds(nil); got != want {
			t.Errorf("%s is %v without an item", text, got)
		}
	}
}

func TestRefusedConditions(t *testing.T) {
	for text, want := range map[string]string{
		"": "can not be empty", "  ": "can not be empty", "rev": "Syntax error", "rev =": "<EOF>", "rev = :r1 AND": "<EOF>",
		"(rev = :r1": "<EOF>", "rev = :r1)": "Syntax error",
		"rev == :r1": "Syntax error", "rev = 'x'": "Syntax error", "rev = :r1 rev = :r1": "Syntax error",
		"a.b = :r1": "Syntax error", "a[0] = :r1": "Syntax error", "_a = :r1": "Syntax error",
		"rev IN (:r1)": "Syntax error", "size(rev) > :ten": "function: size", "contains(rev, :r1)": "function: contains",
		"Attribute_Exists(rev)": "function: Attribute_Exists",
		"attribute_exists(:r1)": "requires a document path", "attribute_type(rev, :r1)": "function: attribute_type",
		"attribute_exists(rev, pk)": "Syntax error", "begins_with(rev)": "Syntax error",
		"status = :r1": "reserved keyword: status", "rev = :gone": "not defined; attribute value: :gone",
		"#gone = :r1": "not defined; attribute name: #gone", "# = :r1": "Syntax error",
		"rev < :yes": "operand type: BOOL", "begins_with(rev, :ten)": "operand type: N", "rev = rev": "distinct",
		"#n = n": "distinct", "((rev = :r1))": "redundant parentheses",
		"(((rev = :r1) AND n = :ten))": "redundant parentheses", "NOT": "<EOF>", "AND = :r1": "reserved keyword: AND",
		"rev = :r1 \x00": "Syntax error", "é = :r1": "Syntax error",
		strings.Repeat("(", 400) + "rev = :r1" + strings.Repeat(")", 400): "more than 300",
		"rev = :r1 " + strings.Repeat(" ", 4096):                          "maximum allowed size",
		strings.Repeat("NOT ", 400) + "rev = :r1":                         "more than 300",
	} {
		_, err := scope(t).Condition(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "ValidationException") {
			t.Errorf("%s: error %v, want ...%s...", text, err, want)
		}
	}
}

func TestParenthesesThatAreNotRedundant(t *testing.T) {
	for _, text := range []string{"(rev = :r1)", "(rev = :r1) AND (n = :ten)", "((rev = :r1) AND (n = :ten))",
		"(NOT (rev = :r1))", "NOT (rev = :r1)"} {
		if _, err := scope(t).Condition(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSubstitutionsMustBeUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		names     map[string]string
		values    string
		condition string
		want      string
	}{
		"all used": {map[string]string{"#r": "rev"}, `{":r":{"S":"x"}}`, "#r = :r", ""},
		"unused name": {map[string]string{"#r": "rev", "#s": "x"}, `{":r":{"S":"x"}}`, "#r = :r",
			"ExpressionAttributeNames unused in expressions: keys: {#s}"},
		"unused values":  {nil, `{":r":{"S":"x"},":s":{"S":"x"},":t":{"S":"x"}}`, "rev = :r", "keys: {:s, :t}"},
		"no expression":  {nil, `{":r":{"S":"x"}}`, "", "can only be specified when using expressions"},
		"empty names":    {map[string]string{}, "null", "attribute_exists(pk)", "must not be empty"},
		"empty values":   {nil, "{}", "attribute_exists(pk)", "must not be empty"},
		"malformed name": {map[string]string{"r": "rev"}, "null", "attribute_exists(pk)", `key: "r"`},
		"name of naught": {map[string]string{"#r": ""}, "null", "attribute_exists(#r)", `key: "#r"`},
		"malformed key":  {nil, `{"r":{"S":"x"}}`, "attribute_exists(pk)", `key: "r"`},
	} {
		s, err := expression.NewScope(tc.names, item(t, tc.values))
		if err == nil && tc.condition != "" {
			_, err = s.Condition(tc.condition)
		}
		if err == nil {
			err = s.Unused()
		}
		if (tc.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: error %v, want ...%s...", name, err, tc.want)
		}
	}
}

// FuzzExpression checks that no text makes the parser panic, and that NOT inverts whatever it accepts.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		"attribute_not_exists(pk) OR (rev = :r1 AND #n >= :nine)", "n BETWEEN :nine AND :ten", "begins_with(pk, :p)", "((",
		"NOT NOT NOT", "a.b = :c", "rev <> ", "\xff = :r1", "#", ":", "= = =", "pk, rev, #n",
	} {
		f.Add(seed)
	}
	i := item(f, stored)
	f.Fuzz(func(t *testing.T, text string) {
		condition, err := scope(t).Condition(text)
		if err == nil {
			inverted, err := scope(t).Condition("NOT(" + text + ")")
			if err != nil {
				return // The pair of parentheses was redundant, or the expression has become too long.
			}
			if condition.Holds(i) == inverted.Holds(i) || condition.Holds(nil) == inverted.Holds(nil) {
				t.Errorf("%q and its inversion are both the same", text)
			}
		} else if !strings.Contains(err.Error(), "ValidationException") {
			t.Errorf("%q: %v", text, err)
		}
		if terms, err := scope(t).KeyCondition(text); err == nil && len(terms) == 0 {
			t.Errorf("%q is a key condition without terms", text)
		}
		if names, err := scope(t).Projection(text); err == nil && len(names) == 0 {
			t.Errorf("%q is a projection without names", text)
		}
	})
}
