package e2e

import (
	"strings"
	"testing"
)

// TestDynamoDBCallsOfAPayment counts what a payment costs: 2 calls to open it, 3 for its callback, 1 for each poll after that.
// What a function reads once at its start is no call of the payment's: its key is another.
func TestDynamoDBCallsOfAPayment(t *testing.T) {
	w := shared(t)
	w.Engine.ResetCalls()
	order, known := "", map[string]bool{"GetItem": true, "PutItem": true, "Query": true, "GetSecretValue": true}
	expect := func(what, want string) {
		t.Helper()
		var calls []string
		for _, c := range w.Engine.Calls().Recent {
			if !known[c.Operation] {
				t.Errorf("%s: %s, which DESIGN does not know", what, c.Operation)
			}
			if c.Table != "" && strings.HasPrefix(c.Key, order) {
				calls = append(calls, strings.TrimSpace(c.Operation+" "+c.Index))
			}
		}
		w.Engine.ResetCalls()
		if got := strings.Join(calls, ", "); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	p := w.open(t, 1, 1900)
	order = p.ID[:strings.LastIndex(p.ID, "-")]
	expect("a new order", "PutItem, PutItem")
	w.pay(t, p)
	expect("its callback", "GetItem, PutItem, PutItem")
	for range 3 {
		w.poll(t, p.ID)
	}
	expect("three polls", "GetItem, GetItem, GetItem")
}
