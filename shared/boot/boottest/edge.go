package boottest

import (
	"context"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/api/contract"
)

// Edge is an api.Edge whose exchanges are held to openapi.yaml: a test that uses it fails when an answer is not
// documented, or a request that is not documented was accepted, whatever else it looks for.
type Edge struct {
	api.Edge
	t *testing.T
}

// Edge stands around handlers as boot.App's does, and watches.
func (b *Bench) Edge(routes map[string]api.Handler, maxBody int) Edge {
	return b.Watch(b.App.Edge(routes, maxBody))
}

// Watch watches an edge that a function makes by itself.
func (b *Bench) Watch(e api.Edge) Edge { return Edge{e, b.t} }

// HTTPAPI serves an event and holds the exchange to the document.
func (e Edge) HTTPAPI(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse,
	error) {
	e.t.Helper()
	a, err := e.Edge.HTTPAPI(ctx, event)
	if err == nil {
		contract.Exchanged(e.t, exchange(event, a))
	}
	return a, err
}

func exchange(event events.APIGatewayV2HTTPRequest, a events.APIGatewayV2HTTPResponse) contract.Exchange {
	path, body := event.RawPath, event.Body
	if event.RawQueryString != "" {
		path += "?" + event.RawQueryString
	}
	if event.IsBase64Encoded {
		if raw, err := base64.StdEncoding.DecodeString(body); err == nil {
			body = string(raw)
		}
	}
	header := http.Header{}
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	asked := http.Header{}
	for name, value := range event.Headers {
		asked.Set(name, value)
	}
	return contract.Exchange{Method: event.RequestContext.HTTP.Method, Path: path, Header: contract.Headers(asked),
		Body:   body,
		Status: a.StatusCode, AnswerHeader: contract.Headers(header), Answer: a.Body}
}
