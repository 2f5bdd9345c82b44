package strict

import "testing"

// TestPlainAndPrintable: texts are either, both or none.
func TestPlainAndPrintable(t *testing.T) {
	for text, want := range map[string][2]bool{ // plain, printable
		"": {true, true}, "Sifariş №12345, çay": {true, true}, "Заказ з Мінска": {true, true}, "a b": {true, true},
		"a\u00a0b": {true, false}, "a\u200bb": {true, false}, "a\u00adb": {true, false},
		"\U0001F469\u200D\U0001F33E": {true, false},
		"two\nlines":                 {}, "a\tb": {}, "a\x00": {}, "a\u0085b": {}, "a\u2028b": {}, "a\u2029b": {},
		"a\u202eb":  {},
		"a\u200fb":  {},
		"\ufeffbom": {}, "\xff\xfe": {}, "a\uffffb": {}, "a\ufdd0b": {}, "broken \ufffd": {},
	} {
		if got := [2]bool{Plain(text), Printable(text)}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
