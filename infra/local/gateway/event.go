package gateway

import (
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// event is payload format 2.0 as API Gateway and function URLs send it. The functions decode it with AWS's own structs;
// these are ours, so that a wrong name cannot agree with itself.
type event struct {
	Version         string            `json:"version"`
	RouteKey        string            `json:"routeKey"`
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies,omitempty"`
	Headers         map[string]string `json:"headers"`
	Query           map[string]string `json:"queryStringParameters,omitempty"`
	Context         requestContext    `json:"requestContext"`
	PathParameters  map[string]string `json:"pathParameters,omitempty"`
	Body            string            `json:"body,omitempty"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// requestContext is what the gateway itself knows of a request: when it came, from where, and under which id it is
// logged.
type requestContext struct {
	AccountID    string      `json:"accountId"`
	APIID        string      `json:"apiId"`
	DomainName   string      `json:"domainName"`
	DomainPrefix string      `json:"domainPrefix"`
	HTTP         httpDetails `json:"http"`
	RequestID    string      `json:"requestId"`
	RouteKey     string      `json:"routeKey"`
	Stage        string      `json:"stage"`
	Time         string      `json:"time"`
	TimeEpoch    int64       `json:"timeEpoch"` // milliseconds
}

// httpDetails are of the connection. SourceIP is that of the caller itself; what a proxy claims stands in headers.
type httpDetails struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// newEvent fills what an HTTP API and a function URL have in common.
func newEvent(r *http.Request, body []byte, requestID string, now time.Time) event {
	host, port := hostPort(r)
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	e := event{
		Version:        "2.0",
		RawQueryString: r.URL.RawQuery,
		Cookies:        cookies(r.Header),
		Headers:        headers(r, host, port, source),
		Query:          query(r.URL.RawQuery),
		Context: requestContext{
			DomainName: host,
			HTTP: httpDetails{
				Method: r.Method, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
			},
			RequestID: requestID,
			Stage:     "$default",
			Time:      now.UTC().Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch: now.UnixMilli(),
		},
	}
	e.Context.DomainPrefix, _, _ = strings.Cut(host, ".")
	e.Body, e.IsBase64Encoded = encodeBody(r.Header.Get("Content-Type"), body)
	return e
}

// hostPort takes the Host header apart: what the client typed, not where the server listens.
func hostPort(r *http.Request) (host, port string) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		return r.Host, "80"
	}
	return host, port
}

// headers gives each header once, in lower case, repeats joined by a comma, cookies apart; and adds those of the load
// balancer.
func headers(r *http.Request, host, port, source string) map[string]string {
	out := map[string]string{
		"host":              host,
		"x-forwarded-for":   source,
		"x-forwarded-port":  port,
		"x-forwarded-proto": "http",
	}
	for name, values := range r.Header {
		switch name = strings.ToLower(name); name {
		case "cookie", "connection", "x-forwarded-port", "x-forwarded-proto":
		case "x-forwarded-for":
			out[name] = strings.Join(append(values, source), ", ")
		default:
			out[name] = strings.Join(values, ",")
		}
	}
	return out
}

// cookies are given apart from the headers, one by one.
func cookies(h http.Header) []string {
	var out []string
	for _, line := range h.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				out = append(out, cookie)
			}
		}
	}
	return out
}

// query decodes each parameter, repeats joined by a comma. What cannot be decoded stays as it is.
func query(raw string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		name, text = unescape(name), unescape(text)
		if before, seen := out[name]; seen {
			text = before + "," + text
		}
		out[name] = text
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// unescape decodes + as a blank, as both gateways do in a query.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// encodeBody leaves JSON and text as they are and encodes everything else in base64, a body without a type included.
// Bytes that no JSON text can hold are encoded as well: nothing of a body is ever changed on its way.
func encodeBody(contentType string, body []byte) (text string, encoded bool) {
	if len(body) == 0 {
		return "", false
	}
	kind, _, err := mime.ParseMediaType(contentType)
	readable := err == nil && (kind == "application/json" || strings.HasPrefix(kind, "text/"))
	if readable && utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}
