package storetest

import (
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"kassa/shared/payment"
)

// booked is a payment of a shop that was created a while after birth, and has not changed since.
func booked(shop string, n int, after time.Duration) payment.Payment {
	p := draft(payment.OrderKey(shop, strconv.Itoa(n)), 1)
	p.Shop, p.DueAt, p.CreatedAt = shop, time.Time{}, birth().Add(after)
	p.History[0].At = p.CreatedAt
	return p
}

// wantBook reads a part of the book, again while the index is a moment old, and wants these payments.
func wantBook(t *testing.T, s Store, part payment.BookPart, want ...payment.Payment) {
	t.Helper()
	var entries, got []payment.BookEntry
	for _, p := range want {
		entries = append(entries, payment.BookEntry{CreatedAt: p.CreatedAt, ID: p.ID})
	}
	for range 100 {
		var err error
		if got, err = s.Book(t.Context(), part); err != nil {
			t.Fatal(err)
		}
		if slices.EqualFunc(got, entries, func(a, b payment.BookEntry) bool { return a.Compare(b) == 0 }) {
			return
		}
	}
	t.Fatalf("%+v gives\n%v\nwant\n%v", part, got, entries)
}

// bookOfDay: newest first over all shards, another shop's and another day's are not among them.
func bookOfDay(t *testing.T, s Store) {
	var mine []payment.Payment
	for n := range 20 {
		p := booked("demo-az", n, time.Duration(n)*time.Millisecond)
		if n == 7 { // created in the millisecond of another
			p.CreatedAt = mine[6].CreatedAt
		}
		mine = append(mine, mustCreate(t, s, p))
	}
	mustCreate(t, s, booked("demo-by", 1, time.Millisecond))
	mustCreate(t, s, booked("demo-a", 1, time.Millisecond))
	mustCreate(t, s, booked("demo-az", 100, -24*time.Hour))
	mustCreate(t, s, booked("demo-az", 101, 24*time.Hour))
	slices.SortFunc(mine, func(a, b payment.Payment) int {
		return payment.BookEntry{CreatedAt: a.CreatedAt, ID: a.ID}.Compare(
			payment.BookEntry{CreatedAt: b.CreatedAt, ID: b.ID})
	})
	part := payment.BookPart{Shop: "demo-az", Day: birth(), Limit: 100}
	wantBook(t, s, part, mine...)
	part.Day = birth().In(time.FixedZone("", 4*60*60)) // the same moment
	wantBook(t, s, part, mine...)
	part.Limit = 3
	wantBook(t, s, part, mine[:3]...)
	part.Shop = "nobody"
	wantBook(t, s, part)
}

// bookFollows: within a day a payment stays where it is, and with the next change on another day it moves there.
func bookFollows(t *testing.T, s Store) {
	p := mustCreate(t, s, booked("demo-az", 1, 0))
	today := payment.BookPart{Shop: "demo-az", Day: birth(), Limit: 10}
	tomorrow := today
	tomorrow.Day = birth().Add(24 * time.Hour)
	wantBook(t, s, today, p)

	p.BankStatus = "PENDING" // no visible change, whenever it comes
	p = mustSave(t, s, p)
	wantBook(t, s, today, p)
	wantBook(t, s, tomorrow)

	p.Sequence, p.History = 2, append(p.History, payment.Entry{Sequence: 2, At: tomorrow.Day, What: "review:status"})
	p = mustSave(t, s, p)
	wantBook(t, s, today)
	wantBook(t, s, tomorrow, p)
}

// bookByCreation: from the first moment on, and before the last.
func bookByCreation(t *testing.T, s Store) {
	var mine []payment.Payment
	for n := range 3 {
		mine = append(mine, mustCreate(t, s, booked("demo-az", n, time.Duration(n)*time.Second)))
	}
	part := payment.BookPart{Shop: "demo-az", Day: birth(), Limit: 10}
	part.Since = mine[1].CreatedAt
	wantBook(t, s, part, mine[2], mine[1])
	part.Until = mine[2].CreatedAt
	wantBook(t, s, part, mine[1])
	part.Since = time.Time{}
	wantBook(t, s, part, mine[1], mine[0])
	part.Since, part.Until = mine[2].CreatedAt, mine[1].CreatedAt
	wantBook(t, s, part)
}

