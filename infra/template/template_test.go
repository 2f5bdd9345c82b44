package template

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/streams/filter"
)

var local = Values{
	Parameters:   map[string]string{"Stage": "local", "AllowedOrigins": "http://127.0.0.1:8080,http://localhost:8080"},
	FunctionURLs: map[string]string{"Callback": "http://127.0.0.1:8082/"},
	Region:       "eu-central-1",
}

// TestOwnTemplate reads the template that is deployed, so the two cannot drift apart unnoticed.
func TestOwnTemplate(t *testing.T) {
	app := mustApp(t, mustLoad(t, "../../template.yaml"), local)
	byName := map[string]Function{}
	for _, f := range app.Functions {
		byName[f.Name] = f
		if f.Environment["TABLE"] != app.Table.Name || f.Environment["STAGE"] != "local" {
			t.Errorf("%s: %+v", f.Name, f)
		}
		if len(f.Routes) > 0 && f.Timeout >= 30*time.Second {
			t.Errorf("%s may run %v, but API Gateway gives up after 30 s", f.Name, f.Timeout)
		}
		if _, has := f.Environment["CALLBACK_URL"]; has != (f.Name == "Initiate") {
			t.Errorf("%s: CALLBACK_URL is for Initiate alone", f.Name)
		}
		if folder := "../../functions/" + Folder(f.Name); !exists(folder) && exists("../../functions") {
			t.Errorf("%s has no folder %s", f.Name, folder)
		}
	}
	if got := byName["Initiate"].Environment["CALLBACK_URL"]; got != "http://127.0.0.1:8082/" {
		t.Errorf("CALLBACK_URL = %q", got)
	}
	routes := map[string][]Route{
		"Initiate": {{"Api", "POST", "/v1/payments"}},
		"StatusPoll": {{"Api", "GET", "/v1/payments/{id}"}, {"Api", "GET", "/v1/payments"},
			{"Api", "GET", "/v1/undelivered"}, {"Api", "POST", "/v1/payments/{id}/redeliver"}},
		"Refund":      {{"Api", "POST", "/v1/payments/{id}/refunds"}, {"Api", "POST", "/v1/payments/{id}/cancel"}},
		"Instalments": {{"PublicApi", "GET", "/v1/instalments"}},
	}
	for name, want := range routes {
		if got := byName[name].Routes; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: routes %v, want %v", name, got, want)
		}
	}
	if !byName["Callback"].HasURL || byName["Initiate"].HasURL {
		t.Error("exactly the callback function has an address of its own")
	}
	if got := byName["ExpirySweep"].Schedules; len(got) != 1 || got[0].Every != time.Minute ||
		!strings.Contains(got[0].Input, ScheduledTime) {
		t.Errorf("schedules of the sweep: %v", got)
	}
	if got := byName["Notify"].Schedules; len(got) != 1 || got[0].Every != time.Minute {
		t.Errorf("schedules of Notify: %v", got)
	}
	if got := app.APIs; len(got) != 2 || got[0].Name != "Api" ||
		!reflect.DeepEqual(got[0].CORS.AllowOrigins, []string{"http://127.0.0.1:8080", "http://localhost:8080"}) ||
		got[1].Name != "PublicApi" || got[1].CORS != nil { // rules of its own would take the place of the function's
		t.Errorf("APIs: %+v", got)
	}
}

