package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/lambda"
)

func shopCORS() *CORS {
	return &CORS{
		AllowOrigins:  []string{"http://127.0.0.1:8080"},
		AllowMethods:  []string{"GET", "POST"},
		AllowHeaders:  []string{"Authorization", "If-None-Match"},
		ExposeHeaders: []string{"ETag", "Retry-After"},
		MaxAge:        time.Hour,
	}
}

func send(h http.Handler, method, path string, headers map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer      string
		api, url    int    // status
		body        string // of both
		contentType string // of the HTTP API
	}{
		"whole": {`{"statusCode":201,"headers":{"Content-Type":"application/json","X-Count":3},"body":"{}"}`, 201,
			201, "{}", "application/json"},
		"base64": {`{"statusCode":200,"body":"AP8=","isBase64Encoded":true}`, 200, 200, "\x00\xff",
			"text/plain; charset=utf-8"},
		"no statusCode": {`{"hello":"world"}`, 200, 200, `{"hello":"world"}`, "application/json"},
		"a list":        {`[1,2]`, 200, 200, `[1,2]`, "application/json"},
		"a text":        {`"hello"`, 200, 200, `"hello"`, "application/json"},
		"null":          {`null`, 200, 200, `null`, "application/json"},
		"no body":       {`{"statusCode":204}`, 204, 204, "", ""},
		"not modified": {`{"statusCode":304,"headers":{"etag":"3"},"body":"dropped"}`, 304, 304, "",
			"text/plain; charset=utf-8"},
		"zero status":      {`{"statusCode":0}`, 500, 502, "", ""},
		"status as a text": {`{"statusCode":"201","body":"x"}`, 201, 201, "x", "text/plain; charset=utf-8"},
		"status no number": {`{"statusCode":true}`, 500, 502, "", ""},
		"header no text":   {`{"statusCode":200,"headers":{"a":["b"]}}`, 500, 502, "", ""},
		"broken base64":    {`{"statusCode":200,"body":"%","isBase64Encoded":true}`, 500, 502, "", ""},
		"body no text":     {`{"statusCode":200,"body":{}}`, 500, 502, "", ""},
		"not JSON":         {`<html>`, 500, 502, "", ""},
		"empty":            {``, 500, 502, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := &recorder{answer: c.answer}
			api := send(NewHTTPAPI(fixed(), routes(f), nil), "GET", "/v1/payments", nil)
			url := send(NewFunctionURL(fixed(), f), "GET", "/", nil)
			if api.Code != c.api || url.Code != c.url {
				t.Fatalf("status %d and %d, want %d and %d", api.Code, url.Code, c.api, c.url)
			}
			if c.api == 500 {
				if got := api.Body.String(); got != `{"message":"Internal Server Error"}` {
					t.Errorf("body %q", got)
				}
				return
			}
			if api.Body.String() != c.body || url.Body.String() != c.body || api.Header().Get("Content-Type") != c.contentType {
				t.Errorf("%q, %q, %q", api.Body, url.Body, api.Header().Get("Content-Type"))
			}
		})
	}
}

func TestCookiesComeInCookies(t *testing.T) {
	f := &recorder{answer: `{"statusCode":200,"cookies":["a=1","b=2; Path=/"],"headers":{"Set-Cookie":"c=3"}}`}
	w := send(NewFunctionURL(fixed(), f), "GET", "/", nil)
	if got := w.Header().Values("Set-Cookie"); len(got) != 2 || got[1] != "b=2; Path=/" {
		t.Errorf("cookies %q", got)
	}
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		err      error
		api, url int
	}{
		"function": {&lambda.FunctionError{Function: "Initiate", Message: "secret detail"}, 500, 502},
		"deadline": {context.DeadlineExceeded, 503, 504},
		"large":    {lambda.ErrTooLarge, 413, 413},
		"closed":   {lambda.ErrClosed, 500, 502},
		"other":    {errors.New("secret detail"), 500, 502},
	} {
		f := &recorder{err: c.err}
		api := send(NewHTTPAPI(fixed(), routes(f), nil), "GET", "/v1/payments", nil)
		url := send(NewFunctionURL(fixed(), f), "GET", "/", nil)
		if api.Code != c.api || url.Code != c.url {
			t.Errorf("%s: status %d and %d, want %d and %d", name, api.Code, url.Code, c.api, c.url)
		}
		if strings.Contains(api.Body.String()+url.Body.String(), "secret") {
			t.Errorf("%s: the client sees the reason", name)
		}
		var body struct{ Message string }
		if err := json.Unmarshal(api.Body.Bytes(), &body); err != nil || body.Message == "" {
			t.Errorf("%s: %q is not API Gateway's form", name, api.Body)
		}
	}
}

