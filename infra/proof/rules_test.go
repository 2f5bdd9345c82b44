//go:build template

package proof

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kassa/infra/proof/policy"
	"kassa/infra/template"
)

// rule is something that must hold of every deployment. check says what is wrong, in words.
type rule struct {
	name  string
	check func(d deployment) complaints
}

// rules are all of them; the table of spoiled templates shows each at work.
var rules = slices.Concat(functionRules, roleRules, peopleRules, triggerRules, tableRules, addressRules, alarmRules,
	ringRules, templateRules)

func TestTemplateKeepsTheRules(t *testing.T) {
	for name := range deployments {
		d := deployed(t, name)
		for _, r := range rules {
			for _, wrong := range r.check(d) {
				t.Errorf("%s: %s: %s", name, r.name, wrong)
			}
		}
	}
	t.Logf("%d rules", len(rules))
}

// complaints collects what is wrong.
type complaints []string

func (c *complaints) unless(ok bool, format string, args ...any) {
	if !ok {
		*c = append(*c, fmt.Sprintf(format, args...))
	}
}

// The functions, by what they do.
var (
	allFunctions = []string{"Initiate", "StatusPoll", "Refund", "Instalments", "Callback", "ExpirySweep", "Notify",
		"BitrixCheckout"}
	bankCallers = []string{"Initiate", "StatusPoll", "Refund", "Callback", "ExpirySweep", "BitrixCheckout"}
	shopReaders = []string{"Initiate", "StatusPoll", "Refund", "Instalments", "Notify", "BitrixCheckout"}
	scheduled   = []string{"ExpirySweep", "Notify"}
	// who tell banks where to come back to; who serve somebody who waits for a bank
	openers = []string{"Initiate", "BitrixCheckout"}
	meeters = []string{"BitrixCheckout", "Callback", "Initiate", "Refund", "StatusPoll"}
)

// functions are those of a deployment: one is there only where it is asked for.
func (d deployment) functions() []string {
	return slices.DeleteFunc(slices.Clone(allFunctions), func(id string) bool {
		return id == "BitrixCheckout" && d.parameters["BitrixPortal"] != "on"
	})
}

func (d deployment) stage() string { return d.parameters["Stage"] }

// full says that the deployment has every alarm; basic has the few of basics.
func (d deployment) full() bool { return d.parameters["Monitoring"] == "full" }

// table is the name of the table that the functions work on: in full it was restored.
func (d deployment) table() string {
	if restored := d.parameters["RestoredTable"]; restored != "" {
		return restored
	}
	return "kassa-" + d.stage() + "-payments"
}

// alias is the ARN that everything calls a function by.
func (d deployment) alias(function string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%v:live", region, accountID,
		d.Resources[function].At("FunctionName"))
}

// queue is the ARN of a queue.
func queue(id string) string { return "arn:aws:sqs:" + region + ":" + accountID + ":" + id }

// roleOf is the logical id of a function's role.
func (d deployment) roleOf(function string) string {
	arn, _ := d.Resources[function].At("Role").(string)
	return arn[strings.LastIndex(arn, "/")+1:]
}

// statements are what a role may do: its own policies and those of the stack that are attached to it.
func (d deployment) statements(role string) ([]policy.Statement, error) {
	var all []policy.Statement
	read := func(document any) error {
		statements, err := policy.Read(document)
		all = append(all, statements...)
		return err
	}
	for _, inline := range template.List(d.Resources[role].At("Policies")) {
		if err := read(template.At(inline, "PolicyDocument")); err != nil {
			return nil, fmt.Errorf("%s: %w", role, err)
		}
	}
	for _, arn := range template.Texts(d.Resources[role].At("ManagedPolicyArns")) {
		attached, here := d.Resources[arn[strings.LastIndex(arn, "/")+1:]]
		if !here {
			return nil, fmt.Errorf("%s has the policy %s, which the template does not write out", role, arn)
		}
		if err := read(attached.At("PolicyDocument")); err != nil {
			return nil, fmt.Errorf("%s: %w", attached.ID, err)
		}
	}
	return all, nil
}

// may says whether a function's role allows a call.
func (d deployment) may(function string, call policy.Call) bool {
	statements, err := d.statements(d.roleOf(function))
	return err == nil && policy.Allows(statements, call)
}

