package streams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/engine"
	"kassa/infra/template"
)

// TestEventIsLambdas compares a whole event, and lets AWS's own types read it.
func TestEventIsLambdas(t *testing.T) {
	w := newWorld(t)
	w.putItem(t, map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}})
	w.putItem(t, map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "a"}, "n": &types.AttributeValueMemberN{Value: "15000"},
		"wake": &types.AttributeValueMemberBOOL{Value: true},
		"m": &types.AttributeValueMemberM{
			Value: map[string]types.AttributeValue{
				"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "y"}}}}},
	})
	closePoller(t, func() *Poller { p := w.open(t, set(nil)); w.expect(t, "a a"); return p }())

	var e events.DynamoDBEvent
	if err := json.Unmarshal(w.raw, &e); err != nil {
		t.Fatal(err)
	}
	second := e.Records[1]
	if second.EventName != "MODIFY" || second.EventID == "" || second.Change.NewImage["n"].Number() != "15000" ||
		!second.Change.ApproximateCreationDateTime.Equal(born) {
		t.Errorf("%+v", second)
	}
	want := fmt.Sprintf(`{"eventID":%q,"eventName":"MODIFY","eventVersion":"1.1","eventSource":"aws:dynamodb",
		"awsRegion":"eu-test-1",
		"eventSourceARN":"arn:aws:dynamodb:eu-test-1:000000000000:table/payments/stream/2026-11-21T20:00:00.000",
		"dynamodb":{"ApproximateCreationDateTime":1795291200,"Keys":{"pk":{"S":"a"}},"OldImage":{"pk":{"S":"a"}},
		"NewImage":{"pk":{"S":"a"},"n":{"N":"15000"},"wake":{"BOOL":true},"m":{"M":{"l":{"L":[{"S":"y"}]}}}},
		"SequenceNumber":%q,"SizeBytes":%d,"StreamViewType":"NEW_AND_OLD_IMAGES"}}`, second.EventID, sequence(2),
		second.Change.SizeBytes)
	var got struct{ Records []any }
	var expected any
	if err := errors.Join(json.Unmarshal(w.raw, &got), json.Unmarshal([]byte(want), &expected)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Records[1], expected) {
		t.Errorf("record\n got %v\nwant %v", got.Records[1], expected)
	}
}

// TestOrderAndBatches holds that records come in order, in batches of the declared size, and one batch at a time.
func TestOrderAndBatches(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 60 {
		pk := fmt.Sprintf("p%02d", i)
		w.put(t, pk)
		want = append(want, pk)
	}
	busy := make(chan struct{}, 1) // full while an invocation is under way
	w.decide = func(int, []events.DynamoDBEventRecord) (any, error) {
		select {
		case busy <- struct{}{}:
		default:
			t.Error("two batches at once")
		}
		<-busy
		return nil, nil
	}
	p := w.open(t, set(nil))
	var got []string
	for _, size := range []int{25, 25, 10} {
		event := <-w.got
		if len(event) != size {
			t.Errorf("a batch of %d, want %d", len(event), size)
		}
		got = append(got, event...)
	}
	closePoller(t, p)
	if !slices.Equal(got, want) {
		t.Errorf("order %v", got)
	}
}

func TestOnlyWhatTheFilterLetsPass(t *testing.T) {
	w := newWorld(t)
	m := set(func(s *template.Stream) { s.Filter = wake(t) })
	p := w.open(t, m)
	w.put(t, "a")
	w.expect(t, "a")
	// as a function's own save
	w.putItem(t, map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}})
	w.put(t, "b")
	w.expect(t, "b")
	closePoller(t, p)
	w.nothing(t)
}

func TestRestartGoesOn(t *testing.T) {
	w := newWorld(t)
	m := set(func(s *template.Stream) { s.Filter = wake(t) })
	p := w.open(t, m)
	w.put(t, "a", "b")
	for got := 0; got < 2; {
		got += len(<-w.got)
	}
	closePoller(t, p)
	w.put(t, "c")
	p = w.open(t, m)
	w.expect(t, "c")
	closePoller(t, p)
	w.nothing(t)
}

