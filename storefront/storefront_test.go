package storefront

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// What the badge does is tested in a browser (infra/browser); here is what can be seen from outside.
func TestBadgeIsSmallAndKeepsToItself(t *testing.T) {
	script := Instalments()
	if len(script) >= 4096 || !utf8.ValidString(script) {
		t.Errorf("the script has %d bytes, the budget is below 4096", len(script))
	}
	for _, word := range []string{"cookie", "localStorage", "sessionStorage", "indexedDB", "innerHTML", "eval", "import ",
		"parseFloat", "toFixed",
		"Math.ceil", "setTimeout", "console"} {
		if strings.Contains(script, word) {
			t.Errorf("the script holds %s", word)
		}
	}
	if hosts := regexp.MustCompile(`https?://\w`).FindAllString(script, -1); len(hosts) > 0 {
		t.Errorf("the script names a host: %q", hosts)
	}
	for _, lang := range []string{"be", "ru", "en", "az"} {
		if !strings.Contains(script, "\n  "+lang+": [") {
			t.Errorf("the badge does not speak %s", lang)
		}
	}
}
