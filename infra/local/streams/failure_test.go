package streams

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/infra/template"
)

// holds tells whether a batch has the item.
func holds(records []events.DynamoDBEventRecord, pk string) bool {
	return slices.Contains(names(records), pk)
}

// failing is a function that fails as a whole on any batch with the item.
func failing(pk string) func(int, []events.DynamoDBEventRecord) (any, error) {
	return func(_ int, records []events.DynamoDBEventRecord) (any, error) {
		if holds(records, pk) {
			return nil, errors.New("poisoned by " + pk)
		}
		return nil, nil
	}
}

// TestPoisonRecordIsFound holds that halving finds the record that a batch fails on, that halving costs no retry, that
// the others are handed over, in order, and that the poison is given up after its retries.
func TestPoisonRecordIsFound(t *testing.T) {
	w := newWorld(t)
	w.decide = failing("c")
	w.put(t, "a", "b", "c", "d")
	p := w.open(t, set(nil))
	w.expect(t, "a b c d", "a b", "c d", "c", "c", "c", "d")
	w.put(t, "e")
	w.expect(t, "e")
	closePoller(t, p)
	got := w.letters(t)
	if len(got) != 1 || got[0].Batch.Start != sequence(3) || got[0].Batch.End != sequence(3) || got[0].Batch.Size != 1 {
		t.Fatalf("letters %+v", got)
	}
	if want := []time.Duration{200 * time.Millisecond, 400 * time.Millisecond}; !reflect.DeepEqual(w.waited(), want) {
		t.Errorf("waited %v, want %v", w.waited(), want)
	}
}

// TestLetterIsLambdas compares all of what is kept of records that were given up.
func TestLetterIsLambdas(t *testing.T) {
	w := newWorld(t)
	w.decide = failing("b")
	w.put(t, "a")
	w.pass(time.Second)
	w.put(t, "b")
	p := w.open(t, set(func(s *template.Stream) { s.Bisect, s.Retries = false, 1 }))
	w.expect(t, "a b", "a b")
	w.put(t, "c")
	w.expect(t, "c")
	closePoller(t, p)
	got := w.letters(t)
	if len(got) != 1 || got[0].RequestContext.RequestID == "" {
		t.Fatalf("letters %+v", got)
	}
	got[0].RequestContext.RequestID = ""
	want := letter{
		RequestContext: requestContext{
			FunctionARN: "arn:aws:lambda:eu-test-1:000000000000:function:Notify", Condition: "RetryAttemptsExhausted",
			Invokes: 2,
		},
		ResponseContext: &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST", FunctionError: "Unhandled"},
		Version:         "1.0",
		Timestamp:       "2026-11-21T20:00:01.000Z",
		Batch: batchInfo{
			ShardID: "shardId-00000000000000000001-00000001", Start: sequence(1), End: sequence(2), Size: 2,
			FirstArrive: "2026-11-21T20:00:00Z", LastArrive: "2026-11-21T20:00:01Z",
			StreamARN: "arn:aws:dynamodb:eu-test-1:000000000000:table/payments/stream/2026-11-21T20:00:00.000",
		},
	}
	if !reflect.DeepEqual(got[0], want) {
		t.Errorf("letter\n got %+v\nwant %+v", got[0], want)
	}
	if log := w.log.String(); !strings.Contains(log, "given up") || !strings.Contains(log, "poisoned by b") {
		t.Errorf("log %s", log)
	}
}

// TestNamedFailures holds that records before the first named one are done with, and all from there on come again.
func TestNamedFailures(t *testing.T) {
	w := newWorld(t)
	w.decide = func(call int, records []events.DynamoDBEventRecord) (any, error) {
		switch call {
		case 1:
			return report(records[4], records[2]), nil // the lowest counts, wherever it stands
		case 2:
			return report(records[1]), nil
		}
		return nil, nil
	}
	w.put(t, "a", "b", "c", "d", "e")
	p := w.open(t, set(nil))
	w.expect(t, "a b c d e", "c d e", "d e")
	closePoller(t, p)
	if got := w.letters(t); len(got) != 0 {
		t.Errorf("given up: %+v", got)
	}
}

// TestNamedPoison holds what easily surprises at AWS: those behind a record that is always named share its retries.
func TestNamedPoison(t *testing.T) {
	w := newWorld(t)
	w.decide = func(_ int, records []events.DynamoDBEventRecord) (any, error) {
		for _, r := range records {
			if r.Change.Keys["pk"].String() == "b" {
				return report(r), nil
			}
		}
		return nil, nil
	}
	w.put(t, "a", "b", "c")
	p := w.open(t, set(nil))
	w.expect(t, "a b c", "b c", "b c")
	w.put(t, "d")
	w.expect(t, "d")
	closePoller(t, p)
	got := w.letters(t)
	if len(got) != 1 || got[0].Batch.Start != sequence(2) || got[0].Batch.End != sequence(3) ||
		got[0].RequestContext.Invokes != 3 || got[0].ResponseContext.FunctionError != "" {
		t.Errorf("letters %+v", got)
	}
}

// TestPlaceWithinABatch holds that the records before a failed one do not come again after a power cut.
func TestPlaceWithinABatch(t *testing.T) {
	w := newWorld(t)
	w.put(t, "a", "b", "c")
	again := make(chan struct{})
	w.decide = func(call int, records []events.DynamoDBEventRecord) (any, error) {
		if call == 2 {
			close(again)
			select {} // as long as the process lives
		}
		return report(records[1]), nil
	}
	w.open(t, set(nil)) // never closed: it is cut off
	<-again
	w.expect(t, "a b c")
	stored, err := w.stored()
	if err != nil || stored != sequence(1) {
		t.Errorf("the place is %q, %v", stored, err)
	}
}

