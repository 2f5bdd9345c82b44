package stack

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// awaitText waits until a file holds a text.
func awaitText(t *testing.T, file, text string) {
	t.Helper()
	for {
		got, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) || t.Context().Err() != nil {
			t.Fatalf("waiting for %q in %s: %v", text, file, errors.Join(err, t.Context().Err()))
		}
		if strings.Contains(string(got), text) {
			return
		}
		runtime.Gosched()
	}
}

// TestWritesWakeAFunction holds that a write reaches the function that follows the stream, that a lost record does not
// and stops nothing, and that a record which cannot be managed is given up for the next to be seen.
func TestWritesWakeAFunction(t *testing.T) {
	s := start(t, config(t))
	api, log := s.Info.APIURL, s.LogFile("Watch")
	want(t, "POST", api+"/items/a", "hello", 201, "")
	awaitText(t, log, "saw INSERT a hello\n")

	want(t, "POST", s.Info.EngineURL+"/_engine/faults", `{"operation":"PutItem","key":"lost","fault":"drop_record"}`, 204,
		"")
	want(t, "POST", s.Info.EngineURL+"/_engine/faults", `{"operation":"PutItem","key":"twice","fault":"duplicate_record"}`,
		204, "")
	want(t, "POST", api+"/items/lost", "never seen", 201, "")
	want(t, "POST", api+"/items/twice", "again", 201, "")
	want(t, "POST", api+"/items/a", "poison", 201, "")
	want(t, "POST", api+"/items/a", "well again", 201, "")
	awaitText(t, log, "saw MODIFY a well again\n")
	awaitText(t, s.data("Unseen.jsonl"), `"condition":"RetryAttemptsExhausted"`)
	if got := read(t, log); strings.Contains(got, "never seen") || strings.Count(got, "saw INSERT twice again\n") < 2 ||
		strings.Count(got, "poison") != 2 {
		t.Errorf("log of Watch %q", got)
	}
}

// TestAStreamGoesOnWhereItWas holds that a stack which is started again does not tell of old writes, and tells of new
// ones.
func TestAStreamGoesOnWhereItWas(t *testing.T) {
	c := config(t)
	s := start(t, c)
	want(t, "POST", s.Info.APIURL+"/items/a", "first", 201, "")
	awaitText(t, s.LogFile("Watch"), "saw INSERT a first\n")
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s = start(t, c)
	want(t, "POST", s.Info.APIURL+"/items/a", "second", 201, "")
	awaitText(t, s.LogFile("Watch"), "saw MODIFY a second\n")
	if got := read(t, s.LogFile("Watch")); strings.Count(got, "first") != 1 {
		t.Errorf("log of Watch %q", got)
	}
}

// TestAStreamThatIsToldIsLetGo: of three thousand writes that the function has seen the stack keeps no more records
// than the engine leaves for people.
func TestAStreamThatIsToldIsLetGo(t *testing.T) {
	s := start(t, config(t))
	const writes, kept = 3000, 1250
	err := s.Engine.PutAll(func(yield func([]byte) bool) {
		for i := range writes {
			item := fmt.Sprintf(`{"pk":{"S":"%d"},"sk":{"N":"1"},"text":{"S":"x"}}`, i)
			if !yield(fmt.Appendf(nil, `{"TableName":%q,"Item":%s}`, s.Info.Table, item)) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	awaitText(t, s.LogFile("Watch"), fmt.Sprintf("saw INSERT %d x\n", writes-1))
	for left := writes; left > kept; runtime.Gosched() {
		left = countRecords(t, s)
	}
}

// countRecords reads the table's stream from its oldest record on.
func countRecords(t *testing.T, s *Stack) (count int) {
	t.Helper()
	client := dynamodbstreams.New(dynamodbstreams.Options{Region: Region, BaseEndpoint: &s.Info.EngineURL,
		Credentials: aws.CredentialsProviderFunc(credentials)})
	listed, err := client.ListStreams(t.Context(), &dynamodbstreams.ListStreamsInput{TableName: &s.Info.Table})
	if err != nil {
		t.Fatal(err)
	}
	described, err := client.DescribeStream(t.Context(),
		&dynamodbstreams.DescribeStreamInput{StreamArn: listed.Streams[0].StreamArn})
	if err != nil {
		t.Fatal(err)
	}
	begun, err := client.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
		StreamArn: listed.Streams[0].StreamArn, ShardId: described.StreamDescription.Shards[0].ShardId,
		ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	for next := begun.ShardIterator; ; {
		page, err := client.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: next})
		if trimmed := new(types.TrimmedDataAccessException); errors.As(err, &trimmed) {
			return countRecords(t, s) // it was let go of meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Records) == 0 {
			return count
		}
		count, next = count+len(page.Records), page.NextShardIterator
	}
}
