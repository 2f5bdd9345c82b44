package template

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"kassa/infra/local/streams/filter"
)

var (
	rate = regexp.MustCompile(`^rate\(([1-9][0-9]{0,3}) (minute|hour|day)s?\)$`)

	// contextAttribute is what the scheduler replaces in an input.
	contextAttribute = regexp.MustCompile(`<aws\.scheduler\.[^>]*>`)
)

// ScheduledTime is what stands in a schedule's Input for the time that the run is for (EventBridge Scheduler User
// Guide, "Context attributes"). The local host replaces no other attribute.
const ScheduledTime = "<aws.scheduler.scheduled-time>"

// knownOfSchedule are the properties that the local host honours, and those that change nothing on one machine: an
// invocation there needs no role, and cannot fail before it reaches its function. Any other would be ignored silently,
// so it is refused.
var knownOfSchedule = []string{
	"ScheduleExpression", "Schedule", "State", "Input",
	"Name", "OmitName", "Description", "RoleArn", "RetryPolicy", "DeadLetterConfig",
}

// schedule reads a schedule with a fixed rate; no other form is known here.
func (b *builder) schedule(name string, p value) Schedule {
	for _, key := range p.keys {
		if !slices.Contains(knownOfSchedule, key) {
			b.fail(p.line, "the local host does not know the property %s of a schedule", key)
		}
	}
	key := "ScheduleExpression" // ScheduleV2
	if p.field(key).kind == absent {
		key = "Schedule"
	}
	text := b.text(p.field(key), key)
	parts := rate.FindStringSubmatch(text)
	if parts == nil {
		b.fail(p.line, "the schedule %q is none that the local host knows: rate(5 minutes)", text)
		return Schedule{}
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[parts[2]]
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		b.fail(p.line, "the schedule %q: %v", text, err)
	}
	input := b.textOr(p.field("Input"), "Input", "")
	for _, attribute := range contextAttribute.FindAllString(input, -1) {
		if attribute != ScheduledTime {
			b.fail(p.line, "the local host does not replace %s in an input", attribute)
		}
	}
	return Schedule{Name: name, Every: time.Duration(n) * unit, Input: input}
}

// Stream is an event source mapping: a function invoked with the records of the table's stream. Where the template says
// nothing, Lambda's defaults stand here.
type Stream struct {
	Name            string        // of the event
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

// knownOfStream are the properties that the local host honours. Any other would be ignored silently, so it is refused.
var knownOfStream = []string{
	"Stream", "StartingPosition", "FilterCriteria", "BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor",
	"FunctionResponseTypes", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds",
	"DestinationConfig", "Enabled",
}

// stream reads an event source mapping. Only TRIM_HORIZON is taken, because LATEST begins with what is written after
// the mapping stands; and one batch at a time, because a shop is to be told in order.
func (b *builder) stream(name string, p value) Stream {
	for _, key := range p.keys {
		if !slices.Contains(knownOfStream, key) {
			b.fail(p.line, "the local host does not know the property %s of a stream event", key)
		}
	}
	if arn := b.text(p.field("Stream"), "Stream"); !strings.HasSuffix(arn, streamLabel) {
		b.fail(p.line, "Stream must be the StreamArn of the template's table, not %q", arn)
	}
	if start := b.text(p.field("StartingPosition"), "StartingPosition"); start != "TRIM_HORIZON" {
		b.fail(p.line, "StartingPosition must be TRIM_HORIZON (here), not %q: a change before the first run would be told "+
			"to nobody", start)
	}
	b.numberOr(p.field("ParallelizationFactor"), "ParallelizationFactor (here)", 1, 1, 1)
	return Stream{
		Name:            name,
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

// seconds reads a whole number of seconds up to high.
func (b *builder) seconds(p value, key string, fallback, high int) time.Duration {
	return time.Duration(b.numberOr(p.field(key), key, fallback, 0, high)) * time.Second
}

// maxAge reads -1, and nothing said, as no limit, as Lambda does.
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

// partialFailures says whether the function names the records that failed; else a failure is that of the whole batch.
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
	queue := ""
	eachChild(b.document.section("Resources"), func(id string, n *yaml.Node) {
		if typeOf(n) == typeQueue && b.holds(n, 0) && b.attribute(v.line, id, "Arn", 0).text == arn {
			queue = id
		}
	})
	if queue == "" {
		b.fail(v.line, "OnFailure must name a queue of this template, not %q", arn)
	}
	return queue
}
