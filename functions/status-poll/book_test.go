package main

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/boot/boottest"
	"kassa/shared/checkout/book"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// onDays asks for a list of days, to its end.
func onDays(t *testing.T, b *boottest.Bench, query string) (refs []string) {
	t.Helper()
	for next, pages := "", 0; pages == 0 || next != ""; pages++ {
		words := query
		if next != "" {
			words += "&cursor=" + url.QueryEscape(next)
		}
		a, body := get(t, b, "days.json", "{key}", boottest.Key, "{query}", words)
		if a.StatusCode != 200 || pages > 20 {
			t.Fatalf("%s: %d %v", words, a.StatusCode, body)
		}
		for _, p := range body["payments"].([]any) {
			refs = append(refs, p.(map[string]any)["order_ref"].(string))
		}
		next, _ = body["next"].(string)
	}
	return refs
}

// aDay is a bench at 9:00 UTC with payments of some kinds, one a minute.
func aDay(t *testing.T) *boottest.Bench {
	t.Helper()
	b := boottest.New(t)
	b.Open("A/1")
	b.Advance(time.Minute)
	b.Paid("A/2")
	b.Advance(time.Minute)
	odd := b.Paid("B/3")
	b.Advance(time.Minute)
	b.Happens(odd.ID, payment.SiblingReading{Overpaid: true})
	doubt := b.Open("B/4")
	b.Happens(doubt.ID, report(doubt, payment.Report{State: payment.BankApproved,
		Amount: payment.Money{Minor: 14000, Currency: payment.AZN}}))
	return b
}

