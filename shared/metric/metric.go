// Package metric counts things for CloudWatch without calling it: a log line that carries figures in the embedded
// metric format becomes metrics by itself, and stays a log line. What is counted stands in list.go; how a run adds up
// its figures, in tally.go.
//
// Figures are for alarms and dashboards. An environment that is cut off between a save and its line leaves a figure
// out, none is ever sent twice; the truth about payments is the table.
package metric

import (
	"log/slog"
	"slices"
	"time"
)

// Namespace is where the figures stand in CloudWatch.
const Namespace = "Kassa"

// Figure is one value of a metric.
type Figure struct {
	Name  Name
	Value int64
}

// Count is how often something happened.
func Count(name Name, n int) Figure { return Figure{name, int64(n)} }

// Attrs are the attributes to add to a line that was written at now on a stage. Where nothing at all was counted, the
// zeros stand in the line and are no figures: CloudWatch bills a metric for each hour in which it is sent, and alarms
// read the silence of all counts as nothing. Beside a count that is not zero the others are sent, for alarms that
// compare. That somebody counts at all is told by sweep_lag_seconds, which is always sent.
func Attrs(now time.Time, stage string, figures ...Figure) []any {
	return attrs(now, [][]string{{"Stage"}}, []any{slog.String("Stage", stage)}, figures)
}

// CallAttrs are those of a line about one call of a bank; its figures stand under the stage, and once more under the
// bank and the operation.
func CallAttrs(now time.Time, stage, bank, operation string, figures ...Figure) []any {
	return attrs(now, [][]string{{"Stage"}, {"Stage", "Bank", "Operation"}},
		[]any{slog.String("Stage", stage), slog.String("Bank", bank), slog.String("Operation", operation)}, figures)
}

// attrs adds the figures, and the directive that makes them metrics, to a line's dimensions. Source of the form: Amazon
// CloudWatch User Guide, "Embedded metric format specification".
func attrs(now time.Time, dimensions [][]string, line []any, figures []Figure) []any {
	type named struct {
		Name Name
		Unit Unit
	}
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []named
	}
	var metrics []named
	counted := slices.ContainsFunc(figures, func(f Figure) bool { return f.Value != 0 && of(f.Name).Unit == Number })
	for _, f := range figures {
		if unit := of(f.Name).Unit; counted || unit != Number {
			metrics = append(metrics, named{f.Name, unit})
		}
		line = append(line, slog.Int64(string(f.Name), f.Value))
	}
	if len(metrics) == 0 {
		return line // CloudWatch reads no directive without a metric
	}
	return append(line, slog.Any("_aws", struct {
		CloudWatchMetrics []directive
		Timestamp         int64
	}{[]directive{{Namespace, dimensions, metrics}}, now.UnixMilli()}))
}
