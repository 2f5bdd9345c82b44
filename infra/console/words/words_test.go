package words

import (
	"regexp"
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
