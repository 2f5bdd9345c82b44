package field

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

// TestOrdinaryCharactersAreSeenAsThemselves: each is a digit where it looks like one, and none becomes any.
func TestOrdinaryCharactersAreSeenAsThemselves(t *testing.T) {
	seen := 0
	for r := rune(0); r < 0x11000; r++ {
		if !isOrdinary(r) || r >= 0xd800 && r < 0xe000 {
			continue
		}
		seen++
		digits := 0
		for _, shown := range visible(string(r)) {
			if isDigit(shown) {
				digits++
			}
		}
		if want := strings.Count("0123456789", string(r)); digits != want {
			t.Errorf("%U is seen as %d digits, want %d", r, digits, want)
		}
	}
	if seen < 1000 {
		t.Errorf("%d characters are ordinary", seen)
	}
}

// TestTooFewDigitsAreNeverACard: where the shortcut says no, so does the whole search.
func TestTooFewDigitsAreNeverACard(t *testing.T) {
	short, taken := 0, 0
	for text := range asciitest.Texts("Sifariş № 1042, 12 nar", "Заказ 4111 1111 1111",
		"https://shop.example/ok?order=1042", "4111111111111111", "41111111111 11", "<b>4111</b>[i]1111[/i] 1111 1",
		"4111&#49;11111111111", "%34111111111111111",
		"４１１１ 1111 1111 1111", "②④⑥", "4222222222222", "a=4111&b=1111&c=1111") {
		found := search(text, func(text string) string { return text }) || search(text, withoutClicks)
		if tooFewDigits(text) {
			short++
			if found {
				t.Errorf("%q has too few digits, and is a card number", text)
			}
		} else if found {
			taken++
		}
	}
	if short < 1000 || taken < 100 {
		t.Errorf("%d texts have too few digits, %d are card numbers: they prove little", short, taken)
	}
}