// TestCloseLetsABatchFinish holds both ends: in time it counts, cut off it is handed over again.
func TestCloseLetsABatchFinish(t *testing.T) {
	for name, inTime := range map[string]bool{"in time": true, "cut off": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			started, release := make(chan struct{}), make(chan struct{})
			w.decide = func(call int, _ []events.DynamoDBEventRecord) (any, error) {
				if call == 1 {
					close(started)
					<-release
				}
				return nil, nil
			}
			p := w.open(t, set(nil))
			w.put(t, "a")
			<-started
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			closed := make(chan error)
			go func() { closed <- p.Close(ctx) }()
			<-p.polling.Done()
			if !inTime {
				cancel()
				<-p.working.Done()
			}
			close(release)
			if err := <-closed; err != nil {
				t.Error(err)
			}
			w.expect(t, "a")
			w.put(t, "b")
			p = w.open(t, set(nil))
			if inTime {
				w.expect(t, "b")
			} else {
				w.expect(t, "a b")
			}
			closePoller(t, p)
		})
	}
}

func TestDroppedAndDuplicatedRecords(t *testing.T) {
	w := newWorld(t)
	for _, f := range []engine.Fault{
		{Operation: "PutItem", Key: "lost", Kind: engine.FaultDropRecord},
		{Operation: "PutItem", Key: "twice", Kind: engine.FaultDuplicateRecord},
	} {
		if err := w.Fault(f); err != nil {
			t.Fatal(err)
		}
	}
	w.put(t, "a", "lost", "twice", "b")
	p := w.open(t, set(func(s *template.Stream) { s.BatchSize = 1 }))
	w.expect(t, "a", "twice", "twice", "b")
	closePoller(t, p)
	p = w.open(t, set(nil))
	w.put(t, "c")
	w.expect(t, "c")
	closePoller(t, p)
}

// TestStreamOutOfReach holds that nothing is lost or skipped when the stream's own calls fail.
func TestStreamOutOfReach(t *testing.T) {
	w := newWorld(t)
	p := w.open(t, set(func(s *template.Stream) { s.BatchSize = 1 }))
	for _, f := range []engine.Fault{
		{Operation: "GetRecords", Kind: engine.FaultThrottle, Count: 3}, {Operation: "GetRecords", Kind: engine.FaultLost,
			Nth: 5},
		{Operation: "GetShardIterator", Kind: engine.FaultInternal},
	} {
		if err := w.Fault(f); err != nil {
			t.Fatal(err)
		}
	}
	w.put(t, "a", "b", "c")
	w.expect(t, "a", "b", "c")
	w.put(t, "d")
	w.expect(t, "d")
	closePoller(t, p)
	w.nothing(t)
	if !strings.Contains(w.log.String(), "the stream cannot be followed; trying again") ||
		!strings.Contains(w.log.String(), "function=Notify") {
		t.Errorf("log %s", w.log)
	}
}

// TestWindow holds that a batch waits for its window, and no longer once it is full.
func TestWindow(t *testing.T) {
	w := newWorld(t)
	windows := make(chan chan time.Time, 10)
	w.options.After = func(d time.Duration) <-chan time.Time {
		if d != time.Minute {
			t.Errorf("waits %v", d)
		}
		over := make(chan time.Time, 1)
		windows <- over
		return over
	}
	p := w.open(t, set(func(s *template.Stream) { s.BatchSize, s.Window = 3, time.Minute }))
	w.put(t, "a")
	over := <-windows
	w.put(t, "b")
	w.nothing(t)
	w.put(t, "c")
	w.expect(t, "a b c") // full
	w.put(t, "d")
	over <- time.Time{} // of a batch that is gone, which must not end the next one's
	over = <-windows
	w.nothing(t)
	over <- time.Time{}
	w.expect(t, "d")
	closePoller(t, p)
}

// TestWithoutBell holds that a stream of which nobody tells is asked as often as Lambda asks.
func TestWithoutBell(t *testing.T) {
	w := newWorld(t)
	ticks := make(chan time.Time)
	w.options.Written = nil
	w.options.After = func(d time.Duration) <-chan time.Time {
		if d != 250*time.Millisecond {
			t.Errorf("waits %v", d)
		}
		return ticks
	}
	p := w.open(t, set(nil))
	ticks <- time.Time{} // taken only by a reader that found nothing
	w.put(t, "a")
	ticks <- time.Time{}
	ticks <- time.Time{}
	w.expect(t, "a")
	closePoller(t, p)
}