func TestLimits(t *testing.T) {
	f := &recorder{answer: `{"statusCode":200}`}
	api, url := NewHTTPAPI(fixed(), routes(f), nil), NewFunctionURL(fixed(), f)
	for name, h := range map[string]http.Handler{"api": api, "url": url} {
		w := send(h, "GET", "/v1/payments", map[string]string{"X-Long": strings.Repeat("x", maxHeaderBytes)})
		if w.Code != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: long header: %d", name, w.Code)
		}
		r := httptest.NewRequest("POST", "/v1/payments", bytes.NewReader(make([]byte, maxAPIBody+1)))
		big := httptest.NewRecorder()
		h.ServeHTTP(big, r)
		if big.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: large body: %d", name, big.Code)
		}
	}
	if f.event != nil {
		t.Error("the function was invoked")
	}
}

func TestRoutes(t *testing.T) {
	for request, want := range map[string]string{
		"GET /v1/payments":                "GET /v1/payments",
		"POST /v1/payments":               "POST /v1/payments",
		"GET /v1/payments/pay_a-1":        "GET /v1/payments/{id}",
		"POST /v1/payments/pay_a/refunds": "POST /v1/payments/{id}/refunds",
		"GET /v1/payments/":               "",
		"GET /v1/payments/a/b":            "",
		"GET /v1":                         "",
		"GET /":                           "",
		"HEAD /v1/payments":               "",
		"DELETE /v1/payments":             "",
		"GET /V1/payments":                "",
		"GET //v1/payments":               "",
		"POST /v1/payments//refunds":      "",
		"GET /v1/payments/a%2Frefunds":    "GET /v1/payments/{id}",
	} {
		f := &recorder{answer: `{"statusCode":200}`}
		method, path, _ := strings.Cut(request, " ")
		w := send(NewHTTPAPI(fixed(), routes(f), nil), method, path, nil)
		var e event
		if f.event != nil {
			if err := json.Unmarshal(f.event, &e); err != nil {
				t.Fatal(err)
			}
		}
		if e.RouteKey != want {
			t.Errorf("%s took the route %q, want %q", request, e.RouteKey, want)
		}
		if want == "" && (w.Code != 404 || w.Body.String() != `{"message":"Not Found"}`) {
			t.Errorf("%s: %d %s", request, w.Code, w.Body)
		}
	}
}

func TestClosestRouteWins(t *testing.T) {
	targets := map[string]*recorder{}
	var all []Route
	for _, key := range []string{"ANY $default", "ANY /a/{rest+}", "ANY /a/{x}", "GET /a/{x}", "GET /a/b", "ANY /{x}/b"} {
		method, path, _ := strings.Cut(key, " ")
		targets[key] = &recorder{answer: `{"statusCode":200}`}
		all = append(all, Route{method, path, targets[key]})
	}
	for request, want := range map[string]string{
		"GET /a/b": "GET /a/b", "GET /a/c": "GET /a/{x}", "PUT /a/c": "ANY /a/{x}", "GET /a/b/c": "ANY /a/{rest+}",
		"GET /c/b": "ANY /{x}/b", "GET /": "ANY $default", "GET /a/": "ANY $default",
	} {
		method, path, _ := strings.Cut(request, " ")
		send(NewHTTPAPI(fixed(), all, nil), method, path, nil)
		for key, target := range targets {
			if got := target.event != nil; got != (key == want) {
				t.Errorf("%s: %s invoked: %v", request, key, got)
			}
			target.event = nil
		}
	}
}

