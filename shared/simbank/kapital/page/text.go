package page

import (
	_ "embed"
	"sync"

	"kassa/shared/simbank/frame"
)

//go:embed texts.json
var textFile []byte

var texts = sync.OnceValue(func() frame.Words { return frame.Read(textFile) })

// text falls back to English.
func text(lang, key string) string { return texts().Say(key, lang, "en") }

// StatusText words an order's status, as the page and the message of the
// customer's return show it. An unknown status stands for itself.
func StatusText(lang, status string) string {
	if texts()["status_"+status] == nil {
		return status
	}
	return text(lang, "status_"+status)
}

// Lang returns the language to show: the asked one, else the order's, else English.
func Lang(asked, order string) string {
	for _, l := range []string{asked, order} {
		switch l {
		case "az", "ru", "en":
			return l
		}
	}
	return "en"
}
