package figures

import (
	"strings"
	"testing"
)

// TestFill: what stands between the marks is made anew, what stands around them stays, and each name without marks is
// told.
func TestFill(t *testing.T) {
	const text = "before\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\nafter\n<!-- c -->\n"
	var made Table
	made.Head("n", "")
	made.Row(1, "x")
	page, err := Fill(text, map[string]string{"a": made.String(), "b": "new\n"})
	want := "before\n<!-- a -->\n| n |  |\n| --- | --- |\n| 1 | x |\n<!-- /a -->\nbetween\n" +
		"<!-- b -->\nnew\n<!-- /b -->\nafter\n<!-- c -->\n"
	if err != nil || page != want {
		t.Errorf("%v\n%s", err, page)
	}
	if _, err = Fill(text, map[string]string{"c": "", "d": ""}); err == nil || !strings.Contains(err.Error(), "for c") ||
		!strings.Contains(err.Error(), "for d") {
		t.Errorf("two places are missing: %v", err)
	}
}
