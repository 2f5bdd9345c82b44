package book_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"kassa/shared/checkout/book"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

func start() time.Time { return time.Date(2026, 3, 31, 21, 30, 0, 0, time.UTC) }

// draft is a payment of a shop, created so long before start.
func draft(n int, before time.Duration) payment.Payment {
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("s", strconv.Itoa(n)), Attempt: 1}, Shop: "s",
		OrderRef: strconv.Itoa(n), Bank: "kapital", Amount: payment.Money{Minor: int64(n + 1), Currency: payment.AZN}},
		start().Add(-before), start().Add(time.Minute-before))
	p.DueAt = time.Time{}
	return p
}

func create(t *testing.T, s *memory.Store, p payment.Payment) payment.Payment {
	t.Helper()
	created, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func refs(all []payment.Payment) (refs []string) {
	for _, p := range all {
		refs = append(refs, p.OrderRef)
	}
	return refs
}

// read reads to the end, so many at a time, and counts the days that were looked up and the readings.
func read(t *testing.T, s *memory.Store, q book.Query, limit int) (found []payment.Payment, days, readings int) {
	t.Helper()
	s.Before = func(op memory.Op, _ payment.ID) error {
		switch op {
		case memory.Book:
			days++
		case memory.Several:
			readings++
		}
		return nil
	}
	defer func() { s.Before = nil }()
	for at, pages := (book.Place{}), 0; pages == 0 || at != (book.Place{}); pages++ {
		page, err := book.Read(t.Context(), s, q, at, limit, start())
		if err != nil || len(page.Payments) > limit || pages > 1000 {
			t.Fatalf("%d, %v", len(page.Payments), err)
		}
		found, at = append(found, page.Payments...), page.Next
	}
	return found, days, readings
}

func today() book.Query {
	return book.Query{Shop: "s", From: start().Add(-time.Hour), To: start().Add(time.Hour)}
}

// TestAListOfAHundred costs one reading of the index, which is eight queries, and one of the items.
func TestAListOfAHundred(t *testing.T) {
	s := new(memory.Store)
	for n := range 250 {
		create(t, s, draft(n, time.Duration(n)*time.Second))
	}
	days, readings := 0, 0
	s.Before = func(op memory.Op, _ payment.ID) error {
		days += map[memory.Op]int{memory.Book: 1}[op]
		readings += map[memory.Op]int{memory.Several: 1}[op]
		return nil
	}
	page, err := book.Read(t.Context(), s, today(), book.Place{}, 100, start())
	if err != nil || len(page.Payments) != 100 || page.Next == (book.Place{}) || days != 1 || readings != 1 {
		t.Fatalf("%d payments, %d days, %d readings, %v", len(page.Payments), days, readings, err)
	}
}

// TestEveryPaymentComesOnce in every size of page, newest first.
func TestEveryPaymentComesOnce(t *testing.T) {
	s := new(memory.Store)
	var want []string
	for n := range 23 {
		create(t, s, draft(n, time.Duration(n)*time.Second))
		want = append(want, strconv.Itoa(n))
	}
	create(t, s, draft(100, 2*time.Hour))
	create(t, s, draft(101, -2*time.Hour))
	for limit := 1; limit < 30; limit++ {
		if found, _, _ := read(t, s, today(), limit); !slices.Equal(refs(found), want) {
			t.Fatalf("%d at a time: %v", limit, refs(found))
		}
	}
	odd := today()
	odd.Statuses = []payment.Status{payment.Created}
	odd.Least, odd.Most = 5, 9
	for limit := 1; limit < 8; limit++ {
		if found, _, _ := read(t, s, odd, limit); !slices.Equal(refs(found), want[4:9]) {
			t.Fatalf("%d at a time: %v", limit, refs(found))
		}
	}
}

// TestWhatChangedLaterIsFoundByItsCreation, and by its last change; not by a day between.
func TestWhatChangedLaterIsFoundByItsCreation(t *testing.T) {
	s := new(memory.Store)
	old := create(t, s, draft(1, 72*time.Hour))
	old.Sequence, old.History = 2, append(old.History, payment.Entry{Sequence: 2, At: start(), What: "review:status"})
	if _, err := s.Save(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	create(t, s, draft(2, 72*time.Hour))
	span := func(from, to time.Duration, changed bool) string {
		found, _, _ := read(t, s, book.Query{Shop: "s", From: start().Add(from), To: start().Add(to), Changed: changed}, 10)
		return fmt.Sprint(refs(found))
	}
	for _, c := range []struct {
		from, to time.Duration
		changed  bool
		want     string
	}{
		{-72 * time.Hour, -71 * time.Hour, false, "[1 2]"}, {-72 * time.Hour, -71 * time.Hour, true, "[2]"},
		{-time.Hour, time.Hour, true, "[1]"}, {-time.Hour, time.Hour, false, "[]"},
		{-50 * time.Hour, -time.Hour, true, "[]"}, {-100 * time.Hour, time.Hour, true, "[1 2]"},
		{-100 * time.Hour, -72 * time.Hour, false, "[]"},
		// a day of Baku, of which three hours and a half are the next UTC day
		{-90 * time.Minute, 150 * time.Minute, true, "[1]"},
	} {
		if got := span(c.from, c.to, c.changed); got != c.want {
			t.Errorf("%v to %v, changed %v: %s, want %s", c.from, c.to, c.changed, got, c.want)
		}
	}
}

// TestReadingIsBounded: a year in which nothing happened is read in pages, too.
func TestReadingIsBounded(t *testing.T) {
	s := new(memory.Store)
	create(t, s, draft(1, 300*24*time.Hour))
	year := today()
	year.From = start().AddDate(-1, 0, 0)
	page, err := book.Read(t.Context(), s, year, book.Place{}, 10, start())
	if err != nil || len(page.Payments) != 0 || page.Next == (book.Place{}) {
		t.Fatalf("%+v, %v", page, err)
	}
	if found, days, _ := read(t, s, year, 10); len(found) != 1 || days > 370 {
		t.Errorf("%d payments on %d days", len(found), days)
	}
}

// TestALongListOfFew reads more at once where the filters let nothing through, and in whole only what they let through.
func TestALongListOfFew(t *testing.T) {
	s := new(memory.Store)
	var want []string
	for n := range 1500 {
		p := draft(n, time.Duration(n)*time.Second)
		if n%300 == 299 {
			p.Late = true
			want = append(want, strconv.Itoa(n))
		}
		create(t, s, p)
	}
	q, yes := today(), true
	q.Late = &yes
	for limit := 1; limit < 7; limit++ {
		if found, _, _ := read(t, s, q, limit); !slices.Equal(refs(found), want) {
			t.Errorf("%d at a time: %v", limit, refs(found))
		}
	}
	if _, days, readings := read(t, s, q, 10); days > 6 || readings > 10 {
		t.Errorf("1500 payments take %d looks at the index and %d readings", days, readings)
	}
}

// stale is a store whose summaries are a moment old: all payments are late there.
type stale struct{ *memory.Store }

func (s stale) Summaries(ctx context.Context, ids []payment.ID, part payment.Part) ([]payment.Summary, []error, error) {
	all, unreadable, err := s.Store.Summaries(ctx, ids, part)
	for i := range all {
		all[i].Late = true
	}
	return all, unreadable, err
}

// TestWhatASummarySaidIsAskedAgain of the payment itself.
func TestWhatASummarySaidIsAskedAgain(t *testing.T) {
	s := new(memory.Store)
	for n := range 7 {
		p := draft(n, time.Duration(n)*time.Second)
		p.Late = n == 3 || n == 6
		create(t, s, p)
	}
	q, yes := today(), true
	q.Late = &yes
	for limit := 1; limit < 4; limit++ {
		var got []string
		for at, pages := (book.Place{}), 0; pages == 0 || at != (book.Place{}); pages++ {
			page, err := book.Read(t.Context(), stale{s}, q, at, limit, start())
			if err != nil || pages > 9 {
				t.Fatal(err, pages)
			}
			got, at = append(got, refs(page.Payments)...), page.Next
		}
		if !slices.Equal(got, []string{"3", "6"}) {
			t.Errorf("%d at a time: %v", limit, got)
		}
	}
	var got []string
	for p, err := range book.All(t.Context(), stale{s}, q, start()) {
		if err != nil {
			t.Error(err)
		}
		got = append(got, p.OrderRef)
	}
	if !slices.Equal(got, []string{"3", "6"}) {
		t.Errorf("of all: %v", got)
	}
}

// poisoned is a store in which the first item of each reading cannot be read.
type poisoned struct{ *memory.Store }

func (s poisoned) Summaries(ctx context.Context, ids []payment.ID, part payment.Part) ([]payment.Summary, []error,
	error) {
	found, _, err := s.Store.Summaries(ctx, ids[1:], part)
	return found, []error{errors.New("poisoned summary")}, err
}

func (s poisoned) Several(ctx context.Context, ids []payment.ID) ([]payment.Payment, []error, error) {
	found, _, err := s.Store.Several(ctx, ids[1:])
	return found, []error{errors.New("poison")}, err
}

// TestOnePoisonedPaymentHidesNoOther: it is told of beside the others.
func TestOnePoisonedPaymentHidesNoOther(t *testing.T) {
	s := new(memory.Store)
	for n := range 3 {
		create(t, s, draft(n, time.Duration(n)*time.Second))
	}
	var got []string
	for p, err := range book.All(t.Context(), poisoned{s}, today(), start()) {
		got = append(got, p.OrderRef+fmt.Sprint(err))
	}
	if want := []string{"1<nil>", "2<nil>", "poison"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	few := today()
	few.Least = 3 // of three payments the first cannot be looked at, and of those that are left the first not read
	page, err := book.Read(t.Context(), poisoned{s}, few, book.Place{}, 10, start())
	if err != nil || fmt.Sprint(page.Unreadable) != "[poisoned summary poison]" || len(page.Payments) != 0 {
		t.Errorf("%+v %v", page, err)
	}
	s.Before = func(memory.Op, payment.ID) error { return errors.New("down") }
	if _, err := book.Read(t.Context(), s, few, book.Place{}, 10, start()); err == nil {
		t.Error("a list of a table that is down")
	}
	for p, err := range book.All(t.Context(), s, today(), start()) {
		if err == nil {
			t.Errorf("%v", p)
		}
	}
}
