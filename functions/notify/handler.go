package main

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/checkout/outbox"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// handler works off the shops' to-do list.
type handler struct {
	outbox *outbox.Outbox
	log    *slog.Logger
	stage  string
}

// handle serves both who wake it: the table's stream, whose event has records, and the schedule, whose event is not
// looked at.
func (h handler) handle(ctx context.Context, event json.RawMessage) (any, error) {
	var stream struct{ Records []json.RawMessage }
	if err := json.Unmarshal(event, &stream); err == nil && len(stream.Records) > 0 {
		return h.wake(ctx, stream.Records), nil
	}
	counts, err := h.outbox.Run(ctx)
	h.report(ctx, "outbox", counts, err)
	return nil, err
}

// wake tells the shops about the payments of a batch. Only a payment that could not be read or saved is reported as
// failed: the stream brings its record again, and those after it, which then have nothing left to be told. A record
// that is none of ours stops no other; what it may have meant is found by the sweep. An answer without a list of
// failures would count as a success of the whole batch, and one with an empty number as its failure, so the list is
// always there and holds only numbers that came. The list of failures is always there: without one Lambda would take
// the batch for done, and a number that it does not know would fail all of it.
func (h handler) wake(ctx context.Context, records []json.RawMessage) events.DynamoDBEventResponse {
	var ids []payment.ID
	numbers := map[payment.ID][]string{}
	for _, raw := range records {
		var r record
		err := json.Unmarshal(raw, &r)
		id, ok := r.payment()
		if err != nil || !ok {
			h.log.ErrorContext(ctx, "a record of the stream names no payment; the sweep tells its shop", "event", r.EventID)
			continue
		}
		if numbers[id] == nil {
			ids = append(ids, id)
		}
		numbers[id] = append(numbers[id], r.Change.SequenceNumber)
	}
	counts, unsaved := h.outbox.Wake(ctx, ids)
	h.report(ctx, "stream", counts, nil)
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, id := range unsaved {
		for _, number := range numbers[id] {
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: number})
		}
	}
	return answer
}

// report writes the one line of a run. What was given up or not saved has a line of its own; its figure is for the
// alarms.
func (h handler) report(ctx context.Context, from string, c outbox.Counts, err error) {
	attrs := append([]any{"from", from, "skipped", c.Skipped, "unsaved", c.Unsaved}, metric.Attrs(h.outbox.Now(), h.stage,
		metric.Count(metric.WebhookDelivered, c.Delivered), metric.Count(metric.WebhookFailed, c.Failed),
		metric.Count(metric.WebhookDead, c.Dead))...)
	switch {
	case err != nil:
		h.log.ErrorContext(ctx, "notify", append(attrs, "error", err.Error())...)
	case c.Dead > 0 || c.Unsaved > 0:
		h.log.WarnContext(ctx, "notify", attrs...)
	default:
		h.log.InfoContext(ctx, "notify", attrs...)
	}
}
