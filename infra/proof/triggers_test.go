//go:build template

package proof

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kassa/infra/proof/policy"
	"kassa/infra/template"
)

// triggerRules are about what starts functions by itself: the table's stream and the schedules, and where their
// failures go.
var triggerRules = []rule{
	{"the stream gives up some day and says what", func(d deployment) (c complaints) {
		mappings := d.OfType("AWS::Lambda::EventSourceMapping")
		c.unless(len(mappings) == 1, "there are %d mappings", len(mappings))
		for _, m := range mappings {
			retries, age := number(m.At("MaximumRetryAttempts")), number(m.At("MaximumRecordAgeInSeconds"))
			c.unless(retries >= 0 && retries <= 10, "%s retries %v times", m.ID, m.At("MaximumRetryAttempts"))
			c.unless(age >= 60 && age <= 6*3600, "%s retries for %v seconds", m.ID, m.At("MaximumRecordAgeInSeconds"))
			c.unless(m.At("BisectBatchOnFunctionError") == true, "%s does not halve a batch that fails", m.ID)
			c.unless(slices.Contains(template.Texts(m.At("FunctionResponseTypes")), "ReportBatchItemFailures"),
				"%s takes a batch as a whole", m.ID)
			c.unless(m.At("DestinationConfig", "OnFailure", "Destination") == queue("NotifyDeadLetters"),
				"%s tells nobody what was given up", m.ID)
			c.unless(m.At("Enabled") != false, "%s is off", m.ID)
		}
		return c
	}},
	{"the stream wakes Notify once, in order, from the start", func(d deployment) (c complaints) {
		m := d.Resources["NotifyChanged"]
		c.unless(m.At("FunctionName") == d.alias("Notify"), "it wakes %v", m.At("FunctionName"))
		c.unless(m.At("StartingPosition") == "TRIM_HORIZON", "it starts at %v and skips what is written meanwhile",
			m.At("StartingPosition"))
		c.unless(number(m.At("ParallelizationFactor")) == map[string]float64{"plain": 1, "full": 4}[d.name],
			"it hands over %v batches at once", m.At("ParallelizationFactor"))
		filters := template.List(m.At("FilterCriteria", "Filters"))
		c.unless(len(filters) == 1 &&
			template.At(filters[0], "Pattern") == `{"dynamodb":{"NewImage":{"wake":{"BOOL":[true]}}}}`,
			"it wakes on %v, so Notify's own saves wake it", filters)
		return c
	}},
	{"two schedules, every minute", func(d deployment) (c complaints) {
		schedules := d.OfType("AWS::Scheduler::Schedule")
		c.unless(len(schedules) == 2, "there are %d", len(schedules))
		for _, id := range scheduled {
			s := d.Resources[id+"EveryMinute"]
			c.unless(s.At("Target", "Arn") == d.alias(id), "%s starts %v", s.ID, s.At("Target", "Arn"))
			c.unless(s.At("ScheduleExpression") == "rate(1 minute)" && s.At("State") != "DISABLED", "%s runs at %v, %v", s.ID,
				s.At("ScheduleExpression"), s.At("State"))
			input, _ := s.At("Target", "Input").(string)
			c.unless(json.Valid([]byte(input)) && strings.Contains(input, `"<aws.scheduler.scheduled-time>"`),
				"%s does not say which minute it is for: %s", s.ID, input)
			c.unless(s.At("Target", "RoleArn") == "arn:aws:iam::"+accountID+":role/ScheduleRole", "%s works as %v", s.ID,
				s.At("Target", "RoleArn"))
		}
		return c
	}},
	{"a run that cannot start is tried a little and then told", func(d deployment) (c complaints) {
		for _, s := range d.OfType("AWS::Scheduler::Schedule") {
			retries, age := number(s.At("Target", "RetryPolicy", "MaximumRetryAttempts")),
				number(s.At("Target", "RetryPolicy", "MaximumEventAgeInSeconds"))
			c.unless(retries <= 3 && age <= 600, "%s is tried %v times for %v seconds", s.ID, retries, age)
			c.unless(s.At("Target", "DeadLetterConfig", "Arn") == queue("UnstartedRuns"), "%s tells %v", s.ID,
				s.At("Target", "DeadLetterConfig"))
		}
		return c
	}},
	{"a run that fails is told and left to the next", func(d deployment) (c complaints) {
		for _, id := range scheduled {
			e := d.Resources[id+"EventInvokeConfig"]
			c.unless(number(e.At("MaximumRetryAttempts")) == 0, "%s is run again %v times", id, e.At("MaximumRetryAttempts"))
			c.unless(number(e.At("MaximumEventAgeInSeconds")) <= 600, "%s waits for %v seconds", id,
				e.At("MaximumEventAgeInSeconds"))
			c.unless(e.At("DestinationConfig", "OnFailure", "Destination") == queue("FailedRuns"), "%s fails silently", id)
		}
		return c
	}},
	{"who tells of a failure may", func(d deployment) (c complaints) {
		send := func(role, to string) bool {
			statements, err := d.statements(role)
			return err == nil && policy.Allows(statements, policy.Call{Action: "sqs:SendMessage", Resource: queue(to)})
		}
		for _, pair := range [][2]string{{"NotifyRole", "NotifyDeadLetters"}, {"NotifyRole", "FailedRuns"},
			{"ExpirySweepRole", "FailedRuns"}, {"ScheduleRole", "UnstartedRuns"}} {
			c.unless(send(pair[0], pair[1]), "%s may not send to %s", pair[0], pair[1])
		}
		for _, id := range scheduled {
			statements, err := d.statements("ScheduleRole")
			c.unless(err == nil && policy.Allows(statements,
				policy.Call{Action: "lambda:InvokeFunction", Resource: d.alias(id)}), "the schedule may not start %s", id)
		}
		return c
	}},
	{"queues are encrypted and keep their messages", func(d deployment) (c complaints) {
		var ids []string
		for _, q := range d.OfType("AWS::SQS::Queue") {
			ids = append(ids, q.ID)
			c.unless(q.At("SqsManagedSseEnabled") == true, "%s is not encrypted", q.ID)
			c.unless(number(q.At("MessageRetentionPeriod")) == 14*24*3600, "%s keeps messages for %v seconds", q.ID,
				q.At("MessageRetentionPeriod"))
		}
		c.unless(slices.Equal(ids, []string{"FailedRuns", "NotifyDeadLetters", "UnstartedRuns"}), "the queues are %v", ids)
		return c
	}},
	{"the roll-out may shift exactly our functions", func(d deployment) (c complaints) {
		statements, err := d.statements("RolloutRole")
		c.unless(err == nil, "%v", err)
		for _, id := range d.functions() {
			arn := strings.TrimSuffix(d.alias(id), ":live")
			for _, on := range []string{arn, arn + ":live"} {
				c.unless(policy.Allows(statements, policy.Call{Action: "lambda:UpdateAlias", Resource: on}), "%s cannot be shifted",
					id)
			}
		}
		stranger := fmt.Sprintf("arn:aws:lambda:%s:%s:function:shop", region, accountID)
		c.unless(!policy.Allows(statements, policy.Call{Action: "lambda:UpdateAlias", Resource: stranger}),
			"other functions can be shifted")
		return c
	}},
}

