//go:build template

package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"kassa/infra/local/engine"
	"kassa/infra/proof/policy"
)

// usesFile is what every function called in the last whole end-to-end run.
const usesFile = root + "/.build/uses.json"

// neverSeen are the rights that no call on one machine can use, or that no end-to-end test comes to use, each with the
// reason why a role has it all the same. The key is "action" or "function action".
var neverSeen = map[string]string{
	"logs:CreateLogStream":     "Lambda writes the function's log with its role",
	"logs:PutLogEvents":        "Lambda writes the function's log with its role",
	"xray:PutTraceSegments":    "Lambda traces with the function's role",
	"xray:PutTelemetryRecords": "Lambda traces with the function's role",
	"sqs:SendMessage":          "Lambda tells the queue what was given up, with the function's role",
	"kms:Decrypt":              "DynamoDB opens the table's own key with the caller's right; one machine has no key",
	"kms:DescribeKey":          "as kms:Decrypt", "kms:Encrypt": "as kms:Decrypt",
	"kms:GenerateDataKey*": "as kms:Decrypt", "kms:ReEncrypt*": "as kms:Decrypt",
	"ec2:AssignPrivateIpAddresses": "Lambda puts the function into the network with its role; its code may not",
	"ec2:CreateNetworkInterface":   "as above", "ec2:DeleteNetworkInterface": "as above",
	"ec2:DescribeNetworkInterfaces": "as above",
	"ec2:DescribeSubnets":           "as above", "ec2:UnassignPrivateIpAddresses": "as above",
	"Refund dynamodb:Query": "a cancel that finds a second attempt paid reads the order's other attempts",
}

// TestRolesAllowExactlyWhatIsCalled compares each role with the calls that its function really made, in a deployment
// that sets nothing and in one that uses every option.
func TestRolesAllowExactlyWhatIsCalled(t *testing.T) {
	for _, name := range []string{"plain", "full"} {
		d := deployed(t, name)
		for function, c := range comparisons(t, d) {
			if name == "plain" {
				t.Logf("%s", c)
			}
			for _, call := range c.missing {
				t.Errorf("%s: %s calls %s on %s, which its role does not allow", name, function, call.Action, call.Resource)
			}
			for _, right := range c.unexplained {
				t.Errorf("%s: %s may %s, which it never did; take the right away, or add it to neverSeen with its reason", name,
					function, right)
			}
		}
		for who := range readUses(t, d) {
			if !slices.Contains(slices.Concat([]string{"local", "operator"}, allFunctions, people), who) {
				t.Errorf("%s made calls and is no function", who)
			}
		}
	}
}

// comparisons compares all functions of a deployment, in their order.
func comparisons(t *testing.T, d deployment) iter.Seq2[string, comparison] {
	uses := readUses(t, d)
	return func(yield func(string, comparison) bool) {
		for _, function := range d.functions() {
			granted, err := d.statements(d.roleOf(function))
			if err != nil {
				t.Fatal(err)
			}
			if !yield(function, compare(function, granted, uses[function])) {
				return
			}
		}
	}
}

// comparison is what came out for one function.
type comparison struct {
	function    string
	called      int // different calls
	missing     []policy.Call
	used        []string // rights that calls made use of
	explained   []string // rights that are in neverSeen
	unexplained []string
}

func (c comparison) String() string {
	return fmt.Sprintf("%-11s calls made: %d, allowed: %d; rights: %d, used: %d, explained: %d; difference: %d calls "+
		"not allowed, %d rights not used\n  used:      %s\n  explained: %s",
		c.function, c.called, c.called-len(c.missing), len(c.used)+len(c.explained)+len(c.unexplained), len(c.used),
		len(c.explained), len(c.missing), len(c.unexplained),
		strings.Join(c.used, ", "), strings.Join(c.explained, ", "))
}

