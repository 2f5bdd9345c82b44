//go:build template

package proof

import (
	"slices"
	"strings"
	"testing"

	"kassa/infra/proof/policy"
)

// people are the policies that the stack makes for whoever types kassa; all but ShopPolicy come on top of ReadPolicy.
var people = []string{"ReadPolicy", "OperatePolicy", "RefundPolicy", "ShopPolicy"}

// looking are the actions that change nothing and tell no secret.
var looking = []string{
	"dynamodb:BatchGetItem", "dynamodb:GetItem",
	"dynamodb:Query", "cloudformation:DescribeStacks", "logs:FilterLogEvents", "logs:StartQuery",
	"logs:GetQueryResults",
	"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
}

// byHand are the rights of people that no line of kassa uses, each with where it is typed or why it is there.
var byHand = map[string]string{
	"cloudformation:DescribeStacks": "the AWS CLI, for the stack's outputs",
	"logs:FilterLogEvents":          "the AWS CLI or the console, for the queries of operate.md",
	"logs:StartQuery":               "as logs:FilterLogEvents",
	"logs:GetQueryResults":          "as logs:FilterLogEvents",
	"cloudwatch:DescribeAlarms":     "the AWS CLI, to see which alarm is on",
	"cloudwatch:GetMetricData":      "the console, for an alarm's figure",
	"sqs:GetQueueAttributes":        "the AWS CLI, for the queues of operate.md",
	"sqs:ReceiveMessage":            "as sqs:GetQueueAttributes",
	"sqs:PurgeQueue":                "as sqs:GetQueueAttributes",
}

// peopleRules are about what people may do.
var peopleRules = []rule{
	{"people look without a secret, decide without moving money, and nobody is given more by the stack",
		func(d deployment) (c complaints) {
			for _, id := range people {
				own := d.rightsOf(id)
				c.unless(len(own) > 0 && d.Outputs[id] != nil, "%s is not there, or no output says its ARN", id)
				for _, s := range own {
					for _, action := range s.Actions {
						c.unless(id != "ReadPolicy" || slices.Contains(looking, action), "whoever looks may %s", action)
						c.unless(id != "OperatePolicy" || slices.Contains([]string{"dynamodb:PutItem", "sqs:PurgeQueue"}, action),
							"whoever decides may %s", action)
						c.unless(id != "RefundPolicy" || slices.Contains([]string{"dynamodb:PutItem", "secretsmanager:GetSecretValue"},
							action), "whoever gives back may %s", action)
						c.unless(id != "ShopPolicy" || strings.HasPrefix(action, "secretsmanager:"),
							"whoever takes shops on board may %s",
							action)
					}
					for _, arn := range s.Resources {
						ours := strings.Contains(arn, "kassa-"+d.stage()+"-payments") || strings.Contains(arn, "kassa/"+d.stage()+"/") ||
							!strings.Contains(arn, "dynamodb") && !strings.Contains(arn, "secret:")
						c.unless(ours, "%s reaches %s", id, arn)
					}
				}
			}
			c.unless(d.name != "full" || d.Outputs["TableKeyPolicy"] != nil, "nobody is told which right the table's key needs")
			return c
		}},
}

// rightsOf are the statements of a managed policy of the stack.
func (d deployment) rightsOf(id string) []policy.Statement {
	all, err := policy.Read(d.Resources[id].At("PolicyDocument"))
	if err != nil {
		return nil
	}
	return all
}

// peoplesComparison compares a policy with what the lines of kassa called that need it (infra/e2e).
func (d deployment) peoplesComparison(id string, calls []policy.Call) comparison {
	own := d.rightsOf(id)
	c := compare(id, own, calls)
	if id != "ShopPolicy" {
		all := append(slices.Clone(d.rightsOf("ReadPolicy")), own...)
		c.missing = slices.DeleteFunc(c.missing, func(call policy.Call) bool { return policy.Allows(all, call) })
	}
	return c
}

