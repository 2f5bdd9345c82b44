package wording

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Problems are what is wrong with texts, in words: a place to fill in that is not in every language, the letters of
// another one, a text that nobody has translated. Texts whose key fits same may be alike. For tests.
func (t Table) Problems(same *regexp.Regexp) (all []string) {
	place := regexp.MustCompile(`\{[0-9]\}`)
	foreign := map[string]*regexp.Regexp{"be": regexp.MustCompile(`[иИщЩъЪ]`), "ru": regexp.MustCompile(`[іІўЎ]`)}
	name := map[string]string{"be": "Belarusian", "ru": "Russian"}
	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	for _, key := range t.In("en").Keys() {
		english := t.texts[key]["en"]
		for _, language := range Languages() {
			text := t.texts[key][language]
			tell := func(format string, values ...any) {
				all = append(all, fmt.Sprintf("%s in %s ", key, language)+fmt.Sprintf(format, values...)+": "+text)
			}
			if got, want := sorted(place, text), sorted(place, english); !slices.Equal(got, want) {
				tell("fills in %v, want %v", got, want)
			}
			if strings.TrimSpace(text) != text {
				tell("has blanks around it")
			}
			if language != "en" && text == english && (same == nil || !same.MatchString(key)) {
				tell("is the same as in English")
			}
			if cyrillic.MatchString(text) != (foreign[language] != nil) {
				tell("is in the wrong script")
			}
			if letters := foreign[language]; letters != nil && letters.MatchString(text) {
				tell("has the letter %s, which %s does not have", letters.FindString(text), name[language])
			}
		}
	}
	return all
}

func sorted(form *regexp.Regexp, text string) []string {
	return slices.Sorted(slices.Values(form.FindAllString(text, -1)))
}
