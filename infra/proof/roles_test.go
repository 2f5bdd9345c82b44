//go:build template

package proof

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kassa/infra/proof/policy"
	"kassa/infra/template"
)

// dynamoActions are all that anybody may do to the table. Scan and whatever deletes or describes are not among them.
var dynamoActions = []string{
	"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:Query",
	"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
}

// wideActions are the actions with a wildcard, and why.
var wideActions = map[string]string{
	"kms:GenerateDataKey*": "with and without plain text; AWS writes it so for topics and tables",
	"kms:ReEncrypt*":       "two halves of one operation",
	"kms:*":                "of the account, in the policy of its own key: without it nobody could ever change the key",
}

// anyResource are the actions on "*", and why.
var anyResource = map[string]string{
	"xray:PutTraceSegments": "X-Ray knows no resources", "xray:PutTelemetryRecords": "X-Ray knows no resources",
	"ec2:AssignPrivateIpAddresses": "made before it has a name", "ec2:CreateNetworkInterface": "made before it has a name",
	"ec2:DeleteNetworkInterface": "made before it has a name", "ec2:DescribeNetworkInterfaces": "knows no resources",
	"cloudwatch:DescribeAlarms": "lists", "cloudwatch:GetMetricData": "knows no resources",
	"logs:GetQueryResults":       "knows no resources",
	"secretsmanager:ListSecrets": "lists, and says names only",
	"ec2:DescribeSubnets":        "knows no resources", "ec2:UnassignPrivateIpAddresses": "made before it has a name",
}

