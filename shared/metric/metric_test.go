package metric

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestALineIsAnEmbeddedMetric holds the form that CloudWatch reads: a directive that names the dimension and the metrics, and members
// of these names at the top of the line. Source: CloudWatch embedded metric format specification.
func TestALineIsAnEmbeddedMetric(t *testing.T) {
	var out strings.Builder
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: drop}))
	log.Info("notify", Attrs(time.UnixMilli(1772600000123), "prod", Count("webhook_dead", 0), Figure{"lag", Seconds, 7})...)
	want := `{"msg":"notify","Stage":"prod","webhook_dead":0,"lag":7,"_aws":{"CloudWatchMetrics":[{"Namespace":"Kassa","Dimensions":[["Stage"]],` +
		`"Metrics":[{"Name":"webhook_dead","Unit":"Count"},{"Name":"lag","Unit":"Seconds"}]}],"Timestamp":1772600000123}}` + "\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}
