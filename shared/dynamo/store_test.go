package dynamo_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/engine"
	"kassa/shared/awsclient"
	"kassa/shared/checkout"
	"kassa/shared/dynamo"
	"kassa/shared/dynamo/storetest"
	"kassa/shared/payment"
)

var _ checkout.Store = (*dynamo.Store)(nil)

func TestStoreOnEngine(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		b, _ := onEngine(t)
		return b
	})
}

// TestShortStoreOnEngine holds the short form to the same suite.
func TestShortStoreOnEngine(t *testing.T) {
	if testing.Short() {
		t.Skip("the other form makes the same calls, and is enough for the race detector")
	}
	storetest.Run(t, func(t *testing.T) storetest.Store {
		b, _ := onEngine(t)
		b.Store = b.Short(true)
		return b
	})
}

// TestStoreOnEndpoint runs the suite where KASSA_DYNAMODB_ENDPOINT says: moto, DynamoDB Local, or AWS itself.
func TestStoreOnEndpoint(t *testing.T) {
	endpoint := os.Getenv("KASSA_DYNAMODB_ENDPOINT")
	if endpoint == "" {
		t.Skip("KASSA_DYNAMODB_ENDPOINT is not set")
	}
	storetest.Run(t, func(t *testing.T) storetest.Store {
		b := newBench(t, endpoint)
		t.Cleanup(func() {
			if _, err := b.client.DeleteTable(context.WithoutCancel(t.Context()),
				&dynamodb.DeleteTableInput{TableName: &b.table}); err != nil {
				t.Errorf("delete the table %s: %v", b.table, err)
			}
		})
		return b
	})
}

// TestCallsMade counts what each method costs, and that nothing but the three calls of the package comment is made.
func TestCallsMade(t *testing.T) {
	b, e := onEngine(t)
	p, err := b.Create(t.Context(), fresh())
	if err != nil {
		t.Fatal(err)
	}
	_, taken := b.Create(t.Context(), fresh())
	_, save := b.Save(t.Context(), p)
	_, stale := b.Save(t.Context(), p)
	_, load := b.Load(t.Context(), p.ID)
	_, attempts := b.Attempts(t.Context(), p.ID.Order)
	_, due := storetest.Ids(b.Due(t.Context(), p.ID.Shard(), p.DueAt))
	if !errors.Is(taken, payment.ErrConflict) || !errors.Is(stale, payment.ErrConflict) {
		t.Fatalf("conflicts: %v, %v", taken, stale)
	}
	if err := errors.Join(save, load, attempts, due); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"PutItem": 4, "GetItem": 1, "Query": 2}
	if got := e.Calls().Counts; !maps.Equal(got, want) {
		t.Errorf("calls %v, want %v", got, want)
	}
}

// TestOwnWriteIsNoConflict cuts the connection after the write was committed, as the engine can: the SDK's second
// attempt then finds our own version, and that is success.
func TestOwnWriteIsNoConflict(t *testing.T) {
	b, e := onEngine(t)
	lose := func() {
		if err := e.Fault(engine.Fault{Operation: "PutItem", Kind: engine.FaultLost}); err != nil {
			t.Fatal(err)
		}
	}
	lose()
	p, err := b.Create(t.Context(), fresh())
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	lose()
	if p, err = b.Save(t.Context(), p); err != nil {
		t.Fatalf("save: %v", err)
	}
	if stands, err := b.Load(t.Context(), p.ID); err != nil || !reflect.DeepEqual(stands, p) {
		t.Errorf("%+v, %v; want %+v", stands, err, p)
	}
	if got := e.Calls().Counts["PutItem"]; got != 4 {
		t.Errorf("%d attempts to write, want 4: two lost, two that met themselves", got)
	}
}