// TestIdleAsksNobody holds that a stream without writes costs no calls: the second of two writes makes as many as the
// first.
func TestIdleAsksNobody(t *testing.T) {
	w := newWorld(t)
	p := w.open(t, set(nil))
	w.put(t, "a", "b", "c", "d")
	for got := 0; got < 4; {
		got += len(<-w.got)
	}
	closePoller(t, p)
	if calls := w.Calls().Total("GetRecords"); calls > 2*4+2 { // found, and found nothing, for each; and the start
		t.Errorf("%d GetRecords for four writes", calls)
	}
}

func TestUnusableStreams(t *testing.T) {
	w := newWorld(t)
	w.options.Table = "nowhere"
	if _, err := Open(t.Context(), w.options, nil); err == nil || !strings.Contains(err.Error(), "StreamSpecification") {
		t.Errorf("no stream: %v", err)
	}
	w.options.Table, w.options.Folder = "payments", filepath.Join(t.TempDir(), "nowhere")
	if _, err := Open(t.Context(), w.options, nil); err == nil || !strings.Contains(err.Error(), "keeps the places") {
		t.Errorf("no folder: %v", err)
	}
}

// TestEventFits holds Lambda's limit on an event.
func TestEventFits(t *testing.T) {
	large := record{text: bytes.Repeat([]byte("x"), 2<<20)}
	s := &shard{Mapping: set(nil), pending: []record{large, large, large, large}}
	if first, second := len(s.cut()), len(s.cut()); first != 2 || second != 2 {
		t.Errorf("batches of %d and %d records of 2 MB", first, second)
	}
	s.pending = []record{{text: bytes.Repeat([]byte("x"), 7<<20)}}
	if got := len(s.cut()); got != 1 {
		t.Errorf("a batch of %d: a record that is too large must not stop the shard", got)
	}
}

// TestTwoMappings holds that each has a place of its own.
func TestTwoMappings(t *testing.T) {
	w, other := newWorld(t), &world{got: make(chan []string, 10)}
	first, second := set(nil), set(func(s *template.Stream) { s.Name = "Other" })
	first.Target, second.Target = w, other
	p, err := Open(t.Context(), w.options, []Mapping{first, second})
	if err != nil {
		t.Fatal(err)
	}
	p.Start()
	w.put(t, "a")
	w.expect(t, "a")
	other.expect(t, "a")
	closePoller(t, p)
}

// TestDeadLettersOutOfReach holds that a record is not passed over while nobody can be told that it was given up.
func TestDeadLettersOutOfReach(t *testing.T) {
	w := newWorld(t)
	blocked := filepath.Join(w.options.Folder, "NotifyDeadLetters.jsonl")
	if err := os.Mkdir(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	w.decide = func(call int, _ []events.DynamoDBEventRecord) (any, error) {
		if call == 2 { // given a first time, given again because the letter could not be kept
			return nil, os.Remove(blocked)
		}
		return nil, errors.New("no")
	}
	p := w.open(t, set(func(s *template.Stream) { s.Retries = 0 }))
	w.put(t, "a")
	w.expect(t, "a", "a")
	closePoller(t, p)
	if got := w.letters(t); len(got) != 0 {
		t.Errorf("letters %+v", got)
	}
}

// TestTableMadeAnew holds that the place in one table's stream is not taken for a place in another's.
func TestTableMadeAnew(t *testing.T) {
	w := newWorld(t)
	p := w.open(t, set(nil))
	w.put(t, "a")
	w.expect(t, "a")
	closePoller(t, p)
	_, err := w.dynamo.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("other"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}},
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err == nil {
		_, err = w.dynamo.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String("other"),
			Item:      map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "new"}},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.options.Table = "other"
	p = w.open(t, set(nil))
	w.expect(t, "new")
	closePoller(t, p)
}
