package dynamo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kassa/shared/awsclient"
	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo"
	"kassa/shared/dynamo/storetest"
	"kassa/shared/payment"
)

// bill counts calls, and the bytes of the answers, by operation: what units are made of.
type bill struct {
	aws.HTTPClient
	mu    sync.Mutex
	calls map[string]int
	bytes map[string]int
}

func (b *bill) Do(r *http.Request) (*http.Response, error) {
	answer, err := b.HTTPClient.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	b.mu.Lock()
	defer b.mu.Unlock()
	operation := r.Header.Get("X-Amz-Target")
	b.calls[operation]++
	b.bytes[operation] += len(body)
	return answer, err
}

// unpaid is a bank at which nobody has paid yet.
type unpaid struct{ bank.Bank }

func (u unpaid) With(_ context.Context, _, _ string, call func(bank.Bank) error) error {
	return call(u)
}

func (unpaid) Status(context.Context, bank.Handle) (bank.Report, error) {
	return bank.Report{State: payment.BankOpen, Word: "CREATED"}, nil
}

// rows are the sizes of the table: a million takes a minute to make, and is for whoever sets KASSA_ROWS.
func rows() []int {
	if n, err := strconv.Atoi(os.Getenv("KASSA_ROWS")); err == nil {
		return []int{1000, n}
	}
	return []int{1000, 100_000}
}

// pending is a payment whose page was opened at a time and is not paid.
func pending(t *testing.T, n int, at time.Time) payment.Payment {
	t.Helper()
	ref := strconv.Itoa(1000 + n)
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey("demo-az", ref), Attempt: 1}, Shop: "demo-az",
		OrderRef: ref, Bank: "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		CallbackToken: "CALLBACK", ClientToken: "CLIENT", PageLife: 20 * time.Minute}, at, at.Add(time.Minute))
	handle := payment.Handle{OrderID: ref, Account: payment.Account{Merchant: "M", Environment: "test"}}
	p, err := payment.Apply(p, payment.OpeningDone{Handle: handle, RedirectURL: "https://bank.example/" + ref,
		ExpiresAt: at.Add(20 * time.Minute)}, at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestTheSweepCostsWhatIsDue, and not what the table holds: beside a thousand settled payments and beside a hundred
// thousand, a hundred that are due take the same calls, and answers of the same length.
func TestTheSweepCostsWhatIsDue(t *testing.T) {
	costs := map[int]string{}
	for _, n := range rows() {
		e, url := newEngine(t)
		b := newBench(t, url)
		if err := e.PutAll(func(yield func([]byte) bool) {
			for i := range n {
				if !yield(fmt.Appendf(nil, `{"TableName":%q,"Item":{"pk":{"S":"pay_settled%018d"},"sk":{"N":"1"},`+
					`"book":{"S":"demo-az#2026-03-04#%d"},"created_at":{"S":"2026-03-04"}}}`, b.table, i, i%8)) {
					return
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		now := fresh().CreatedAt
		for i := range 100 {
			if _, err := b.Create(t.Context(), pending(t, i, now)); err != nil {
				t.Fatal(err)
			}
		}
		config := awsclient.Config(region, url, 10*time.Second)
		seen := &bill{HTTPClient: config.HTTPClient, calls: map[string]int{}, bytes: map[string]int{}}
		config.HTTPClient = seen
		service := &checkout.Service{Store: dynamo.New(dynamodb.NewFromConfig(config), b.table), Banks: unpaid{},
			Now: func() time.Time { return now.Add(4 * time.Minute) }, Log: slog.New(slog.DiscardHandler)}
		swept, err := service.Sweep(t.Context())
		if err != nil || swept.Asked != 100 {
			t.Fatalf("%d rows: %+v, %v", n, swept, err)
		}
		text, err := json.Marshal([]any{seen.calls, seen.bytes})
		if err != nil {
			t.Fatal(err)
		}
		costs[n] = string(text)
		if queries := seen.calls["DynamoDB_20120810.Query"]; queries != payment.Shards {
			t.Errorf("%d rows: %d queries", n, queries)
		}
	}
	first := costs[rows()[0]]
	for n, cost := range costs {
		if cost != first {
			t.Errorf("with %d rows: %s\nwith %d:  %s", rows()[0], first, n, cost)
		}
	}
	if !strings.Contains(first, `"DynamoDB_20120810.PutItem":200`) {
		t.Errorf("each question is a claim and an answer: %s", first)
	}
}

// TestDueShards: what is due stands under as many keys as are wanted; what was written with fewer is found by whoever
// looks at more.
func TestDueShards(t *testing.T) {
	b, _ := onEngine(t)
	now := fresh().CreatedAt
	wide := b.DueShards(512)
	seen := map[int]bool{}
	for i := range 100 {
		p := pending(t, i, now)
		store := b.Store
		if i%2 == 0 {
			store = wide.Short(true)
		}
		written, err := store.Create(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		shard := p.ID.Shard()
		if i%2 == 0 {
			shard = p.ID.ShardOf(512)
			seen[shard] = true
		}
		ids, err := storetest.Ids(b.Due(t.Context(), shard, written.DueAt))
		if err != nil || !slices.Contains(ids, p.ID) {
			t.Errorf("%s is not under key %d: %v, %v", p.ID, shard, ids, err)
		}
	}
	if len(seen) < 40 {
		t.Errorf("50 payments stand under %d keys", len(seen))
	}
}
