package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Response is one HTTP answer. Its body is text, so it never needs base64.
type Response struct {
	Status int
	Header map[string]string
	Body   []byte
}

// JSON answers with v.
func JSON(status int, v any) (Response, error) {
	return encode(status, "application/json", v)
}

func encode(status int, contentType string, v any) (Response, error) {
	body, err := marshal(v)
	if err != nil {
		return Response{}, fmt.Errorf("encode the answer: %w", err)
	}
	return Response{Status: status, Header: map[string]string{"Content-Type": contentType}, Body: body}, nil
}

// marshal is the JSON that shops read, in answers and in webhooks.
func marshal(v any) ([]byte, error) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false) // no browser takes this for HTML, and an & in an address should read as one
	err := e.Encode(v)
	return body.Bytes(), err
}

// With gives the answer one more header.
func (a Response) With(name, value string) Response {
	header := map[string]string{name: value}
	for n, v := range a.Header {
		if n != name {
			header[n] = v
		}
	}
	a.Header = header
	return a
}

// RetryAfter says when asking again makes sense, in whole seconds rounded up; zero leaves the header out.
func (a Response) RetryAfter(d time.Duration) Response {
	if d <= 0 {
		return a
	}
	return a.With("Retry-After", strconv.FormatInt(seconds(d), 10))
}

// Tagged gives the answer a weak ETag over its body, or turns it into 304 when the caller already holds that body. Only
// the comparison is weak: one byte of difference makes another tag.
func (a Response) Tagged(r *Request) Response {
	sum := sha256.Sum256(a.Body)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	a = a.With("ETag", tag)
	for held := range strings.SplitSeq(r.Header["if-none-match"], ",") {
		held = strings.TrimSpace(held)
		if held == "*" || "W/"+strings.TrimPrefix(held, "W/") == tag {
			a.Status, a.Body = http.StatusNotModified, nil
			delete(a.Header, "Content-Type")
			break
		}
	}
	return a
}

// finished adds what every answer says: it holds the state of somebody's payment, so nobody may keep it, unless its
// handler said otherwise, or guess its type.
func (a Response) finished() Response {
	if a.Header["Cache-Control"] == "" {
		a = a.With("Cache-Control", "no-store")
	}
	return a.With("X-Content-Type-Options", "nosniff")
}

// HTTPAPI is the answer as API Gateway wants it.
func (a Response) HTTPAPI() events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{StatusCode: a.Status, Headers: a.Header, Body: string(a.Body)}
}

// FunctionURL is the answer as a function URL wants it.
func (a Response) FunctionURL() events.LambdaFunctionURLResponse {
	return events.LambdaFunctionURLResponse{StatusCode: a.Status, Headers: a.Header, Body: string(a.Body)}
}

// seconds rounds up: coming back early would only be another refusal.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
