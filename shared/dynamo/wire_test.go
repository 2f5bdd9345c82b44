package dynamo_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"testing"

	"kassa/shared/awsclient"
	"kassa/shared/dynamo"
	"kassa/shared/dynamo/client"
	"kassa/shared/payment"
)

// canned is a DynamoDB that gives one answer to everything and keeps what it was sent.
type canned struct {
	answer []byte
	sent   []byte
}

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	var err error
	if c.sent, err = io.ReadAll(r.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.answer)),
		Request: r}, nil
}

// TestPaymentsAreReadConsistently looks at what is sent: the engine, unlike DynamoDB, has no other way to read.
func TestPaymentsAreReadConsistently(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	config := awsclient.Config(region, "http://127.0.0.1", 0)
	wire := &canned{answer: []byte("{}")}
	config.HTTPClient = wire
	store := dynamo.New(client.New(config), "payments")
	for name, call := range map[string]func() error{
		"load":     func() error { _, err := store.Load(t.Context(), fresh().ID); return err },
		"attempts": func() error { _, err := store.Attempts(t.Context(), fresh().ID.Order); return err },
	} {
		if err := call(); err != nil && payment.KindOf(err) != payment.NotFound {
			t.Fatal(err)
		}
		if !bytes.Contains(wire.sent, []byte(`"ConsistentRead":true`)) {
			t.Errorf("%s sends %s", name, wire.sent)
		}
	}
}

// FuzzLoad reads items that DynamoDB might send, through the real client. What can be read must be sound, and come back
// as it was when it is written and read again.
func FuzzLoad(f *testing.F) {
	f.Setenv("AWS_ACCESS_KEY_ID", "local")
	f.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	f.Add([]byte(seed))
	f.Add([]byte(`{"Item":{"pk":{"S":"pay_x"},"sk":{"N":"1E400"},"rev":{"S":"r"},"schema":{"N":"1"}}}`))
	f.Add([]byte(`{"Item":{"history":{"L":[{"M":{"at":{"S":"2026-02-30T00:00:00.000Z"}}}]},"refunds":{"NULL":true}}}`))
	f.Add([]byte(`{"Item":{}}`))
	f.Add([]byte(`{}`))
	config := awsclient.Config(region, "http://127.0.0.1", 0)
	f.Fuzz(func(t *testing.T, answer []byte) {
		wire := &canned{answer: answer}
		config := config.Copy()
		config.HTTPClient = wire
		config.RetryMaxAttempts = 1
		store := dynamo.New(client.New(config), "payments")
		p, err := store.Load(t.Context(), payment.ID{Order: "pay_x", Attempt: 1})
		if err != nil {
			if _, ok := errors.AsType[*payment.Error](err); !ok {
				t.Fatalf("error %v is not of the domain", err)
			}
			return
		}
		if err := p.Check(); err != nil {
			t.Fatalf("an unsound payment was read: %v", err)
		}
		wire.answer = []byte(`{}`)
		saved, err := store.Save(t.Context(), p)
		if err != nil {
			t.Fatalf("what was read cannot be saved: %v", err)
		}
		wire.answer = wire.sent // PutItem's request and GetItem's answer both call it Item
		back, err := store.Load(t.Context(), p.ID)
		if err != nil || !reflect.DeepEqual(back, saved) {
			t.Fatalf("%v\n%+v\nwant\n%+v", err, back, saved)
		}
	})
}

// seed is the answer for a small sound payment.
const seed = `{"Item":{"pk":{"S":"pay_aaaaaaaaaaaaaaaaaaaaaaaaaa"},"sk":{"N":"1"},"schema":{"N":"2"},"rev":{"S":"r"},
	"shop":{"S":"demo-az"},
"amount":{"N":"15000"},"currency":{"S":"AZN"},"term":{"N":"0"},"status":{"S":"created"},
"created_at":{"S":"2026-03-04T05:06:07.891Z"},
"metadata":{"M":{"a":{"S":"b"}}},"sequence":{"N":"1"},"refunds":{"L":[]},"reviews":{"L":[{"S":"status"}]},
"due":{"S":"2026-03-04T06:06:07.891Z"},
"due_shard":{"N":"3"},"due_at":{"N":"1772604368"},"history":{"L":[{"M":{"sequence":{"N":"1"},
"at":{"S":"2026-03-04T05:06:07.891Z"},
"what":{"S":"created"},"by":{"S":"kassa"}}}]},"later":{"SS":["x"]}}}`

// TestReadingWhatIsUndeliveredIsBounded: in lists that never end, full of others' payments, one call reads so many
// pages, and the next goes on from there.
func TestReadingWhatIsUndeliveredIsBounded(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	config := awsclient.Config(region, "http://127.0.0.1", 0)
	key := `{"pk":{"S":"pay_aaaaaaaaaaaaaaaaaaaaaaaaaa"},"sk":{"N":"1"},"outbox_shard":{"N":"3"},` +
		`"outbox_at":{"N":"1772604368"}}`
	wire := &canned{answer: []byte(`{"Items":[` + key[:len(key)-1] + `,"shop":{"S":"another"}}],"LastEvaluatedKey":` +
		key + `}`)}
	calls := 0
	config.HTTPClient = countedClient{wire, &calls}
	store := dynamo.New(client.New(config), "payments")
	from := ""
	for range 2 {
		ids, next, err := store.Undelivered(t.Context(), "demo-az", from, 10)
		if err != nil || len(ids) != 0 || next != "0:1772604368:pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1" {
			t.Fatalf("%v %q %v", ids, next, err)
		}
		if from != "" && !bytes.Contains(wire.sent, []byte("ExclusiveStartKey")) {
			t.Errorf("it begins anew: %s", wire.sent)
		}
		from = next
	}
	if calls != 2*34 {
		t.Errorf("%d pages were read", calls)
	}
}

// countedClient counts what it is asked.
type countedClient struct {
	*canned
	calls *int
}

func (c countedClient) Do(r *http.Request) (*http.Response, error) {
	*c.calls++
	return c.canned.Do(r)
}
