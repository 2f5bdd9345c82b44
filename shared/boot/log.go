package boot

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// newLog writes one JSON object a line to standard output, with Lambda's names for time and message. Where Lambda itself is set to
// JSON its own handler is used, which adds the invocation's requestId and obeys the level that is set there.
func newLog() *slog.Logger {
	if os.Getenv("AWS_LAMBDA_LOG_FORMAT") == "JSON" {
		return lambdacontext.NewLogger()
	}
	return slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr}))
}