// TestRolesOfPeople: each policy allows exactly what its commands call, and what people type besides.
func TestRolesOfPeople(t *testing.T) {
	for _, name := range []string{"plain", "full"} {
		d := deployed(t, name)
		uses := readUses(t, d)
		explained := map[string]bool{}
		for _, id := range people {
			c := d.peoplesComparison(id, uses[id])
			if len(uses[id]) == 0 {
				t.Errorf("no line of kassa was typed with %s", id)
			}
			for _, call := range c.missing {
				t.Errorf("%s: kassa calls %s on %s, which %s does not allow", name, call.Action, call.Resource, id)
			}
			for _, right := range c.unexplained {
				action, _, _ := strings.Cut(right, " on ")
				explained[action] = true
				if byHand[action] == "" {
					t.Errorf("%s: %s may %s, which no command does; take the right away, or add it to byHand with its reason", name,
						id, right)
				}
			}
			t.Logf("%s", c)
		}
		for action := range byHand {
			if !explained[action] {
				t.Errorf("%s: the reason for %s explains nothing", name, action)
			}
		}
	}
}

// TestRolesOfPeopleWhoDecide: whoever rules on reviews can write that down, and neither deploy, nor run or change a
// function, nor call a bank, nor give themselves more.
func TestRolesOfPeopleWhoDecide(t *testing.T) {
	d := deployed(t, "plain")
	all := append(slices.Clone(d.rightsOf("ReadPolicy")), d.rightsOf("OperatePolicy")...)
	here := region + ":" + accountID
	table := "arn:aws:dynamodb:" + here + ":table/kassa-" + d.stage() + "-payments"
	secrets := "arn:aws:secretsmanager:" + here + ":secret:kassa/" + d.stage()
	if !policy.Allows(all, policy.Call{Action: "dynamodb:PutItem", Resource: table}) {
		t.Error("no decision can be written down")
	}
	for action, resource := range map[string]string{
		"cloudformation:CreateChangeSet": "arn:aws:cloudformation:" + here + ":stack/kassa-" + d.stage() + "/1",
		"cloudformation:UpdateStack":     "arn:aws:cloudformation:" + here + ":stack/kassa-" + d.stage() + "/1",
		"lambda:UpdateFunctionCode":      "arn:aws:lambda:" + here + ":function:kassa-" + d.stage() + "-Refund",
		"lambda:InvokeFunction":          "arn:aws:lambda:" + here + ":function:kassa-" + d.stage() + "-Refund",
		"iam:PassRole":                   "arn:aws:iam::" + accountID + ":role/kassa-" + d.stage(),
		"iam:AttachUserPolicy":           "arn:aws:iam::" + accountID + ":user/somebody",
		"sts:AssumeRole":                 "arn:aws:iam::" + accountID + ":role/kassa-" + d.stage(),
		"secretsmanager:GetSecretValue":  secrets + "/bank/demo/kapital-AbCdEf",
		"secretsmanager:PutSecretValue":  secrets + "/shop/demo-AbCdEf",
		"dynamodb:DeleteItem":            table,
		"dynamodb:UpdateTable":           table,
		"dynamodb:Scan":                  table,
	} {
		if policy.Allows(all, policy.Call{Action: action, Resource: resource}) {
			t.Errorf("whoever decides may %s", action)
		}
	}
}

// TestRolesOfPeopleMoveNoMoney: only who holds a bank's secret can, and that is said by the policy's name.
func TestRolesOfPeopleMoveNoMoney(t *testing.T) {
	d := deployed(t, "full")
	bank := policy.Call{Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:secretsmanager:" + region + ":" +
		accountID + ":secret:kassa/test/bank/demo/kapital-AbCdEf"}
	for _, id := range people {
		if got, want := policy.Allows(d.rightsOf(id), bank), id == "RefundPolicy" || id == "ShopPolicy"; got != want {
			t.Errorf("%s reads a bank's secret: %v", id, got)
		}
	}
}
