package strict

import "unicode/utf8"

// withHalves gives a document in UTF-8 with U+FFFD in the place of each half of a character: the beginning of one, as
// programs leave that cut texts to a number of bytes, and a half of UTF-16 written as if it were one. Neither holds a
// sign that a document is made of, so it spoils the one text that it stands in. Any other bytes are no UTF-8: false.
func withHalves(document []byte) ([]byte, bool) {
	if utf8.Valid(document) {
		return document, true
	}
	var whole []byte
	for len(document) > 0 {
		r, size := utf8.DecodeRune(document)
		if r == utf8.RuneError && size == 1 {
			if size = half(document); size == 0 {
				return nil, false
			}
		}
		whole = utf8.AppendRune(whole, r)
		document = document[size:]
	}
	return whole, true
}

// half is how many bytes of a text are half a character that it begins with; 0 when it begins with none. Behind a
// beginning the text goes on: a row of them is an encoding of one byte a letter.
func half(text []byte) int {
	if len(text) > 2 && text[0] == 0xed && text[1] >= 0xa0 && text[1] < 0xc0 && text[2] >= 0x80 && text[2] < 0xc0 {
		return 3
	}
	for size := min(utf8.UTFMax-1, len(text)); size > 0; size-- {
		next, width := utf8.DecodeRune(text[size:])
		if goesOn := next != utf8.RuneError || width != 1; goesOn && !utf8.FullRune(text[:size]) {
			return size
		}
	}
	return 0
}
