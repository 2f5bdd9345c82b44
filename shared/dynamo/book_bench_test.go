package dynamo_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kassa/shared/awsclient"
	"kassa/shared/checkout/book"
	"kassa/shared/dynamo"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

const (
	monthDays     = 30
	monthPayments = 100_000
)

func monthStart() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

// BenchmarkBook reads a month of 100,000 paid payments of one shop on the local engine, in the same process. p95-ms is
// the time that 95 of 100 take, cpu-ms what the processors worked for one, engine and reader together, and peak-MB the
// most memory in use meanwhile. It is run by hand, and takes some minutes:
//
//	go test ./shared/dynamo -run '^$' -bench Book -benchtime 20x -timeout 60m
func BenchmarkBook(b *testing.B) {
	s, e := onEngine(b)
	begun := time.Now()
	if err := e.PutAll(month(b, s.table)); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d payments are there after %v", monthPayments, time.Since(begun).Round(time.Second))
	now := monthStart().AddDate(0, 0, monthDays)
	all := book.Query{Shop: "s", From: monthStart(), To: now}
	day, changed := all, all
	day.From, changed.Changed = now.AddDate(0, 0, -1), true
	refunded := all
	refunded.Statuses = []payment.Status{payment.PartiallyRefunded}
	rare := all
	rare.RefPrefix = "99"
	page := func(q book.Query) int {
		page, err := book.Read(b.Context(), s, q, book.Place{}, 100, now)
		if err != nil {
			b.Fatal(err)
		}
		return len(page.Payments)
	}
	find := func(number string) int {
		return count(b, book.Find(b.Context(), s, changed, number, now, func(int) {}))
	}
	totals := func(q book.Query) (n int) {
		all, err := book.Totals(b.Context(), s, q, now, func(s payment.Summary) string { return s.Bank })
		if err != nil || len(all) != 1 {
			b.Fatal(all, err)
		}
		return int(all[0].Payments)
	}
	for _, c := range []struct {
		name string
		work func() int
	}{
		{"list of 100", func() int { return page(all) }},
		{"list of 100 refunded, of which 1 in 50 is", func() int { return page(refunded) }},
		{"list of 100 by order, of which 1 in 90 is", func() int { return page(rare) }},
		{"find by order alone", func() int {
			found, err := s.Attempts(b.Context(), payment.OrderKey("s", "777"))
			if err != nil {
				b.Fatal(err)
			}
			return len(found)
		}},
		{"find in the month by bank order", func() int { return find("bank-777") }},
		{"find in the month by RRN", func() int { return find("600000000777") }},
		{"find in the month by refund", func() int { return find("back-750") }},
		{"find in the month nothing", func() int { return find("nothing") }},
		{"totals of a day", func() int { return totals(day) }},
		{"totals of the month", func() int { return totals(all) }},
		{"sheet of a day", func() int { return count(b, book.All(b.Context(), s, day, now)) }},
		{"sheet of the month", func() int { return count(b, book.All(b.Context(), s, all, now)) }},
	} {
		b.Run(c.name, func(b *testing.B) { measure(b, c.work) })
	}
}

func count(b *testing.B, all iter.Seq2[payment.Payment, error]) (n int) {
	for _, err := range all {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}

func measure(b *testing.B, work func() int) {
	var took []time.Duration
	found := 0
	runtime.GC()
	peak := watchMemory(b)
	worked := processors(b)
	for b.Loop() {
		begun := time.Now()
		found = work()
		took = append(took, time.Since(begun))
	}
	worked = processors(b) - worked
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(worked.Milliseconds())/float64(len(took)), "cpu-ms")
	b.ReportMetric(float64(peak()>>20), "peak-MB")
	b.ReportMetric(float64(found), "payments")
}

// processors is how long all processors have worked for this process.
func processors(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// watchMemory looks at the heap every few milliseconds, until the answer is asked for.
func watchMemory(b *testing.B) func() uint64 {
	var most atomic.Uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		now := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			metrics.Read(now)
			most.Store(max(most.Load(), now[0].Value.Uint64()))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	b.Cleanup(func() { <-ended })
	return func() uint64 { close(done); <-ended; return most.Load() }
}

// month are the requests that write the payments, evenly over the month, each with its whole life.
func month(b *testing.B, table string) iter.Seq[[]byte] {
	var body []byte
	config := awsclient.Config(region, "http://127.0.0.1", time.Second)
	config.HTTPClient = keep{&body}
	s := dynamo.New(dynamodb.NewFromConfig(config), table)
	return func(yield func([]byte) bool) {
		for n := range monthPayments {
			at := monthStart().Add(monthDays * 24 * time.Hour / monthPayments * time.Duration(n))
			if _, err := s.Create(b.Context(), lived(n, at)); err != nil {
				b.Fatal(err)
			}
			if !yield(bytes.Clone(body)) {
				return
			}
		}
	}
}

// lived is a payment that was paid, and of fifty one that was given back in part.
func lived(n int, at time.Time) payment.Payment {
	ref := strconv.Itoa(n)
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("s", ref), Attempt: 1}, Shop: "s",
		OrderRef: ref, Bank: "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		CallbackToken: "AAAAAAAAAAAAAAAAAAAAAAAAAA", ClientToken: "BBBBBBBBBBBBBBBBBBBBBBBBBB",
		Return: payment.ReturnURLs{Success: "https://shop.example/checkout/done"}}, at, at.Add(time.Minute))
	p.Status, p.Captured, p.PaidAt, p.DueAt, p.Lease = payment.Paid, 15000, at.Add(time.Minute), time.Time{}, time.Time{}
	p.Handle = payment.Handle{OrderID: "bank-" + ref, Private: "SESSION0123456789",
		Account: payment.Account{Merchant: "E1180003", Environment: "prod"}}
	p.BankStatus = "APPROVED"
	p.Receipt = payment.Receipt{ApprovalCode: "123456", RRN: fmt.Sprintf("6%011d", n), Card: "5239********0999"}
	for i, what := range []string{"pending", "paid"} {
		p.History = append(p.History, payment.Entry{Sequence: int64(i + 2), What: what, By: "bank",
			At: at.Add(time.Duration(i) * time.Second)})
	}
	if n%50 == 0 {
		p.Refunds = []payment.Refund{{ID: "rf_" + ref, Amount: 500, Status: payment.RefundSucceeded, Origin: "api",
			RequestedAt: p.PaidAt, SettledAt: p.PaidAt, BankRefundID: "back-" + ref}}
		p.Status, p.Refunded = payment.PartiallyRefunded, 500
		p.History = append(p.History, payment.Entry{Sequence: 4, What: "refund:succeeded", By: "api", At: p.PaidAt})
	}
	p.Sequence = int64(len(p.History))
	for _, e := range p.History {
		p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: e.Sequence, State: delivery.Delivered, Tries: 1})
	}
	return p
}

// keep is a table that takes everything and leaves the last request's body.
type keep struct{ body *[]byte }

func (k keep) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	*k.body = body
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader([]byte("{}")))}, err
}
