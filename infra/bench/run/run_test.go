package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/bench"
	"kassa/infra/local/engine"
	"kassa/infra/local/lambda"
	"kassa/infra/local/stack"
	"kassa/infra/template"
)

// smallWorld has a table's engine and a host, and no functions.
func smallWorld(t *testing.T) *world {
	t.Helper()
	e, err := engine.Open(filepath.Join(t.TempDir(), "engine.db"), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Stack: &stack.Stack{Engine: e}, app: &template.App{}, closers: []func() error{e.Close}}
	err = w.openDoor(t.TempDir())
	w.host = lambda.NewHost(lambda.Options{LogDir: t.TempDir(), Concurrency: 1})
	t.Cleanup(func() {
		w.host.Close(context.WithoutCancel(t.Context()))
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestRoundsMeasureEachProgram: the harness as it is, with the least of the programs under two names. How long anything
// takes is no matter here.
func TestRoundsMeasureEachProgram(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what a running process has used is read from Linux")
	}
	w, binaries := smallWorld(t), t.TempDir()
	const root = "../../.."
	if err := stack.Compile(t.Context(), root, binaries, []string{"./infra/bench/floor"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	asked := 0
	next := func() ([]byte, error) {
		asked++
		return []byte(`{}`), nil
	}
	floor := filepath.Join(binaries, "floor")
	m := &measurement{world: w, rounds: 2, warm: 3, progress: io.Discard}
	err := m.host(program{name: bench.Floor, binary: floor, next: next}, program{name: "only started", binary: floor})
	if err == nil {
		err = m.run(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if asked != 2*(1+3) {
		t.Errorf("%d events were made, want 8", asked)
	}
	for name, kinds := range map[string][]bench.Kind{
		bench.Floor: {bench.StartCPU, bench.StartWall, bench.PlainCPU, bench.FirstCPU, bench.FirstWall, bench.WarmCPU,
			bench.WarmWall, bench.PeakKB},
		"only started": {bench.StartCPU, bench.StartWall, bench.PlainCPU, bench.PeakKB},
	} {
		for _, k := range kinds {
			if all := m.runs[name][k]; len(all) != 2 || all[0] <= 0 || all[1] <= 0 {
				t.Errorf("%s: %s is %v, want two figures above zero", name, k, all)
			}
		}
		if n := len(m.runs[name]); n != len(kinds) {
			t.Errorf("%s has %d kinds, want %d", name, n, len(kinds))
		}
		if f := m.facts[name]; f.BinaryB == 0 || f.ZipB == 0 || f.ZipB >= f.BinaryB || f.Cold != (bench.Use{}) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestAFailedRequestEndsTheRun: what answers with an error is measured by nobody.
func TestAFailedRequestEndsTheRun(t *testing.T) {
	for answer, want := range map[string]string{
		`{"statusCode":200,"body":"yes"}`: "", `{"statusCode":303,"body":""}`: "",
		`{"statusCode":409,"body":"taken"}`: "answered 409: taken", `no`: "no JSON",
	} {
		if _, err := answered([]byte(answer)); (err == nil) != (want == "") || err != nil &&
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", answer, err, want)
		}
	}
}

// TestPowertoolsMeetsTheEngine: its two requests do there what they would do in DynamoDB, and ours pass as they are.
func TestPowertoolsMeetsTheEngine(t *testing.T) {
	w := smallWorld(t)
	door, err := w.serve(powertools{w.Engine}, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := dynamodb.New(dynamodb.Options{Region: stack.Region, BaseEndpoint: &door,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})})
	table, key := aws.String("bench"), map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "one"}}
	_, err = client.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: table,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}}})
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	item := maps.Clone(key)
	item["state"] = text("INPROGRESS")
	put := &dynamodb.PutItemInput{TableName: table, Item: item,
		ConditionExpression:       aws.String("attribute_not_exists(#id) OR #state = :gone"),
		ExpressionAttributeNames:  map[string]string{"#id": "id", "#state": "state"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":gone": text("GONE")}}
	if _, err := client.PutItem(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	taken := new(types.ConditionalCheckFailedException)
	if _, err := client.PutItem(t.Context(), put); !errors.As(err, &taken) {
		t.Errorf("a second time: %v", err)
	}
	_, err = client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: key,
		UpdateExpression:          aws.String("SET #s = :s, #d = :d"),
		ExpressionAttributeNames:  map[string]string{"#s": "state", "#d": "answer"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":s": text("COMPLETED"), ":d": text("yes")}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: key})
	if err != nil || len(got.Item) != 3 || got.Item["state"].(*types.AttributeValueMemberS).Value != "COMPLETED" ||
		got.Item["answer"].(*types.AttributeValueMemberS).Value != "yes" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: key}); err != nil {
		t.Errorf("a request like ours: %v", err)
	}
}

// TestNodeIsLeftOutWithAReason where there is no npm, or nothing comes of it.
func TestNodeIsLeftOutWithAReason(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	version, why := installNode(t.Context(), "../node", t.TempDir())
	if version != "" || why != "left out: this machine has no npm" {
		t.Errorf("%q %q", version, why)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":/bin:/usr/bin")
	at := t.TempDir()
	if version, why := installNode(t.Context(), "../node", at); version != "" || !strings.Contains(why, "npm ci failed") {
		t.Errorf("%q %q", version, why)
	}
	if _, err := os.Stat(filepath.Join(at, "package.json")); err == nil {
		t.Error("the next run would take it for installed")
	}
}
