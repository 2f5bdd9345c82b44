package words

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var place = regexp.MustCompile(`\{[0-9]\}`)

// TestEveryTextIsThere in each language, with the same places to fill in, and none is left as it was in another.
func TestEveryTextIsThere(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	same := regexp.MustCompile(`^(goods\.\w+\.name|lang\.name|market\.BYN\.country|who\.(bank|operator))$`)
	for key, texts := range table.texts {
		want := place.FindAllString(texts["en"], -1)
		slices.Sort(want)
		for _, language := range Languages() {
			got := place.FindAllString(texts[language], -1)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s fills in %v, want %v", key, language, got, want)
			}
			if strings.TrimSpace(texts[language]) != texts[language] {
				t.Errorf("%s in %s has blanks around it", key, language)
			}
			if language != "en" && texts[language] == texts["en"] && !same.MatchString(key) {
				t.Errorf("%s is the same in %s as in English: %s", key, language, texts["en"])
			}
		}
		cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
		for language, wants := range map[string]bool{"en": false, "az": false, "be": true, "ru": true} {
			if cyrillic.MatchString(texts[language]) != wants {
				t.Errorf("%s in %s is in the wrong script: %s", key, language, texts[language])
			}
		}
		if m := regexp.MustCompile(`[иИщЩъЪ]`).FindString(texts["be"]); m != "" {
			t.Errorf("%s in be has the letter %s, which Belarusian does not have: %s", key, m, texts["be"])
		}
		if m := regexp.MustCompile(`[іІўЎ]`).FindString(texts["ru"]); m != "" {
			t.Errorf("%s in ru has the letter %s, which Russian does not have: %s", key, m, texts["ru"])
		}
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct{ chosen, accepted, want string }{
		{"", "", "en"}, {"ru", "az", "ru"}, {"de", "az", "az"}, {"", "az-AZ,az;q=0.9,ru;q=0.8", "az"},
		{"", "de-DE,de;q=0.9,be;q=0.3", "be"}, {"", "en;q=0.4, RU ; q=0.8", "ru"},
		{"", "ru;q=0,be;q=0.001", "be"}, {"", "ru;q=nonsense", "en"}, {"", "ru;q=1.5,az;q=0.1", "az"}, {"", "*", "en"},
		{"", strings.Repeat(",;", 1000), "en"}, {"", "be-Latn-BY", "be"},
	} {
		if got := Choose(c.chosen, c.accepted); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.chosen, c.accepted, got, c.want)
		}
	}
}

func TestSay(t *testing.T) {
	table, err := parse("# x\n= a\nen {1} of {2}\naz {2}: {1}\nbe б {1} {2}\nru р {1} {2}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := table.In("az").Say("a", 3, "{1}"); got != "{1}: 3" { // what is filled in is not filled in again
		t.Error(got)
	}
	if got := table.In("az").Say("none"); got != "[none]" {
		t.Error(got)
	}
	for _, wrong := range []string{"en x\n", "= a\nen x\n", "= a\nen x\nen y\n", "= a\nfr x\n", "= a\n= a\n"} {
		if _, err := parse(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
