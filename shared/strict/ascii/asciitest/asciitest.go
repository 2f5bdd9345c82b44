// Package asciitest holds a form that is written by hand to the pattern that says what it is.
package asciitest

import (
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"
)

// Texts are the seeds, and what comes of each by one to four changes, always the same: a character goes, doubles, or
// gives way to another or to one of the seeds'; or a byte is cut off, which need not be a whole character.
func Texts(seeds ...string) iter.Seq[string] {
	letters := []rune("aAfzZ09158-_.,:;/~+*#@ \n\t\x00\x7fıəß•●٣\u00a0\ufeff\ufffd")
	for _, seed := range seeds {
		letters = append(letters, []rune(seed)...)
	}
	return func(yield func(string) bool) {
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // it makes up cases and guards nothing
		for _, seed := range seeds {
			for i := range 2000 {
				text := []rune(seed)
				for range i % 5 {
					text = changed(text, letters, random)
				}
				if cut := string(text); !yield(cut[:len(cut)-min(len(cut), random.IntN(20)/19)]) {
					return
				}
			}
		}
	}
}

func changed(text, letters []rune, random *rand.Rand) []rune {
	at := random.IntN(len(text) + 1)
	other := letters[random.IntN(len(letters))]
	switch change := random.IntN(4); {
	case at == len(text) || change == 0:
		return slices.Insert(text, at, other)
	case change == 1:
		return slices.Delete(text, at, at+1)
	case change == 2:
		return slices.Insert(text, at, text[at])
	}
	text[at] = other
	return text
}

// Same holds is to what the pattern says of every text that comes of the seeds. Both must take some and refuse some.
func Same(t testing.TB, pattern string, is func(text string) bool, seeds ...string) {
	t.Helper()
	form, taken, refused, broken := regexp.MustCompile(pattern), 0, 0, 0
	for text := range Texts(seeds...) {
		want := form.MatchString(text)
		if is(text) != want {
			t.Errorf("%q: %t, but %s says %t", text, !want, pattern, want)
			return
		}
		if want {
			taken++
		} else {
			refused++
		}
		if !utf8.ValidString(text) {
			broken++
		}
	}
	if taken < 100 || refused < 100 {
		t.Errorf("%s: %d texts were taken, %d refused, %d of them broken: they prove little", pattern, taken, refused, broken)
	}
}

// SameParts holds parts to what the groups of the pattern give of every text that comes of the seeds; nil is none.
func SameParts(t testing.TB, pattern string, parts func(text string) []string, seeds ...string) {
	t.Helper()
	form := regexp.MustCompile(pattern)
	groups := func(text string) []string {
		if m := form.FindStringSubmatch(text); m != nil {
			return m[1:]
		}
		return nil
	}
	for text := range Texts(seeds...) {
		if got, want := parts(text), groups(text); !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%q: %q, but %s has %q", text, got, pattern, want)
			return
		}
	}
	Same(t, pattern, func(text string) bool { return parts(text) != nil }, seeds...)
}
