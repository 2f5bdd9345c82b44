package dynamo_test

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/engine"
	"kassa/infra/template"
	"kassa/shared/awsclient"
	"kassa/shared/dynamo"
	"kassa/shared/dynamo/client"
	"kassa/shared/payment"
)

const region = "eu-central-1"

// bench is a store on a table of its own, and what a test may look at behind its back.
type bench struct {
	*dynamo.Store
	client  *dynamodb.Client // the SDK's, for what no store does
	lean    dynamo.Client
	table   string
	dropper *dropper
}

// LoseNextAnswer drops the answer of the next PutItem after it was carried out.
func (b bench) LoseNextAnswer(*testing.T) { b.dropper.armed.Store(true) }

// dropper is an HTTP client that can lose an answer on its way.
type dropper struct {
	aws.HTTPClient
	armed atomic.Bool
}

func (d *dropper) Do(r *http.Request) (*http.Response, error) {
	answer, err := d.HTTPClient.Do(r)
	if err == nil && strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") && d.armed.CompareAndSwap(true, false) {
		return nil, errors.Join(io.ErrUnexpectedEOF, answer.Body.Close())
	}
	return answer, err
}

// newBench creates the table that the template declares at an endpoint, under a name of its own. One attempt may take
// 10 s: a hundred writers at once wait for one disk.
func newBench(t testing.TB, endpoint string) bench {
	t.Helper()
	setDefault(t, "AWS_ACCESS_KEY_ID", "local")
	setDefault(t, "AWS_SECRET_ACCESS_KEY", "local")
	config := awsclient.Config(region, endpoint, 10*time.Second)
	b := bench{table: "kassa-test-" + rand.Text(), dropper: &dropper{HTTPClient: config.HTTPClient}}
	config.HTTPClient = b.dropper
	b.client, b.lean = dynamodb.NewFromConfig(config), client.New(config)
	b.Store = dynamo.New(b.lean, b.table)

	definition := declared(t)
	definition.TableName = &b.table
	_, err := b.client.CreateTable(t.Context(), definition)
	// The name is ours alone: that it is taken means that the first answer came too late, and the client has asked once
	// more.
	if _, made := errors.AsType[*types.ResourceInUseException](err); err != nil && !made {
		t.Fatalf("create a table at %s: %v", endpoint, err)
	}
	ready := dynamodb.NewTableExistsWaiter(b.client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay = time.Millisecond
	})
	if err := ready.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &b.table}, time.Minute); err != nil {
		t.Fatalf("wait for the table %s: %v", b.table, err)
	}
	return b
}

func setDefault(t testing.TB, name, value string) {
	if os.Getenv(name) == "" {
		t.Setenv(name, value)
	}
}

// newEngine starts the local engine behind a real HTTP server.
func newEngine(t testing.TB) (*engine.Engine, string) {
	t.Helper()
	e, err := engine.Open(filepath.Join(t.TempDir(), "engine.db"), engine.Options{})
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
	return e, server.URL
}

// onEngine is a bench on an engine of its own.
func onEngine(t testing.TB) (bench, *engine.Engine) {
	t.Helper()
	e, url := newEngine(t)
	b := newBench(t, url)
	e.ResetCalls()
	return b, e
}

// declared is the table of template.yaml.
func declared(t testing.TB) *dynamodb.CreateTableInput {
	t.Helper()
	document, err := template.Load("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	app, err := document.App(template.Values{
		Parameters:   map[string]string{"Stage": "test", "AllowedOrigins": "https://shop.example"},
		FunctionURLs: map[string]string{"Callback": "https://callback.example/"},
		Region:       region,
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &dynamodb.CreateTableInput{BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema(app.Table.Key)}
	for name, kind := range app.Table.Attributes {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
	}
	for _, index := range app.Table.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &index.Name, KeySchema: keySchema(index.Key),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(index.Projection),
				NonKeyAttributes: index.Included},
		})
	}
	return in
}

func keySchema(k template.Key) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &k.Hash, KeyType: types.KeyTypeHash}, {AttributeName: &k.Range, KeyType: types.KeyTypeRange},
	}
}

// raw is the item of a payment as it stands in the table, put is its replacement by hand.
func (b bench) raw(t testing.TB, id payment.ID) map[string]types.AttributeValue {
	t.Helper()
	answer, err := b.client.GetItem(t.Context(),
		&dynamodb.GetItemInput{TableName: &b.table, ConsistentRead: aws.Bool(true),
			Key: map[string]types.AttributeValue{"pk": s(id.Order), "sk": n("1")}})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Item
}

func (b bench) put(t testing.TB, item map[string]types.AttributeValue) {
	t.Helper()
	if _, err := b.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: item}); err != nil {
		t.Fatal(err)
	}
}

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
func n(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }

// fresh is a new payment.
func fresh() payment.Payment {
	now := time.Date(2026, 3, 4, 5, 6, 7, 891e6, time.UTC)
	return payment.New(payment.Draft{
		ID: payment.ID{Order: payment.OrderKey("demo-az", "1"), Attempt: 1}, Shop: "demo-az", OrderRef: "1", Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, CallbackToken: "CALLBACK", ClientToken: "CLIENT",
	}, now, now.Add(30*time.Second))
}
