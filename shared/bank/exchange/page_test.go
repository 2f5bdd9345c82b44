package exchange_test

import (
	"strings"
	"testing"

	"kassa/shared/bank/exchange"
)

// TestWords: whatever a bank may call a state is a word, known or not; sentences, lines for the log and what may be a
// card are none.
func TestWords(t *testing.T) {
	for text, want := range map[string]bool{
		"APPROVED": true, "ON-LOCK": true, "ON_HOLD": true, "3DS2_WAIT-1": true, "P": true, "_x": true, "17": true,
		"Təsdiqləndi": true, "v1.2:new/old": true,
		strings.Repeat("Я", 40): true, strings.Repeat("A", 41): false, "": false, "-1": false, ".": false, "PAID NOW": false,
		"PAID,": false, "A\nB": false, "A\u202eB": false,
		"4169741330151124": false, "CARD-4169741330151124": false, "٤١٦٩٧٤١٣٣٠١٥١١٢٤": false, "\xff": false, "<b>": false,
		`"A"`: false, "A=B": false,
	} {
		if exchange.IsWord(text) != want {
			t.Errorf("%q is a word: %v", text, !want)
		}
	}
}
