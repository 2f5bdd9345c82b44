package client_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"kassa/shared/awsclient"
	"kassa/shared/dynamo"
	"kassa/shared/dynamo/client"
)

// scripted is a DynamoDB that gives one answer to everything and keeps what it was sent last.
type scripted struct {
	status int
	answer string
	sent   string
}

func (s *scripted) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	s.sent = fmt.Sprintf("%s %s\n%s\n%s\n%s\n%s", r.Method, r.URL, r.Header.Get("X-Amz-Target"),
		r.Header.Get("Content-Type"), r.Header.Get("Accept-Encoding"), body)
	return &http.Response{StatusCode: s.status, Body: io.NopCloser(strings.NewReader(s.answer)), Request: r,
		Header: http.Header{"X-Amz-Crc32": {strconv.Itoa(int(crc32.ChecksumIEEE([]byte(s.answer))))},
			"X-Amzn-Requestid": {"the-id"}}}, err
}

// everyKind holds every attribute that there is, and text that must be escaped.
const everyKind = `{"S":{"S":"\u041a\u0430\u0441\u0441\u0430 \"<&>\\\u2028\ud83d\ude00\/"},"N":{"N":"-1.5E3"},` +
	`"B":{"B":"AAH/"},"BOOL":{"BOOL":true},"NULL":{"NULL":true},"SS":{"SS":["a",""]},"NS":{"NS":["1","2"]},` +
	`"BS":{"BS":["AA=="]},"L":{"L":[{"S":""},{"L":[]},{"M":{}}]},"M":{"M":{"m":{"M":{"n":{"BOOL":false}}}}}}`

// TestCallsAreThoseOfTheSDKsClient compares what is sent and what is made of the answer, for each call and many
// answers.
func TestCallsAreThoseOfTheSDKsClient(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	item := map[string]types.AttributeValue{"pk": s("Касса \"<&>\\ \u2028\x01\xff"), "sk": n("1"),
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberBOOL{Value: true},
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"m": s("")}}}}}
	one := func(name string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{name: item[name]} // the order of several is nobody's
	}
	all := map[string]func(context.Context, calls) (any, error){
		"GetItem": func(ctx context.Context, c calls) (any, error) {
			return c.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("t"), Key: one("pk"),
				ConsistentRead: aws.Bool(true)})
		},
		"BatchGetItem": func(ctx context.Context, c calls) (any, error) {
			return c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				"t": {Keys: []map[string]types.AttributeValue{one("pk"), one("sk")}, ProjectionExpression: aws.String("a, #b"),
					ExpressionAttributeNames: map[string]string{"#b": "b"}}}})
		},
		"PutItem": func(ctx context.Context, c calls) (any, error) {
			return c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("t"), Item: one("l"),
				ConditionExpression:                 aws.String("rev = :r"),
				ExpressionAttributeValues:           map[string]types.AttributeValue{":r": s("x")},
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
		},
		"Query": func(ctx context.Context, c calls) (any, error) {
			return c.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("t"), IndexName: aws.String("due"),
				KeyConditionExpression: aws.String("a = :a"), ExclusiveStartKey: one("sk"), Limit: aws.Int32(7),
				ScanIndexForward: aws.Bool(false), ExpressionAttributeValues: map[string]types.AttributeValue{":a": n("3")}})
		},
	}
	for name, call := range all {
		for _, wire := range answers() {
			ours, theirs := wire, wire
			got, err := call(t.Context(), client.New(over(&ours)))
			want, wanted := call(t.Context(), dynamodb.NewFromConfig(over(&theirs)))
			if ours.sent != theirs.sent || !strings.HasSuffix(strings.Split(ours.sent, "\n")[1], "."+name) {
				t.Errorf("%s sends\n%s, want\n%s", name, ours.sent, theirs.sent)
			}
			if fmt.Sprint(err) != fmt.Sprint(wanted) {
				t.Errorf("%s: %v, want %v", name, err, wanted)
			}
			if !reflect.DeepEqual(bare(got), bare(want)) {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
			sameRefusal(t, err, wanted)
		}
	}
}

// calls are those that a store makes.
type calls = dynamo.Client

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }

func n(number string) types.AttributeValue { return &types.AttributeValueMemberN{Value: number} }

func over(wire *scripted) aws.Config {
	config := awsclient.Config("eu-central-1", "http://127.0.0.1", 0)
	config.HTTPClient = wire
	return config
}

func answers() []scripted {
	refused := func(kind, more string) scripted {
		return scripted{status: http.StatusBadRequest,
			answer: `{"__type":"com.amazonaws.dynamodb.v20120810#` + kind + `","message":"m"` + more + `}`}
	}
	return []scripted{
		{status: 200, answer: `{}`}, {status: 200, answer: ``}, {status: 200, answer: `{"Item":`},
		{status: 200, answer: `[]`}, {status: 200, answer: `{"Item":{"a":{"X":"1"}},"Items":[{"a":{"X":"1"}}]}`},
		{status: 200, answer: `{"Item":` + everyKind + `,"Attributes":` + everyKind + `,"Later":[{"x":null}]}`},
		{status: 200, answer: `{"Count":1,"ScannedCount":2,"Items":[` + everyKind + `,{}],` +
			`"LastEvaluatedKey":` + everyKind + `}`},
		{status: 200, answer: `{"Responses":{"t":[` + everyKind + `]},` +
			`"UnprocessedKeys":{"t":{"Keys":[` + everyKind + `]}}}`},
		refused("ConditionalCheckFailedException", `,"Item":`+everyKind), refused("ConditionalCheckFailedException", ``),
		refused("ResourceNotFoundException", ``), refused("ValidationException", ``), refused("Unheard", ``),
		refused("AccessDeniedException", ``), {status: 400, answer: `{"Message":"m"}`}, {status: 403, answer: `no JSON`},
		{status: 507, answer: ``},
	}
}

// bare is an output without what the SDK's chain notes beside it.
func bare(output any) any {
	if v := reflect.ValueOf(output); !v.IsNil() {
		v.Elem().FieldByName("ResultMetadata").Set(reflect.ValueOf(middleware.Metadata{}))
	}
	return output
}

// sameRefusal compares what a store looks at.
func sameRefusal(t *testing.T, got, want error) {
	t.Helper()
	if awsclient.FaultOf(got) != awsclient.FaultOf(want) {
		t.Errorf("fault %d of %v, want %d", awsclient.FaultOf(got), got, awsclient.FaultOf(want))
	}
	refusedBy := func(err error) (found *types.ConditionalCheckFailedException) {
		found, _ = errors.AsType[*types.ConditionalCheckFailedException](err)
		return found
	}
	if !reflect.DeepEqual(refusedBy(got), refusedBy(want)) {
		t.Errorf("%+v, want %+v", refusedBy(got), refusedBy(want))
	}
}
