//go:build template

package proof

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kassa/infra/template"
	"kassa/shared/metric"
)

// unalarmed are the metrics that are for looking at only, and why nobody is woken by them.
var unalarmed = []metric.Name{
	metric.PaymentsCancelled, // a customer's or the shop's own wish
	metric.RefundsSucceeded,  // as it should be
	metric.RefundsFailed,     // the shop was told, and nothing is in doubt
}

// fullOnly are the metrics that only Monitoring=full has alarms on, and why a shop that pays for basic loses no money
// by it.
var fullOnly = []metric.Name{
	// trends, of ten payments an hour and more
	metric.PaymentsOpened, metric.PaymentsPaid, metric.PaymentsDeclined, metric.PaymentsExpired,
	metric.RefundUnknown,                          // mends itself, or becomes a review
	metric.WebhookDelivered, metric.WebhookFailed, // are repeated for three days, and then dead
	metric.BankLatency, // what is too slow is an error
	metric.BankUnclear, // has a line of level ERROR besides, and a review where a payment is meant
}

// silence is what missing data means to an alarm, where it does not mean that nothing happened.
var silence = map[string]string{
	"ScheduleStopped": "breaching", "SweepLagging": "breaching", // something must happen every minute
	"CertificateEnding": "ignore", // a day without payments renews no certificate
}

