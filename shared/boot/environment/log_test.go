package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
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

// TestUnaskedAnswersAreNotQuoted: net/http logs what a server sends twice, before it closes the connection.
func TestUnaskedAnswersAreNotQuoted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() {
		c, err := listener.Accept()
		if err != nil {
			closed <- err
			return
		}
		_, _ = c.Read(make([]byte, 4096))
		answer := "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nSESSION"
		_, _ = io.WriteString(c, answer+answer)
		_, err = io.Copy(io.Discard, c)
		closed <- err
	}()
	lines := make(told, 9)
	defer log.SetOutput(log.Writer())
	log.SetOutput(unquoting{lines})
	log.Print("another line")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Transport{}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	if err = errors.Join(response.Body.Close(), <-closed, listener.Close()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" another line\n", " Unsolicited response received on idle HTTP channel\n"} {
		if text := <-lines; !strings.HasSuffix(text, want) {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

// told are lines of a log, as they come.
type told chan string

func (l told) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}