func TestDaysAreListed(t *testing.T) {
	b := aDay(t)
	day := boottest.Start().Format(time.DateOnly)
	for query, want := range map[string]string{
		"":                    "B/4 B/3 A/2 A/1",
		"limit=1":             "B/4 B/3 A/2 A/1",
		"limit=3":             "B/4 B/3 A/2 A/1",
		"by=changed":          "B/4 B/3 A/2 A/1",
		"zone=%2B04:00":       "B/4 B/3 A/2 A/1",
		"zone=+04:00":         "B/4 B/3 A/2 A/1",
		"zone=-10:00":         "", // there it is the day before
		"status=pending":      "A/1",
		"status=paid,pending": "B/4 B/3 A/2 A/1",
		"review=true":         "B/4",
		"review=false":        "B/3 A/2 A/1",
		"overpaid=true":       "B/3",
		"late=false":          "B/4 B/3 A/2 A/1",
		"overpaid=false":      "B/4 A/2 A/1",
		"by=created":          "B/4 B/3 A/2 A/1",
		"late=true":           "",
		"order_ref_prefix=A/": "A/2 A/1",
		"bank=nobody":         "",
		"amount_from=15001":   "",
		"amount_to=15000":     "B/4 B/3 A/2 A/1",
		"amount_to=14999":     "",
	} {
		if got := strings.Join(onDays(t, b, "from="+day+"&to="+day+"&"+query), " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	before := boottest.Start().AddDate(0, 0, -1).Format(time.DateOnly)
	if got := onDays(t, b, "from="+before+"&to="+before); len(got) != 0 {
		t.Errorf("a day with nothing: %v", got)
	}
	a, body := get(t, b, "days.json", "{key}", boottest.Foreign, "{query}", "from="+day+"&to="+day)
	if a.StatusCode != 200 ||
		len(body["payments"].([]any)) != 0 || body["next"] != nil {
		t.Errorf("another shop: %d %v", a.StatusCode, body)
	}
}

// TestRefusalsOfDays: all that is wrong is told at once, each by the name of its parameter.
func TestRefusalsOfDays(t *testing.T) {
	b := aDay(t)
	const day = "from=2026-11-21&to=2026-11-21&"
	for query, pointers := range map[string]string{
		"from=2026-11-21":                           "/to",
		"to=2026-11-21":                             "/from",
		"by=created":                                "/from /to",
		"from=2026-11-31&to=tomorrow":               "/from /to",
		"from=2026-11-22&to=2026-11-21":             "/to",
		"from=2025-01-01&to=2026-11-21":             "/to",
		"from=0001-01-01&to=0001-01-02":             "/from /to",
		day + "zone=Baku":                           "/zone",
		day + "zone=%2B15:00":                       "/zone",
		day + "by=sum&status=sold&late=yes&limit=0": "/by /status /late /limit",
		day + "status=paid,":                        "/status",
		day + "amount_from=5&amount_to=4":           "/amount_to",
		day + "amount_from=-1&amount_to=1.5":        "/amount_from /amount_to",
		day + "order_ref=12345&colour=red":          "/colour /order_ref",
		"order_ref=12345&review=true&limit=5":       "/from /order_ref /to",
		day + "bank=&order_ref_prefix=&from=2026":   "/bank /from /order_ref_prefix",
		day + "cursor=":                             "/cursor",
		day + "cursor=AAAA":                         "/cursor",
	} {
		a, body := get(t, b, "days.json", "{key}", boottest.Key, "{query}", query)
		var got []string
		problems, _ := body["errors"].([]any)
		for _, e := range problems {
			got = append(got, e.(map[string]any)["pointer"].(string))
		}
		slices.Sort(got)
		want := strings.Fields(pointers)
		slices.Sort(want)
		if a.StatusCode != 422 || body["code"] != "invalid_parameters" || !slices.Equal(got, want) {
			t.Errorf("%s: %d %q, want %q", query, a.StatusCode, got, want)
		}
	}
	if a, _ := get(t, b, "days.json", "{key}", boottest.KeyFor(api.Create), "{query}", day); a.StatusCode != 403 {
		t.Errorf("%d", a.StatusCode)
	}
	if a, _ := get(t, b, "days.json", "{key}", boottest.Key, "{query}", "from=%zz&to=1"); a.StatusCode != 400 {
		t.Errorf("%d", a.StatusCode)
	}
	b.Store.Before = func(memory.Op, payment.ID) error {
		return &payment.Error{Kind: payment.Unavailable, Cause: errors.New("x")}
	}
	if a, _ := get(t, b, "days.json", "{key}", boottest.Key, "{query}", day); a.StatusCode != 503 {
		t.Errorf("%d", a.StatusCode)
	}
}

// TestCursorsAreOneReadersOwn: one that was altered, is a day old, is another shop's or belongs to another question is
// none.
func TestCursorsAreOneReadersOwn(t *testing.T) {
	b := aDay(t)
	const query = "from=2026-11-21&to=2026-11-21&limit=1"
	ask := func(key, words string) (events.APIGatewayV2HTTPResponse, map[string]any) {
		return get(t, b, "days.json", "{key}", key, "{query}", words)
	}
	_, body := ask(boottest.Key, query)
	next, _ := body["next"].(string)
	if next == "" {
		t.Fatal("there is no next page")
	}
	if a, _ := ask(boottest.Key, query+"&cursor="+next); a.StatusCode != 200 {
		t.Errorf("its own: %d", a.StatusCode)
	}
	if a, _ := ask(boottest.Key, strings.Replace(query, "limit=1", "limit=7", 1)+"&cursor="+next); a.StatusCode != 200 {
		t.Errorf("another length of page: %d", a.StatusCode)
	}
	wrong := func(name, key, words string) {
		t.Helper()
		if a, body := ask(key, words); a.StatusCode != 422 || !strings.Contains(a.Body, `"/cursor"`) {
			t.Errorf("%s: %d %v", name, a.StatusCode, body)
		}
	}
	for i := range next { // every character counts
		altered := []byte(next)
		altered[i] = map[bool]byte{true: 'A', false: 'B'}[altered[i] != 'A']
		wrong("altered", boottest.Key, query+"&cursor="+string(altered))
	}
	wrong("cut", boottest.Key, query+"&cursor="+next[:len(next)-2])
	wrong("longer", boottest.Key, query+"&cursor="+next+"AA")
	wrong("another shop's", boottest.Foreign, query+"&cursor="+next)
	wrong("of another question", boottest.Key, query+"&status=paid&cursor="+next)
	b.Advance(24 * time.Hour)
	wrong("old", boottest.Key, query+"&cursor="+next)
}

// FuzzDays: whatever a shop asks for in a query is days in order and filters that are known, or named as wrong; and a
// place of a list is read as it was written.
func FuzzDays(f *testing.F) {
	f.Add("from=2026-11-21&to=2026-11-28&zone=%2B04:00&by=changed&status=paid,pending&review=true&amount_from=5&limit=7")
	f.Add("from=2026-02-30&to=0001-01-01&zone=+99:00&late=yes&status=&amount_to=1e3&order_ref=x&cursor=")
	f.Add("from=2026-11-21&from=2026-11-21&zone=Z&bank=a&order_ref_prefix=%ff&overpaid=false&amount_from=2&amount_to=1")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		query, err := (&api.Request{Query: values}).ReadQuery()
		if err != nil {
			t.Fatal(err)
		}
		wanted := readDays(query, "demo-az")
		query.Page(mostPage, mostPage)
		if err := query.Err(); err != nil {
			if payment.KindOf(err) != payment.Invalid {
				t.Fatal(err)
			}
			return
		}
		if days := wanted.To.Sub(wanted.From); days <= 0 || days > longest*24*time.Hour || wanted.Least < 0 ||
			wanted.Most > 0 && wanted.Most < wanted.Least {
			t.Fatalf("%q is read as %+v", text, wanted)
		}
		at := book.Place{Day: time.Date(wanted.From.Year(), wanted.From.Month(), wanted.From.Day(), 0, 0, 0, 0, time.UTC)}
		if got := readPlace(placeText(at)); !got.Day.Equal(at.Day) || got.Behind != at.Behind {
			t.Fatalf("%+v is read as %+v", at, got)
		}
	})
}