func TestCORS(t *testing.T) {
	f := &recorder{answer: `{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*","ETag":"1","Vary":"Accept"},` +
		`"body":"x"}`}
	h := NewHTTPAPI(fixed(), routes(f), shopCORS())
	ask := map[string]string{"Origin": "http://127.0.0.1:8080", "Access-Control-Request-Method": "GET"}

	w := send(h, "OPTIONS", "/v1/payments/pay_a-1", ask)
	got := w.Header()
	if w.Code != 204 || got.Get("Access-Control-Allow-Origin") != "http://127.0.0.1:8080" ||
		got.Get("Access-Control-Max-Age") != "3600" ||
		got.Get("Access-Control-Allow-Headers") != "Authorization,If-None-Match" ||
		got.Get("Access-Control-Allow-Methods") != "GET,POST" {
		t.Errorf("preflight: %d %v", w.Code, got)
	}
	if f.event != nil {
		t.Error("a preflight reached the function")
	}

	w = send(h, "GET", "/v1/payments/pay_a-1", ask)
	got = w.Header()
	if got.Get("Access-Control-Allow-Origin") != "http://127.0.0.1:8080" ||
		got.Get("Access-Control-Expose-Headers") != "ETag,Retry-After" ||
		got.Get("ETag") != "1" || len(got.Values("Vary")) != 2 {
		t.Errorf("answer: %v", got)
	}

	for _, method := range []string{"OPTIONS", "GET"} {
		ask["Origin"] = "http://evil.example"
		w = send(h, method, "/v1/payments/pay_a-1", ask)
		for name := range w.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s of a stranger gets %s", method, name)
			}
		}
	}
}

// Two APIs on one port keep their own rules: the shops' pages are let in by the one, and the other leaves it to its
// function.
func TestTwoAPIsOnOnePort(t *testing.T) {
	shops, public := &recorder{answer: `{"statusCode":200}`},
		&recorder{answer: `{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"}}`}
	h := OnePort(NewHTTPAPI(fixed(), routes(shops), shopCORS()),
		NewHTTPAPI(fixed(), []Route{{"GET", "/v1/instalments", public}}, nil))
	for request, want := range map[string]struct {
		status          int
		origin, invoked string
	}{
		"GET /v1/instalments":     {200, "*", "public"},
		"POST /v1/instalments":    {404, "", ""},
		"OPTIONS /v1/instalments": {404, "", ""},
		"GET /v1/payments":        {200, "http://127.0.0.1:8080", "shops"},
		"OPTIONS /v1/payments":    {204, "http://127.0.0.1:8080", ""},
		"GET /v1/nothing":         {404, "http://127.0.0.1:8080", ""},
	} {
		shops.event, public.event = nil, nil
		method, path, _ := strings.Cut(request, " ")
		w := send(h, method, path, map[string]string{"Origin": "http://127.0.0.1:8080"})
		invoked := ""
		if shops.event != nil {
			invoked = "shops"
		}
		if public.event != nil {
			invoked += "public"
		}
		if w.Code != want.status || w.Header().Get("Access-Control-Allow-Origin") != want.origin || invoked != want.invoked {
			t.Errorf("%s: %d %v, invoked %q", request, w.Code, w.Header(), invoked)
		}
	}
}

// FuzzAnswer holds that no function can make the gateway panic or send a status that HTTP does not know.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"statusCode":201,"headers":{"a":"b"},"body":"e30=","isBase64Encoded":true}`))
	f.Add([]byte(`{"statusCode":1e9}`))
	f.Add([]byte(`[{}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		w := send(NewFunctionURL(fixed(), &recorder{answer: string(raw)}), "GET", "/", nil)
		if w.Code < 100 || w.Code > 599 {
			t.Errorf("status %d", w.Code)
		}
	})
}
