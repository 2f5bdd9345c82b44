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

// TestWhatMayHoldACard: thirteen digits in a row or more, in a card's own groups too; a day, a time and a number are
// none.
func TestWhatMayHoldACard(t *testing.T) {
	for text, want := range map[string]bool{
		"4169741330151778": true, "4169 7413 3015 1778": true, "4169-7413-3015-1778": true,
		"3714-496353-98431": true, "x4169741330151778y": true, "4222222222222": true, "٤١٦٩٧٤١٣٣٠١٥١٧٧٨": true,
		"4169\u00a07413\u00a03015\u00a01778": true, "": false, "123456789012": false, "R-3": false,
		"240612-11385786-000045=": false, "240612-113857-000045": false, "4169x7413x3015x1778": false,
		"3f2504e0-4f89-41d3-9a0c-0305e82c3301": false,
	} {
		if got := exchange.MayHoldCard(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
