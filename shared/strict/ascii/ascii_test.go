package ascii_test

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii"
	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	for pattern, is := range map[string]func(string) bool{
		`^[A-Za-z0-9_.-]{1,40}$`: func(s string) bool {
			return ascii.Only(s, ascii.Letters+ascii.Digits+"_.-", 1, 40)
		},
		`^[a-z]{0,4}$`:  func(s string) bool { return ascii.Only(s, ascii.Lower, 0, 4) },
		`^[0-9]{12}$`:   func(s string) bool { return ascii.Only(s, ascii.Digits, 12, 12) },
		`^[A-Z][0-9]*$`: func(s string) bool { return ascii.Word(s, ascii.Upper, ascii.Digits, len(s)) },
		`^[a-z_][a-z0-9-]{0,3}$`: func(s string) bool {
			return ascii.Word(s, ascii.Lower+"_", ascii.Lower+ascii.Digits+"-", 4)
		},
		`^[1-9][0-9]{0,11}$`: func(s string) bool { return ascii.Natural(s, 12) },
		`^[1-9]$`:            func(s string) bool { return ascii.Natural(s, 1) },
	} {
		asciitest.Same(t, pattern, is, "", "abc", "_b-3", "A123", "7", "100200300400", "E1000010_a.b-C",
			strings.Repeat("x", 39))
	}
}
