package page

import (
	_ "embed"
	"strings"
	"sync"

	"kassa/shared/simbank/frame"
)

//go:embed texts.json
var textFile []byte

var texts = sync.OnceValue(func() frame.Words { return frame.Read(textFile) })

// text falls back to Russian.
func text(lang, key string) string { return texts().Say(key, lang, "ru") }

// Lang is the language to show: the one that was asked for, else the first of the
// browser's that the bank speaks, else Russian.
func Lang(asked, accepted string) string {
	for _, tag := range append([]string{asked}, strings.Split(accepted, ",")...) {
		tag, _, _ = strings.Cut(tag, ";")
		tag, _, _ = strings.Cut(tag, "-")
		switch tag = strings.ToLower(strings.TrimSpace(tag)); tag {
		case "be", "ru", "en":
			return tag
		}
	}
	return "ru"
}

// plural picks the form of a word that goes with the number: one, few or many, as
// Belarusian and Russian count; English has one and many.
func plural(lang string, n int) string {
	tens, ones := n%100, n%10
	switch {
	case lang == "en" && n == 1, lang != "en" && ones == 1 && tens != 11:
		return "one"
	case lang != "en" && ones >= 2 && ones <= 4 && (tens < 12 || tens > 14):
		return "few"
	}
	return "many"
}