// TestFailures goes through what AWS may answer and what that means to a use case.
func TestFailures(t *testing.T) {
	lasting := func(kind engine.FaultKind) func(*testing.T, *engine.Engine) {
		return func(t *testing.T, e *engine.Engine) {
			for _, operation := range []string{"PutItem", "GetItem", "Query"} {
				if err := e.Fault(engine.Fault{Operation: operation, Kind: kind, Count: engine.Always}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	cases := []struct {
		name  string
		table string
		key   string
		fault func(*testing.T, *engine.Engine)
		kind  payment.Kind
		text  string
	}{
		{name: "throttled", fault: lasting(engine.FaultThrottle), kind: payment.Unavailable,
			text: "ProvisionedThroughputExceededException"},
		{name: "failing", fault: lasting(engine.FaultInternal), kind: payment.Unavailable, text: "InternalServerError"},
		{name: "cut off", fault: lasting(engine.FaultLostBefore), kind: payment.Unavailable, text: "EOF"},
		{name: "no table", table: "payments-of-nobody", kind: payment.Misconfigured, text: "check TABLE"},
		{name: "no credentials", key: "-", kind: payment.Misconfigured, text: "AWS_ACCESS_KEY_ID"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, e := onEngine(t)
			store := b.Store
			if c.table != "" {
				store = dynamo.New(b.lean, c.table)
			}
			if c.key != "" {
				t.Setenv("AWS_ACCESS_KEY_ID", "")
			}
			if c.fault != nil {
				c.fault(t, e)
			}
			for call, err := range callAll(t, store) {
				failure, ok := errors.AsType[*payment.Error](err)
				if !ok || failure.Kind != c.kind || !strings.Contains(err.Error(), c.text) || failure.Message == "" {
					t.Errorf("%s: %v, want %s: ...%s...", call, err, c.kind, c.text)
					continue
				}
				if retry := failure.RetryAfter > 0; retry != (c.kind == payment.Unavailable) {
					t.Errorf("%s: retry after %s", call, failure.RetryAfter)
				}
				if strings.Contains(failure.Message, b.table) || strings.Contains(failure.Message, "Exception") {
					t.Errorf("%s: a caller is shown %q", call, failure.Message)
				}
			}
		})
	}
}

func callAll(t *testing.T, store checkout.Store) map[string]error {
	t.Helper()
	p := fresh()
	p.Rev = "read"
	_, create := store.Create(t.Context(), p)
	_, save := store.Save(t.Context(), p)
	_, load := store.Load(t.Context(), p.ID)
	_, attempts := store.Attempts(t.Context(), p.ID.Order)
	_, due := storetest.Ids(store.Due(t.Context(), 0, p.CreatedAt))
	return map[string]error{"create": create, "save": save, "load": load, "attempts": attempts, "due": due}
}

// TestUnreachable has nobody listening at all.
func TestUnreachable(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	store := dynamo.New(dynamo.NewClient(region, "http://127.0.0.1:1"), "payments")
	for call, err := range callAll(t, store) {
		if payment.KindOf(err) != payment.Unavailable {
			t.Errorf("%s: %v, want unavailable", call, err)
		}
	}
}

// TestClientGivesUpAfterASecond holds the promise of NewClient without waiting for it.
func TestClientGivesUpAfterASecond(t *testing.T) {
	client, ok := dynamo.Config(region, "").HTTPClient.(*awsclient.Sender)
	if !ok || client.Attempt != time.Second {
		t.Errorf("an attempt is made by %+v, want one that ends after a second", client)
	}
}

// TestBrokenItem puts items by hand that no payment can be read from: nothing but an error comes of them, and they stop
// nobody else.
func TestBrokenItem(t *testing.T) {
	cases := []struct {
		name   string
		change func(map[string]types.AttributeValue)
		text   string
	}{
		{"an amount that is text", func(i map[string]types.AttributeValue) {
			i["amount"] = s("150.00")
		}, "amount: is not a number"},
		{"an amount with a fraction", func(i map[string]types.AttributeValue) {
			i["amount"] = n("150.5")
		}, "amount: is not a whole number"},
		{"no version", func(i map[string]types.AttributeValue) { delete(i, "rev") }, "rev: is missing"},
		{"no schema", func(i map[string]types.AttributeValue) { delete(i, "schema") }, "schema: is missing"},
		{"money without being paid", func(i map[string]types.AttributeValue) {
			i["captured"] = n("15000")
		}, "money without being paid"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, _ := onEngine(t)
			p, err := b.Create(t.Context(), fresh())
			if err != nil {
				t.Fatal(err)
			}
			item := b.raw(t, p.ID)
			c.change(item)
			b.put(t, item)

			_, load := b.Load(t.Context(), p.ID)
			_, attempts := b.Attempts(t.Context(), p.ID.Order)
			_, create := b.Create(t.Context(), fresh())
			for call, err := range map[string]error{"load": load, "attempts": attempts, "create": create} {
				if payment.KindOf(err) != payment.Internal || !strings.Contains(err.Error(), c.text) ||
					!strings.Contains(err.Error(), p.ID.String()) {
					t.Errorf("%s: %v, want internal: ...%s..., naming the payment", call, err, c.text)
				}
			}
			if got := b.raw(t, p.ID); !reflect.DeepEqual(got, item) {
				t.Error("the item was changed")
			}
		})
	}
}

// TestStrangeKeyInDue: a hand put something into the to-do list. It is handed on without an attempt, and hides nobody.
func TestStrangeKeyInDue(t *testing.T) {
	b, _ := onEngine(t)
	p, err := b.Create(t.Context(), fresh())
	if err != nil {
		t.Fatal(err)
	}
	item := b.raw(t, p.ID)
	item["pk"], item["sk"], item["due_at"] = s("stranger"), n("1.5"), n("1")
	b.put(t, item)
	got, err := storetest.Ids(b.Due(t.Context(), p.ID.Shard(), p.DueAt.Add(time.Second)))
	if want := []payment.ID{{Order: "stranger"}, p.ID}; err != nil || !slices.Equal(got, want) {
		t.Errorf("due %v, %v; want %v", got, err, want)
	}
}

// TestNewerVersion lets an older function work on an item that a newer one wrote: its attributes and its schema must
// outlive that.
func TestNewerVersion(t *testing.T) {
	b, _ := onEngine(t)
	p, err := b.Create(t.Context(), fresh())
	if err != nil {
		t.Fatal(err)
	}
	newer := b.raw(t, p.ID)
	newer["schema"], newer["ledger_shard"], newer["ledger_at"], newer["channel"] = n("2"), n("3"), n("1772600000"),
		s("terminal")
	b.put(t, newer)

	p, err = b.Load(t.Context(), p.ID)
	if err == nil {
		p.BankCode = "001"
		p, err = b.Save(t.Context(), p)
	}
	if err != nil {
		t.Fatal(err)
	}
	newer["bank_code"], newer["rev"] = s("001"), s(p.Rev)
	if got := b.raw(t, p.ID); !reflect.DeepEqual(got, newer) {
		t.Errorf("item\n%v\nwant\n%v", got, newer)
	}
}
