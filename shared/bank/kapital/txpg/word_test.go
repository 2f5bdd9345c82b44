package txpg

import "testing"

// TestStatusWords: of whatever form, they are words, so that one which nobody knows is told as unknown.
func TestStatusWords(t *testing.T) {
	for text, want := range map[string]bool{"FullyPaid": true, "Fully paid": true, "Wait_3DS-2": true, "17": true,
		"X": true, "": false, "Paid, now": false, "4169741330151124": false, "Paid\nnow": false} {
		if isWord(text) != want {
			t.Errorf("%q is a word: %v", text, !want)
		}
	}
}
