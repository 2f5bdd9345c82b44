package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, text string) ([]Statement, error) {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return Read(document)
}

func TestAllows(t *testing.T) {
	statements, err := read(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem"],"Resource":"arn:aws:dynamodb:r:1:table/t"},
		{"Effect":"Allow","Action":"dynamodb:Query","Resource":["arn:aws:dynamodb:r:1:table/t/index/due"]},
		{"Effect":"Allow","Action":"secretsmanager:Get*","Resource":"arn:aws:secretsmanager:r:1:secret:kassa/prod/shop/*"},
		{"Effect":"Deny","Action":"secretsmanager:*","Resource":"*/shop/closed-??????"},
		{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":["dynamodb.r",
		"other"]}}},
		{"Effect":"Deny","Action":"ec2:*","Resource":"*",
		"Condition":{"ArnLike":{"lambda:SourceFunctionArn":"arn:aws:lambda:*:function:*"}}},
		{"Effect":"Allow","Action":"ec2:CreateNetworkInterface","Resource":"*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	code := map[string]string{"lambda:SourceFunctionArn": "arn:aws:lambda:r:1:function:f"}
	for _, c := range []struct {
		call Call
		want bool
	}{
		{Call{"dynamodb:GetItem", "arn:aws:dynamodb:r:1:table/t", nil}, true},
		{Call{"DynamoDB:getitem", "arn:aws:dynamodb:r:1:table/t", nil}, true},
		{Call{"dynamodb:GetItem", "arn:aws:dynamodb:r:1:table/T", nil}, false},
		{Call{"dynamodb:GetItem", "arn:aws:dynamodb:r:1:table/t2", nil}, false},
		{Call{"dynamodb:Scan", "arn:aws:dynamodb:r:1:table/t", nil}, false},
		{Call{"dynamodb:Query", "arn:aws:dynamodb:r:1:table/t", nil}, false},
		{Call{"dynamodb:Query", "arn:aws:dynamodb:r:1:table/t/index/due", nil}, true},
		{Call{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:r:1:secret:kassa/prod/shop/a-123456", nil}, true},
		{Call{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:r:1:secret:kassa/prod/bank/a-123456", nil}, false},
		{Call{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:r:1:secret:kassa/prod/shop/closed-123456", nil},
			false},
		{Call{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:r:1:secret:kassa/prod/shop/closed-1234567", nil},
			true},
		{Call{"kms:Decrypt", "arn:aws:kms:r:1:key/k", nil}, false},
		{Call{"kms:Decrypt", "arn:aws:kms:r:1:key/k", map[string]string{"kms:ViaService": "dynamodb.r"}}, true},
		{Call{"kms:Decrypt", "arn:aws:kms:r:1:key/k", map[string]string{"kms:ViaService": "dynamodb.r2"}}, false},
		{Call{"ec2:CreateNetworkInterface", "*", nil}, true},
		{Call{"ec2:CreateNetworkInterface", "*", code}, false},
	} {
		if got := Allows(statements, c.call); got != c.want {
			t.Errorf("%v: %v, want %v", c.call, got, c.want)
		}
	}
}

// TestNotUnderstood: whatever could make a policy wider than it looks is refused.
func TestNotUnderstood(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "no Statement",
		`{"Statement":{"Effect":"allow","Action":"a:b","Resource":"*"}}`:    "neither Allow nor Deny",
		`{"Statement":{"Effect":"Allow","NotAction":"a:b","Resource":"*"}}`: "NotAction",
		`{"Statement":{"Effect":"Allow","Action":"a:b","NotResource":"*"}}`: "NotResource",
		`{"Statement":{"Effect":"Allow","Action":"a:b"}}`:                   "no Resource",
		`{"Statement":{"Effect":"Allow","Resource":"*"}}`:                   "no Action",
		`{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*",` +
			`"Condition":{"IpAddress":{"aws:SourceIp":"::1"}}}}`: "IpAddress",
	} {
		if _, err := read(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestLike(t *testing.T) {
	for pattern, values := range map[string]map[string]bool{
		"*":     {"": true, "a/b:c": true},
		"a*":    {"a": true, "ab": true, "ba": false},
		"*a":    {"a": true, "baa": true, "ab": false},
		"a*b*c": {"abc": true, "axxbyyc": true, "abcb": false, "ac": false, "abbcc": true},
		"a?c":   {"abc": true, "ac": false, "abbc": false},
		"a**":   {"a": true, "b": false},
		"":      {"": true, "a": false},
	} {
		for value, want := range values {
			if like(pattern, value) != want {
				t.Errorf("%q on %q must be %v", pattern, value, want)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"Statement":[{"Effect":"Allow","Action":"a:*","Resource":"*","Condition":{"StringLike":{"k":"v*"}}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var document any
		if json.Unmarshal([]byte(text), &document) != nil {
			return
		}
		statements, err := Read(document)
		if err == nil && Allows(statements, Call{Action: "a:b", Resource: "r"}) &&
			!slices.ContainsFunc(statements, func(s Statement) bool { return s.Effect == "Allow" }) {
			t.Errorf("%s allows without an Allow", text)
		}
	})
}
