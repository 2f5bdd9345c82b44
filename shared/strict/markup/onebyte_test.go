package markup

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// TestTablesOfOneByte are those of the library that has all of them, byte by byte.
func TestTablesOfOneByte(t *testing.T) {
	for name, c := range map[string]struct {
		ours   string
		theirs *charmap.Charmap
	}{
		"windows-1251": {windows1251, charmap.Windows1251}, "windows-1252": {windows1252, charmap.Windows1252},
		"windows-1254": {windows1254, charmap.Windows1254}, "iso-8859-1": {iso88591, charmap.ISO8859_1},
		"iso-8859-5": {iso88595, charmap.ISO8859_5}, "iso-8859-9": {iso88599, charmap.ISO8859_9},
		"koi8-r": {koi8r, charmap.KOI8R}, "ibm866": {ibm866, charmap.CodePage866},
	} {
		if n := utf8.RuneCountInString(c.ours); n != 128 {
			t.Fatalf("%s has %d signs", name, n)
		}
		for b := range 256 {
			if got, want := string(fromOneByte([]byte{byte(b)}, c.ours)), string(c.theirs.DecodeByte(byte(b))); got != want {
				t.Errorf("%s: %#x is %q, want %q", name, b, got, want)
			}
		}
	}
}
