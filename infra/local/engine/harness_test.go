package engine_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"kassa/infra/local/engine"
)

// born is the engine's clock in tests.
var born = time.Date(2026, 3, 4, 5, 6, 7, 890e6, time.UTC)

// running is an engine behind a real HTTP server with the real clients, which do not retry.
type running struct {
	*engine.Engine
	url     string
	path    string
	dynamo  *dynamodb.Client
	streams *dynamodbstreams.Client
	secrets *secretsmanager.Client
	close   func()
}

type keys struct{}

func (keys) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local", Source: "test"}, nil
}

func start(t testing.TB) *running {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "engine.db"))
}

func open(t testing.TB, path string) *running {
	t.Helper()
	e, err := engine.Open(path, engine.Options{Now: func() time.Time { return born }, Region: "eu-test-1"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	r := &running{Engine: e, url: server.URL, path: path}
	r.dynamo, r.streams, r.secrets = clients(server.URL)
	closed := false
	r.close = func() {
		if closed {
			return
		}
		closed = true
		server.Close()
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(r.close)
	return r
}

func clients(url string) (*dynamodb.Client, *dynamodbstreams.Client, *secretsmanager.Client) {
	return dynamodb.New(dynamodb.Options{BaseEndpoint: &url, Credentials: keys{}, Region: "eu-test-1",
			Retryer: aws.NopRetryer{}}),
		dynamodbstreams.New(dynamodbstreams.Options{BaseEndpoint: &url, Credentials: keys{}, Region: "eu-test-1",
			Retryer: aws.NopRetryer{}}),
		secretsmanager.New(secretsmanager.Options{BaseEndpoint: &url, Credentials: keys{}, Region: "eu-test-1",
			Retryer: aws.NopRetryer{}})
}

// again stops the engine and opens its file anew, as a restart does.
func (r *running) again(t testing.TB) *running {
	t.Helper()
	r.close()
	return open(t, r.path)
}

// payments is a table as Kassa declares it: hash and range key, sparse indexes, a stream.
func payments() *dynamodb.CreateTableInput {
	element := func(name string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &name, KeyType: kind}
	}
	index := func(name string, projection types.Projection) types.GlobalSecondaryIndex {
		return types.GlobalSecondaryIndex{
			IndexName: &name,
			KeySchema: []types.KeySchemaElement{element(name+"_shard", types.KeyTypeHash),
				element(name+"_at", types.KeyTypeRange)},
			Projection: &projection,
		}
	}
	in := &dynamodb.CreateTableInput{
		TableName:   aws.String("payments"),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   []types.KeySchemaElement{element("pk", types.KeyTypeHash), element("sk", types.KeyTypeRange)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			index("due", types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}),
			index("review", types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"note"}}),
		},
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewAndOldImages},
	}
	for name, kind := range map[string]types.ScalarAttributeType{"pk": "S", "sk": "N", "due_shard": "N", "due_at": "N",
		"review_shard": "S", "review_at": "S"} {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &name,
			AttributeType: kind})
	}
	return in
}

// withTable starts an engine that has the table payments.
func withTable(t testing.TB) *running {
	t.Helper()
	r := start(t)
	if _, err := r.dynamo.CreateTable(t.Context(), payments()); err != nil {
		t.Fatal(err)
	}
	return r
}

type item = map[string]types.AttributeValue

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
func n(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }

// put is a PutItem into payments with what the test changes about it.
func put(item item, change ...func(*dynamodb.PutItemInput)) *dynamodb.PutItemInput {
	in := &dynamodb.PutItemInput{TableName: aws.String("payments"), Item: item}
	for _, c := range change {
		c(in)
	}
	return in
}

func (r *running) mustPut(t testing.TB, item item) {
	t.Helper()
	if _, err := r.dynamo.PutItem(t.Context(), put(item)); err != nil {
		t.Fatal(err)
	}
}

func (r *running) get(t testing.TB, pk, sk string) item {
	t.Helper()
	out, err := r.dynamo.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("payments"), Key: item{"pk": s(pk), "sk": n(sk)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// wantCode checks that an error is the service's, of this kind, and that its message holds the text.
func wantCode(t testing.TB, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("error %v, want %s", err, code)
	}
	if api.ErrorCode() != code || !contains(api.ErrorMessage(), text) {
		t.Fatalf("error %s: %q, want %s: ...%s...", api.ErrorCode(), api.ErrorMessage(), code, text)
	}
}
