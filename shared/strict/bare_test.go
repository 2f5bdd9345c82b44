package strict

import "testing"

func TestBare(t *testing.T) {
	for document, want := range map[string]string{
		"{}": "{}", "": "", " \r\n\ufeff\t": "", "\ufeff{}": "{}", " \n\ufeff\ufeff {} \r\n\ufeff ": "{}",
		"\u00a0\u2028\v\f<a/>\u0085": "<a/>",
		"a \ufeff b":                 "a \ufeff b", "\u200b{}": "\u200b{}", "\xff{}": "\xff{}", "\xef\xbb{}": "\xef\xbb{}",
		"\x00{}\x00": "\x00{}\x00",
	} {
		if got := string(Bare([]byte(document))); got != want {
			t.Errorf("%q: %q, want %q", document, got, want)
		}
	}
}
