package metric

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestALineIsAnEmbeddedMetric holds the form that CloudWatch reads: a directive that names the dimension and the
// metrics, and members of these names at the top of the line. Source: CloudWatch embedded metric format specification.
func TestALineIsAnEmbeddedMetric(t *testing.T) {
	var out strings.Builder
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: drop}))
	log.Info("notify", Attrs(time.UnixMilli(1772600000123), "prod", Count(WebhookDead, 0), Count(WebhookFailed, 3),
		Figure{SweepLag, 0})...)
	want := `{"msg":"notify","Stage":"prod","webhook_dead":0,"webhook_failed":3,"sweep_lag_seconds":0,` +
		`"_aws":{"CloudWatchMetrics":[{"Namespace":"Kassa","Dimensions":[["Stage"]],` +
		`"Metrics":[{"Name":"webhook_dead","Unit":"Count"},{"Name":"webhook_failed","Unit":"Count"},` +
		`{"Name":"sweep_lag_seconds","Unit":"Seconds"}]}],"Timestamp":1772600000123}}` + "\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}

// TestNothingCountedIsNoMetric: a month of zeros would be billed as a month of figures. The line still says them.
func TestNothingCountedIsNoMetric(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("notify", Attrs(time.UnixMilli(1), "prod", Count(WebhookDelivered, 0), Count(WebhookDead, 0))...)
	if !strings.Contains(out.String(), `"webhook_delivered":0,"webhook_dead":0`) ||
		strings.Contains(out.String(), "_aws") {
		t.Errorf("nothing happened, and the line is %s", out.String())
	}
}

// TestACallStandsTwice: under the stage, for the alarm, and under its bank and operation, for whoever looks closer.
func TestACallStandsTwice(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("bank call", CallAttrs(time.UnixMilli(1), "prod", "b", "open", Figure{BankLatency, 7})...)
	for _, want := range []string{`"Stage":"prod","Bank":"b","Operation":"open","bank_latency_ms":7`,
		`"Dimensions":[["Stage"],["Stage","Bank","Operation"]]`,
		`{"Name":"bank_latency_ms","Unit":"Milliseconds"}`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nholds no %s", out.String(), want)
		}
	}
}

// TestATallyFolds figures as their metrics do, whoever adds them, and says nothing of what was not added.
func TestATallyFolds(t *testing.T) {
	Add(t.Context(), PaymentsPaid, 1) // nobody counts
	ctx, tally := Begin(t.Context())
	if tally.Attrs(time.UnixMilli(1), "prod") != nil {
		t.Error("an empty tally has attributes")
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var group sync.WaitGroup
	for n := range int64(10) {
		group.Go(func() {
			Add(inner, PaymentsPaid, 1)
			Add(inner, CertificateDays, 30-n)
			Add(inner, SweepLag, n)
		})
	}
	group.Wait()
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("request", tally.Attrs(time.UnixMilli(1), "prod")...)
	for _, want := range []string{`"payments_paid":10`, `"certificate_days_left":21`, `"sweep_lag_seconds":9`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nholds no %s", out.String(), want)
		}
	}
	if strings.Contains(out.String(), "webhook") {
		t.Errorf("%s holds what was not added", out.String())
	}
}

// TestNamesAreUnique, and each says what it means.
func TestNamesAreUnique(t *testing.T) {
	seen := map[Name]bool{}
	for _, m := range All() {
		if seen[m.Name] || m.Means == "" || m.Unit == "" || m.Fold == "" || of(m.Name) != m {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
	}
}