// compare takes a role apart into its rights, each an action on a resource, and looks which of them the calls used.
func compare(function string, granted []policy.Statement, calls []policy.Call) comparison {
	c := comparison{function: function, called: len(calls)}
	for _, call := range calls {
		if !policy.Allows(granted, call) {
			c.missing = append(c.missing, call)
		}
	}
	for _, s := range granted {
		for _, action := range s.Actions {
			for _, resource := range s.Resources {
				one := policy.Statement{Effect: s.Effect, Actions: []string{action}, Resources: []string{resource},
					Conditions: s.Conditions}
				parts := strings.SplitN(resource, ":", 6) // arn:aws:service:region:account:what
				right := action + " on " + parts[len(parts)-1]
				switch {
				case s.Effect != "Allow":
				case slices.ContainsFunc(calls, one.Fits):
					c.used = append(c.used, right)
				case neverSeen[action] != "" || neverSeen[function+" "+action] != "":
					c.explained = append(c.explained, right)
				default:
					c.unexplained = append(c.unexplained, right)
				}
			}
		}
	}
	return c
}

// TestComparisonNotices: a call too many, a right too many, and a right on too much are found.
func TestComparisonNotices(t *testing.T) {
	table := "arn:aws:dynamodb:r:1:table/t"
	get, query := policy.Call{Action: "dynamodb:GetItem", Resource: table},
		policy.Call{Action: "dynamodb:Query", Resource: table + "/index/due"}
	allow := func(action string, resources ...string) policy.Statement {
		return policy.Statement{Effect: "Allow", Actions: []string{action}, Resources: resources}
	}
	for name, c := range map[string]struct {
		granted              []policy.Statement
		missing, unexplained int
	}{
		"exact": {[]policy.Statement{allow("dynamodb:GetItem", table),
			allow("dynamodb:Query", table+"/index/due"), allow("logs:PutLogEvents", "l")}, 0, 0},
		"right is missing": {[]policy.Statement{allow("dynamodb:GetItem", table)}, 1, 0},
		"another index": {[]policy.Statement{allow("dynamodb:GetItem", table),
			allow("dynamodb:Query", table+"/index/review")}, 1, 1},
		"right too many": {[]policy.Statement{allow("dynamodb:GetItem", table),
			allow("dynamodb:Query", table+"/index/due"), allow("dynamodb:PutItem", table)}, 0, 1},
		"resource too many": {[]policy.Statement{allow("dynamodb:GetItem", table),
			allow("dynamodb:Query", table+"/index/due", table)}, 0, 1},
	} {
		got := compare("F", c.granted, []policy.Call{get, query})
		if len(got.missing) != c.missing || len(got.unexplained) != c.unexplained {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestEveryReasonIsNeeded: a right that has gone takes its reason with it.
func TestEveryReasonIsNeeded(t *testing.T) {
	var explained []string
	for function, c := range comparisons(t, deployed(t, "full")) {
		for _, right := range c.explained {
			action, _, _ := strings.Cut(right, " on ")
			explained = append(explained, action, function+" "+action)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(neverSeen)) {
		if !slices.Contains(explained, reason) {
			t.Errorf("the reason for %s explains nothing", reason)
		}
	}
}

// readUses reads the calls by caller, on the resources that they would have meant in a deployment.
func readUses(t *testing.T, d deployment) map[string][]policy.Call {
	t.Helper()
	text, err := os.ReadFile(usesFile)
	if errors.Is(err, os.ErrNotExist) {
		t.Fatal("no end-to-end run has left its calls: make iam does one")
	}
	var all []engine.Use
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	uses := map[string][]policy.Call{}
	for _, u := range all {
		call := policy.Call{Action: u.Action, Resource: d.resource(u)}
		if !slices.ContainsFunc(uses[u.Caller], func(c policy.Call) bool {
			return c.Action == call.Action && c.Resource == call.Resource
		}) {
			uses[u.Caller] = append(uses[u.Caller], call)
		}
	}
	return uses
}

// resource is the ARN that IAM would be asked about. Secrets end in a hyphen and six characters of AWS's.
func (d deployment) resource(u engine.Use) string {
	place := region + ":" + accountID + ":"
	switch table := "arn:aws:dynamodb:" + place + "table/" + d.table(); {
	case u.Function != "":
		return d.alias(u.Function)
	case u.Secret != "":
		return "arn:aws:secretsmanager:" + place + "secret:" + strings.Replace(u.Secret, "local", d.stage(), 1) + "-AbCdEf"
	case u.Stream:
		return table + "/stream/2026-11-21T00:00:00.000"
	case u.Index != "":
		return table + "/index/" + u.Index
	default:
		return table
	}
}
