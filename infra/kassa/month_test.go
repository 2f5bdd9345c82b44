package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kassa/shared/awsclient"
	"kassa/shared/dynamo"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

const (
	monthDays     = 30
	monthPayments = 100_000
	monthShop     = "demo-az"
)

// month is the running stack with so many payments of one shop in the days before now.
type month struct {
	world
	table string
	aside *time.Duration // what passed of a measurement and is none of it
	files *int           // of orders
}

// openMonth fills the table as fast as the disk takes it, and waits for the stream to have passed it on.
func openMonth(b *testing.B) month {
	b.Helper()
	started.Store("stack", true)
	s, err := running()
	if err != nil {
		b.Fatal(err)
	}
	dir, err := scratch()
	if err != nil {
		b.Fatal(err)
	}
	made := exec.CommandContext(b.Context(), "go", "build", "-o", filepath.Join(dir, ".build", "kassa"), "./infra/kassa")
	made.Dir = root
	if text, err := made.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, text)
	}
	w := month{world{s, nil, dir, time.Now}, s.Info.Table, new(time.Duration), new(int)}
	begun := time.Now()
	if err := s.Engine.PutAll(w.requests(b, func(yield func(payment.Payment) bool) {
		for n := range monthPayments {
			if !yield(lived(n, begun)) {
				return
			}
		}
	})); err != nil {
		b.Fatal(err)
	}
	w.settle()
	b.Logf("%d payments are there after %v", monthPayments, time.Since(begun).Round(time.Second))
	return w
}

// settle waits until nobody reads the stream any more.
func (w month) settle() {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for before := -1; ; <-tick.C {
		now := w.Engine.Calls().Counts["GetRecords"]
		if now == before {
			return
		}
		before = now
	}
}

// config reaches the engine.
func (w month) config() aws.Config {
	config := awsclient.Config("eu-central-1", w.Info.EngineURL, 5*time.Second)
	config.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
	return config
}

// requests are those that write the payments.
func (w month) requests(b *testing.B, all iter.Seq[payment.Payment]) iter.Seq[[]byte] {
	var body []byte
	config := w.config()
	config.HTTPClient = keep{&body}
	s := dynamo.New(dynamodb.NewFromConfig(config), w.table)
	return func(yield func([]byte) bool) {
		for p := range all {
			if _, err := s.Create(b.Context(), p); err != nil {
				b.Fatal(err)
			}
			if !yield(bytes.Clone(body)) {
				return
			}
		}
	}
}

// lived is one of a month that ends at a time: paid, some given back in part, late, under review, or with a message
// that the shop did not take.
func lived(n int, end time.Time) payment.Payment {
	ref := "n" + strconv.Itoa(n)
	at := end.Add(-monthDays * 24 * time.Hour / monthPayments * time.Duration(monthPayments-n)).UTC().
		Truncate(time.Millisecond)
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey(monthShop, ref), Attempt: 1}, Shop: monthShop,
		OrderRef: ref, Bank: "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		CallbackToken: "AAAAAAAAAAAAAAAAAAAAAAAAAA", ClientToken: "BBBBBBBBBBBBBBBBBBBBBBBBBB",
		Return: payment.ReturnURLs{Success: "https://shop.example/checkout/done"}}, at, at.Add(time.Minute))
	p.Status, p.Captured, p.PaidAt, p.DueAt, p.Lease = payment.Paid, 15000, at, time.Time{}, time.Time{}
	p.Handle = payment.Handle{OrderID: fmt.Sprintf("bank-%d", n), Private: "SESSION0123456789",
		Account: payment.Account{Merchant: "E1180003", Environment: "prod"}}
	p.BankStatus, p.Late = "APPROVED", n%1000 == 3
	p.Receipt = payment.Receipt{ApprovalCode: "123456", RRN: fmt.Sprintf("6%011d", n), Card: "5239********0999"}
	happened := []string{"pending", "paid"}
	if n%50 == 0 {
		p.Refunds = []payment.Refund{{ID: "rf_" + ref, Amount: 500, Status: payment.RefundSucceeded, Origin: "api",
			RequestedAt: p.PaidAt, SettledAt: p.PaidAt, BankRefundID: fmt.Sprintf("back-%d", n)}}
		p.Status, p.Refunded = payment.PartiallyRefunded, 500
		happened = append(happened, "refund:succeeded")
	}
	if n%2000 == 7 {
		p.Reviews = []payment.Review{payment.ReviewAmount}
		happened = append(happened, "review:amount")
	}
	for i, what := range happened {
		p.History = append(p.History, payment.Entry{Sequence: int64(i + 2), What: what, By: "bank", At: at})
	}
	p.Sequence = int64(len(p.History))
	for _, e := range p.History {
		p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: e.Sequence, State: delivery.Delivered, Tries: 1})
	}
	if n%5000 == 9 {
		p.Deliveries[1].State, p.Deliveries[1].At = delivery.Dead, at
	}
	return p
}

var listed = regexp.MustCompile(`,"book":\{"S":"[^"]*"\}|"book":\{"S":"[^"]*"\},`)

// unlisted puts so many payments into the table as a version had them that knew no book, and gives the file of their
// orders.
func (w month) unlisted(b *testing.B, many int) string {
	b.Helper()
	begun := time.Now()
	*w.files++
	var orders strings.Builder
	requests := w.requests(b, func(yield func(payment.Payment) bool) {
		for n := range many {
			p := lived(n, begun)
			p.OrderRef = fmt.Sprintf("old-%d-%d", *w.files, n)
			p.ID.Order = payment.OrderKey(monthShop, p.OrderRef)
			orders.WriteString(p.OrderRef + "\n")
			if !yield(p) {
				return
			}
		}
	})
	if err := w.Engine.PutAll(func(yield func([]byte) bool) {
		for body := range requests {
			if !yield(listed.ReplaceAll(body, nil)) {
				return
			}
		}
	}); err != nil {
		b.Fatal(err)
	}
	path := w.path(fmt.Sprintf("orders-%d.txt", *w.files))
	if err := os.WriteFile(path, []byte(orders.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	*w.aside += time.Since(begun)
	return path
}

// keep is a table that takes everything and leaves the last request's body.
type keep struct{ body *[]byte }

func (k keep) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	*k.body = body
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader("{}"))}, err
}
