package template

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// around puts a value into a small template, as the property V of F.
func around(value string) string {
	return `{
		"Parameters": {"Stage": {"Type": "String", "Default": "prod"}, "N": {"Type": "Number", "Default": -1},
		"Empty": {"Default":
			""}},
		"Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "Never": {"Fn::Not": [{"Condition": "Prod"}]},
			"Both": {"Fn::And": [{"Condition": "Prod"}, {"Condition": "Never"}]}, "Either": {"Fn::Or": [{"Condition": "Never"},
			{"Condition":
				"Prod"}]},
			"Unset": {"Fn::Equals": [{"Ref": "N"}, -1]}, "Loop": {"Fn::Not": [{"Condition": "Loop"}]}},
		"Resources": {
			"F": {"Type": "AWS::Lambda::Function", "DeletionPolicy": "Retain",
			"Properties": {"FunctionName": {"Fn::Sub": "kassa-${Stage}"}, "V":
				` + value + `}},
			"L": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "F"}, "Name": "live"}},
			"T": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "t"}},
			"Q": {"Type": "AWS::SQS::Queue"}, "G": {"Type": "AWS::Logs::LogGroup"}, "Gone": {"Type": "AWS::SQS::Queue",
			"Condition":
				"Never"}},
		"Outputs": {"O": {"Value": {"Ref": "Stage"}}, "P": {"Condition": "Never", "Value": {"Ref": "Gone"}}}}`
}

var somewhere = Place{Region: "eu-central-1", Account: "123456789012", Stack: "kassa"}

func resolved(t *testing.T, text string, parameters map[string]string) (Stack, error) {
	t.Helper()
	document, err := Parse("t.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return document.Stack(parameters, somewhere)
}

func TestStackHasPlainValues(t *testing.T) {
	for value, want := range map[string]string{
		`{"Ref": "Stage"}`:                   `"prod"`,
		`{"Ref": "F"}`:                       `"kassa-prod"`,
		`{"Ref": "L"}`:                       `"arn:aws:lambda:eu-central-1:123456789012:function:kassa-prod:live"`,
		`{"Ref": "Q"}`:                       `"Q"`,
		`{"Fn::GetAtt": ["T", "Arn"]}`:       `"arn:aws:dynamodb:eu-central-1:123456789012:table/t"`,
		`{"Fn::GetAtt": "G.Arn"}`:            `"arn:aws:logs:eu-central-1:123456789012:log-group:G:*"`,
		`{"Fn::GetAtt": ["Q", "QueueName"]}`: `"Q"`,
		`{"Fn::GetAtt": ["L", "Version"]}`:   `"(L.Version)"`,
		`{"Fn::Sub": "${AWS::Region}/${T.Arn}"}`: `"eu-central-1/` +
			`arn:aws:dynamodb:eu-central-1:123456789012:table/t"`,
		`{"Fn::Sub": ["${A}${!A}", {"A": {"Ref": "Stage"}}]}`:           `"prod${A}"`,
		`{"Fn::If": ["Prod", {"a": 1}, {"Ref": "Nowhere"}]}`:            `{"a":1}`,
		`{"Fn::If": ["Both", 1, {"Fn::If": ["Either", 2, 3]}]}`:         `2`,
		`{"Fn::If": ["Unset", "unset", "set"]}`:                         `"unset"`,
		`[1, {"Fn::If": ["Never", 2, {"Ref": "AWS::NoValue"}]}]`:        `[1]`,
		`{"a": {"Ref": "AWS::NoValue"}, "b": true}`:                     `{"b":true}`,
		`[1.5, "1", "true", {"Ref": "N"}, {"Fn::Split": ["-", "a-b"]}]`: `[1.5,"1","true","-1",["a","b"]]`,
	} {
		s, err := resolved(t, around(value), nil)
		got, _ := json.Marshal(s.Resources["F"].At("V"))
		if err != nil || string(got) != want {
			t.Errorf("%s is %s (%v), want %s", value, got, err, want)
		}
	}
}

func TestStack(t *testing.T) {
	s, err := resolved(t, around(`"v"`), map[string]string{"Stage": "test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := s.Resources["Gone"]; !there || s.Outputs["P"] != "Gone" {
		t.Error("the condition holds in this stage")
	}
	if s.Outputs["O"] != "test" || s.Resources["F"].At("FunctionName") != "kassa-test" ||
		s.Resources["F"].Attributes["DeletionPolicy"] != "Retain" {
		t.Errorf("%+v", s)
	}
	if s, err = resolved(t, around(`"v"`), nil); err != nil || len(s.OfType("AWS::SQS::Queue")) != 1 ||
		s.Outputs["P"] != nil {
		t.Errorf("%v: %+v", err, s)
	}
	if got := Texts([]any{"a", 1.0, "b"}); !reflect.DeepEqual(got, []string{"a", "b"}) || Texts("a")[0] != "a" ||
		List(nil) != nil {
		t.Errorf("%v", got)
	}
}

func TestStackIsRefused(t *testing.T) {
	for value, want := range map[string]string{
		`{"Ref": "Nowhere"}`:              "no such parameter or resource",
		`{"Ref": "Gone"}`:                 "no such parameter or resource",
		`{"Fn::GetAtt": ["Gone", "Arn"]}`: "no such resource",
		`{"Fn::ImportValue": "x"}`:        "not known here",
		`{"Fn::If": ["Maybe", 1, 2]}`:     "no such condition: Maybe",
		`{"Fn::If": ["Loop", 1, 2]}`:      "nested too deeply",
		`{"Fn::Sub": "${Stage"}`:          "without }",
		`{"Fn::Select": [2, ["a"]]}`:      "outside the list",
		`{"Fn::Join": "x"}`:               "takes a separator and a list",
	} {
		if _, err := resolved(t, around(value), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", value, err, want)
		}
	}
	if _, err := resolved(t, around("1"), map[string]string{"Colour": "red"}); err == nil {
		t.Error("a parameter that is not declared was taken")
	}
	for _, text := range []string{"", "[]", "{}"} {
		if _, err := Parse("t.json", []byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestCircle(t *testing.T) {
	for resources, want := range map[string]string{
		`{"A": {"P": {"Ref": "B"}}, "B": {"P": {"Fn::GetAtt": ["C", "Arn"]}}, "C": {}}`: "",
		`{"A": {"P": {"Ref": "B"}}, "B": {"P": {"Fn::GetAtt": ["C", "Arn"]}}, ` +
			`"C": {"P": {"Fn::Sub": "x${A.Arn}"}}}`: "A B C A",
		`{"A": {"DependsOn": ["B"]}, "B": {"P": {"Fn::Sub": ["${X}", {"X": {"Fn::GetAtt": "A.Arn"}}]}}}`: "A B A",
		`{"A": {"P": {"Fn::If": ["Never", {"Ref": "A"}, 1]}}}`:                                           "A A",
		`{"A": {"P": {"Ref": "B"}, "Q": {"Ref": "C"}}, "B": {"P": {"Ref": "D"}}, "C": {"P": {"Ref": "D"}}, "D": {"P": "A ` +
			`${!A} Ref"}}`: "",
	} {
		document, err := Parse("t.json", []byte(`{"Resources": `+resources+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(document.Circle(), " "); got != want {
			t.Errorf("%s: %q, want %q", resources, got, want)
		}
	}
}
