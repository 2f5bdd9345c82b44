package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

var update = flag.Bool("update", false, "write the expectation files anew")

// recorder is a function that keeps its event and answers what it was told to.
type recorder struct {
	event  []byte
	answer string
	err    error
}

func (r *recorder) Invoke(_ context.Context, event []byte) ([]byte, error) {
	r.event = event
	return []byte(r.answer), r.err
}

func fixed() Options {
	return Options{
		Now:       func() time.Time { return time.Date(2026, 11, 21, 17, 9, 30, 123e6, time.UTC) },
		RequestID: func() string { return "request-1" },
		Log:       slog.New(slog.DiscardHandler),
	}
}

// routes are those of template.yaml, in its order.
func routes(target Invoker) []Route {
	return []Route{
		{"POST", "/v1/payments", target},
		{"GET", "/v1/payments/{id}", target},
		{"GET", "/v1/payments", target},
		{"POST", "/v1/payments/{id}/refunds", target},
	}
}

func request(t *testing.T, path string) *http.Request {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:54321"
	return r
}

// TestEvents compares what a function gets for each recorded request, from an HTTP API and from a function URL, with
// the recorded event.
func TestEvents(t *testing.T) {
	files, err := filepath.Glob("testdata/requests/*.http")
	if err != nil || len(files) == 0 {
		t.Fatal("no recorded requests", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f := &recorder{answer: `{"statusCode":204}`}
			others := []Route{{"ANY", "/{rest+}", f}}
			NewHTTPAPI(fixed(), append(routes(f), others...), nil).ServeHTTP(httptest.NewRecorder(), request(t, file))
			compare(t, strings.TrimSuffix(file, ".http")+".api.json", f.event)
			NewFunctionURL(fixed(), f).ServeHTTP(httptest.NewRecorder(), request(t, file))
			compare(t, strings.TrimSuffix(file, ".http")+".url.json", f.event)
		})
	}
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		t.Fatalf("%v: %q", err, got)
	}
	pretty.WriteByte('\n')
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, pretty.Bytes()) {
		t.Errorf("%s\n got %s\nwant %s", path, pretty.Bytes(), want)
	}
}

// FuzzEvent holds that AWS's own struct reads every event back, and that no byte of a body changes on its way.
func FuzzEvent(f *testing.F) {
	f.Add("application/json", []byte(`{"a":"<&>"}`), "a=1&a=2", "pay_abc-1")
	f.Add("text/plain; charset=utf-8", []byte("a\xffb"), "%zz;", "a%2Fb")
	f.Add("", []byte{0}, "&&=", "..")
	f.Fuzz(func(t *testing.T, contentType string, body []byte, rawQuery, id string) {
		r := httptest.NewRequest(http.MethodGet, "/v1/payments/x", bytes.NewReader(body))
		r.Header["Content-Type"] = []string{contentType}
		r.URL.RawQuery, r.URL.Path = rawQuery, "/v1/payments/"+id
		fn := &recorder{answer: `{"statusCode":200}`}
		NewHTTPAPI(fixed(), routes(fn), nil).ServeHTTP(httptest.NewRecorder(), r)
		if fn.event == nil {
			return // no route, or too long
		}
		var e events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(fn.event, &e); err != nil {
			t.Fatal(err)
		}
		got := []byte(e.Body)
		if e.IsBase64Encoded {
			var err error
			if got, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, body) {
			t.Errorf("body %q arrived as %q", body, got)
		}
	})
}