// tableRules are about the one thing that must never be lost.
var tableRules = []rule{
	{"each function has its table, and after a restore the restored one", func(d deployment) (c complaints) {
		arn := func(name string) string {
			return "arn:aws:dynamodb:" + region + ":" + accountID + ":table/" + name
		}
		for _, id := range d.functions() {
			for name, want := range map[string]bool{d.table(): id != "Instalments", "kassa-" + d.stage() +
				"-payments-other": false, "kassa-other-payments": false} {
				c.unless(d.may(id, policy.Call{Action: "dynamodb:PutItem", Resource: arn(name)}) == want, "%s writes %s: %v", id,
					name, !want)
			}
			for index, owners := range map[string]string{"due": "ExpirySweep", "outbox": "Notify StatusPoll",
				"review": "nobody", "book": "StatusPoll"} {
				can := d.may(id, policy.Call{Action: "dynamodb:Query", Resource: arn(d.table()) + "/index/" + index})
				c.unless(can == slices.Contains(strings.Fields(owners), id), "%s reads the list %s: %v", id, index, can)
			}
			old := arn("kassa-" + d.stage() + "-payments")
			c.unless(d.name == "plain" || !d.may(id, policy.Call{Action: "dynamodb:GetItem", Resource: old}),
				"%s reads the table that was replaced", id)
		}
		stream := fmt.Sprint(d.Resources["NotifyChanged"].At("EventSourceArn"))
		c.unless(strings.HasPrefix(stream, arn(d.table())+"/stream/"), "Notify follows %s", stream)
		c.unless(d.may("Notify", policy.Call{Action: "dynamodb:GetRecords", Resource: stream}), "Notify may not read %s",
			stream)
		return c
	}},
	{"the table is protected", func(d deployment) (c complaints) {
		p := d.Resources["Payments"]
		c.unless(p.At("DeletionProtectionEnabled") == true, "anybody may delete it")
		c.unless(p.At("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") == true &&
			number(p.At("PointInTimeRecoverySpecification", "RecoveryPeriodInDays")) == 35,
			"it cannot be brought back to where it stood")
		c.unless(p.Attributes["DeletionPolicy"] == "RetainExceptOnCreate" && p.Attributes["UpdateReplacePolicy"] == "Retain",
			"it goes with the stack")
		c.unless(p.At("TimeToLiveSpecification") == nil, "payments end by themselves")
		c.unless(len(d.OfType("AWS::DynamoDB::Table")) == 1, "there are several tables")
		return c
	}},
	{"the table is what the code expects", func(d deployment) (c complaints) {
		p := d.Resources["Payments"]
		c.unless(p.At("TableName") == "kassa-"+d.stage()+"-payments", "its name is %v", p.At("TableName"))
		c.unless(p.At("BillingMode") == "PAY_PER_REQUEST", "it is billed by %v", p.At("BillingMode"))
		c.unless(p.At("StreamSpecification", "StreamViewType") == "NEW_AND_OLD_IMAGES", "its stream holds %v",
			p.At("StreamSpecification"))
		c.unless(key(p.At("KeySchema")) == "pk HASH, sk RANGE", "its key is %s", key(p.At("KeySchema")))
		for _, a := range template.List(p.At("AttributeDefinitions")) {
			name, is := template.At(a, "AttributeName"), template.At(a, "AttributeType")
			isText := slices.Contains([]any{"pk", "book", "created_at"}, name)
			c.unless(is == map[bool]string{true: "S", false: "N"}[isText], "%v is of the type %v", name, is)
		}
		var names []string
		for _, x := range template.List(p.At("GlobalSecondaryIndexes")) {
			name := fmt.Sprint(template.At(x, "IndexName"))
			names = append(names, name)
			keys := map[string]string{"book": "book HASH, created_at RANGE"}[name]
			if keys == "" {
				keys = name + "_shard HASH, " + name + "_at RANGE"
			}
			c.unless(key(template.At(x, "KeySchema")) == keys, "the key of %s is %s", name, key(template.At(x, "KeySchema")))
			want := map[string]string{"due": "INCLUDE [shop bank]", "outbox": "INCLUDE [shop]", "review": "KEYS_ONLY []",
				"book": "KEYS_ONLY []"}[name]
			got := fmt.Sprintf("%v %v", template.At(x, "Projection", "ProjectionType"),
				template.Texts(template.At(x, "Projection", "NonKeyAttributes")))
			c.unless(got == want, "%s carries %s, want %s", name, got, want)
		}
		c.unless(slices.Equal(names, []string{"due", "outbox", "review", "book"}), "its indexes are %v", names)
		return c
	}},
	{"a key of one's own", func(d deployment) (c complaints) {
		sse := d.Resources["Payments"].At("SSESpecification")
		if d.name == "plain" {
			c.unless(sse == nil, "without one, DynamoDB's own is used, not %v", sse)
		} else {
			c.unless(template.At(sse, "SSEEnabled") == true &&
				template.At(sse, "KMSMasterKeyId") == deployments["full"]["TableKeyArn"], "the table is encrypted with %v", sse)
		}
		return c
	}},
}

func key(schema any) string {
	var parts []string
	for _, k := range template.List(schema) {
		parts = append(parts, fmt.Sprint(template.At(k, "AttributeName"), " ", template.At(k, "KeyType")))
	}
	return strings.Join(parts, ", ")
}