// TestReportsAreIgnoredUnlessDeclared holds that a report means nothing where the mapping does not ask for it.
func TestReportsAreIgnoredUnlessDeclared(t *testing.T) {
	w := newWorld(t)
	w.decide = func(_ int, records []events.DynamoDBEventRecord) (any, error) { return report(records...), nil }
	p := w.open(t, set(func(s *template.Stream) { s.PartialFailures = false }))
	w.put(t, "a")
	w.expect(t, "a")
	closePoller(t, p)
	w.nothing(t)
}

func TestOldRecordsAreGivenUpUnseen(t *testing.T) {
	w := newWorld(t)
	w.put(t, "a", "b")
	w.pass(time.Hour)
	w.put(t, "c")
	w.pass(time.Second)
	p := w.open(t, set(nil))
	w.expect(t, "c")
	closePoller(t, p)
	got := w.letters(t)
	if len(got) != 1 || got[0].RequestContext.Condition != "RecordAgeExceeded" || got[0].RequestContext.Invokes != 0 ||
		got[0].ResponseContext != nil || got[0].Batch.End != sequence(2) {
		t.Errorf("letters %+v", got)
	}
}

// TestEndlessRetries holds that -1 goes on until the record is too old, however often that is.
func TestEndlessRetries(t *testing.T) {
	w := newWorld(t)
	w.put(t, "a")
	w.decide = func(call int, _ []events.DynamoDBEventRecord) (any, error) {
		if call == 50 {
			w.pass(2 * time.Hour)
		}
		return nil, errors.New("no")
	}
	p := w.open(t, set(func(s *template.Stream) { s.Retries = -1 }))
	w.expect(t, slices.Repeat([]string{"a"}, 50)...)
	w.put(t, "b")
	w.expect(t, "b")
	closePoller(t, p)
	if got := w.letters(t); len(got) != 1 || got[0].RequestContext.Condition != "RecordAgeExceeded" ||
		got[0].RequestContext.Invokes != 50 || got[0].ResponseContext == nil {
		t.Errorf("letters %+v", got)
	}
}

func TestAgeWithoutEnd(t *testing.T) {
	w := newWorld(t)
	w.put(t, "a")
	w.pass(1000 * time.Hour)
	p := w.open(t, set(func(s *template.Stream) { s.MaxAge = template.Forever }))
	w.expect(t, "a")
	closePoller(t, p)
}

func TestWithoutDestination(t *testing.T) {
	w := newWorld(t)
	w.decide = failing("a")
	p := w.open(t, set(func(s *template.Stream) { s.DeadLetters, s.Retries = "", 0 }))
	w.put(t, "a")
	w.expect(t, "a")
	w.put(t, "b")
	w.expect(t, "b")
	closePoller(t, p)
	if !strings.Contains(w.log.String(), "RetryAttemptsExhausted") {
		t.Errorf("log %s", w.log)
	}
}

// TestReports is the table of the Developer Guide, "Success and failure conditions", and what it leaves open.
func TestReports(t *testing.T) {
	records := []record{{sequence: "1"}, {sequence: "2"}, {sequence: "2"}, {sequence: "3"}}
	for text, want := range map[string]int{
		``: 4, `null`: 4, `{}`: 4, "{}\n": 4, `{"batchItemFailures":null}`: 4, `{"batchItemFailures":[]}`: 4,
		`{"other":1}`: 4,
		`{"BatchItemFailures":[{"itemIdentifier":"2"}]}`: 4, // Lambda does not see it
		`{"batchItemFailures":[{"itemIdentifier":""}]}`:  0, `{"batchItemFailures":[{"itemIdentifier":null}]}`: 0,
		`{"batchItemFailures":[{"id":"2"}]}`:             0,
		`{"batchItemFailures":[{"ItemIdentifier":"2"}]}`: 0, `{"batchItemFailures":[{"itemIdentifier":"9"}]}`: 0,
		`{"batchItemFailures":[null]}`:                 0,
		`{"batchItemFailures":[{"itemIdentifier":2}]}`: 0, `{"batchItemFailures":"2"}`: 0, `"done"`: 0, `[]`: 0, `{`: 0,
		`{"batchItemFailures":[{"itemIdentifier":"2"}]}`:                          1, // of two with one number the first
		`{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]}`:   1,
		`{"batchItemFailures":[{"itemIdentifier":"3"}]}`:                          3,
		`{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"who"}]}`: 0,
	} {
		if got := firstFailed(records, []byte(text)); got != want {
			t.Errorf("%s: starts again at %d, want %d", text, got, want)
		}
	}
}

// FuzzReport holds that no answer of a function stops the shard: the place stays within the batch.
func FuzzReport(f *testing.F) {
	for _, seed := range []string{``, `null`, `{"batchItemFailures":[{"itemIdentifier":"2"}]}`,
		`{"batchItemFailures":[{"itemIdentifier":[]}]}`, `{"batchItemFailures":{}}`} {
		f.Add([]byte(seed))
	}
	records := []record{{sequence: "1"}, {sequence: "2"}}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if at := firstFailed(records, answer); at < 0 || at > len(records) {
			t.Errorf("starts again at %d", at)
		}
	})
}

func TestBackoffGrowsToAMinute(t *testing.T) {
	var got []string
	for _, retry := range []int{1, 2, 5, 9, 10, 10000} {
		got = append(got, strconv.Itoa(int(backoff(retry).Milliseconds())))
	}
	if want := "200 400 3200 51200 60000 60000"; strings.Join(got, " ") != want {
		t.Errorf("waits %v ms, want %s", got, want)
	}
}
