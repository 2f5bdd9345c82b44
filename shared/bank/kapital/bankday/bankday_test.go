package bankday

import (
	"fmt"
	"testing"
	"time"

	"kassa/shared/bank/exchange"
)

func read(t *testing.T, text string) (Day, error) {
	t.Helper()
	s, err := exchange.ReadSecret("kapital", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Read(s, "zone", "until"), s.Verdict()
}

// TestOpen walks over both ends of a bank day, by the bank's clock and not ours.
func TestOpen(t *testing.T) {
	for _, c := range []struct {
		settings, paid, now string
		open                bool
	}{
		{`{}`, "2026-05-20T00:00:00+04:00", "2026-05-20T22:59:59+04:00", true},
		{`{}`, "2026-05-20T00:00:00+04:00", "2026-05-20T23:00:00+04:00", false},
		{`{}`, "2026-05-19T23:59:59+04:00", "2026-05-20T00:00:00+04:00", false},
		{`{}`, "2026-05-19T20:30:00Z", "2026-05-20T18:00:00Z", true}, // two days in UTC, one in Baku
		{`{}`, "2026-05-20T19:00:00Z", "2026-05-20T20:30:00Z", false},
		{`{"zone":"-03:30","until":"12:00"}`, "2026-05-20T03:30:00Z", "2026-05-20T15:29:59Z", true},
		{`{"zone":"-03:30","until":"12:00"}`, "2026-05-20T03:30:00Z", "2026-05-20T15:30:00Z", false},
		{`{"until":"00:00"}`, "2026-05-20T00:00:00+04:00", "2026-05-20T00:00:00+04:00", false}, // never
	} {
		day, err := read(t, c.settings)
		if err != nil {
			t.Fatal(err)
		}
		paid, _ := time.Parse(time.RFC3339, c.paid)
		now, _ := time.Parse(time.RFC3339, c.now)
		if day.Open(paid, now) != c.open {
			t.Errorf("%+v", c)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	for _, c := range []struct{ zone, until, want string }{
		{"+4", "9:00", `until must be a time of day, such as "23:00"; zone must be an offset from UTC, such as "+04:00"`},
		{"+15:00", "24:00",
			`until must be a time of day, such as "23:00"; zone must be an offset from UTC, such as "+04:00"`},
		{"+04:10", "", `zone must be an offset from UTC, such as "+04:00"`},
	} {
		_, err := read(t, fmt.Sprintf(`{"zone":%q,"until":%q}`, c.zone, c.until))
		if err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
