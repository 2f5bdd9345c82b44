package event

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// looked is what of an event anybody looks at.
func looked(e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPRequest {
	part := events.APIGatewayV2HTTPRequest{RouteKey: e.RouteKey, RawPath: e.RawPath, RawQueryString: e.RawQueryString,
		Headers: e.Headers, PathParameters: e.PathParameters, Body: e.Body, IsBase64Encoded: e.IsBase64Encoded}
	part.RequestContext.RequestID, part.RequestContext.HTTP.Method = e.RequestContext.RequestID,
		e.RequestContext.HTTP.Method
	return part
}

// odd are texts that are written otherwise than AWS does, or are none.
var odd = []string{"", "{", "null", "[]", "{}", " {\t}\n", "{} x", `{"body":null}`, `{"Body":"x"}`,
	`{"BODY":"x","body":"y"}`, `{"body":"x","body":"y"}`, `{"headers":{"a":"1"},"headers":{"b":"2"}}`,
	`{"headers":null}`, `{"headers":{"a":1}}`,
	`{"headers":{"A\u0041":"\u00e9\ud83d\ude00\ud83d"}}`, "{\"body\":\"a\tb\"}", "{\"body\":\"\xff\"}", `{"body":"\x"}`,
	`{"body":"\"","isBase64Encoded":true}`, `{"isBase64Encoded":1}`, `{"isBase64Encoded":tru}`,
	`{"x":01}`, `{"x":-1.5e+3}`,
	`{"x":[1,{"y":[]},"z",null,true]}`, `{"x":[1,]}`, `{"x":[,]}`, `{"x":}`, `{"x"}`, `{"x":1,}`, `{,}`, `{"x":1 2}`,
	`{"requestContext":{"http":{"method":"GET"},"requestId":"r"}}`, `{"requestContext":null}`,
	`{"requestContext":{"http":[]}}`,
	`{"requestcontext":{"requestId":"r"}}`, `{"routeKey":7}`, `{"x":"` + "\x00" + `"}`, "{\"\u212a\":1}",
	`{"pathParameters":{}}`,
	`{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, `{"x":` + strings.Repeat("[", 20000) + `}`}

// recorded are events as AWS sends them, by their files.
func recorded(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../testdata/events/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no events", err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		if all[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// FuzzRead holds what is read against encoding/json.
func FuzzRead(f *testing.F) {
	for _, raw := range recorded(f) {
		f.Add(raw)
	}
	for _, text := range odd {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var want events.APIGatewayV2HTTPRequest
		wanted := json.Unmarshal(raw, &want)
		got, err := Read(raw)
		if (err == nil) != (wanted == nil) {
			// a field that nobody looks at may be of any type
			if wanted == nil || !json.Valid(raw) {
				t.Fatalf("%q: %v, want %v", raw, err, wanted)
			}
			return
		}
		if err == nil && !reflect.DeepEqual(looked(got), looked(want)) {
			t.Errorf("%q:\n%+v, want\n%+v", raw, looked(got), looked(want))
		}
	})
}

// TestEventsOfAWSAreReadWithoutEncodingJSON: otherwise nothing would be gained.
func TestEventsOfAWSAreReadWithoutEncodingJSON(t *testing.T) {
	for name, raw := range recorded(t) {
		e, err := Read(raw)
		if err != nil || e.Version != "" { // which encoding/json would have filled in
			t.Errorf("%s: version %q, %v", name, e.Version, err)
		}
	}
}

// FuzzWrite: what is written says to encoding/json what it was made of.
func FuzzWrite(f *testing.F) {
	f.Add(200, "Content-Type", "application/json", `{"a":"é\u0000"}`)
	f.Add(-1, "\xff", "\u2028\"\\\n\x00\x1f\x7f", "\xe2\x82")
	f.Add(0, "", "", "😀\xf0\x9f\x98")
	f.Fuzz(func(t *testing.T, status int, name, value, body string) {
		for _, header := range []map[string]string{nil, {name: value}, {name: value, "X" + name: value + "x"}} {
			var got events.APIGatewayV2HTTPResponse
			text := Write(status, header, []byte(body))
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			plain := map[string]string{}
			for n, v := range header {
				plain[valid(n)] = valid(v)
			}
			if got.StatusCode != status || got.Body != valid(body) || !maps.Equal(got.Headers, plain) {
				t.Errorf("%q says %+v", text, got)
			}
		}
	})
}

// valid replaces each byte that is no UTF-8.
func valid(text string) string { return string([]rune(text)) }
