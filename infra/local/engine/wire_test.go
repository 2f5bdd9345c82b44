package engine_test

import (
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kassa/infra/local/engine"
)

// post sends a raw request and returns status, headers and body.
func post(t *testing.T, url, target, contentType, authorization, body string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", contentType)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(answer)
}

const (
	dynamo10 = "application/x-amz-json-1.0"
	json11   = "application/x-amz-json-1.1"
	signed   = "AWS4-HMAC-SHA256 Credential=local/20260304/eu-test-1/dynamodb/aws4_request, SignedHeaders=host, " +
		"Signature=00"
)

func TestWhatTheFrontDoorRefuses(t *testing.T) {
	r := withTable(t)
	get := "DynamoDB_20120810.GetItem"
	for name, tc := range map[string]struct{ target, contentType, authorization, body, kind, want string }{
		"unsigned":          {get, dynamo10, "", "{}", "MissingAuthenticationTokenException", "Authentication Token"},
		"another signature": {get, dynamo10, "Bearer x", "{}", "IncompleteSignatureException", "AWS4-HMAC-SHA256"},
		"wrong type":        {get, json11, signed, "{}", "SerializationException", dynamo10},
		"unknown operation": {"DynamoDB_20120810.Scan", dynamo10, signed, "{}", "UnknownOperationException", "Scan"},
		"unknown service":   {"DynamoDB_20111205.GetItem", dynamo10, signed, "{}", "UnknownOperationException", "20111205"},
		"unknown secret op": {"secretsmanager.DeleteSecret", json11, signed, "{}", "UnknownOperationException",
			"DeleteSecret"},
		"no target":       {"", dynamo10, signed, "{}", "UnknownOperationException", ""},
		"no body":         {get, dynamo10, signed, "", "SerializationException", ""},
		"not JSON":        {get, dynamo10, signed, "<xml/>", "SerializationException", ""},
		"more than JSON":  {get, dynamo10, signed, "{} {}", "SerializationException", "goes on"},
		"not UTF-8":       {get, dynamo10, signed, "{\"TableName\":\"\xff\"}", "SerializationException", "UTF-8"},
		"wrong JSON type": {get, dynamo10, signed, `{"TableName":3}`, "SerializationException", ""},
		"unknown parameter": {get, dynamo10, signed, `{"TableName":"payments","AttributesToGet":["a"]}`,
			"ValidationException", "AttributesToGet"},
		"null value": {get, dynamo10, signed, `{"TableName":"payments","Key":{"pk":null,"sk":{"N":"1"}}}`,
			"ValidationException", ""},
		"empty value": {get, dynamo10, signed, `{"TableName":"payments","Key":{"pk":{},"sk":{"N":"1"}}}`,
			"ValidationException", "is empty"},
		"null string": {get, dynamo10, signed, `{"TableName":"payments","Key":{"pk":{"S":null},"sk":{"N":"1"}}}`,
			"SerializationException", ""},
		"two types": {get, dynamo10, signed, `{"TableName":"payments","Key":{"pk":{"S":"a","N":"1"},"sk":{"N":"1"}}}`,
			"ValidationException", "more than one"},
		"unknown type": {get, dynamo10, signed, `{"TableName":"payments","Key":{"pk":{"X":"a"},"sk":{"N":"1"}}}`,
			"SerializationException", "X"},
		"number as number": {get, dynamo10, signed, `{"TableName":"payments","Key":{"pk":{"S":"a"},"sk":{"N":1}}}`,
			"SerializationException", ""},
		"table by ARN": {get, dynamo10, signed, `{"TableName":"arn:aws:dynamodb:x:0:table/payments","Key":{}}`,
			"ValidationException", "ARN"},
		"legacy condition": {"DynamoDB_20120810.PutItem", dynamo10, signed,
			`{"TableName":"payments","Item":{},"Expected":{}}`, "ValidationException", "Expected"},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, body := post(t, r.url, tc.target, tc.contentType, tc.authorization, tc.body)
			var refusal map[string]string
			if err := json.Unmarshal([]byte(body), &refusal); err != nil {
				t.Fatalf("body %s: %v", body, err)
			}
			message := refusal["message"] + refusal["Message"]
			if status != 400 || !strings.HasSuffix("#"+refusal["__type"], "#"+tc.kind) || !strings.Contains(message, tc.want) ||
				message == "" {
				t.Errorf("status %d, %s", status, body)
			}
			if header.Get("X-Amzn-RequestId") == "" ||
				header.Get("X-Amz-Crc32") != strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10) {
				t.Errorf("headers %v", header)
			}
		})
	}
}

func TestWireForm(t *testing.T) {
	r := withTable(t)
	status, header, body := post(t, r.url, "DynamoDB_20120810.PutItem", dynamo10, signed,
		`{"TableName":"payments","Item":{"pk":{"S":"a"},"sk":{"N":"01"}}}`)
	if status != 200 || body != "{}" || header.Get("Content-Type") != dynamo10 {
		t.Errorf("PutItem: %d %s %v", status, body, header)
	}
	_, _, body = post(t, r.url, "DynamoDB_20120810.PutItem", dynamo10, signed,
		`{"TableName":"payments","Item":{"pk":{"S":"a"},"sk":{"N":"1"}},"ConditionExpression":"attribute_not_exists(pk)",`+
			`"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`)
	if body != `{"Item":{"pk":{"S":"a"},"sk":{"N":"1"}},`+
		`"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request `+
		`failed"}` {
		t.Errorf("failed condition: %s", body)
	}
	_, _, body = post(t, r.url, "DynamoDB_20120810.GetItem", dynamo10, signed,
		`{"TableName":"payments","Key":{"pk":{"S":"b"},"sk":{"N":"1"}}}`)
	if body != "{}" {
		t.Errorf("GetItem of nothing: %s", body)
	}
	_, _, body = post(t, r.url, "DynamoDB_20120810.Query", dynamo10, signed,
		`{"TableName":"payments","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"b"}}}`)
	if body != `{"Items":[],"Count":0,"ScannedCount":0}` {
		t.Errorf("Query of nothing: %s", body)
	}
	_, header, body = post(t, r.url, "secretsmanager.GetSecretValue", json11, signed, `{"SecretId":"x"}`)
	if body != `{"Message":"Secrets Manager can't find the specified secret.","__type":"ResourceNotFoundException"}` ||
		header.Get("Content-Type") != json11 {
		t.Errorf("missing secret: %s %v", body, header)
	}
}

func TestAFileInUseIsOneClearLine(t *testing.T) {
	r := start(t)
	_, err := engine.Open(r.path, engine.Options{})
	if err == nil || !strings.Contains(err.Error(), r.path) || !strings.Contains(err.Error(), "another process") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	if _, err := engine.Open(t.TempDir()+"/nowhere/engine.db", engine.Options{}); err == nil ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
