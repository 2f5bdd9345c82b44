package streams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine"
	"kassa/infra/local/streams/filter"
	"kassa/infra/template"
)

var born = time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)

// world is a real engine behind real HTTP, with a table, and a function written in Go.
type world struct {
	*engine.Engine
	options Options
	dynamo  *dynamodb.Client
	log     *bytes.Buffer
	got     chan []string // the items' pk of each event, in order
	decide  func(call int, records []events.DynamoDBEventRecord) (any, error)
	calls   int
	raw     []byte // the last event

	mu    sync.Mutex
	now   time.Time
	waits []time.Duration // asked of After, all over at once
}

// set is how a test declares its mapping: as the template does, but for what it changes.
func set(change func(*template.Stream)) Mapping {
	m := Mapping{Function: "Notify", Stream: template.Stream{
		Name: "Changed", BatchSize: 25, Retries: 2, MaxAge: time.Hour, Bisect: true, PartialFailures: true,
		DeadLetters: "NotifyDeadLetters",
	}}
	if change != nil {
		change(&m.Stream)
	}
	return m
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{log: &bytes.Buffer{}, got: make(chan []string, 1000), now: born}
	folder := t.TempDir()
	e, err := engine.Open(filepath.Join(folder, "engine.db"), engine.Options{Now: w.clock, Region: "eu-test-1"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Engine = e
	sign := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
	w.dynamo = dynamodb.New(dynamodb.Options{BaseEndpoint: &server.URL, Region: "eu-test-1", Credentials: sign})
	w.options = Options{
		Client: dynamodbstreams.New(dynamodbstreams.Options{BaseEndpoint: &server.URL, Region: "eu-test-1", Credentials: sign,
			Retryer: aws.NopRetryer{}}),
		Table: "payments", Folder: folder, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock, After: w.after,
		Written: e.Written,
	}
	_, err = w.dynamo.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("payments"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}},
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// after is over at once, so that retries cost no time.
func (w *world) after(d time.Duration) <-chan time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = append(w.waits, d)
	over := make(chan time.Time, 1)
	over <- w.now
	return over
}

func (w *world) waited() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Duration(nil), w.waits...)
}

// Invoke is the function: it says what it got and answers what the test decides.
func (w *world) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var e events.DynamoDBEvent
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	w.calls++
	w.raw = event
	answer, err := any(nil), error(nil)
	if w.decide != nil {
		answer, err = w.decide(w.calls, e.Records)
	}
	w.got <- names(e.Records)
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

func names(records []events.DynamoDBEventRecord) (out []string) {
	for _, r := range records {
		out = append(out, r.Change.Keys["pk"].String())
	}
	return out
}

// open starts a mapping whose function is the world's.
func (w *world) open(t testing.TB, m Mapping) *Poller {
	t.Helper()
	m.Target = w
	p, err := Open(t.Context(), w.options, []Mapping{m})
	if err != nil {
		t.Fatal(err)
	}
	p.Start()
	return p
}

func closePoller(t testing.TB, p *Poller) {
	t.Helper()
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func (w *world) put(t testing.TB, pks ...string) {
	t.Helper()
	for _, pk := range pks {
		w.putItem(t, map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk},
			"wake": &types.AttributeValueMemberBOOL{Value: true}})
	}
}

func (w *world) putItem(t testing.TB, item map[string]types.AttributeValue) {
	t.Helper()
	if _, err := w.dynamo.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("payments"),
		Item: item}); err != nil {
		t.Fatal(err)
	}
}

// expect waits for events and compares their items, one text per event.
func (w *world) expect(t testing.TB, want ...string) {
	t.Helper()
	for i, event := range want {
		if got := strings.Join(<-w.got, " "); got != event {
			t.Fatalf("event %d holds %q, want %q", i+1, got, event)
		}
	}
}

// nothing holds that no event is left; the poller must be closed.
func (w *world) nothing(t testing.TB) {
	t.Helper()
	select {
	case event := <-w.got:
		t.Errorf("one more event: %v", event)
	default:
	}
}

// letters are what was given up.
func (w *world) letters(t testing.TB) (out []letter) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.options.Folder, "NotifyDeadLetters.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var l letter
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

// report is the answer that names records as failed.
func report(records ...events.DynamoDBEventRecord) events.DynamoDBEventResponse {
	var r events.DynamoDBEventResponse
	for _, one := range records {
		r.BatchItemFailures = append(r.BatchItemFailures,
			events.DynamoDBBatchItemFailure{ItemIdentifier: one.Change.SequenceNumber})
	}
	return r
}

func wake(t testing.TB) filter.Filter {
	t.Helper()
	f, err := filter.Parse([]string{`{"dynamodb":{"NewImage":{"wake":{"BOOL":[true]}}}}`})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sequence is the nth record's number in the engine's stream.
func sequence(n int) string { return "1" + strings.Repeat("0", 19) + strconv.Itoa(n) }

// stored reads the only place that is kept, beside the poller that keeps it.
func (w *world) stored() (sequence string, err error) {
	text, err := os.ReadFile(filepath.Join(w.options.Folder, "streams.db"))
	if err != nil {
		return "", err
	}
	copied := filepath.Join(w.options.Folder, "copy")
	if err := errors.Join(os.Mkdir(copied, 0o700), os.WriteFile(filepath.Join(copied, "streams.db"), text,
		0o600)); err != nil {
		return "", err
	}
	places, err := openPlaces(copied)
	if err != nil {
		return "", err
	}
	err = places.file.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(placesBucket)).ForEach(func(_, v []byte) error {
			sequence = string(v)
			return nil
		})
	})
	return sequence, errors.Join(err, places.close())
}
