package words

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// TestEveryTextIsThere in each language, and none is left as it was in another.
func TestEveryTextIsThere(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	same := regexp.MustCompile(`^(who\.(bank|operator)|today\.bank|payment\.bank|payments\.bank)$`)
	if problems := table.Problems(same); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
	if chosen := Languages(); len(chosen) != 4 {
		t.Errorf("the switch has %d languages", len(chosen))
	}
}

// TestReasonsMayBeAsLongAsKassaTakesThem: what the texts say, and how much the fields take, is the limit itself.
func TestReasonsMayBeAsLongAsKassaTakesThem(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	most := strconv.Itoa(payment.MaxReason)
	for _, language := range Languages() {
		for _, key := range []string{"act.wrong.reason", "decide.wrong.reason"} {
			if text := table.In(language[0]).Say(key); !strings.Contains(text, " "+most+" ") {
				t.Errorf("%s, %s: %q", language[0], key, text)
			}
		}
	}
	for _, page := range []string{"refund.html", "decide.html"} {
		text, err := os.ReadFile(filepath.Join("..", "screen", "page", page))
		if err != nil || !regexp.MustCompile(`<input id="reason"[^>]* maxlength="`+most+`"`).Match(text) {
			t.Errorf("%s takes another length of a reason (%v)", page, err)
		}
	}
}

func TestFiguresForPeople(t *testing.T) {
	for minor, want := range map[int64]string{0: "0.00 AZN", 5: "0.05 AZN", 99999: "999.99 AZN", 100000: "1 000.00 AZN",
		1234567890: "12 345 678.90 AZN", -100050: "−1 000.50 AZN"} {
		got := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(Money(payment.Money{Minor: minor,
			Currency: payment.AZN}))
		if got != want {
			t.Errorf("%d is %q, want %q", minor, got, want)
		}
	}
	for offset, want := range map[int]string{0: "UTC", 4 * 3600: "UTC+4", -34200: "UTC−9:30"} {
		if got := ZoneName(time.FixedZone("", offset), time.Time{}); got != want {
			t.Errorf("%d is %q, want %q", offset, got, want)
		}
	}
}
