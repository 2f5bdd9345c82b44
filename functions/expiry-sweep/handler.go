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

// sweep runs once for whatever event woke it. An error counts as a failed invocation, for the alarm; the next minute is
// the retry. One line tells the whole run, since a line for each payment would cost more than the questions.
func (h handler) sweep(ctx context.Context, _ json.RawMessage) error {
	counting, figures := metric.Begin(ctx)
	metric.Add(counting, metric.SweepLag, 0) // a run that finds nothing late says so: no line means that nobody runs
	swept, err := h.checkout.Sweep(counting)
	args := append([]any{"looked", swept.Looked, "asked", swept.Asked, "failed", swept.Failed, "skipped", swept.Skipped},
		figures.Attrs(h.checkout.Now(), h.stage)...)
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
