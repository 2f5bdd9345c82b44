package world

import (
	"fmt"
	"strconv"
	"strings"
)

// drawn tells what was drawn at random from what it means: two orders of the same calls draw other tokens, and a token
// is worth no more than that it is another one than those before. What was there when the world was marked keeps its
// name.
type drawn struct {
	old map[string]bool
	new map[string]int // by when the run first heard of it
}

// tokens are the drawn words of what is on record.
func (w *World) tokens() map[string]bool {
	old := map[string]bool{}
	note := func(word string) string {
		old[word] = true
		return word
	}
	for _, part := range []any{w.attempts(), w.side.Books(), w.pages} {
		words(fmt.Sprintf("%+v", part), note)
	}
	return old
}

// name gives what a run draws the number of its appearance.
func (d drawn) name(word string) string {
	if d.old[word] {
		return word
	}
	n, known := d.new[word]
	if !known {
		n = len(d.new)
		d.new[word] = n
	}
	return "#" + strconv.Itoa(n)
}

// words gives a text with each of its words replaced that looks drawn: at least so long, with a digit, and no time.
func words(text string, replace func(word string) string) string {
	const short = 12 // the password of an order of the JSON gateway
	var b strings.Builder
	from, digits := 0, 0
	end := func(i int) {
		if word := text[from:i]; i-from >= short && digits > 0 && !strings.HasPrefix(word, "20") {
			b.WriteString(replace(word))
		} else {
			b.WriteString(word)
		}
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_':
		default:
			end(i)
			b.WriteByte(c)
			from, digits = i+1, 0
		}
	}
	end(len(text))
	return b.String()
}
