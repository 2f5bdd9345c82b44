// Package metric counts things for CloudWatch without calling it: a log line that carries figures in the embedded metric format
// becomes metrics by itself, and stays a log line.
package metric

import (
	"log/slog"
	"time"
)

// Namespace is where the figures stand in CloudWatch; each has the one dimension Stage.
const Namespace = "Kassa"

// Unit is a unit of CloudWatch's.
type Unit string

// The units in use.
const (
	Number       Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
	Days         Unit = "None" // CloudWatch has no unit for days
)

// Figure is one value of a metric.
type Figure struct {
	Name  string // in snake case; also the name of the line's attribute
	Unit  Unit
	Value int64
}

// Count is how often something happened.
func Count(name string, n int) Figure { return Figure{name, Number, int64(n)} }

// Attrs are the attributes to add to a line that was written at now on a stage. Zero is a figure, too: an alarm on a metric that is
// never sent cannot tell "nothing happened" from "nobody counts".
func Attrs(now time.Time, stage string, figures ...Figure) []any {
	type named struct {
		Name string
		Unit Unit
	}
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []named
	}
	metrics := make([]named, len(figures))
	attrs := []any{slog.String("Stage", stage)}
	for i, f := range figures {
		metrics[i] = named{f.Name, f.Unit}
		attrs = append(attrs, slog.Int64(f.Name, f.Value))
	}
	return append(attrs, slog.Any("_aws", map[string]any{
		"Timestamp":         now.UnixMilli(),
		"CloudWatchMetrics": []directive{{Namespace, [][]string{{"Stage"}}, metrics}},
	}))
}