// roleRules are about who may do what.
var roleRules = []rule{
	{"a role for each function, for Lambda alone", func(d deployment) (c complaints) {
		used := map[string]string{}
		for _, id := range d.functions() {
			role := d.roleOf(id)
			c.unless(role == id+"Role" && used[role] == "", "%s works as %s, which %q does too", id, role, used[role])
			used[role] = id
			c.unless(trusts(d.Resources[role]) == "lambda.amazonaws.com", "%s may be taken by %s", role,
				trusts(d.Resources[role]))
		}
		return c
	}},
	{"only our own policies", func(d deployment) (c complaints) {
		for _, r := range d.OfType("AWS::IAM::Role") {
			for _, arn := range template.Texts(r.At("ManagedPolicyArns")) {
				c.unless(strings.HasPrefix(arn, "arn:aws:iam::"+accountID+":"), "%s has %s", r.ID, arn)
			}
			_, err := d.statements(r.ID)
			c.unless(err == nil, "%v", err)
		}
		return c
	}},
	{"no wildcards but the listed", func(d deployment) (c complaints) {
		for where, s := range everyStatement(d) {
			for _, action := range s.Actions {
				c.unless(!strings.Contains(action, "*") || wideActions[action] != "", "%s: the action %s", where, action)
				c.unless(action != "kms:*" || strings.HasPrefix(where, "AlarmKey"), "%s: the action %s", where, action)
				wide := slices.ContainsFunc(s.Resources, func(r string) bool {
					return strings.Trim(r, "*:") == "" || strings.HasPrefix(r, "arn:*")
				})
				c.unless(!wide || s.Effect == "Deny" || anyResource[action] != "" || strings.HasPrefix(where, "AlarmKey"),
					"%s: %s on %v", where, action, s.Resources)
			}
		}
		return c
	}},
	{"nobody scans, nobody deletes", func(d deployment) (c complaints) {
		for where, s := range everyStatement(d) {
			for _, action := range s.Actions {
				c.unless(!strings.HasPrefix(action, "dynamodb:") || slices.Contains(dynamoActions, action), "%s: %s", where, action)
			}
		}
		return c
	}},
	{"secrets by prefix and stage", func(d deployment) (c complaints) {
		secret := func(stage, kind string) policy.Call {
			arn := "arn:aws:secretsmanager:" + region + ":" + accountID + ":secret:kassa/" + stage + "/" + kind + "-AbCdEf"
			return policy.Call{Action: "secretsmanager:GetSecretValue", Resource: arn}
		}
		for _, id := range d.functions() {
			shops := d.may(id, secret(d.stage(), "shop/demo"))
			c.unless(shops == slices.Contains(shopReaders, id), "%s reads shop secrets: %v", id, shops)
			banks := d.may(id, secret(d.stage(), "bank/demo/kapital"))
			c.unless(banks == slices.Contains(bankCallers, id), "%s reads bank secrets: %v", id, banks)
			for _, other := range []policy.Call{secret("other", "shop/demo"), secret("other", "bank/demo/kapital"),
				secret(d.stage(), "other/demo"), secret(d.stage()+"2", "shop/demo")} {
				c.unless(!d.may(id, other), "%s reads %s", id, other.Resource)
			}
		}
		for where, s := range everyStatement(d) {
			for _, action := range s.Actions {
				c.unless(!strings.HasPrefix(action, "secretsmanager:") || action == "secretsmanager:GetSecretValue" ||
					strings.HasPrefix(where, "ShopPolicy"), "%s: %s", where, action)
			}
		}
		return c
	}},
	{"each function writes its own log and makes none", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			for _, other := range d.functions() {
				stream := fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%v:log-stream:s", region, accountID,
					d.Resources[other+"Log"].At("LogGroupName"))
				for _, action := range []string{"logs:PutLogEvents", "logs:CreateLogStream"} {
					can := d.may(id, policy.Call{Action: action, Resource: stream})
					c.unless(can == (id == other), "%s: %s on the log of %s: %v", id, action, other, can)
				}
			}
			c.unless(!d.may(id, policy.Call{Action: "logs:CreateLogGroup", Resource: "arn:aws:logs:" + region + ":" + accountID +
				":log-group:x"}), "%s makes log groups", id)
		}
		return c
	}},
	{"the table's key, through DynamoDB only", func(d deployment) (c complaints) {
		call := policy.Call{Action: "kms:Decrypt", Resource: deployments["full"]["TableKeyArn"]}
		for _, id := range d.functions() {
			c.unless(!d.may(id, call), "%s uses the key directly", id)
			through := call
			through.Context = map[string]string{"kms:ViaService": "dynamodb." + region + ".amazonaws.com"}
			want := d.name == "full" && id != "Instalments"
			c.unless(d.may(id, through) == want, "%s reads what the key keeps: %v", id, !want)
		}
		return c
	}},
	{"network interfaces are Lambda's, not the code's", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			call := policy.Call{Action: "ec2:CreateNetworkInterface", Resource: "*"}
			want := d.name == "full" && slices.Contains(bankCallers, id)
			c.unless(d.may(id, call) == want, "Lambda puts %s into the network: %v", id, !want)
			call.Context = map[string]string{"lambda:SourceFunctionArn": "arn:aws:lambda:" + region + ":" + accountID +
				":function:x"}
			c.unless(!d.may(id, call), "the code of %s makes network interfaces", id)
		}
		return c
	}},
	{"schedules and roll-outs have their roles, CodeDeploy's without a condition that AWS does not document",
		func(d deployment) (c complaints) {
			c.unless(trusts(d.Resources["ScheduleRole"]) == "scheduler.amazonaws.com", "ScheduleRole may be taken by %s",
				trusts(d.Resources["ScheduleRole"]))
			for _, s := range template.List(d.Resources["ScheduleRole"].At("AssumeRolePolicyDocument", "Statement")) {
				source := template.At(s, "Condition", "StringEquals")
				c.unless(template.At(source, "aws:SourceAccount") == accountID, "ScheduleRole may be taken for any account")
				c.unless(template.At(source, "aws:SourceArn") == "arn:aws:scheduler:"+region+":"+accountID+
					":schedule-group/default",
					"ScheduleRole may be taken by %v", template.At(source, "aws:SourceArn"))
			}
			c.unless(trusts(d.Resources["RolloutRole"]) == "codedeploy.amazonaws.com", "RolloutRole may be taken by %s",
				trusts(d.Resources["RolloutRole"]))
			for _, s := range template.List(d.Resources["RolloutRole"].At("AssumeRolePolicyDocument", "Statement")) {
				c.unless(template.At(s, "Condition") == nil, "CodeDeploy would have to name %v", template.At(s, "Condition"))
			}
			return c
		}},
	{"schedules and roll-outs do nothing else", func(d deployment) (c complaints) {
		pattern := "arn:aws:lambda:" + region + ":" + accountID + ":function:kassa-" + d.stage() + "-*"
		for role, want := range map[string]string{
			"ScheduleRole": fmt.Sprintf("[lambda:InvokeFunction] on [%s %s]; [sqs:SendMessage] on [%s]", d.alias("ExpirySweep"),
				d.alias("Notify"), queue("UnstartedRuns")),
			"RolloutRole": fmt.Sprintf(
				"[lambda:GetAlias lambda:GetProvisionedConcurrencyConfig lambda:UpdateAlias] on [%s]; "+
					"[cloudwatch:DescribeAlarms] on [arn:aws:cloudwatch:%s:%s:alarm:*]",
				pattern, region, accountID),
		} {
			var may []string
			statements, err := d.statements(role)
			for _, s := range statements {
				may = append(may, fmt.Sprintf("%v on %v", s.Actions, s.Resources))
			}
			c.unless(err == nil && strings.Join(may, "; ") == want, "%s may %s, want %s", role, strings.Join(may, "; "), want)
		}
		return c
	}},
	{"the sweep starts itself, and no function starts another", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			for _, other := range d.functions() {
				alias := d.alias(other)
				for _, arn := range []string{alias, strings.TrimSuffix(alias, ":live"), strings.TrimSuffix(alias, "live") + "1"} {
					can := d.may(id, policy.Call{Action: "lambda:InvokeFunction", Resource: arn})
					c.unless(can == (id == "ExpirySweep" && arn == d.alias(id)), "%s starts %s: %v", id, arn, can)
				}
			}
		}
		return c
	}},
	{"rights stand in roles, and where the rules above look", func(d deployment) (c complaints) {
		for _, r := range d.Resources {
			known := slices.Contains([]string{"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::SNS::TopicPolicy"}, r.Type)
			c.unless(known || !strings.HasPrefix(r.Type, "AWS::IAM::") && !strings.HasSuffix(r.Type, "Policy"), "%s is a %s",
				r.ID, r.Type)
			for _, key := range []string{"Roles", "Users", "Groups", "ResourcePolicy"} {
				c.unless(r.At(key) == nil, "%s gives rights by %s", r.ID, key)
			}
		}
		return c
	}},
}

