package api

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/payment"
)

// recorded reads an event as AWS sends it.
func recorded[E any](t testing.TB, name string) (e E) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "events", name))
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRequestOfHTTPAPI(t *testing.T) {
	for _, name := range []string{"post.api.json", "post-base64.api.json"} {
		r, err := FromHTTPAPI(recorded[events.APIGatewayV2HTTPRequest](t, name))
		if err != nil {
			t.Fatal(name, err)
		}
		if string(r.Body) != `{"order_ref":"1","name":"Əli <&>"}` {
			t.Errorf("%s: body %q", name, r.Body)
		}
		if r.ID != "JKJaXmPLvHcESHA=" || r.Route != "POST /v1/payments" || r.Method != "POST" || r.Path != "/v1/payments" {
			t.Errorf("%s: %+v", name, r)
		}
		if r.Header["authorization"] == "" || r.Header["cookie"] != "" {
			t.Errorf("%s: headers %v", name, r.Header)
		}
	}
	r, err := FromHTTPAPI(recorded[events.APIGatewayV2HTTPRequest](t, "get.api.json"))
	if err != nil || r.PathValues["id"] != "pay_abc-1" || len(r.Query["order_ref"]) != 2 || r.Query.Get("plus") != "a b" ||
		len(r.Body) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRequestOfFunctionURL(t *testing.T) {
	for name, body := range map[string]string{"form.url.json": "xmlmsg=%3Ca%3E", "text.url.json": "<Message>Ə</Message>",
		"get.url.json": ""} {
		r, err := FromFunctionURL(recorded[events.LambdaFunctionURLRequest](t, name))
		if err != nil || string(r.Body) != body || r.Route != "$default" || r.ID != "e1506fd5-9e7b-434f-bd42-4f8fa224b599" {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	r, _ := FromFunctionURL(recorded[events.LambdaFunctionURLRequest](t, "form.url.json"))
	if r.Query.Get("xmlmsg") != "a+b" || len(r.Query["x"]) != 2 || !r.Query.Has("flag") {
		t.Errorf("query %v", r.Query)
	}
}

func TestHeaderNamesAreLowered(t *testing.T) {
	r, err := FromHTTPAPI(events.APIGatewayV2HTTPRequest{Headers: map[string]string{"Idempotency-Key": "k"}})
	if err != nil {
		t.Fatal(err)
	}
	if key, err := r.IdempotencyKey(); key != "k" || err != nil {
		t.Errorf("%q, %v", key, err)
	}
}

func TestBodyThatIsNotBase64(t *testing.T) {
	r, err := FromFunctionURL(events.LambdaFunctionURLRequest{Body: "%%%", IsBase64Encoded: true})
	if payment.KindOf(err) != payment.Malformed || len(r.Body) != 0 {
		t.Errorf("%v, body %q", err, r.Body)
	}
}

func TestIdempotencyKey(t *testing.T) {
	for _, c := range []struct{ header, key, code string }{
		{"abc-1", "abc-1", ""},
		{`"abc-1"`, "abc-1", ""},
		{" abc-1 ", "abc-1", ""},
		{strings.Repeat("k", 255), strings.Repeat("k", 255), ""},
		{"", "", "idempotency_key_required"},
		{"   ", "", "idempotency_key_required"},
		{`""`, "", "malformed_idempotency_key"},
		{"a,b", "", "malformed_idempotency_key"}, // two headers, joined by AWS
		{`"a","b"`, "", "malformed_idempotency_key"},
		{"a b", "", "malformed_idempotency_key"},
		{`"a`, "", "malformed_idempotency_key"},
		{"ключ", "", "malformed_idempotency_key"},
		{"a\x7f", "", "malformed_idempotency_key"},
		{strings.Repeat("k", 256), "", "malformed_idempotency_key"},
	} {
		r := &Request{Header: map[string]string{"idempotency-key": c.header}}
		key, err := r.IdempotencyKey()
		if key != c.key || payment.CodeOf(err) != c.code {
			t.Errorf("%q: %q, %v", c.header, key, err)
		}
	}
}

func TestQueryValue(t *testing.T) {
	for raw, want := range map[string]string{
		"order_ref=12": "12", "order_ref=12&_=1": "12", "order_ref=a%2Bb": "a+b",
		"": "", "order_ref=": "", "order_ref=1&order_ref=2": "", "order_ref=%zz": "", "order_ref=1;x=2": "",
	} {
		r := newRequest(raw, nil)
		got, err := r.QueryValue("order_ref")
		if got != want || (want == "") != (payment.CodeOf(err) == "malformed_query") {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
}

func TestPaymentIDThatIsNone(t *testing.T) {
	for _, id := range []string{"", "1", "pay_abc-1", "pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-0",
		"pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-01"} {
		r := &Request{PathValues: map[string]string{"id": id}}
		if _, err := r.PaymentID(); payment.KindOf(err) != payment.NotFound {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// FuzzEvents: whatever JSON comes as an event, both adapters give a request or Malformed, and the edge an answer with a
// status.
func FuzzEvents(f *testing.F) {
	names, err := filepath.Glob("testdata/events/*.json")
	if err != nil || len(names) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var a events.APIGatewayV2HTTPRequest
		var u events.LambdaFunctionURLRequest
		if json.Unmarshal(raw, &a) != nil || json.Unmarshal(raw, &u) != nil {
			return
		}
		fromAPI, errAPI := FromHTTPAPI(a)
		fromURL, errURL := FromFunctionURL(u)
		if string(fromAPI.Body) != string(fromURL.Body) || (errAPI == nil) != (errURL == nil) ||
			fromAPI.Method != fromURL.Method {
			t.Errorf("the same event reads differently: %+v, %+v", fromAPI, fromURL)
		}
		if errAPI != nil && payment.KindOf(errAPI) != payment.Malformed {
			t.Error(errAPI)
		}
		for name := range fromAPI.Header {
			if name != strings.ToLower(name) {
				t.Errorf("header %q", name)
			}
		}
	})
}

// TestAHeaderInTwoLetterCasesIsRepeated: neither of two keys may win by chance.
func TestAHeaderInTwoLetterCasesIsRepeated(t *testing.T) {
	for range 20 { // a map gives its names in any order
		r := newRequest("", map[string]string{"Authorization": "Bearer sk_demo-az_k1_secret",
			"authorization": "Bearer sk_demo-by_k2_secret"})
		if key, ok := ParseKey(r.Header["authorization"]); ok {
			t.Fatalf("one of two keys was taken: %s", key)
		}
	}
}
