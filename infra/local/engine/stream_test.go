package engine_test

import (
	"errors"
	"fmt"
	"net"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	stream "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"kassa/infra/local/engine"
)

// stream finds the stream of the table payments, as a consumer does.
func (r *running) stream(t testing.TB) *stream.StreamDescription {
	t.Helper()
	listed, err := r.streams.ListStreams(t.Context(), &dynamodbstreams.ListStreamsInput{TableName: aws.String("payments")})
	if err != nil || len(listed.Streams) != 1 {
		t.Fatalf("streams %v, error %v", listed, err)
	}
	described, err := r.streams.DescribeStream(t.Context(),
		&dynamodbstreams.DescribeStreamInput{StreamArn: listed.Streams[0].StreamArn})
	if err != nil || len(described.StreamDescription.Shards) != 1 {
		t.Fatalf("stream %v, error %v", described, err)
	}
	d := described.StreamDescription
	if d.StreamStatus != stream.StreamStatusEnabled || d.StreamViewType != stream.StreamViewTypeNewAndOldImages ||
		*d.TableName != "payments" {
		t.Errorf("stream %+v", d)
	}
	return d
}

// iterator is an iterator on the only shard of the stream.
func (r *running) iterator(t testing.TB, kind stream.ShardIteratorType, sequence string) *string {
	t.Helper()
	d := r.stream(t)
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: d.StreamArn, ShardId: d.Shards[0].ShardId,
		ShardIteratorType: kind}
	if sequence != "" {
		in.SequenceNumber = &sequence
	}
	out, err := r.streams.GetShardIterator(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out.ShardIterator
}

// records reads what is in the stream from an iterator on. On a busy machine the client may close its connection under
// a long answer: the SDK closes a request's body while net/http still looks for its end. Then it asks again; what the
// engine cuts off ends otherwise.
func (r *running) records(t testing.TB, iterator *string) (records []stream.Record, next *string) {
	t.Helper()
	for {
		out, err := r.streams.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
		if errors.Is(err, net.ErrClosed) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Records) == 0 {
			return records, out.NextShardIterator
		}
		records = append(records, out.Records...)
		iterator = out.NextShardIterator
	}
}

func (r *running) all(t testing.TB) []stream.Record {
	t.Helper()
	records, _ := r.records(t, r.iterator(t, stream.ShardIteratorTypeTrimHorizon, ""))
	return records
}

func TestEveryChangeLeavesARecord(t *testing.T) {
	r := withTable(t)
	start := r.iterator(t, stream.ShardIteratorTypeTrimHorizon, "")
	r.mustPut(t, item{"pk": s("a"), "sk": n("1"), "rev": s("r1")})
	r.mustPut(t, item{"pk": s("a"), "sk": n("1"), "rev": s("r2")})
	r.mustPut(t, item{"pk": s("a"), "sk": n("1"), "rev": s("r2")}) // changes nothing
	_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("a"), "sk": n("1")}, func(in *dynamodb.PutItemInput) {
		in.ConditionExpression = aws.String("attribute_not_exists(pk)")
	}))
	wantCode(t, err, "ConditionalCheckFailedException", "")

	r = r.again(t)
	got := r.all(t)
	if len(got) != 2 {
		t.Fatalf("%d records, want 2", len(got))
	}
	first, second := got[0], got[1]
	if first.EventName != stream.OperationTypeInsert || first.Dynamodb.OldImage != nil ||
		second.EventName != stream.OperationTypeModify || *first.EventID == *second.EventID {
		t.Errorf("records %+v and %+v", first, second)
	}
	if !reflect.DeepEqual(second.Dynamodb.OldImage, first.Dynamodb.NewImage) {
		t.Errorf("old image %v, want the image before, %v", second.Dynamodb.OldImage, first.Dynamodb.NewImage)
	}
	image := map[string]stream.AttributeValue{"pk": &stream.AttributeValueMemberS{Value: "a"},
		"sk": &stream.AttributeValueMemberN{Value: "1"}, "rev": &stream.AttributeValueMemberS{Value: "r2"}}
	if !reflect.DeepEqual(second.Dynamodb.NewImage, image) {
		t.Errorf("new image %v", second.Dynamodb.NewImage)
	}
	delete(image, "rev")
	if !reflect.DeepEqual(second.Dynamodb.Keys, image) ||
		second.Dynamodb.ApproximateCreationDateTime.Unix() != born.Unix() {
		t.Errorf("keys %v, created %v", second.Dynamodb.Keys, second.Dynamodb.ApproximateCreationDateTime)
	}
	if *second.Dynamodb.SequenceNumber <= *first.Dynamodb.SequenceNumber ||
		len(*first.Dynamodb.SequenceNumber) != len(*second.Dynamodb.SequenceNumber) {
		t.Errorf("sequence numbers %s, %s do not grow", *first.Dynamodb.SequenceNumber, *second.Dynamodb.SequenceNumber)
	}
	fromStart, _ := r.records(t, start)
	if len(fromStart) != 2 {
		t.Errorf("an iterator from before the writes gives %d records after the restart", len(fromStart))
	}
}

