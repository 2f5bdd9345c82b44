package days_test

import (
	"encoding/csv"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"kassa/infra/kassa/days"
	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

func TestQuery(t *testing.T) {
	f := days.Flags{Shop: "s", From: "2026-11-01", Zone: "+04:00"}
	q, zone, err := f.Query()
	if err != nil || q.Shop != "s" || !q.From.Equal(time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC)) ||
		!q.To.Equal(time.Date(2026, 11, 1, 20, 0, 0, 0, time.UTC)) || q.From.In(zone).Hour() != 0 {
		t.Errorf("%+v %v %v", q, zone, err)
	}
	f.To, f.Zone = "2026-11-30", "Z"
	if q, _, err := f.Query(); err != nil || q.To.Sub(q.From) != 30*24*time.Hour {
		t.Errorf("%+v %v", q, err)
	}
	for want, f := range map[string]days.Flags{
		"--shop is needed": {From: "2026-11-01", Zone: "Z"},
		"--from":           {Shop: "s", Zone: "Z"},
		"--to 2026-10-31 comes before --from 2026-11-01": {Shop: "s", From: "2026-11-01", To: "2026-10-31", Zone: "Z"},
		`--zone "Baku"`: {Shop: "s", From: "2026-11-01", Zone: "Baku"},
	} {
		if _, _, err := f.Query(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	all := days.Flags{From: "1.11.2026", To: "x", Zone: "4"}
	_, _, err = all.Query()
	for _, flag := range []string{"--shop", "--zone", "--from", "--to"} {
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s is not told: %v", flag, err)
		}
	}
}

// TestSheet: a spreadsheet reads every cell back as it was, but for those that it would run.
func TestSheet(t *testing.T) {
	var text strings.Builder
	zone := time.FixedZone("", 4*60*60)
	s := days.NewSheet(&text, zone)
	at := time.Date(2026, 11, 1, 20, 30, 0, 0, time.UTC)
	refs := []string{`a,"b"`, "=1+1", "+1", "-1", "@x", " =1", "＝1", "№ 7 ş", "\u00a0=1",
		"7;=1", "7; +1;a", "\ufeff=1", "\u2003-1", "a=1;b", "a\t@x", ";"}
	for _, ref := range refs {
		s.Add(payment.Payment{ID: payment.ID{Order: "pay_x", Attempt: 1}, Shop: "s", OrderRef: ref, Bank: "kapital",
			Status: payment.PartiallyRefunded, CreatedAt: at, Captured: 15000, Refunded: 5, PaidAt: at,
			Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Receipt: payment.Receipt{RRN: "614012345678"},
			Handle: payment.Handle{OrderID: "42"}, Refunds: []payment.Refund{
				{Status: payment.RefundSucceeded, SettledAt: at.Add(time.Hour)}, {Status: payment.RefundFailed,
					SettledAt: at.Add(2 * time.Hour)}}})
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "\r\n") != len(refs)+1 {
		t.Errorf("lines do not end as RFC 4180 says:\n%q", text.String())
	}
	rows, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
	if err != nil || len(rows) != len(refs)+1 {
		t.Fatal(rows, err)
	}
	for i, want := range []string{`a,"b"`, "'=1+1", "'+1", "'-1", "'@x", "' =1", "'＝1", "№ 7 ş", "'\u00a0=1",
		"7;'=1", "7;' +1;a", "'\ufeff=1", "'\u2003-1", "a=1;b", "a\t'@x", ";"} {
		if got := rows[i+1][2]; got != want {
			t.Errorf("%q is written %q, want %q", refs[i], got, want)
		}
	}
	want := "pay_x-1 s № 7 ş kapital 42 614012345678 partially_refunded 2026-11-02T00:30:00+04:00 " +
		"2026-11-02T00:30:00+04:00 2026-11-02T01:30:00+04:00 AZN 150.00 150.00 0.05 149.95 15000 15000 5 14995"
	if got := strings.Join(rows[8], " "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestStatuses(t *testing.T) {
	for _, text := range []string{"paid,refunded", "Paid, refunded"} {
		if all, err := days.Statuses(text); err != nil || !slices.Equal(all, []payment.Status{"paid", "refunded"}) {
			t.Errorf("%v %v", all, err)
		}
	}
	if all, err := days.Statuses(""); err != nil || all != nil {
		t.Errorf("%v %v", all, err)
	}
	for _, text := range []string{"sold", "paid,", "paid refunded"} {
		if _, err := days.Statuses(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// TestOddDays: the ends of the calendar and of the world are days like others, and what is none is refused.
func TestOddDays(t *testing.T) {
	for typed, want := range map[[3]string]string{
		{"2028-02-29", "2028-02-29", "+14:00"}: "2028-02-28T10:00:00Z 2028-02-29T10:00:00Z",
		{"2026-12-31", "", "-12:00"}:           "2026-12-31T12:00:00Z 2027-01-01T12:00:00Z",
		{"2026-02-28", "2026-03-01", "+05:45"}: "2026-02-27T18:15:00Z 2026-03-01T18:15:00Z",
		{"2000-01-01", "9999-12-31", "Z"}:      "2000-01-01T00:00:00Z 10000-01-01T00:00:00Z",
	} {
		q, _, err := (&days.Flags{Shop: "s", From: typed[0], To: typed[1], Zone: typed[2]}).Query()
		if got := q.From.UTC().Format(time.RFC3339) + " " + q.To.UTC().Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%q: %s %v, want %s", typed, got, err, want)
		}
	}
	for _, typed := range [][2]string{{"2027-02-29", "Z"}, {"0001-01-01", "Z"}, {"1999-12-31", "Z"}, {"10000-01-01", "Z"},
		{" 2026-11-01", "Z"}, {"2026-11-01\n", "Z"}, {"2026-13-01", "Z"}, {"2026-11-01", "+14:01"}, {"2026-11-01", "-23:59"},
		{"2026-11-01", ""}, {"2026-11-01", "04:00"}, {"2026-11-01", "Asia/Baku"}} {
		if q, _, err := (&days.Flags{Shop: "s", From: typed[0], Zone: typed[1]}).Query(); err == nil {
			t.Errorf("%q is %v", typed, q)
		}
	}
}

// TestFilters in the words of the API: what was not typed leaves nothing out.
func TestFilters(t *testing.T) {
	amount := func(flag, text string) (int64, error) {
		if text == "x" {
			return 0, errors.New(flag)
		}
		n, _ := strconv.ParseInt("0"+text, 10, 64)
		return n, nil
	}
	read := func(words ...string) (q book.Query, some bool, err error) {
		var f days.Filters
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		f.Register(flags)
		if err := flags.Parse(words); err != nil {
			return q, false, err
		}
		err = f.Apply(&q, amount)
		return q, f.Any(), err
	}
	if q, some, err := read(); err != nil || some || !reflect.DeepEqual(q, book.Query{}) {
		t.Errorf("%+v %v %v", q, some, err)
	}
	yes, no := true, false
	q, some, err := read("--status=paid,refunded", "--bank", "b", "--order-ref-prefix", "№ 7", "--amount-from=1",
		"--amount-to=1", "--review", "--late=false", "--overpaid=true", "--changed")
	want := book.Query{Statuses: []payment.Status{payment.Paid, payment.Refunded}, Bank: "b", RefPrefix: "№ 7", Least: 1,
		Most: 1, Review: &yes, Late: &no, Overpaid: &yes, Changed: true}
	if err != nil || !some || !reflect.DeepEqual(q, want) {
		t.Errorf("%+v %v %v", q, some, err)
	}
	for word, counts := range map[string]bool{"--review": false, "--review=false": true, "--late": true,
		"--bank=b": true} {
		if _, some, err := read(word); err != nil || some != counts {
			t.Errorf("%s: %v %v", word, some, err)
		}
	}
	_, _, err = read("--status=sold", "--amount-from=x", "--amount-to=x")
	for _, what := range []string{"sold", "--amount-from", "--amount-to"} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s is not told: %v", what, err)
		}
	}
	if _, _, err = read("--amount-from=2", "--amount-to=1"); err == nil {
		t.Error("less than nothing is taken")
	}
}