// number reads a number as templates hold them: as itself or as text.
func number(v any) float64 {
	f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// templateRules are about the template as a whole.
var templateRules = []rule{
	{"parameters", func(d deployment) (c complaints) {
		grouped := fmt.Sprint(template.At(d.template.raw, "Metadata", "AWS::CloudFormation::Interface", "ParameterGroups"))
		parameters, _ := d.template.raw["Parameters"].(map[string]any)
		for name, p := range parameters {
			_, described := template.At(p, "Description").(string)
			_, defaulted := p.(map[string]any)["Default"]
			c.unless(described, "%s has no Description", name)
			c.unless(defaulted, "%s has no default, so a first deployment stops to ask", name)
			c.unless(strings.Contains(grouped, name), "%s stands in no group", name)
		}
		return c
	}},
	{"no circle", func(d deployment) (c complaints) {
		circle := d.template.Circle()
		c.unless(circle == nil, "CloudFormation cannot begin: %s", strings.Join(circle, " waits for "))
		return c
	}},
	{"the stage local is refused", func(d deployment) (c complaints) {
		c.unless(strings.Contains(fmt.Sprint(d.template.raw["Rules"]),
			"map[Fn::Not:[map[Fn::Equals:[map[Ref:Stage] local]]]]"), "a deployment may call itself local, which loosens checks")
		return c
	}},
	{"two stages live in one account", func(d deployment) (c complaints) {
		for _, r := range d.Resources {
			for _, key := range []string{"TableName", "FunctionName", "LogGroupName", "DashboardName", "RoleName", "QueueName",
				"TopicName", "AlarmName", "ManagedPolicyName", "GroupName"} {
				name, given := r.At(key).(string)
				naming := key != "FunctionName" && key != "LogGroupName" || r.Type == "AWS::Lambda::Function" ||
					r.Type == "AWS::Logs::LogGroup"
				c.unless(!given || !naming || strings.Contains(name, d.stage()), "%s is called %s in every stage", r.ID, name)
			}
			c.unless(r.Type != "AWS::Scheduler::Schedule" || r.At("Name") == nil, "%s has a fixed name", r.ID)
		}
		return c
	}},
	{"secrets are not the template's", func(d deployment) (c complaints) {
		for _, r := range d.Resources {
			c.unless(!strings.HasPrefix(r.Type, "AWS::SecretsManager::"), "%s is a secret; kassa shop put makes them", r.ID)
		}
		return c
	}},
	{"outputs", func(d deployment) (c complaints) {
		for _, name := range []string{"ApiUrl", "PublicApiUrl", "CallbackUrl", "CallbackOrigin", "TableName", "AlarmTopic",
			"DashboardUrl", "LogGroups"} {
			c.unless(d.Outputs[name] != nil || name == "DashboardUrl" && !d.full(), "%s is missing", name)
		}
		for _, q := range d.OfType("AWS::SQS::Queue") {
			c.unless(d.Outputs[q.ID+"Queue"] != nil, "nobody is told where %s is", q.ID)
		}
		for output, api := range map[string]string{"ApiUrl": "Api", "PublicApiUrl": "PublicApi"} {
			c.unless(d.Outputs[output] == "https://"+api+".execute-api."+region+".amazonaws.com", "%s is %v", output,
				d.Outputs[output])
		}
		c.unless(d.Outputs["CallbackUrl"] == template.At(d.Resources["Initiate"].At("Environment", "Variables"),
			"CALLBACK_URL"),
			"CallbackUrl is not the address that banks are told")
		c.unless(d.name != "full" || d.Outputs["CallbackDomainTarget"] != nil, "CallbackDomainTarget is missing")
		c.unless(d.Outputs["TableName"] == d.table(), "the table is said to be %v", d.Outputs["TableName"])
		return c
	}},
	{"what keeps data says what becomes of it", func(d deployment) (c complaints) {
		for _, r := range d.Resources {
			if slices.Contains([]string{"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::KMS::Key"},
				r.Type) {
				c.unless(r.Attributes["DeletionPolicy"] != nil && r.Attributes["UpdateReplacePolicy"] != nil, "%s does not say",
					r.ID)
			}
		}
		return c
	}},
}
