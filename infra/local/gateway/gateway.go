// Package gateway is what stands in front of a function in AWS: an HTTP API and a function URL, both with payload
// format 2.0.
//
// It keeps their habits on purpose, since each is a trap that a function has to survive in the deployment: header names
// in lower case and repeats joined by a comma, bodies in base64 unless they are JSON or text, cookies apart, an HTTP
// API that decodes the path and drops the function's own cross-origin headers.
package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"kassa/infra/local/lambda"
)

// Invoker is a function.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Options are what both kinds of gateway need.
type Options struct {
	Now       func() time.Time
	RequestID func() string // unique per request
	Log       *slog.Logger
}

const (
	maxAPIBody        = 10 << 20         // HTTP API quota
	maxHeaderBytes    = 10240            // request line and headers, HTTP API quota
	integrationLimit  = 30 * time.Second // HTTP API; cannot be raised
	functionURLLimit  = 15 * time.Minute // the longest that a function can run
	defaultAPIType    = "text/plain; charset=utf-8"
	defaultURLType    = "application/json"
	internalServerErr = "Internal Server Error"
)

var errBodyTooLarge = errors.New("the body is too large")

// call turns one request into one invocation.
func (o Options) call(r *http.Request, limit time.Duration, target Invoker, e event) (answer, error) {
	var payload bytes.Buffer
	encoder := json.NewEncoder(&payload)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return answer{}, err
	}
	// A client that hangs up does not stop a function, here as little as in AWS.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), limit)
	defer cancel()
	raw, err := target.Invoke(ctx, bytes.TrimRight(payload.Bytes(), "\n"))
	if err != nil {
		return answer{}, err
	}
	return readAnswer(raw)
}

// readBody reads at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, errBodyTooLarge
	}
	return body, err
}

// tooManyHeaders applies the quota on the request line and the headers together.
func tooManyHeaders(r *http.Request) bool {
	n := len(r.Method) + len(r.RequestURI) + len(r.Proto) + 4
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(value) + 4
		}
	}
	return n > maxHeaderBytes
}

// refuse answers in API Gateway's own words.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "{\"message\":%q}", message) // as AWS writes it; a client that is gone needs no answer
}

func isTooLarge(err error) bool {
	return errors.Is(err, errBodyTooLarge) || errors.Is(err, lambda.ErrTooLarge)
}
