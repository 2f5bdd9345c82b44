package e2e

import (
	"strings"
	"testing"
	"time"

	"kassa/infra/local/stack"
)

// TestDynamoDBCallsOfAPayment counts what a payment costs: 2 calls to open it, 3 for its callback, 1 for each poll
// after that. A request that is repeated costs 2, and what a question adds where it is time for one; a callback that is
// repeated 1. What a function reads once at its start is no call of the payment's: its key is another. The shop has no
// webhook, since what Notify saves comes at any time between.
func TestDynamoDBCallsOfAPayment(t *testing.T) {
	w := alone(t, stack.Config{})
	w.withoutWebhook(t)
	w.Engine.ResetCalls()
	key, known := "", map[string]bool{"GetItem": true, "PutItem": true, "Query": true, "GetSecretValue": true}
	// at any time: what stands in for Lambda reads the stream
	for _, reading := range []string{"DescribeStream", "GetShardIterator", "GetRecords"} {
		known[reading] = true
	}
	expect := func(what, want string) {
		t.Helper()
		var calls []string
		for _, c := range w.Engine.Calls().Recent {
			if !known[c.Operation] {
				t.Errorf("%s: %s, which this test does not know", what, c.Operation)
			}
			if c.Table != "" && strings.HasPrefix(c.Key, key) {
				calls = append(calls, strings.TrimSpace(c.Operation+" "+c.Index))
			}
		}
		w.Engine.ResetCalls()
		if got := strings.Join(calls, ", "); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	p := w.open(t, 1, 1900)
	key = p.ID[:strings.LastIndex(p.ID, "-")]
	expect("a new order", "PutItem, PutItem")
	repeat := func(status int) {
		t.Helper()
		w.shop.must(t, []int{status}, "POST", "/v1/payments", order(p.OrderRef, w.Info.ShopURL, 1900))
	}
	repeat(200)
	expect("the order repeated", "PutItem, Query, PutItem, PutItem") // the question is claimed, and the bank's word new
	repeat(200)
	expect("the order repeated at once", "PutItem, Query")
	w.move(t, p.ID, 5*time.Second)
	w.Engine.ResetCalls()
	w.pay(t, p)
	expect("its callback", "GetItem, PutItem, PutItem")
	for range 2 {
		if _, err := w.browser.get(t.Context(), w.callbackURL(t, p.ID, "return")); err != nil {
			t.Fatal(err)
		}
	}
	expect("its callback repeated twice, and our own looks for the address", "GetItem, GetItem, GetItem, GetItem")
	repeat(409)
	expect("the order repeated when it is paid", "PutItem, Query")
	for range 3 {
		w.poll(t, p.ID)
	}
	expect("three polls", "GetItem, GetItem, GetItem")
}

// withoutWebhook takes the webhook out of the shop's settings, before any function has read them.
func (w world) withoutWebhook(t *testing.T) {
	t.Helper()
	err := w.rewrite(t.Context(), "kassa/local/shop/demo-az", func(fields map[string]any) { delete(fields, "webhook") })
	if err != nil {
		t.Fatal(err)
	}
}
