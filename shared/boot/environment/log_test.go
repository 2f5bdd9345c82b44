package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
)

// TestEveryLineOfARequestHasItsID: what is logged on the way carries the id that the answer and the one line of the
// request carry.
func TestEveryLineOfARequestHasItsID(t *testing.T) {
	var lines bytes.Buffer
	log := slog.New(requestHandler{slog.NewJSONHandler(&lines, nil)})
	edge := api.Edge{Log: log, Now: time.Now, MaxBody: 10, Routes: map[string]api.Handler{
		"GET /x": func(ctx context.Context, _ *api.Request) (api.Response, error) {
			log.With("bank", "b").WarnContext(ctx, "on the way")
			return api.Response{Status: 204}, nil
		},
	}}
	event := events.APIGatewayV2HTTPRequest{RouteKey: "GET /x"}
	event.RequestContext.RequestID = "the-id"
	if _, err := edge.HTTPAPI(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	log.InfoContext(t.Context(), "no request")
	want := []string{"the-id", "the-id", ""}
	got := strings.Split(strings.TrimSpace(lines.String()), "\n")
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i, line := range got {
		var fields struct {
			ID string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields.ID != want[i] ||
			strings.Count(line, "request_id") > 1 {
			t.Errorf("%s: want request_id %q once (%v)", line, want[i], err)
		}
	}
}
