package frame

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Words are the wordings of a bank's pages: key -> language -> text.
type Words map[string]map[string]string

// Read takes the wordings from an embedded JSON file. A test of the bank proves
// that the file is readable and complete, so a failure cannot reach a customer.
func Read(file []byte) Words {
	all := Words{}
	if err := json.Unmarshal(file, &all); err != nil {
		return nil
	}
	return all
}

// Say returns the text in the first of the languages that has one, else the key,
// which is never empty.
func (w Words) Say(key string, langs ...string) string {
	for _, lang := range langs {
		if t := w[key][lang]; t != "" {
			return t
		}
	}
	return key
}

// Language is one entry of the language switch.
type Language struct {
	Code, Name, Href string
	Current          bool
}

// Languages lists the switch. Home is the page's address without a language.
func Languages(home, current string, codes ...string) []Language {
	list := make([]Language, 0, len(codes))
	for _, code := range codes {
		list = append(list, Language{Code: code, Name: strings.ToUpper(code),
			Href: home + "&lang=" + code, Current: code == current})
	}
	return list
}

// Money writes minor units as the language does, with narrow spaces between
// thousands: 1 234,50, in English 1 234.50.
func Money(lang string, minor int64) (major, fraction string) {
	major = strconv.FormatInt(minor/100, 10)
	for i := len(major) - 3; i > 0; i -= 3 {
		major = major[:i] + "\u202f" + major[i:]
	}
	sign := ","
	if lang == "en" {
		sign = "."
	}
	return major, fmt.Sprintf("%s%02d", sign, minor%100)
}
