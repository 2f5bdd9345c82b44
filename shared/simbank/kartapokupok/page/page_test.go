package page

import (
	"net/http/httptest"
	"strings"
	"testing"

	"kassa/shared/simbank/frame/frametest"
)

func TestEveryTextInEveryLanguage(t *testing.T) {
	if len(texts()) < 40 {
		t.Fatalf("only %d texts could be read", len(texts()))
	}
	for key, words := range texts() {
		for _, lang := range []string{"be", "ru", "en"} {
			if strings.TrimSpace(words[lang]) == "" {
				t.Errorf("%s has no wording in %s", key, lang)
			}
		}
		if words["be"] != "" && strings.ContainsAny(words["be"], "иИщЩъЪ") {
			t.Errorf("%s holds a letter that Belarusian does not have: %s", key, words["be"])
		}
		if strings.ContainsAny(words["ru"], "іІўЎ") {
			t.Errorf("%s holds a letter that Russian does not have: %s", key, words["ru"])
		}
	}
	for _, status := range []string{"PENDING", "APPROVED", "REJECTED", "CANCELLED", "REFUNDED", "EXPIRED", "MISSING",
		"ERROR"} {
		if texts()["status_"+status] == nil || texts()["detail_"+status] == nil {
			t.Errorf("status %s is not worded", status)
		}
	}
}

func TestTemplatesSayOnlyKnownTexts(t *testing.T) { frametest.Said(t, files, texts()) }

// For every amount and term: all payments but the last are the same, the last is
// not more, and they add up.
func TestScheduleAddsUp(t *testing.T) {
	for amount := int64(1); amount <= 1000; amount++ {
		for term := 1; term <= 36; term++ {
			v := View{Amount: amount, Term: term}
			plan, sum := v.Schedule(), int64(0)
			for i, payment := range plan {
				sum += payment
				if i < term-1 && payment != v.Monthly() || payment > v.Monthly() {
					t.Fatalf("%d over %d: %v", amount, term, plan)
				}
			}
			if sum != amount || len(plan) != term {
				t.Fatalf("%d over %d: %v", amount, term, plan)
			}
		}
	}
}

func TestHowThePlanReads(t *testing.T) {
	for _, c := range []struct {
		lang   string
		amount int64
		term   int
		short  string
		months string
	}{
		{"en", 12000, 12, "12 × 10.00 BYN", "12 months"},
		{"ru", 10000, 12, "11 × 8,34 + 8,26 BYN", "12 месяцев"},
		{"be", 123456700, 2, "2 × 617 283,50 BYN", "2 месяцы"},
		{"be", 300, 21, "20 × 0,15 + 0,00 BYN", "21 месяц"},
		{"ru", 300, 3, "3 × 1,00 BYN", "3 месяца"},
		{"en", 300, 1, "1 × 3.00 BYN", "1 month"},
		{"be", 300, 0, "", "0 месяцаў"},
	} {
		v := View{Lang: c.lang, Amount: c.amount, Term: c.term, Currency: "BYN"}
		plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
		if got := plain.Replace(v.Short()); got != c.short {
			t.Errorf("%+v reads %q", c, got)
		}
		if got := plain.Replace(v.Months()); got != c.months {
			t.Errorf("%+v reads %q", c, got)
		}
	}
	for n, form := range map[int]string{1: "one", 2: "few", 4: "few", 5: "many", 11: "many", 12: "many", 14: "many",
		21: "one", 22: "few", 111: "many", 101: "one"} {
		if got := plural("be", n); got != form {
			t.Errorf("%d is %s", n, got)
		}
	}
}

func TestLang(t *testing.T) {
	for _, c := range [][3]string{{"", "", "ru"}, {"be", "en", "be"}, {"xx", "en-US,en;q=0.9", "en"},
		{"", "de, BE ;q=1", "be"}, {"", "xx,,;", "ru"}} {
		if got := Lang(c[0], c[1]); got != c[2] {
			t.Errorf("%v: %s", c, got)
		}
	}
}

func TestUnknownStatusStandsForItself(t *testing.T) {
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := r.Render(w, 200, "end", View{Lang: "be", Order: "1", Status: "SLEEPING", Currency: "BYN"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(w.Body.String(), "<h1>SLEEPING</h1>") {
		t.Errorf("the page says %s", w.Body)
	}
	if r.Render(w, 200, "nothing", nil) == nil {
		t.Error("a page that does not exist was shown")
	}
}

func TestContrast(t *testing.T) {
	frametest.Contrast(t, files, map[string]string{"white": "#ffffff"},
		"ink sheet 4.5", "ink ground 4.5", "soft sheet 4.5", "soft ground 4.5", "ink alarm-wash 4.5", "white brand 4.5",
		"white brand-deep 4.5",
		"alarm alarm-wash 4.5", "alarm sheet 4.5", "plan-ink plan 4.5", "plan-soft plan 4.5", "good good-wash 4.5",
		"quiet quiet-wash 4.5",
		"soft quiet-wash 4.5", "ink quiet-wash 4.5", "edge sheet 3", "spark plan 3", "focus sheet 3", "focus ground 3",
	)
}
