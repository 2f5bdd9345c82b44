package template

import (
	"regexp"
	"slices"
	"strconv"
	"time"
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
