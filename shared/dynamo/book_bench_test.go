package dynamo_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"kassa/shared/checkout/book"
	"kassa/shared/payment"
)

// BenchmarkBook reads a month of 100,000 payments of one shop on the local engine: a list of a hundred, and all
// payments of a day, which is what a search and the totals of a day do. p95-ms is the time that 95 of 100
// take. It is run by hand:
//
//	go test ./shared/dynamo -run '^$' -bench Book -benchtime 100x -timeout 60m
func BenchmarkBook(b *testing.B) {
	const payments, monthDays = 100_000, 30
	s, _ := onEngine(b)
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	fill(b, s, start, payments, monthDays*24*time.Hour)
	now := start.AddDate(0, 0, monthDays)
	month := book.Query{Shop: "s", From: start, To: now}
	day := month
	day.From, day.Changed = start.AddDate(0, 0, monthDays-1), true
	for name, work := range map[string]func() int{
		"list of 100": func() int {
			page, err := book.Read(b.Context(), s, month, book.Place{}, 100, now)
			if err != nil {
				b.Fatal(err)
			}
			return len(page.Payments)
		},
		"a day": func() (n int) {
			for _, err := range book.All(b.Context(), s, day, now) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			return n
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			found := 0
			for b.Loop() {
				begun := time.Now()
				found = work()
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
			b.ReportMetric(float64(found), "payments")
		})
	}
}

// fill writes payments evenly over a time, many at once: the engine commits together what waits together.
func fill(b *testing.B, s bench, start time.Time, payments int, over time.Duration) {
	b.Helper()
	var writing sync.WaitGroup
	numbers := make(chan int)
	for range 64 {
		writing.Go(func() {
			for n := range numbers {
				at := start.Add(over / time.Duration(payments) * time.Duration(n))
				ref := strconv.Itoa(n)
				p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("s", ref), Attempt: 1}, Shop: "s",
					OrderRef: ref, Bank: "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN}}, at,
					at.Add(time.Minute))
				if _, err := s.Create(context.Background(), p); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for n := range payments {
		numbers <- n
	}
	close(numbers)
	writing.Wait()
}