func TestIterators(t *testing.T) {
	r := withTable(t)
	for _, sk := range []string{"1", "2", "3", "4", "5"} {
		r.mustPut(t, item{"pk": s("a"), "sk": n(sk)})
	}
	third := *r.all(t)[2].Dynamodb.SequenceNumber
	var rests []*string
	for _, tc := range []struct {
		kind     stream.ShardIteratorType
		sequence string
		want     int
	}{
		{stream.ShardIteratorTypeTrimHorizon, "", 5}, {stream.ShardIteratorTypeAfterSequenceNumber, third, 2},
	} {
		got, next := r.records(t, r.iterator(t, tc.kind, tc.sequence))
		if len(got) != tc.want {
			t.Errorf("%s gives %d records, want %d", tc.kind, len(got), tc.want)
		}
		rests = append(rests, next)
	}
	r.mustPut(t, item{"pk": s("a"), "sk": n("6")})
	for i, rest := range rests {
		if got, _ := r.records(t, rest); len(got) != 1 {
			t.Errorf("iterator %d gives %d records after one more write, want 1", i, len(got))
		}
	}
	_, err := r.streams.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
		StreamArn: r.stream(t).StreamArn, ShardId: r.stream(t).Shards[0].ShardId,
		ShardIteratorType: stream.ShardIteratorTypeLatest})
	wantCode(t, err, "ValidationException", "LATEST")
	_, err = r.streams.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: aws.String("elsewhere")})
	wantCode(t, err, "ValidationException", "ShardIterator")
	_, err = r.streams.DescribeStream(t.Context(),
		&dynamodbstreams.DescribeStreamInput{
			StreamArn: aws.String("arn:aws:dynamodb:eu-test-1:000000000000:table/payments/stream/2000-01-01T00:00:00.000")})
	wantCode(t, err, "ResourceNotFoundException", "")
}

func TestStreamFaults(t *testing.T) {
	r := withTable(t)
	for _, kind := range []engine.FaultKind{engine.FaultDuplicateRecord, engine.FaultDropRecord} {
		if err := r.Fault(engine.Fault{Operation: "PutItem", Key: string(kind), Kind: kind}); err != nil {
			t.Fatal(err)
		}
	}
	for _, pk := range []string{"plain", "duplicate_record", "drop_record"} {
		r.mustPut(t, item{"pk": s(pk), "sk": n("1")})
		if r.get(t, pk, "1") == nil {
			t.Errorf("%s was not written", pk)
		}
	}
	var got []string
	for _, record := range r.all(t) {
		got = append(got, record.Dynamodb.Keys["pk"].(*stream.AttributeValueMemberS).Value)
	}
	if !reflect.DeepEqual(got, []string{"plain", "duplicate_record", "duplicate_record"}) {
		t.Errorf("records of %v", got)
	}
	records := r.all(t)
	if *records[1].EventID != *records[2].EventID ||
		*records[1].Dynamodb.SequenceNumber != *records[2].Dynamodb.SequenceNumber {
		t.Error("the duplicate is not the same record")
	}
}

