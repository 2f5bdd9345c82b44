package environment

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"kassa/shared/api"
)

// newLog writes one JSON object a line to standard output, with Lambda's names for time and message. Where Lambda
// itself is set to JSON its own handler is used, which adds the invocation's requestId and obeys the level that is set
// there.
func newLog() *slog.Logger {
	log.SetOutput(unquoting{os.Stderr})
	if os.Getenv("AWS_LAMBDA_LOG_FORMAT") == "JSON" {
		return slog.New(requestHandler{lambdacontext.NewLogHandler()})
	}
	return slog.New(requestHandler{slog.NewJSONHandler(os.Stdout,
		&slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr})})
}

// requestHandler adds request_id to each line that is written while a request is served, so that what a bank refused is
// found by the id that the shop was told.
type requestHandler struct{ slog.Handler }

func (h requestHandler) Handle(ctx context.Context, line slog.Record) error {
	if id := api.RequestID(ctx); id != "" {
		line = line.Clone()
		line.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, line)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}

// unquoting is where net/http's own log goes. It quotes there up to 4 KB of what a server sends unasked on a kept
// connection: an answer twice, or the end of one that is longer than it says, with an order's session or a customer
// in it.
type unquoting struct{ io.Writer }

func (w unquoting) Write(line []byte) (int, error) {
	said, _, quotes := bytes.Cut(line, []byte(" starting with "))
	if !quotes || !bytes.Contains(said, []byte("Unsolicited response")) {
		return w.Writer.Write(line)
	}
	_, err := w.Writer.Write(append(bytes.Clone(said), '\n'))
	return len(line), err
}