// alarmRules are about who hears of what.
var alarmRules = []rule{
	{"errors, throttles and slowness of each function", func(d deployment) (c complaints) {
		if !d.full() {
			a := d.Resources["FunctionsFailing"]
			c.unless(a.At("Namespace") == "AWS/Lambda" && a.At("MetricName") == "Errors" && a.At("Dimensions") == nil &&
				number(a.At("Threshold")) == 0, "nobody hears of functions that crash")
			return c
		}
		for _, id := range d.functions() {
			for suffix, name := range map[string]string{"Errors": "Errors", "Throttles": "Throttles", "Slow": "Duration"} {
				a := d.Resources[id+suffix]
				c.unless(a.At("Namespace") == "AWS/Lambda" && a.At("MetricName") == name &&
					about(a, "FunctionName") == d.Resources[id].At("FunctionName"),
					"%s%s is about %v of %v", id, suffix, a.At("MetricName"), about(a, "FunctionName"))
			}
			share := number(d.Resources[id+"Slow"].At("Threshold")) / 1000 / number(d.Resources[id].At("Timeout"))
			c.unless(share > 0.7 && share < 0.9, "%s is called slow at %.0f %% of its time", id, 100*share)
			for _, suffix := range []string{"Errors", "Throttles"} {
				c.unless(number(d.Resources[id+suffix].At("Threshold")) == 0, "%s%s waits for more than one", id, suffix)
			}
		}
		return c
	}},
	{"lines of level ERROR", func(d deployment) (c complaints) {
		a := d.Resources["FunctionErrorLines"]
		for _, id := range d.functions() {
			f := d.Resources[id+"ErrorLines"]
			c.unless(f.At("LogGroupName") == d.Resources[id+"Log"].At("LogGroupName") &&
				f.At("FilterPattern") == `{ $.level = "ERROR" }`, "%s is not looked through", id)
			for _, m := range template.List(f.At("MetricTransformations")) {
				c.unless(template.At(m, "MetricNamespace") == a.At("Namespace") &&
					template.At(m, "MetricName") == a.At("MetricName"), "%s counts what nobody looks at", id)
				c.unless(template.At(m, "MetricValue") == "1", "a line of %s counts as %v", id, template.At(m, "MetricValue"))
			}
		}
		c.unless(a.Type == "AWS::CloudWatch::Alarm" && number(a.At("Threshold")) == 0, "nobody hears of them")
		return c
	}},
	{"queues, stream, schedules and table", func(d deployment) (c complaints) {
		for _, q := range d.OfType("AWS::SQS::Queue") {
			a := d.Resources[q.ID+"Waiting"]
			if q.ID == "NotifyDeadLetters" && !d.full() {
				continue // what was in it is found by the next minute
			}
			c.unless(a.At("MetricName") == "ApproximateNumberOfMessagesVisible" && about(a, "QueueName") == q.ID &&
				number(a.At("Threshold")) == 0, "nobody hears of messages in %s", q.ID)
		}
		if !d.full() {
			return c
		}
		lag := d.Resources["StreamLagging"]
		c.unless(lag.At("MetricName") == "IteratorAge" && number(lag.At("Threshold")) <= 600000,
			"nobody hears of a stream that lags")
		for _, name := range []string{"Invocations", "ThrottledRequests", "SystemErrors"} {
			c.unless(alarmOn(d, name) != "", "nobody hears of %s", name)
		}
		for _, id := range []string{"TableThrottled", "TableFailing"} {
			c.unless(strings.Contains(said(d.Resources[id]), "TableName = '"+d.table()+"'"), "%s looks at another table", id)
		}
		return c
	}},
	{"the addresses' failures", func(d deployment) (c complaints) {
		for api, alarm := range map[string]string{"Api": "ApiFailures", "PublicApi": "PublicApiFailures"} {
			if api == "PublicApi" && !d.full() {
				continue // the badge keeps nobody from paying
			}
			a := d.Resources[alarm]
			c.unless(a.At("MetricName") == "5xx" && about(a, "ApiId") == api, "nobody hears of 5xx of %s", api)
		}
		a := d.Resources["CallbackFailures"]
		c.unless(a.At("MetricName") == "Url5xxCount" &&
			about(a, "FunctionName") == d.Resources["Callback"].At("FunctionName"), "nobody hears of callbacks that fail")
		return c
	}},
	{"an alarm on everything that the code measures", func(d deployment) (c complaints) {
		for _, m := range metric.All() {
			silent := slices.Contains(unalarmed, m.Name) || !d.full() && slices.Contains(fullOnly, m.Name)
			c.unless((alarmOn(d, string(m.Name)) != "") != silent, "somebody hears of %s: %q", m.Name,
				alarmOn(d, string(m.Name)))
		}
		for _, a := range d.OfType("AWS::CloudWatch::Alarm") {
			text := said(a)
			if strings.Contains(text, `"Namespace":"Kassa"`) {
				c.unless(strings.Contains(text, `"Name":"Stage","Value":"`+d.stage()+`"`), "%s looks at other stages too", a.ID)
			}
		}
		return c
	}},
	{"every alarm reaches people, and says when it is over", func(d deployment) (c complaints) {
		topic := "arn:aws:sns:" + region + ":" + accountID + ":Alarms"
		for _, a := range d.OfType("AWS::CloudWatch::Alarm") {
			c.unless(slices.Equal(template.Texts(a.At("AlarmActions")), []string{topic}) &&
				slices.Equal(template.Texts(a.At("OKActions")), []string{topic}), "%s tells nobody", a.ID)
			c.unless(a.At("ActionsEnabled") != false, "%s is switched off", a.ID)
			description, _ := a.At("AlarmDescription").(string)
			c.unless(strings.HasSuffix(description, "."), "%s does not say in a sentence what is wrong", a.ID)
		}
		mails := d.OfType("AWS::SNS::Subscription")
		c.unless(len(mails) == map[string]int{"plain": 0, "full": 1}[d.name], "%d people are written to", len(mails))
		return c
	}},
	{"missing data", func(d deployment) (c complaints) {
		for _, a := range d.OfType("AWS::CloudWatch::Alarm") {
			want := silence[a.ID]
			if want == "" {
				want = "notBreaching"
			}
			c.unless(a.At("TreatMissingData") == want, "%s takes silence for %v, want %s", a.ID, a.At("TreatMissingData"), want)
		}
		return c
	}},
	{"alarms are encrypted on their way, with a key that CloudWatch may use", func(d deployment) (c complaints) {
		if !d.full() { // SNS encrypts what it keeps by itself, and a key costs more than half of the alarms
			c.unless(d.Resources["Alarms"].At("KmsMasterKeyId") == nil && len(d.OfType("AWS::KMS::Key")) == 0,
				"basic pays for a key")
		}
		c.unless(!d.full() || d.Resources["Alarms"].At("KmsMasterKeyId") == "AlarmKey", "the topic is encrypted with %v",
			d.Resources["Alarms"].At("KmsMasterKeyId"))
		c.unless(!d.full() || d.Resources["AlarmKey"].At("EnableKeyRotation") == true, "the key is never renewed")
		for id, actions := range map[string][]string{"AlarmKey": {"kms:Decrypt", "kms:GenerateDataKey*"},
			"AlarmsPolicy": {"sns:Publish"}} {
			if id == "AlarmKey" && !d.full() {
				continue
			}
			document := d.Resources[id].At("KeyPolicy")
			if document == nil {
				document = d.Resources[id].At("PolicyDocument")
			}
			found := false
			for _, s := range template.List(template.At(document, "Statement")) {
				if template.At(s, "Principal", "Service") == "cloudwatch.amazonaws.com" {
					found = slices.Equal(template.Texts(template.At(s, "Action")), actions) &&
						template.At(s, "Condition", "StringEquals", "aws:SourceAccount") == accountID
				}
			}
			c.unless(found, "%s does not let this account's alarms through", id)
		}
		return c
	}},
	{"the dashboard shows everything", func(d deployment) (c complaints) {
		if !d.full() {
			c.unless(len(d.OfType("AWS::CloudWatch::Dashboard")) == 0, "basic pays for a dashboard")
			return c
		}
		body, _ := d.Resources["Dashboard"].At("DashboardBody").(string)
		var dashboard struct {
			Widgets []struct {
				X, Y, Width, Height int
				Properties          map[string]any
			}
		}
		c.unless(json.Unmarshal([]byte(body), &dashboard) == nil && len(dashboard.Widgets) >= 10, "it is no dashboard")
		taken := map[[2]int]bool{}
		for _, w := range dashboard.Widgets {
			c.unless(w.X+w.Width <= 24 && !taken[[2]int{w.X, w.Y}] && w.Properties["title"] != nil,
				"the widget %v has no place or no title", w.Properties["title"])
			taken[[2]int{w.X, w.Y}] = true
		}
		for _, m := range metric.All() {
			c.unless(strings.Contains(body, `"`+string(m.Name)+`"`) || m.ByBank && strings.Contains(body, string(m.Name)),
				"it does not show %s", m.Name)
		}
		for _, id := range d.functions() {
			c.unless(strings.Contains(body, fmt.Sprint(d.Resources[id].At("FunctionName"))), "it does not show %s", id)
		}
		return c
	}},
}

// about reads one dimension of an alarm.
func about(alarm template.Resource, dimension string) any {
	for _, one := range template.List(alarm.At("Dimensions")) {
		if template.At(one, "Name") == dimension {
			return template.At(one, "Value")
		}
	}
	return nil
}

// said is all of an alarm as text.
func said(alarm template.Resource) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(alarm.Properties); err != nil {
		return err.Error()
	}
	return out.String()
}

// alarmOn finds an alarm on a metric, by name or within a query.
func alarmOn(d deployment, metric string) string {
	for _, a := range d.OfType("AWS::CloudWatch::Alarm") {
		if strings.Contains(said(a), `"MetricName":"`+metric+`"`) || strings.Contains(said(a), "("+metric+")") {
			return a.ID
		}
	}
	return ""
}
