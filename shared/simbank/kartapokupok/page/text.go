package page

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
)

//go:embed texts.json
var textFile []byte

// texts is read once: key -> language -> wording. A test proves that the embedded
// file is readable and complete, so a failure cannot reach a customer.
var texts = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	if err := json.Unmarshal(textFile, &all); err != nil {
		return nil
	}
	return all
})

// text falls back to Russian and then to the key, which is never empty.
func text(lang, key string) string {
	for _, l := range []string{lang, "ru"} {
		if t := texts()[key][l]; t != "" {
			return t
		}
	}
	return key
}

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

// money writes minor units as the language does, with narrow spaces between
// thousands: 1 234,50, in English 1 234.50.
func money(lang string, minor int64) (major, fraction string) {
	major = grouped(minor / 100)
	cents := minor % 100
	sign := ","
	if lang == "en" {
		sign = "."
	}
	return major, sign + string([]byte{byte('0' + cents/10), byte('0' + cents%10)})
}
