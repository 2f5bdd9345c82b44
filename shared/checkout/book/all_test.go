package book_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"kassa/shared/checkout/book"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

func week() book.Query {
	return book.Query{Shop: "s", From: start().AddDate(0, 0, -7), To: start().Add(time.Hour)}
}

// paid is a draft that was paid at once.
func paid(n int, before time.Duration, captured, refunded int64) payment.Payment {
	p := draft(n, before)
	p.Status, p.Captured, p.PaidAt = payment.Paid, captured, p.CreatedAt
	p.Handle.OrderID, p.Receipt.RRN = "bank-"+p.OrderRef, "rrn-"+p.OrderRef
	if refunded > 0 {
		p.Status, p.Refunded = payment.PartiallyRefunded, refunded
		p.Refunds = []payment.Refund{{ID: "rf_" + p.OrderRef, BankRefundID: "back-" + p.OrderRef, Amount: refunded,
			Status: payment.RefundSucceeded}}
	}
	return p
}

// TestWhatChangesMeanwhileComesOnce: a payment that moves to today while the days are read, which begin with today, was
// missed, whatever part of the reading it moved in.
func TestWhatChangesMeanwhileComesOnce(t *testing.T) {
	for moment := range 12 {
		t.Run(strconv.Itoa(moment), func(t *testing.T) {
			s := new(memory.Store)
			var want []string
			for n := range 6 {
				create(t, s, draft(n, time.Duration(n)*24*time.Hour))
				want = append(want, strconv.Itoa(n))
			}
			turn := make(chan int, 1)
			turn <- 0
			s.After = func(op memory.Op, _ payment.ID) error {
				if op != memory.Book {
					return nil
				}
				calls := <-turn
				if calls == moment {
					move(t, s, draft(5, 5*24*time.Hour).ID)
				}
				turn <- calls + 1
				return nil
			}
			got := refs(slices.Collect(payments(t, s, week())))
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// move lets a payment change today.
func move(t *testing.T, s *memory.Store, id payment.ID) {
	t.Helper()
	p, err := s.Load(t.Context(), id)
	if err == nil {
		p.Sequence, p.History = 2, append(p.History, payment.Entry{Sequence: 2, At: start(), What: "review:status"})
		_, err = s.Save(t.Context(), p)
	}
	if err != nil {
		t.Error(err)
	}
}

func payments(t *testing.T, s *memory.Store, q book.Query) func(func(payment.Payment) bool) {
	return func(yield func(payment.Payment) bool) {
		for p, err := range book.All(t.Context(), s, q, start()) {
			if err != nil {
				t.Error(err)
			}
			if !yield(p) {
				return
			}
		}
	}
}

// TestAllOfMoreThanIsListedAtOnce comes in order, and ends where nobody wants more.
func TestAllOfMoreThanIsListedAtOnce(t *testing.T) {
	s := new(memory.Store)
	var want []string
	for n := range 10_050 {
		create(t, s, draft(n, time.Duration(n)*time.Millisecond))
		want = append(want, strconv.Itoa(n))
	}
	if got := refs(slices.Collect(payments(t, s, week()))); !slices.Equal(got, want) {
		t.Errorf("%d payments, or another order", len(got))
	}
	for p := range payments(t, s, week()) {
		if p.OrderRef != "0" {
			t.Errorf("%s comes first", p.OrderRef)
		}
		break
	}
}

func TestTotals(t *testing.T) {
	s := new(memory.Store)
	create(t, s, paid(1, time.Hour, 2, 0))
	create(t, s, paid(2, 25*time.Hour, 3, 1))
	create(t, s, draft(3, 26*time.Hour))
	foreign := paid(4, 2*time.Hour, 5, 0)
	foreign.Amount.Currency = payment.BYN
	create(t, s, foreign)
	create(t, s, paid(5, 9*24*time.Hour, 7, 0)) // before the week
	other := paid(6, time.Hour, 7, 0)
	other.Shop = "other"
	create(t, s, other)
	got, err := book.Totals(t.Context(), s, week(), start(), func(p payment.Summary) string { return p.Bank })
	want := []book.Total{{"kapital", payment.AZN, 3, 2, 5, 1}, {"kapital", payment.BYN, 1, 1, 5, 0}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
	s.Before = func(memory.Op, payment.ID) error { return fmt.Errorf("down") }
	if got, err := book.Totals(t.Context(), s, week(), start(), nil); err == nil {
		t.Errorf("%+v of a table that is down", got)
	}
}

// TestTotalsOfADayThatIsOver are those of now: what was taken a day ago is given back today, and what was opened then
// may be paid late.
func TestTotalsOfADayThatIsOver(t *testing.T) {
	s := new(memory.Store)
	p := create(t, s, paid(1, 50*time.Hour, 5, 0))
	day := week()
	day.From, day.To = start().Add(-60*time.Hour), start().Add(-40*time.Hour)
	want := func(want ...book.Total) {
		t.Helper()
		got, err := book.Totals(t.Context(), s, day, start(), func(p payment.Summary) string { return string(p.Status) })
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
	}
	want(book.Total{"paid", payment.AZN, 1, 1, 5, 0})
	p.Status, p.Refunded, p.Refunds, p.Sequence = payment.PartiallyRefunded, 2, paid(1, 0, 5, 2).Refunds, 2
	p.History = append(p.History, payment.Entry{Sequence: 2, At: start(), What: "refund:succeeded"})
	if _, err := s.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	create(t, s, draft(2, 45*time.Hour))
	want(book.Total{"created", payment.AZN, 1, 0, 0, 0}, book.Total{"partially_refunded", payment.AZN, 1, 1, 5, 2})
}

func TestFind(t *testing.T) {
	s := new(memory.Store)
	for n := range 4 {
		create(t, s, paid(n, time.Duration(n)*24*time.Hour, 5, int64(n%2)))
	}
	twin := paid(9, time.Hour, 5, 0)
	twin.Receipt.RRN = "bank-2" // another number of the same text
	create(t, s, twin)
	for number, want := range map[string]string{"bank-1": "[1]", "rrn-3": "[3]", "rf_1": "[1]", "back-3": "[3]",
		"2": "[2]", "bank-2": "[9 2]", "bank": "[]", "BANK-1": "[]", "x' OR 1=1": "[]", "\x00": "[]"} {
		var got []payment.Payment
		looked := 0
		q := week()
		q.Changed, q.Number = true, number
		for p, err := range book.Find(t.Context(), s, q, start(), func(n int) { looked = n }) {
			if err != nil {
				t.Error(err)
			}
			got = append(got, p)
		}
		if fmt.Sprint(refs(got)) != want || looked != 5 {
			t.Errorf("%q finds %v of %d, want %s", number, refs(got), looked, want)
		}
	}
}
