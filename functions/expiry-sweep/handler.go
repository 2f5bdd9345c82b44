// The clock of the system: what no customer, shop or bank comes back for is settled here, at the latest.

package main

import (
	"context"
	"encoding/json"
	"log/slog"

	"kassa/shared/checkout"
	"kassa/shared/metric"
)

// handler works off the bank's to-do list.
type handler struct {
	checkout *checkout.Service
	log      *slog.Logger
	stage    string
}

// oneShard is the event of a run that another one has started, for a shard of the list. Every other event is the
// minute's, whatever it looks like.
type oneShard struct {
	Shard *int `json:"shard"`
}

// handOn starts such a run.
func handOn(again func(ctx context.Context, event any) error) func(ctx context.Context, shard int) error {
	return func(ctx context.Context, shard int) error { return again(ctx, oneShard{&shard}) }
}

// sweep runs once for whatever event woke it. An error counts as a failed invocation, for the alarm; the next minute is
// the retry. One line tells the whole run, since a line for each payment would cost more than the questions.
func (h handler) sweep(ctx context.Context, text json.RawMessage) error {
	var event oneShard
	_ = json.Unmarshal(text, &event) // what cannot be read names no shard
	counting, figures := metric.Begin(ctx)
	metric.Add(counting, metric.SweepLag, 0) // a run that finds nothing late says so: no line means that nobody runs
	var swept checkout.SweepCounts
	var err error
	if event.Shard != nil {
		swept, err = h.checkout.SweepShard(counting, *event.Shard)
	} else {
		swept, err = h.checkout.Sweep(counting)
	}
	args := append(told(event, swept), figures.Attrs(h.checkout.Now(), h.stage)...)
	switch {
	case err != nil:
		h.log.ErrorContext(ctx, "sweep", append(args, "error", err.Error())...)
	case swept.Failed > 0:
		h.log.WarnContext(ctx, "sweep", args...)
	default:
		h.log.InfoContext(ctx, "sweep", args...)
	}
	return err
}

// told is what the line says of a run. Of most runs the last three are nothing, and stand in no line.
func told(event oneShard, swept checkout.SweepCounts) []any {
	args := []any{"looked", swept.Looked, "asked", swept.Asked, "failed", swept.Failed, "skipped", swept.Skipped}
	if swept.Left > 0 {
		args = append(args, "left", swept.Left)
	}
	if swept.HandedOn > 0 {
		args = append(args, "handed_on", swept.HandedOn)
	}
	if event.Shard != nil {
		args = append(args, "shard", *event.Shard)
	}
	return args
}
