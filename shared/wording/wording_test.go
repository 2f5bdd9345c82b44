package wording

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kassa/shared/payment"
)

// alike are words that Azerbaijani has from where English has them.
var alike = regexp.MustCompile(`^who\.(bank|operator)$`)

// TestEveryTextIsThere in each language, with the same places to fill in, in the right letters, and none is left as it
// was in another.
func TestEveryTextIsThere(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if problems := table.Problems(alike); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
}

// TestProblemsAreFound: each rule of Problems finds what it is for.
func TestProblemsAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"= a\nen x\naz x\nbe ы\nru ы\n":           "is the same",
		"= a\nen x {1}\naz y\nbe ы {1}\nru ы {1}": "fills in",
		"= a\nen x\naz y\nbe щі\nru ы\n":          "Belarusian does not have",
		"= a\nen x\naz y\nbe ы\nru і\n":           "Russian does not have",
		"= a\nen x\naz я\nbe ы\nru ы\n":           "wrong script",
		"= a\nen x \naz y\nbe ы\nru ы\n":          "blanks",
	} {
		table, err := Read(text)
		if err != nil {
			t.Fatal(err)
		}
		if found := table.Problems(alike); len(found) != 1 || !strings.Contains(found[0], want) {
			t.Errorf("%q: %q, want %s", text, found, want)
		}
	}
}

// TestEveryReviewHasItsAdvice, in each way that it can stand and in each language, and no text is of none.
func TestEveryReviewHasItsAdvice(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"review.other.": true}
	for _, reason := range payment.ReviewReasons() {
		for _, stands := range [][2]bool{{false, false}, {true, false}, {true, true}} {
			key := "review." + Case(reason, stands[0], stands[1]) + "."
			used[key] = true
			for _, language := range Languages() {
				say := table.In(language)
				got := say.Review(reason, stands[0], stands[1])
				if got == say.Review("news", false, false) || got.Happened != say.Say(key+"happened") {
					t.Errorf("%s in %s has no advice of its own: %+v", key, language, got)
				}
				for _, text := range []string{got.Happened, got.Sure, got.Next, got.Never} {
					if !strings.HasSuffix(text, ".") || strings.Contains(text, "[") {
						t.Errorf("%s in %s is no sentence: %q", key, language, text)
					}
				}
				if !say.Has("reason." + string(reason)) {
					t.Errorf("%s has no name", reason)
				}
			}
		}
	}
	for _, key := range table.In("en").Keys() {
		list, rest, _ := strings.Cut(key, ".")
		parts := strings.Split(rest, ".")
		switch {
		case list == "reason" && slices.Contains(payment.ReviewReasons(), payment.Review(rest)):
		case list == "review" && len(parts) == 2 && used["review."+parts[0]+"."] &&
			slices.Contains([]string{"happened", "sure", "next", "never"}, parts[1]):
		case list == "decline" || list == "cause": // held where the banks are known
		case slices.Contains([]string{"status", "event", "who", "told"}, list): // below
		case list == "advice" || list == "fact" || list == "step": // and these where the command says them
		default:
			t.Errorf("nobody says %s", key)
		}
	}
}

// TestEveryEventHasItsText: whatever a history says, and whatever a shop is told.
func TestEveryEventHasItsText(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	say, used := table.In("en"), map[string]bool{"status.paid_late": true, "status.review": true, "status.unpaid": true}
	for _, status := range []payment.Status{payment.Created, payment.Pending, payment.Paid, payment.PartiallyRefunded,
		payment.Refunded, payment.Declined, payment.Cancelled, payment.Expired} {
		used["status."+string(status)], used["event."+string(status)] = true, true
	}
	for _, what := range []string{"overpaid", "review", "review_cleared", "refund_requested", "refund_unknown",
		"refund_succeeded", "refund_failed"} {
		used["event."+what] = true
	}
	for _, status := range []string{"succeeded", "processing", "failed"} {
		used["status."+status] = true
	}
	for key := range maps.Clone(used) {
		if what, ok := strings.CutPrefix(key, "event."); ok {
			if told := (payment.Entry{What: what}).Announced(); told != "" {
				used["told."+told] = true
			}
		}
	}
	for _, who := range []string{"customer", "bank", "shop", "operator"} {
		used["who."+who] = true
	}
	for key := range used {
		if !say.Has(key) {
			t.Errorf("there is no text %s", key)
		}
	}
	for _, key := range say.Keys() {
		list, _, _ := strings.Cut(key, ".")
		if slices.Contains([]string{"status", "event", "who", "told"}, list) && !used[key] {
			t.Errorf("nobody says %s", key)
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
	table, err := Read("# x\n= a\nen {1} of {2}\naz {2}: {1}\nbe б {1} {2}\nru р {1} {2}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := table.In("az").Say("a", 3, "{1}"); got != "{1}: 3" { // what is filled in is not filled in again
		t.Error(got)
	}
	if got := table.In("az").Say("none"); got != "[none]" {
		t.Error(got)
	}
	if got := table.In("en").Tell(Says("a", 1, Says("a", 2, Verbatim("{1}")))); got != "1 of 2 of {1}" {
		t.Error(got)
	}
	doubled := "= decline.other\nen a\naz b\nbe в\nru г\n"
	for _, wrong := range []string{"en x\n", "= a\nen x\n", "= a\nen x\nen y\n", "= a\nfr x\n", "= a\n= a\n", doubled} {
		if _, err := Read(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
