package page

import (
	_ "embed"
	"encoding/json"
	"sync"
)

//go:embed texts.json
var textFile []byte

// texts is read once: key -> language -> wording. A test proves that the
// embedded file is readable and complete, so a failure cannot reach a customer.
var texts = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	if err := json.Unmarshal(textFile, &all); err != nil {
		return nil
	}
	return all
})

// text falls back to English and then to the key, which is never empty.
func text(lang, key string) string {
	if t := texts()[key][lang]; t != "" {
		return t
	}
	if t := texts()[key]["en"]; t != "" {
		return t
	}
	return key
}

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