// bookInPages reads on behind each entry, and behind one that has left.
func bookInPages(t *testing.T, s Store) {
	var mine []payment.Payment
	for n := range 9 {
		mine = append(mine, mustCreate(t, s, booked("demo-az", n, -time.Duration(n/3)*time.Millisecond)))
	}
	slices.SortFunc(mine, func(a, b payment.Payment) int {
		return payment.BookEntry{CreatedAt: a.CreatedAt, ID: a.ID}.Compare(
			payment.BookEntry{CreatedAt: b.CreatedAt, ID: b.ID})
	})
	part := payment.BookPart{Shop: "demo-az", Day: birth(), Limit: 2}
	wantBook(t, s, part, mine[:2]...)
	for i, p := range mine {
		part.Behind = payment.BookEntry{CreatedAt: p.CreatedAt, ID: p.ID}
		wantBook(t, s, part, mine[i+1:min(i+3, len(mine))]...)
	}
	part.Behind = payment.BookEntry{CreatedAt: mine[4].CreatedAt, ID: payment.ID{Order: "pay_", Attempt: 1}}
	part.Limit = 10
	first := slices.IndexFunc(mine, func(p payment.Payment) bool { return p.CreatedAt.Before(mine[4].CreatedAt) })
	wantBook(t, s, part, mine[first:]...)
	part.Since = mine[0].CreatedAt.Add(time.Second) // the entry was created before all that is wanted
	wantBook(t, s, part)
}

// severalAtOnce: in the order that was asked for, more than one call takes, without what is not there.
func severalAtOnce(t *testing.T, s Store) {
	var want []payment.Payment
	var ids []payment.ID
	for n := range 120 {
		p := booked("demo-az", n, 0)
		if n%10 != 3 {
			want = append(want, mustCreate(t, s, p))
		}
		ids = append(ids, p.ID)
	}
	slices.Reverse(want)
	slices.Reverse(ids)
	found, unreadable, err := s.Several(t.Context(), ids)
	if err != nil || len(unreadable) != 0 || len(found) != len(want) {
		t.Fatalf("%d of %d, %v %v", len(found), len(want), unreadable, err)
	}
	for i, p := range found {
		wantEqual(t, p, want[i])
	}
	if found, _, err := s.Several(t.Context(), nil); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}

// summaries: of a new payment and of one with everything, in the order that was asked for, without what is not there;
// of each, the part that was asked for.
func summaries(t *testing.T, s Store) {
	full := booked("demo-az", 1, 0)
	full.Status, full.Captured, full.Refunded, full.PaidAt = payment.PartiallyRefunded, 15000, 500, birth()
	full.Handle.OrderID, full.Receipt.RRN = "1053221", "614012345678"
	full.Reviews, full.Late, full.Overpaid = []payment.Review{payment.ReviewAmount}, true, true
	full.Refunds = []payment.Refund{{ID: "rf_1", BankRefundID: "77", Amount: 500, Status: payment.RefundSucceeded,
		Origin: "api", RequestedAt: birth(), SettledAt: birth()}}
	all := []payment.Payment{mustCreate(t, s, full), mustCreate(t, s, booked("demo-az", 2, time.Second))}
	ids := []payment.ID{all[1].ID, booked("demo-az", 3, 0).ID, all[0].ID}
	for _, part := range []payment.Part{payment.Whole, payment.Sums, payment.Numbers} {
		want := []payment.Summary{all[1].Summary().Only(part), all[0].Summary().Only(part)}
		var found []payment.Summary
		for range 100 { // what they are read from may be a moment old
			var unreadable []error
			var err error
			if found, unreadable, err = s.Summaries(t.Context(), ids, part); err != nil || len(unreadable) != 0 {
				t.Fatal(unreadable, err)
			}
			if reflect.DeepEqual(found, want) {
				break
			}
		}
		if !reflect.DeepEqual(found, want) {
			t.Errorf("part %d: %+v\nwant %+v", part, found, want)
		}
	}
}