// trusts names who may take a role: services, or whatever else stands there.
func trusts(role template.Resource) string {
	var all []string
	for _, s := range template.List(role.At("AssumeRolePolicyDocument", "Statement")) {
		principal, _ := template.At(s, "Principal").(map[string]any)
		for _, who := range principal {
			all = append(all, template.Texts(who)...)
		}
		if principal == nil {
			all = append(all, fmt.Sprint(template.At(s, "Principal")))
		}
	}
	return strings.Join(all, ", ")
}

// everyStatement lists the statements of all policies, of identities and of resources, by where they stand.
func everyStatement(d deployment) map[string]policy.Statement {
	all := map[string]policy.Statement{}
	add := func(where string, document any) {
		for i, raw := range template.List(template.At(document, "Statement")) {
			effect, _ := template.At(raw, "Effect").(string)
			all[fmt.Sprintf("%s statement %d", where, i+1)] = policy.Statement{
				Effect: effect, Actions: template.Texts(template.At(raw, "Action")),
				Resources: template.Texts(template.At(raw, "Resource"))}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.Resources)) {
		r := d.Resources[id]
		for i, inline := range template.List(r.At("Policies")) {
			add(fmt.Sprintf("%s policy %d", id, i+1), template.At(inline, "PolicyDocument"))
		}
		add(id, r.At("PolicyDocument"))
		add(id, r.At("KeyPolicy"))
	}
	return all
}
