package house

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/boot"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

func texts(t *testing.T) wording.Table {
	t.Helper()
	table, err := wording.Read()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestEveryCodeHasItsText: whatever code an adapter tells, its cause has a text for staff and its hint one for
// customers, in each language; each cause is some code's, and no text is of none.
func TestEveryCodeHasItsText(t *testing.T) {
	codes := []string{"-1", "A", "InvalidAmt", "REJECTED_BY_BANK"}
	for n := range 1000 {
		codes = append(codes, strconv.Itoa(n), fmt.Sprintf("%02d", n), fmt.Sprintf("%03d", n))
	}
	met, hints, table := map[bank.Cause]bool{}, map[payment.Hint]bool{}, texts(t)
	for _, p := range boot.Profiles() {
		if got := p.CauseOf("", ""); got != "" {
			t.Errorf("no code of %s means %s", p.Name, got)
		}
		for _, gateway := range []string{"", "xml", "txpg"} {
			for _, code := range codes {
				cause := p.CauseOf(gateway, code)
				if !slices.Contains(bank.Causes(), cause) || !slices.Contains(payment.Hints(), cause.Hint()) {
					t.Fatalf("%s %s: the code %s means %q, hint %q", p.Name, gateway, code, cause, cause.Hint())
				}
				met[cause], hints[cause.Hint()] = true, true
			}
		}
	}
	used := map[string]bool{"decline.unpaid": true}
	for _, cause := range bank.Causes() {
		used["cause."+string(cause)] = true
		if !met[cause] {
			t.Errorf("no code of any bank means %s", cause)
		}
	}
	for _, hint := range payment.Hints() {
		used["decline."+string(hint)] = true
		if !hints[hint] {
			t.Errorf("no code of any bank leads to the hint %s", hint)
		}
	}
	say := table.In("en")
	for key := range used { // that each is in every language, reading the table makes sure of
		if !say.Has(key) {
			t.Errorf("there is no text %s", key)
		}
	}
	for _, key := range say.Keys() {
		list, _, _ := strings.Cut(key, ".")
		if (list == "cause" || list == "decline") && !used[key] {
			t.Errorf("nobody says %s", key)
		}
	}
}

// TestARefusalWithoutAReasonIsNoCards alone: it is all that a refused application for instalments has, too, and then
// another card is not what helps.
func TestARefusalWithoutAReasonIsNoCards(t *testing.T) {
	for language, way := range map[string]string{"az": "başqa üsulla", "be": "іншым спосабам", "en": "another way",
		"ru": "другим способом"} {
		if text := texts(t).In(language).Say("decline." + string(payment.HintOther)); !strings.Contains(text, way) {
			t.Errorf("%s: %s", language, text)
		}
	}
}

// TestHintsReadAlikeEverywhere: openapi.yaml, integrate.md and the module for Bitrix have the table's words.
func TestHintsReadAlikeEverywhere(t *testing.T) {
	table, read := texts(t), func(path ...string) string {
		text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	api, want := read("shared", "api", "openapi.yaml"), "| hint | en | az | be | ru |\n| --- | --- | --- | --- | --- |\n"
	row := func(named, key string) string {
		cells := []string{named}
		for _, language := range wording.Languages() {
			cells = append(cells, table.In(language).Say(key))
		}
		return "| " + strings.Join(cells, " | ") + " |\n"
	}
	want += row("before each", "decline.unpaid")
	for _, hint := range payment.Hints() {
		key := "decline." + string(hint)
		want += row("`"+string(hint)+"`", key)
		if line := fmt.Sprintf("| `%s` | %s |\n", hint, table.In("en").Say(key)); !strings.Contains(api, line) {
			t.Errorf("openapi.yaml must say %s", line)
		}
		for _, language := range wording.Languages() {
			module := read("storefront", "bitrix", "kassa.checkout", "handler", "kassa", "lang", language, "handler.php")
			line := fmt.Sprintf("$MESS['KASSA_HINT_%s'] = '%s';\n", strings.ToUpper(string(hint)),
				strings.ReplaceAll(table.In(language).Say(key), "'", `\'`))
			if !strings.Contains(module, line) {
				t.Errorf("the module for Bitrix must have in %s the line\n%s", language, line)
			}
		}
	}
	_, tail, _ := strings.Cut(page(t, "integrate.md"), "<!-- hints -->\n")
	if got, _, _ := strings.Cut(tail, "<!-- /hints -->"); got != want {
		t.Errorf("docs/integrate.md must have the table\n%s", want)
	}
}

// TestFunctionsLinkNoTexts: they speak in codes, and a start pays for nothing that it does not need.
func TestFunctionsLinkNoTexts(t *testing.T) {
	linked := 0
	for _, p := range packages(t) {
		if !slices.Contains(p.Deps, "kassa/shared/wording") {
			continue
		}
		linked++
		if strings.HasPrefix(p.ImportPath, "kassa/functions/") {
			t.Errorf("%s links the texts", p.ImportPath)
		}
	}
	if linked == 0 {
		t.Error("nobody links the texts: this looks for the wrong package")
	}
}
