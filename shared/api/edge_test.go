package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/payment"
)

// edgeOf stands around one handler for POST /v1/payments and writes its log to lines.
func edgeOf(h Handler, lines *bytes.Buffer) Edge {
	clock := t0
	return Edge{
		Routes: map[string]Handler{"POST /v1/payments": h}, MaxBody: 64,
		Log: slog.New(slog.NewJSONHandler(lines, nil)),
		Now: func() time.Time { clock = clock.Add(20 * time.Millisecond); return clock },
	}
}

func call(t *testing.T, e Edge, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, Problem) {
	t.Helper()
	a, err := e.HTTPAPI(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if a.Headers["Cache-Control"] != "no-store" || a.Headers["X-Content-Type-Options"] != "nosniff" {
		t.Errorf("headers %v", a.Headers)
	}
	var p Problem
	if strings.HasPrefix(a.Headers["Content-Type"], "application/problem+json") {
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
			t.Fatal(err)
		}
	}
	return a, p
}

func post(t *testing.T) events.APIGatewayV2HTTPRequest {
	return recorded[events.APIGatewayV2HTTPRequest](t, "post.api.json")
}

func TestEdgeLogsOneLine(t *testing.T) {
	var lines bytes.Buffer
	e := edgeOf(func(_ context.Context, r *Request) (Response, error) {
		r.About(aPayment())
		return JSON(201, map[string]bool{"ok": true})
	}, &lines)
	a, _ := call(t, e, post(t))
	if a.StatusCode != 201 || strings.TrimSpace(a.Body) != `{"ok":true}` ||
		a.Headers["Content-Type"] != "application/json" {
		t.Errorf("%+v", a)
	}
	var line map[string]any
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		t.Fatalf("not one line: %s", lines.String())
	}
	delete(line, "time")
	want := map[string]any{"level": "INFO", "msg": "request", "request_id": "JKJaXmPLvHcESHA=",
		"route": "POST /v1/payments", "status": 201.0,
		"shop": "demo-az", "payment_id": aPayment().ID.String(), "order_ref": "12345", "bank": aPayment().Bank,
		"duration_ms": 20.0}
	for name, value := range want {
		if line[name] != value {
			t.Errorf("%s: %v, want %v", name, line[name], value)
		}
	}
	if len(line) != len(want) {
		t.Errorf("more than is listed: %v", line)
	}
}

func TestEdgeAnswersErrors(t *testing.T) {
	p := aPayment()
	for _, c := range []struct {
		err    error
		status int
		level  string
	}{
		{&payment.Error{Kind: payment.Standing, Code: "payment_in_progress", Payment: &p}, 409, "INFO"},
		{&payment.Error{Kind: payment.Unavailable, Cause: errors.New("dial tcp: CAUSE")}, 503, "WARN"},
		{&payment.Error{Kind: payment.Misconfigured, Cause: errors.New("CAUSE")}, 500, "ERROR"},
		{errors.New("CAUSE"), 500, "ERROR"},
	} {
		var lines bytes.Buffer
		a, problem := call(t, edgeOf(func(context.Context, *Request) (Response, error) { return Response{}, c.err }, &lines),
			post(t))
		if a.StatusCode != c.status || problem.Status != c.status || problem.RequestID == "" ||
			strings.Contains(a.Body, "CAUSE") {
			t.Errorf("%v: %+v", c.err, a)
		}
		if log := lines.String(); !strings.Contains(log, `"level":"`+c.level+`"`) ||
			!strings.Contains(log, `"kind":"`+payment.KindOf(c.err).String()+`"`) ||
			strings.Contains(c.err.Error(), "CAUSE") != strings.Contains(log, "CAUSE") {
			t.Errorf("%v: %s", c.err, log)
		}
	}
}

func TestEdgeSurvivesPanic(t *testing.T) {
	var lines bytes.Buffer
	a, problem := call(t, edgeOf(func(_ context.Context, r *Request) (Response, error) {
		return JSON(200, r.Body[1000])
	}, &lines), post(t))
	if a.StatusCode != 500 || problem.Code != "internal" || strings.Contains(a.Body, "range") ||
		!strings.Contains(lines.String(), "edge_test.go") {
		t.Errorf("%+v\n%s", a, lines.String())
	}
}

func TestEdgeRefusesBeforeTheHandler(t *testing.T) {
	big, broken, elsewhere := post(t), post(t), post(t)
	big.Body = strings.Repeat("x", 65)
	broken.Body, broken.IsBase64Encoded = "%", true
	elsewhere.RouteKey = "GET /v1/nothing"
	for status, event := range map[int]events.APIGatewayV2HTTPRequest{413: big, 400: broken, 404: elsewhere} {
		var lines bytes.Buffer
		e := edgeOf(func(context.Context, *Request) (Response, error) { t.Error("handled"); return Response{}, nil }, &lines)
		if a, problem := call(t, e, event); a.StatusCode != status || problem.Status != status {
			t.Errorf("%d: %+v", status, a)
		}
	}
}

