package strict

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

// TestStepsAreEscapedInOnePass, as RFC 6901 has it: no replacement is replaced again.
func TestStepsAreEscapedInOnePass(t *testing.T) {
	escape, undo := strings.NewReplacer("~", "~0", "/", "~1"), strings.NewReplacer("~1", "/", "~0", "~")
	for text := range asciitest.Texts("order_ref", "a/b", "~", "~1~0~01/", "м/н~п", "") {
		if got, want := Step(text), escape.Replace(text); got != want || StepName(got) != text {
			t.Errorf("%q: %q, want %q; back %q", text, got, want, StepName(got))
		}
		if got, want := StepName(text), undo.Replace(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
