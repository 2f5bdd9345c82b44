//go:build template

package proof

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kassa/infra/template"
)

// ringRules are about when an alarm rings. A threshold, a statistic or a comparison that is wrong leaves an alarm in
// its place that never rings, and nothing else in the template would tell.
var ringRules = []rule{
	{"every alarm rings when it should", func(d deployment) (c complaints) {
		want := d.rings()
		for _, a := range d.OfType("AWS::CloudWatch::Alarm") {
			c.unless(ring(a) == want[a.ID], "%s rings at\n  %s, want\n  %s", a.ID, ring(a), want[a.ID])
			delete(want, a.ID)
		}
		c.unless(len(want) == 0, "nothing rings for %v", slices.Sorted(maps.Keys(want)))
		return c
	}},
}

// basics are the alarms without which money or customers would be lost unseen; the others come with Monitoring=full.
var basics = []string{
	"FunctionsFailing", "FunctionErrorLines", "ApiFailures", "CallbackFailures", "CallbackApiFailures", "SweepLagging",
	"UnstartedRunsWaiting",
	"FailedRunsWaiting", "ReviewNeeded", "Overpaid", "PaidLate", "WebhookDead", "CertificateEnding", "BankErrors",
	"CallbackRejected",
}

// rings are the alarms of a deployment and when they ring; how long a condition must hold and how often is the line's
// end.
func (d deployment) rings() map[string]string {
	kassa := func(statistic, metric, condition string) string {
		return fmt.Sprintf("%s of Kassa %s {Stage %s} %s", statistic, metric, d.stage(), condition)
	}
	hourly := func(metrics ...string) (text string) {
		for _, id := range metrics {
			name := map[string]string{"failed": "webhook_failed", "delivered": "webhook_delivered"}[id]
			text += id + " = " + kassa("Sum", cmp.Or(name, "payments_"+id), "over 3600 s; ")
		}
		return text
	}
	more := func(many, few string) string {
		return hourly(many, few) +
			fmt.Sprintf("found = IF(FILL(%s, 0) >= 10 AND FILL(%[1]s, 0) > FILL(%s, 0), 1, 0) >= 1, 1 times", many, few)
	}
	invoked := func(id, function string) string {
		return fmt.Sprintf("%s = Sum of AWS/Lambda Invocations {FunctionName %v} over 300 s; ", id,
			d.Resources[function].At("FunctionName"))
	}
	table := func(metric string) string {
		return fmt.Sprintf(`q = SELECT SUM(%s) FROM SCHEMA("AWS/DynamoDB", TableName, Operation) WHERE TableName = '%s' `+
			`over 60 s > 0, 3 times`, metric, d.table())
	}
	const once, failures = "over 60 s > 0, 1 times", "over 300 s >= 5, 1 times"
	all := map[string]string{
		"FunctionsFailing":   "Sum of AWS/Lambda Errors {} " + once,
		"FunctionErrorLines": "Sum of Kassa/" + d.stage() + " error_lines {} " + once,
		"ApiFailures":        "Sum of AWS/ApiGateway 5xx {ApiId Api} " + failures,
		"PublicApiFailures":  "Sum of AWS/ApiGateway 5xx {ApiId PublicApi} " + failures,
		"CallbackFailures": fmt.Sprintf("Sum of AWS/Lambda Url5xxCount {FunctionName %v} %s",
			d.Resources["Callback"].At("FunctionName"), failures),
		"StreamLagging": fmt.Sprintf("Maximum of AWS/Lambda IteratorAge {FunctionName %v} over 60 s > 300000, 1 times",
			d.Resources["Notify"].At("FunctionName")),
		"ScheduleStopped": invoked("sweep", "ExpirySweep") + invoked("notify", "Notify") +
			"least = MIN([FILL(sweep, 0), FILL(notify, 0)]) < 1, 1 times",
		"TableThrottled": table("ThrottledRequests"),
		"TableFailing":   table("SystemErrors"),
		"NothingPaid": hourly("opened", "paid") +
			"found = IF(FILL(opened, 0) >= 10 AND FILL(paid, 0) == 0, 1, 0) >= 1, 1 times",
		"ManyDeclined":      more("declined", "paid"),
		"ManyExpired":       more("expired", "paid"),
		"WebhooksFailing":   more("failed", "delivered"),
		"PaidLate":          kassa("Sum", "payments_late", once),
		"Overpaid":          kassa("Sum", "payments_overpaid", once),
		"ReviewNeeded":      kassa("Sum", "payments_review", once),
		"RefundUnknown":     kassa("Sum", "refund_unknown", once),
		"WebhookDead":       kassa("Sum", "webhook_dead", once),
		"CallbackRejected":  kassa("Sum", "callback_rejected", "over 300 s >= 20, 1 times"),
		"BankErrors":        kassa("Sum", "bank_errors", "over 300 s >= 10, 1 times"),
		"BankUnclear":       kassa("Sum", "bank_unclear", once),
		"BankSlow":          kassa("Average", "bank_latency_ms", "over 300 s > 8000, 3 times"),
		"CertificateEnding": kassa("Minimum", "certificate_days_left", "over 86400 s < 30, 1 times"),
		"SweepLagging":      kassa("Maximum", "sweep_lag_seconds", "over 60 s > 600, 5 times"),
	}
	for _, domain := range d.OfType("AWS::ApiGatewayV2::ApiMapping") { // at most one
		all["CallbackApiFailures"] = fmt.Sprintf("Sum of AWS/ApiGateway 5xx {ApiId %v} %s", domain.At("ApiId"), failures)
	}
	for _, queue := range d.OfType("AWS::SQS::Queue") {
		all[queue.ID+"Waiting"] = "Maximum of AWS/SQS ApproximateNumberOfMessagesVisible {QueueName " + queue.ID +
			"} over 300 s > 0, 1 times"
	}
	for _, id := range d.functions() {
		of := func(metric string) string {
			return fmt.Sprintf("AWS/Lambda %s {FunctionName %v}", metric, d.Resources[id].At("FunctionName"))
		}
		all[id+"Errors"], all[id+"Throttles"] = "Sum of "+of("Errors")+" "+once, "Sum of "+of("Throttles")+" "+once
		// held to the time-out elsewhere
		all[id+"Slow"] = fmt.Sprintf("p99 of %s over 300 s > %v, 1 times", of("Duration"),
			d.Resources[id+"Slow"].At("Threshold"))
	}
	maps.DeleteFunc(all, func(id, _ string) bool {
		if d.full() {
			return id == "FunctionsFailing" // each has its own
		}
		return !slices.Contains(basics, id)
	})
	return all
}