// TestEdgeKeepsAnAnswerBesideAnError: a browser is sent on although something went wrong, and the log says what.
func TestEdgeKeepsAnAnswerBesideAnError(t *testing.T) {
	var lines bytes.Buffer
	a, _ := call(t, edgeOf(func(context.Context, *Request) (Response, error) {
		return Response{Status: 303}.With("Location", "https://shop.example/"),
			&payment.Error{Kind: payment.Unavailable, Code: "bank_unavailable"}
	}, &lines), post(t))
	if a.StatusCode != 303 || a.Headers["Location"] == "" || !strings.Contains(lines.String(), "bank_unavailable") {
		t.Errorf("%+v %s", a, lines.String())
	}
}

// TestLogCanaries: nothing that a caller sends in header, body, query or path reaches the log, whatever becomes of the
// request.
func TestLogCanaries(t *testing.T) {
	var lines bytes.Buffer
	event := post(t)
	event.Headers = map[string]string{"authorization": "Bearer sk_demo-az_k1_CANARY", "cookie": "CANARY",
		"x-any": "CANARY"}
	event.Body, event.RawQueryString, event.RawPath = `{"phone":"CANARY"}`, "q=CANARY", "/CANARY"
	for _, h := range []Handler{
		func(context.Context, *Request) (Response, error) { return JSON(200, 1) },
		func(ctx context.Context, r *Request) (Response, error) {
			_, err := Authenticate(ctx, keyring{}, r, Read)
			return Response{}, err
		},
		func(_ context.Context, r *Request) (Response, error) {
			o, err := ReadObject(r.Body)
			if err != nil {
				return Response{}, err
			}
			return Response{}, o.Err()
		},
		func(_ context.Context, r *Request) (Response, error) {
			_, err := r.QueryValue("id")
			return Response{}, err
		},
	} {
		call(t, edgeOf(h, &lines), event)
	}
	if n := strings.Count(lines.String(), "\n"); n != 4 || strings.Contains(lines.String(), "CANARY") {
		t.Errorf("%d lines:\n%s", n, lines.String())
	}
}

func TestTagged(t *testing.T) {
	a, err := JSON(200, map[string]int{"sequence": 2})
	if err != nil {
		t.Fatal(err)
	}
	first := a.Tagged(&Request{})
	tag := first.Header["ETag"]
	if first.Status != 200 || !strings.HasPrefix(tag, `W/"`) {
		t.Fatalf("%+v", first)
	}
	for _, held := range []string{tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag, "*"} {
		same := a.Tagged(&Request{Header: map[string]string{"if-none-match": held}})
		if same.Status != 304 || len(same.Body) != 0 || same.Header["ETag"] != tag || same.Header["Content-Type"] != "" {
			t.Errorf("%q: %+v", held, same)
		}
	}
	if other := a.Tagged(&Request{Header: map[string]string{"if-none-match": `W/"x"`}}); other.Status != 200 ||
		len(other.Body) == 0 {
		t.Errorf("%+v", other)
	}
}

// TestAnEventAsItComes is served as one that is read, and what is none is an error, for Lambda to tell.
func TestAnEventAsItComes(t *testing.T) {
	names, err := filepath.Glob("testdata/events/*.api.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no events", err)
	}
	for _, name := range names {
		read := recorded[events.APIGatewayV2HTTPRequest](t, filepath.Base(name))
		edge := edgeOf(func(_ context.Context, r *Request) (Response, error) {
			return JSON(http.StatusOK, map[string]any{"path": r.PathValues, "query": r.Query, "header": r.Header,
				"body": string(r.Body), "method": r.Method, "id": r.ID})
		}, &bytes.Buffer{})
		for route := range edge.Routes {
			edge.Routes[read.RouteKey] = edge.Routes[route]
		}
		want, err := edge.HTTPAPI(t.Context(), read)
		if err != nil || want.StatusCode != http.StatusOK {
			t.Fatalf("%s: %+v, %v", name, want, err)
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := edge.Invoke(t.Context(), raw)
		var got events.APIGatewayV2HTTPResponse
		if err := errors.Join(err, json.Unmarshal(text, &got)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v, %v", name, got, want, err)
		}
	}
	if text, err := edgeOf(nil, &bytes.Buffer{}).Invoke(t.Context(), []byte(`{"headers":`)); err == nil {
		t.Errorf("half an event is answered %s", text)
	}
}
