package statement

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kassa/shared/payment"
	"kassa/shared/wording"
)

// TestEveryTextIsThere in each language, each is said by somebody, and nobody says one that is missing.
func TestEveryTextIsThere(t *testing.T) {
	table, err := wording.Read(Words)
	if err != nil {
		t.Fatal(err)
	}
	if problems := table.Problems(nil); len(problems) > 0 {
		for _, p := range problems {
			if strings.HasPrefix(p, "statement.") {
				t.Error(p)
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	said := []string{}
	call := regexp.MustCompile(`\b(says|problem|fault|amiss|Says|Say)\("([a-z_0-9.]*[a-z0-9])"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			key := strings.TrimPrefix(m[2], "statement.")
			if m[1] == "amiss" {
				key = "amount." + key
			}
			said = append(said, "statement."+key)
		}
	}
	keys := slices.DeleteFunc(table.In("en").Keys(), func(key string) bool {
		return !strings.HasPrefix(key, "statement.")
	})
	for _, key := range keys {
		if !slices.Contains(said, key) {
			t.Errorf("nobody says %s", key)
		}
	}
	for _, key := range said {
		if !slices.Contains(keys, key) {
			t.Errorf("there is no text %s", key)
		}
	}
}

// TestProblemsInEveryLanguage: what a person reads is in one language, but for what the file says; and of a file of
// which each line is wrong no more is told than a page can hold.
func TestProblemsInEveryLanguage(t *testing.T) {
	table, err := wording.Read(Words)
	if err != nil {
		t.Fatal(err)
	}
	head := "Order ID;RRN;Amount;Currency;Operation;Date\n"
	_, err = Read([]byte(head+strings.Repeat("1;;ten\u202e<b>;AZN;Lottery;x\n", 50)), Examples(), payment.AZN)
	problems, are := err.(Problems) //nolint:errorlint // it is said to be that
	if !are {
		t.Fatal(err)
	}
	for language, want := range map[string]string{"en": `line 2: the amount "ten\u202e<b>" is no amount`,
		"ru": `строка 2: сумма "ten\u202e<b>" не является суммой`, "be": `радок 2: сума "ten\u202e<b>" не з'яўляецца сумай`,
		"az": `sətir 2: məbləğ "ten\u202e<b>" məbləğ deyil`} {
		told := problems.In(table.In(language))
		if len(told) != mostShown+1 || told[0] != want || strings.Contains(strings.Join(told, ""), "[") {
			t.Errorf("%s: %d %q", language, len(told), told[0])
		}
	}
}