// ring says in one line when an alarm rings.
func ring(a template.Resource) string {
	var text strings.Builder
	for _, m := range template.List(a.At("Metrics")) {
		fmt.Fprintf(&text, "%v = ", template.At(m, "Id"))
		if stat := template.At(m, "MetricStat"); stat != nil {
			fmt.Fprintf(&text, "%v of %s over %v s; ", template.At(stat, "Stat"), watched(template.At(stat, "Metric")),
				template.At(stat, "Period"))
			continue
		}
		fmt.Fprintf(&text, "%v ", template.At(m, "Expression"))
		if period := template.At(m, "Period"); period != nil {
			fmt.Fprintf(&text, "over %v s ", period)
		}
	}
	if a.At("Metrics") == nil {
		statistic := a.At("Statistic")
		if statistic == nil {
			statistic = a.At("ExtendedStatistic")
		}
		fmt.Fprintf(&text, "%v of %s over %v s ", statistic, watched(a.Properties), a.At("Period"))
	}
	sign := map[any]string{"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=",
		"LessThanThreshold": "<"}[a.At("ComparisonOperator")]
	fmt.Fprintf(&text, "%s %v, %v times", sign, number(a.At("Threshold")), a.At("EvaluationPeriods"))
	if a.At("DatapointsToAlarm") != nil || a.At("Unit") != nil {
		text.WriteString(", and more") // nobody needs either, and a unit that is not sent silences an alarm
	}
	return text.String()
}

// watched is a metric with its dimensions.
func watched(metric any) string {
	var dimensions []string
	for _, one := range template.List(template.At(metric, "Dimensions")) {
		dimensions = append(dimensions, fmt.Sprint(template.At(one, "Name"), " ", template.At(one, "Value")))
	}
	return fmt.Sprintf("%v %v {%s}", template.At(metric, "Namespace"), template.At(metric, "MetricName"),
		strings.Join(dimensions, ", "))
}