func TestATableWithoutStreamHasNone(t *testing.T) {
	r := start(t)
	in := payments()
	in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(false)}
	if _, err := r.dynamo.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	r.mustPut(t, item{"pk": s("a"), "sk": n("1")})
	out, err := r.streams.ListStreams(t.Context(), &dynamodbstreams.ListStreamsInput{})
	if err != nil || len(out.Streams) != 0 {
		t.Errorf("streams %v, error %v", out, err)
	}
}

// TestWritesAreTold holds that a write that is on disk ends the wait of who follows the stream, and that nothing else
// does.
func TestWritesAreTold(t *testing.T) {
	r := withTable(t)
	written := r.Written()
	told := func() bool {
		select {
		case <-written:
			return true
		default:
			return false
		}
	}
	_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("a"), "sk": n("1")}, func(in *dynamodb.PutItemInput) {
		in.ConditionExpression, in.ExpressionAttributeValues = aws.String("rev = :r"), item{":r": s("r1")}
	}))
	wantCode(t, err, "ConditionalCheckFailedException", "")
	r.get(t, "a", "1")
	if told() {
		t.Error("told of a write that was refused")
	}
	r.mustPut(t, item{"pk": s("a"), "sk": n("1")})
	if !told() {
		t.Error("not told of a write")
	}
	if written = r.Written(); told() {
		t.Error("told again without a write")
	}
}

// fill puts so many items, of which each leaves a record.
func (r *running) fill(t testing.TB, count int) {
	t.Helper()
	err := r.PutAll(func(yield func([]byte) bool) {
		for i := range count {
			if !yield(fmt.Appendf(nil, `{"TableName":"payments","Item":{"pk":{"S":"p"},"sk":{"N":"%d"}}}`, i)) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsDoneWithLeavesTheStream: of what its readers are done with a stream keeps the newest thousand records, and
// of what they are not done with it keeps all.
func TestWhatIsDoneWithLeavesTheStream(t *testing.T) {
	r := withTable(t)
	r.fill(t, 2500)
	all := r.all(t)
	first, slow := *all[0].Dynamodb.SequenceNumber, *all[399].Dynamodb.SequenceNumber
	for _, done := range []struct {
		sequence string
		left     int
	}{
		{first, 2500}, {slow, 2100}, {slow, 2100}, {*all[2499].Dynamodb.SequenceNumber, 1000},
	} {
		if err := r.Trim("payments", done.sequence); err != nil {
			t.Fatal(err)
		}
		if got := r.all(t); len(got) != done.left || *got[0].EventID != *all[2500-done.left].EventID {
			t.Errorf("done with %s: %d records are left, want %d", done.sequence, len(got), done.left)
		}
	}
	d := r.stream(t)
	_, err := r.streams.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{StreamArn: d.StreamArn,
		ShardId: d.Shards[0].ShardId, ShardIteratorType: stream.ShardIteratorTypeAfterSequenceNumber, SequenceNumber: &slow})
	wantCode(t, err, "TrimmedDataAccessException", "")
	r.iterator(t, stream.ShardIteratorTypeAfterSequenceNumber, *all[1499].Dynamodb.SequenceNumber)
	if r = r.again(t); len(r.all(t)) != 1000 {
		t.Errorf("after a restart %d records are left", len(r.all(t)))
	}
	if err := r.Trim("payments", "7"); err == nil {
		t.Error("a stream was trimmed by a sequence number of another")
	}
}

// TestAnIteratorIsNotLedOver: who reads on from a place that was trimmed meanwhile is told so.
func TestAnIteratorIsNotLedOver(t *testing.T) {
	r := withTable(t)
	r.fill(t, 1300)
	early := r.iterator(t, stream.ShardIteratorTypeTrimHorizon, "")
	all := r.all(t)
	if err := r.Trim("payments", *all[1299].Dynamodb.SequenceNumber); err != nil {
		t.Fatal(err)
	}
	_, err := r.streams.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: early})
	wantCode(t, err, "TrimmedDataAccessException", "")
}
