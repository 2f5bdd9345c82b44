package template

import (
	"slices"
	"strings"
	"time"

	"kassa/infra/local/streams/filter"
)

// Stream is an event source mapping: a function invoked with the records of the table's stream. Where the template says
// nothing, Lambda's defaults stand here.
type Stream struct {
	Name            string        // of the event
	FromStart       bool          // starts with the oldest record (TRIM_HORIZON), or else with the next one (LATEST)
	Filter          filter.Filter // the records that are handed over
	BatchSize       int           // records per invocation at most
	Window          time.Duration // how long a batch that is not full may wait for more
	Retries         int           // after the first failure; -1 is without end
	MaxAge          time.Duration // older records are given up; -1 is without end
	Bisect          bool          // halve a batch that failed as a whole
	PartialFailures bool          // the function says which records failed
	DeadLetters     string        // logical id of the queue that is told what was given up; empty where none is
}

// Forever is the MaxAge of a stream, and -1 its Retries, that sets no limit.
const Forever time.Duration = -1

// streamLabel stands in for the last part of a stream's name, the moment in which it was switched on: the engine alone
// knows it.
const streamLabel = "/stream/of-the-engine"

// knownOfStream are the properties that the local host honours. Any other would be ignored silently, so it is refused.
var knownOfStream = []string{
	"Stream", "StartingPosition", "FilterCriteria", "BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor",
	"FunctionResponseTypes", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds",
	"DestinationConfig", "Enabled",
}

func (b *builder) stream(name string, p value) Stream {
	for _, key := range p.keys {
		if !slices.Contains(knownOfStream, key) {
			b.fail(p.line, "the local host does not know the property %s of a stream event", key)
		}
	}
	if arn := b.text(p.field("Stream"), "Stream"); !strings.HasSuffix(arn, streamLabel) {
		b.fail(p.line, "Stream must be the StreamArn of the template's table, not %q", arn)
	}
	b.numberOr(p.field("ParallelizationFactor"), "ParallelizationFactor (here)", 1, 1, 1)
	return Stream{
		Name:            name,
		FromStart:       b.oneOf(p.field("StartingPosition"), "StartingPosition", "LATEST", "TRIM_HORIZON") == "TRIM_HORIZON",
		Filter:          b.filter(p.field("FilterCriteria")),
		BatchSize:       b.numberOr(p.field("BatchSize"), "BatchSize", 100, 1, 10000),
		Window:          b.seconds(p, "MaximumBatchingWindowInSeconds", 0, 300),
		Retries:         b.numberOr(p.field("MaximumRetryAttempts"), "MaximumRetryAttempts", -1, -1, 10000),
		MaxAge:          b.maxAge(p),
		Bisect:          b.flag(p.field("BisectBatchOnFunctionError"), "BisectBatchOnFunctionError", false),
		PartialFailures: b.partialFailures(p.field("FunctionResponseTypes")),
		DeadLetters:     b.deadLetters(p.field("DestinationConfig")),
	}
}

func (b *builder) oneOf(v value, what string, known ...string) string {
	text := b.text(v, what)
	if !slices.Contains(known, text) {
		b.fail(v.line, "%s must be one of %s", what, strings.Join(known, ", "))
	}
	return text
}

func (b *builder) seconds(p value, key string, fallback, high int) time.Duration {
	return time.Duration(b.numberOr(p.field(key), key, fallback, 0, high)) * time.Second
}

func (b *builder) maxAge(p value) time.Duration {
	const key = "MaximumRecordAgeInSeconds"
	if v := p.field(key); v.kind == absent || v.text == "-1" {
		return Forever
	}
	return time.Duration(b.numberOr(p.field(key), key, 0, 60, 604800)) * time.Second
}

// filter also refuses patterns that the local host does not understand.
func (b *builder) filter(v value) filter.Filter {
	var patterns []string
	for _, one := range v.field("Filters").items {
		patterns = append(patterns, b.text(one.field("Pattern"), "Pattern"))
	}
	if v.kind != absent && len(patterns) == 0 {
		b.fail(v.line, "FilterCriteria needs Filters, each with a Pattern")
	}
	parsed, err := filter.Parse(patterns)
	if err != nil {
		b.fail(v.line, "%v", err)
	}
	return parsed
}

func (b *builder) partialFailures(v value) bool {
	types := b.texts(v, "FunctionResponseTypes")
	for _, t := range types {
		if t != "ReportBatchItemFailures" {
			b.fail(v.line, "FunctionResponseTypes knows ReportBatchItemFailures only, not %q", t)
		}
	}
	return len(types) > 0
}

// deadLetters reads OnFailure. The local host keeps a file in place of the queue, so it must be a queue of this
// template.
func (b *builder) deadLetters(v value) string {
	if v.kind == absent {
		return ""
	}
	failure := v.field("OnFailure")
	if kind := b.text(failure.field("Type"), "the type of OnFailure"); kind != "SQS" {
		b.fail(v.line, "OnFailure must be of the type SQS, not %q", kind)
	}
	arn := b.text(failure.field("Destination"), "the destination of OnFailure")
	queue := arn[strings.LastIndex(arn, ":")+1:]
	if !strings.HasPrefix(arn, "arn:aws:sqs:") || b.attributes[queue+".Arn"] != arn {
		b.fail(v.line, "OnFailure must name a queue of this template, not %q", arn)
	}
	return queue
}
