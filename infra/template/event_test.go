package template

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// streaming builds a template whose function F follows the stream of the table T, with more properties of the event.
func streaming(properties string) string {
	return "Resources:" + table + `  Q: {Type: AWS::SQS::Queue}
  F: {Type: AWS::Serverless::Function, Properties: {Events: {E:
    {Type: DynamoDB, Properties: {Stream: !GetAtt T.StreamArn, ` + properties + "}}}}}\n"
}

func TestStreamDefaultsAreLambdas(t *testing.T) {
	doc, err := Parse("t.yaml", []byte(streaming("StartingPosition: TRIM_HORIZON")))
	if err != nil {
		t.Fatal(err)
	}
	got := mustApp(t, doc, Values{}).Functions[0].Streams
	want := []Stream{{Name: "E", BatchSize: 100, Retries: -1, MaxAge: Forever}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestStreamAsDeclared(t *testing.T) {
	for properties, want := range map[string][]Stream{
		"StartingPosition: TRIM_HORIZON, Enabled: false": nil,
		"StartingPosition: TRIM_HORIZON, BatchSize: 1, MaximumBatchingWindowInSeconds: 300, MaximumRetryAttempts: 0, " +
			"MaximumRecordAgeInSeconds: 60": {
			{Name: "E", BatchSize: 1, Window: 5 * time.Minute, MaxAge: time.Minute},
		},
		"StartingPosition: TRIM_HORIZON, MaximumRecordAgeInSeconds: -1, DestinationConfig: {OnFailure: {Type: SQS, " +
			"Destination: !GetAtt Q.Arn}}": {
			{Name: "E", BatchSize: 100, Retries: -1, MaxAge: Forever, DeadLetters: "Q"},
		},
	} {
		doc, err := Parse("t.yaml", []byte(streaming(properties)))
		if err != nil {
			t.Fatal(err)
		}
		if got := mustApp(t, doc, Values{}).Functions[0].Streams; !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", properties, got, want)
		}
	}
}

func TestStreamRefused(t *testing.T) {
	for properties, want := range map[string]string{
		"BatchSize: 1":             "StartingPosition must be a text",
		"StartingPosition: LATEST": "StartingPosition must be TRIM_HORIZON",
		"StartingPosition: TRIM_HORIZON, TumblingWindowInSeconds: 5": "" +
			"does not know the property TumblingWindowInSeconds",
		"StartingPosition: TRIM_HORIZON, ParallelizationFactor: 2": "" +
			"ParallelizationFactor (here) must be a whole number from 1 to 1",
		"StartingPosition: TRIM_HORIZON, BatchSize: 0":                        "BatchSize must be",
		"StartingPosition: TRIM_HORIZON, MaximumRecordAgeInSeconds: 59":       "from 60 to 604800",
		"StartingPosition: TRIM_HORIZON, BisectBatchOnFunctionError: 1":       "must be true or false",
		"StartingPosition: TRIM_HORIZON, FunctionResponseTypes: [Everything]": "knows ReportBatchItemFailures only",
		"StartingPosition: TRIM_HORIZON, FilterCriteria: {}":                  "FilterCriteria needs Filters",
		`StartingPosition: TRIM_HORIZON, FilterCriteria: {Filters: [` +
			`{Pattern: '{"dynamodb":{"a":[{"suffix":"x"}]}}'}]}`: "does not know the operator suffix",
		"StartingPosition: TRIM_HORIZON, DestinationConfig: {OnFailure: {Type: SNS, Destination: !GetAtt Q.Arn}}": "" +
			"must be of the type SQS",
		"StartingPosition: TRIM_HORIZON, DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt T.Arn}}": "" +
			"must name a queue of this template",
		"StartingPosition: TRIM_HORIZON, DestinationConfig: {OnFailure: {Type: SQS, Destination: arn:aws:sqs:x:y:Z}}": "" +
			"must name a queue of this template",
	} {
		doc, err := Parse("t.yaml", []byte(streaming(properties)))
		if err == nil {
			_, err = doc.App(Values{})
		}
		if err == nil || !strings.HasPrefix(err.Error(), "t.yaml:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", properties, err, want)
		}
	}
	for stream, want := range map[string]string{
		"!GetAtt T.Arn":       "must be the StreamArn of the template's table",
		"!GetAtt U.StreamArn": "that is not known here",
	} {
		text := strings.Replace(streaming("StartingPosition: TRIM_HORIZON"), "!GetAtt T.StreamArn", stream, 1)
		doc, err := Parse("t.yaml", []byte(text))
		if err == nil {
			_, err = doc.App(Values{})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", stream, err, want)
		}
	}
}

func TestTableWithAName(t *testing.T) {
	const named = `
Parameters: {Stage: {Type: String, Default: local}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {TABLE: !Ref T, ARN: !GetAtt T.Arn}}}}
  T: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub "kassa-${Stage}-t",
    AttributeDefinitions: [{AttributeName: pk, AttributeType: S}], KeySchema: [{AttributeName: pk, KeyType: HASH}]}}
`
	doc, err := Parse("t.yaml", []byte(named))
	if err != nil {
		t.Fatal(err)
	}
	app := mustApp(t, doc, Values{Region: "eu-central-1"})
	want := map[string]string{"TABLE": "kassa-local-t",
		"ARN": "arn:aws:dynamodb:eu-central-1:000000000000:table/kassa-local-t"}
	if got := app.Functions[0].Environment; app.Table.Name != "kassa-local-t" || !reflect.DeepEqual(got, want) {
		t.Errorf("%s, %v", app.Table.Name, got)
	}
	doc, err = Parse("t.yaml", []byte(strings.Replace(named, "T.Arn", "T.StreamArn", 1)))
	if err == nil {
		_, err = doc.App(Values{})
	}
	if err == nil || !strings.Contains(err.Error(), "does not know the name of the stream beforehand") {
		t.Errorf("the stream's name in a variable: %v", err)
	}
}