// TestOwnStream holds what the deployment relies on: an end to retries, and saves of its own that do not wake the
// function.
func TestOwnStream(t *testing.T) {
	wake, err := filter.Parse([]string{`{"dynamodb":{"NewImage":{"wake":{"BOOL":[true]}}}}`})
	if err != nil {
		t.Fatal(err)
	}
	var got []Stream
	for _, f := range mustApp(t, mustLoad(t, "../../template.yaml"), local).Functions {
		got = append(got, f.Streams...)
	}
	want := []Stream{{
		Name: "Changed", Filter: wake, BatchSize: 25, Retries: 5, MaxAge: time.Hour,
		Bisect: true, PartialFailures: true, DeadLetters: "NotifyDeadLetters",
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("streams\n got %+v\nwant %+v", got, want)
	}
}

func TestOwnTable(t *testing.T) {
	got := mustApp(t, mustLoad(t, "../../template.yaml"), local).Table
	want := Table{
		Name: "kassa-local-payments",
		Attributes: map[string]string{
			"pk": "S", "sk": "N", "due_shard": "N", "due_at": "N",
			"outbox_shard": "N", "outbox_at": "N", "review_shard": "N", "review_at": "N",
			"book": "S", "created_at": "S",
		},
		Key: Key{"pk", "sk"},
		Indexes: []Index{
			{"due", Key{"due_shard", "due_at"}, "INCLUDE", []string{"shop", "bank"}},
			{"outbox", Key{"outbox_shard", "outbox_at"}, "INCLUDE", []string{"shop"}},
			{"review", Key{"review_shard", "review_at"}, "KEYS_ONLY", nil},
			{"book", Key{"book", "created_at"}, "KEYS_ONLY", nil},
		},
		StreamView: "NEW_AND_OLD_IMAGES",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("table\n got %+v\nwant %+v", got, want)
	}
}

func TestFolder(t *testing.T) {
	for name, want := range map[string]string{"Initiate": "initiate", "StatusPoll": "status-poll",
		"ExpirySweep": "expiry-sweep"} {
		if got := Folder(name); got != want {
			t.Errorf("Folder(%s) = %s, want %s", name, got, want)
		}
	}
}

const table = `
  T: {Type: AWS::DynamoDB::Table, Properties: {AttributeDefinitions: [{AttributeName: pk, AttributeType: S}],
    KeySchema: [{AttributeName: pk, KeyType: HASH}]}}
`

// variable builds a template whose function F has one variable V.
func variable(expression string) string {
	return `
Parameters:
  Name: {Type: String, Default: kassa}
  List: {Type: CommaDelimitedList, Default: "a,b"}
Conditions:
  Yes: !Equals [!Ref Name, kassa]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, {Condition: No}]
  Either: {"Fn::Or": [{Condition: No}, {Condition: Yes}]}
  Loop: !Not [!Condition Loop]
Resources:` + table + `
  R: {Type: AWS::IAM::Role}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies: !Transform whatever
      Environment:
        Variables:
          V: ` + expression + "\n"
}

func TestIntrinsics(t *testing.T) {
	for expression, want := range map[string]string{
		`!Ref Name`:        "kassa",
		`{Ref: Name}`:      "kassa",
		`!Ref T`:           "T",
		`!Ref AWS::Region`: "eu-central-1",
		`!Sub "x-${Name}-${T.Arn}-${!Name}"`: "x-kassa-arn:aws:dynamodb:eu-central-1:000000000000:table/" +
			"T-${Name}",
		`!Sub ["${A}/${Name}", {A: !Ref T}]`:              "T/kassa",
		`{"Fn::Join": ["+", [a, !Ref Name]]}`:             "a+kassa",
		`!Join [",", !Ref List]`:                          "a,b",
		`!Select [1, !Ref List]`:                          "b",
		`!Select [0, !Split ["-", "p-q"]]`:                "p",
		`!GetAtt F.Arn`:                                   "arn:aws:lambda:eu-central-1:000000000000:function:F",
		`!GetAtt R.Arn`:                                   "arn:aws:iam::000000000000:role/R",
		`!GetAtt [FUrl, FunctionUrl]`:                     "http://127.0.0.1:1/",
		`!If [Yes, 1, !Ref Nowhere]`:                      "1",
		`!If [No, !Ref Nowhere, two]`:                     "two",
		`!If [Both, 1, 2]`:                                "2",
		`!If [Either, !If [No, 1, 2], 3]`:                 "2",
		`true`:                                            "true",
		`!If [No, x, !Ref AWS::NoValue]`:                  "(absent)",
		`!Join ["", [a, !If [No, b, !Ref AWS::NoValue]]]`: "a",
	} {
		doc, err := Parse("t.yaml", []byte(variable(expression)))
		if err != nil {
			t.Fatal(err)
		}
		app, err := doc.App(Values{Region: "eu-central-1", FunctionURLs: map[string]string{"F": "http://127.0.0.1:1/"}})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		got, has := app.Functions[0].Environment["V"]
		if !has {
			got = "(absent)"
		}
		if got != want {
			t.Errorf("%s = %q, want %q", expression, got, want)
		}
	}
}

// TestRefused holds that each unusable template is named in one line that says where and what.
func TestRefused(t *testing.T) {
	f := func(properties string) string {
		return "Resources:" + table + "  F: {Type: AWS::Serverless::Function, Properties: {" + properties + "}}\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"unknown ref": {variable("!Ref Nowhere"), "t.yaml:22: Ref Nowhere: no such parameter or resource"},
		"unknown attribute": {variable("!GetAtt F.Colour"),
			"t.yaml:22: GetAtt F.Colour: no such resource, or an attribute that is not known here"},
		"unknown function":   {variable("!ImportValue x"), "t.yaml:22: the function ImportValue is not known here"},
		"unknown condition":  {variable("!If [Maybe, 1, 2]"), "no such condition: Maybe"},
		"circular condition": {variable("!If [Loop, 1, 2]"), "nested too deeply"},
		"open sub":           {variable(`!Sub "${Name"`), "Sub: ${ without }"},
		"select outside":     {variable("!Select [2, !Ref List]"), "outside the list"},
		"alias": {"Resources:" + table +
			"  F: &x {Type: AWS::Serverless::Function, Properties: {Timeout: *x}}\n", "anchors and aliases"},
		"not yaml":          {"Resources: [", "not valid YAML"},
		"empty":             {"", "not a template"},
		"no resources":      {"Parameters: {}", "it has no Resources"},
		"no table":          {"Resources: {F: {Type: AWS::Serverless::Function}}", "declares no table"},
		"no type":           {"Resources: {F: {Properties: {}}}", "the resource F has no Type"},
		"parameter unknown": {"Parameters: {P: {Type: String}}\nResources:" + table, "the parameter P has no default"},
		"timeout too long":  {f("Timeout: 901"), "Timeout must be a whole number from 1 to 900"},
		"twice":             {f("Environment: {Variables: {A: 1, A: 2}}"), "A stands here twice"},
		"event unknown":     {f("Events: {Q: {Type: SQS}}"), "does not know events of type SQS"},
		"cron": {f(`Events: {S: {Type: ScheduleV2, Properties: {ScheduleExpression: "cron(0 1 * * ? *)"}}}`),
			"none that the local host knows"},
		"rate without number": {f(`Events: {S: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(minute)}}}`),
			"none that the local host knows"},
		"schedule's zone": {
			f(`Events: {S: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour), ScheduleExpressionTimezone: ` +
				`Asia/Baku}}}`), "does not know the property ScheduleExpressionTimezone of a schedule"},
		"input's attribute": {
			f(`Events: {S: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour), Input: ` +
				`"<aws.scheduler.execution-id>"}}}`), "does not replace <aws.scheduler.execution-id> in an input"},
		"path without slash": {f("Events: {S: {Type: HttpApi, Properties: {ApiId: A, Path: v1, Method: get}}}"),
			`the path "v1" must start with /`},
		"payload 1.0": {
			f(`Events: {S: {Type: HttpApi, Properties: {ApiId: A, Path: /, PayloadFormatVersion: "1.0"}}}`),
			"payload format 2.0 only"},
		"url with iam": {f("FunctionUrlConfig: {AuthType: AWS_IAM}"), "AuthType NONE only"},
		"key undeclared": {
			"Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: pk, KeyType: HASH}]}}}",
			"pk is missing in AttributeDefinitions"},
		"no API": {f("Events: {S: {Type: HttpApi, Properties: {Path: /a, Method: get}}}"),
			"ApiId must be a text"},
		"API unknown": {f("Events: {S: {Type: HttpApi, Properties: {ApiId: A, Path: /a, Method: get}}}"),
			"the route GET /a of F is of the API A, which the template does not declare"},
		"path of two APIs": {f("Events: {S: {Type: HttpApi, Properties: {ApiId: A, Path: /a, Method: get}}, R: {Type: "+
			"HttpApi, Properties: {ApiId: B, Path: /a, Method: post}}}") +
			"  A: {Type: AWS::Serverless::HttpApi}\n  B: {Type: AWS::Serverless::HttpApi}\n",
			"the path /a is of two APIs, A and B"},
		"named stage": {"Resources:" + table + "  A: {Type: AWS::Serverless::HttpApi, Properties: {StageName: prod}}\n",
			"the stage must be $default"},
		"two tables": {"Resources:" + table + strings.Replace(table, "T:", "U:", 1), "declares two"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Parse("t.yaml", []byte(c.text))
			if err == nil {
				_, err = doc.App(Values{})
			}
			if err == nil {
				t.Fatal("accepted")
			}
			if got := err.Error(); !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestMissingTemplate(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "template.yaml"))
	if err == nil || !strings.Contains(err.Error(), "not found; run this from the root") {
		t.Errorf("got %v", err)
	}
}

func TestUndeclaredParameter(t *testing.T) {
	doc, err := Parse("t.yaml", []byte("Resources:"+table))
	if err != nil {
		t.Fatal(err)
	}
	_, err = doc.App(Values{Parameters: map[string]string{"Stage": "local"}})
	if err == nil || !strings.Contains(err.Error(), "does not declare the parameter Stage") {
		t.Errorf("got %v", err)
	}
}

func TestGlobalsAreMerged(t *testing.T) {
	doc, err := Parse("t.yaml", []byte(`
Globals: {Function: {Timeout: 29, Environment: {Variables: {A: all, B: all}}, Tracing: !Transform x}}
Conditions: {Never: !Equals [a, b]}
Resources:`+table+`
  F: {Type: AWS::Serverless::Function, Properties: {Timeout: 5, Environment: {Variables: {B: own, C: own}}}}
  G: {Type: AWS::Serverless::Function}
  H: {Type: AWS::Serverless::Function, Condition: Never}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := mustApp(t, doc, Values{}).Functions
	want := []Function{
		{Name: "F", Timeout: 5 * time.Second, MemoryMB: 128, Environment: map[string]string{"A": "all", "B": "own",
			"C": "own"}},
		{Name: "G", Timeout: 29 * time.Second, MemoryMB: 128, Environment: map[string]string{"A": "all", "B": "all"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// FuzzTemplate holds that no text makes the reader panic, hang or answer an error of more than one line.
func FuzzTemplate(f *testing.F) {
	own, err := os.ReadFile("../../template.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(own))
	f.Add(variable(`!Sub ["${A}", {A: !Select [0, !Split [",", !Ref Name]]}]`))
	f.Add(variable("!If [Loop, 1, 2]"))
	f.Add("Resources: {F: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: HttpApi}}}}}")
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := Parse("t.yaml", []byte(text))
		if err == nil {
			_, err = doc.App(local)
		}
		if err == nil {
			doc.Circle()
			_, err = doc.Stack(nil, somewhere)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than one line: %q", err)
		}
	})
}

func mustLoad(t *testing.T, path string) *Document {
	t.Helper()
	doc, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func mustApp(t *testing.T, doc *Document, v Values) *App {
	t.Helper()
	app, err := doc.App(v)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
