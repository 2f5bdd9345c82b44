//go:build template

package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kassa/infra/proof/policy"
	"kassa/infra/template"
)

// functionRules are about the functions, their logs and how a new version takes over.
var functionRules = []rule{
	{"seven functions and one for portals, all on arm64", func(d deployment) (c complaints) {
		c.unless(len(d.OfType("AWS::Lambda::Function")) == len(d.functions()), "there are %d",
			len(d.OfType("AWS::Lambda::Function")))
		for _, f := range d.OfType("AWS::Lambda::Function") {
			c.unless(slices.Contains(d.functions(), f.ID), "%s is unknown", f.ID)
			c.unless(fmt.Sprint(f.At("Architectures")) == "[arm64]", "%s runs on %v", f.ID, f.At("Architectures"))
			c.unless(f.At("Runtime") == "provided.al2023" && f.At("Handler") == "bootstrap", "%s starts as %v %v", f.ID,
				f.At("Runtime"), f.At("Handler"))
		}
		return c
	}},
	{"environment", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			v, _ := d.Resources[id].At("Environment", "Variables").(map[string]any)
			c.unless(v["STAGE"] == d.stage() && v["TABLE"] == d.table() && v["GOMAXPROCS"] == "1", "%s gets %v", id, v)
			c.unless(v["SHORT_ITEMS"] == map[string]string{"plain": "off", "full": "on"}[d.name], "%s writes items as %v", id,
				v["SHORT_ITEMS"])
			c.unless(fmt.Sprint(v["DUE_SHARDS"]) == map[string]string{"plain": "16", "full": "64"}[d.name],
				"%s lists what is due under %v keys", id, v["DUE_SHARDS"])
			lambda, starts := v["LAMBDA_URL"]
			c.unless(starts == (id == "ExpirySweep") && (!starts || lambda == "https://lambda."+region+".amazonaws.com"),
				"%s starts functions at %v", id, lambda)
			_, told := v["CALLBACK_URL"]
			c.unless(told == slices.Contains(openers, id), "%s is told the callback address: %v", id, told)
			shops, known := v["SHOPS_AT_START"]
			c.unless(known == slices.Contains(meeters, id) && (!known || shops == d.parameters["ShopsAtStart"]),
				"%s is told %v as the shops to meet at its start", id, shops)
			for name := range v {
				c.unless(slices.Contains([]string{"STAGE", "TABLE", "SHORT_ITEMS", "DUE_SHARDS", "GOMAXPROCS", "GOGC",
					"GOMEMLIMIT", "CALLBACK_URL", "LAMBDA_URL", "SHOPS_AT_START"}, name),
					"%s gets %s, which nothing reads", id, name)
			}
		}
		want := map[string]string{"plain": "(CallbackUrl.FunctionUrl)", "full": "https://pay.shop.example"}[d.name]
		c.unless(d.Resources["Initiate"].At("Environment", "Variables", "CALLBACK_URL") == want,
			"banks are told another address than %s", want)
		return c
	}},
	{"time-outs", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			limit := 29.0 // API Gateway gives up after 30 seconds
			if slices.Contains(scheduled, id) {
				limit = 120
			}
			seconds := number(d.Resources[id].At("Timeout"))
			c.unless(seconds >= 25 && seconds <= limit, "%s has %v seconds", id, seconds)
		}
		return c
	}},
	{"JSON logs in groups of our own", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			f := d.Resources[id]
			c.unless(f.At("LoggingConfig", "LogFormat") == "JSON", "%s logs text", id)
			c.unless(f.At("LoggingConfig", "ApplicationLogLevel") == "INFO", "%s drops the lines that metrics are made of", id)
			c.unless(f.At("LoggingConfig", "LogGroup") == d.Resources[id+"Log"].At("LogGroupName"), "%s logs to %v", id,
				f.At("LoggingConfig", "LogGroup"))
		}
		return c
	}},
	{"what is not asked for is not there", func(d deployment) (c complaints) {
		for id := range d.Resources {
			c.unless(!strings.HasPrefix(id, "BitrixCheckout") || slices.Contains(d.functions(), "BitrixCheckout"),
				"%s is made all the same", id)
		}
		return c
	}},
	{"every log group ends some day", func(d deployment) (c complaints) {
		for _, g := range d.OfType("AWS::Logs::LogGroup") {
			days := number(g.At("RetentionInDays"))
			c.unless(days >= 30, "%s keeps its lines for %v days", g.ID, g.At("RetentionInDays"))
			c.unless(g.At("LogGroupClass") == nil || g.At("LogGroupClass") == "STANDARD",
				"%s is of a class that makes no metrics", g.ID)
		}
		return c
	}},
	{"tracing", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			want := map[string]string{"plain": "PassThrough", "full": "Active"}[d.name]
			c.unless(d.Resources[id].At("TracingConfig", "Mode") == want, "%s is traced as %v", id,
				d.Resources[id].At("TracingConfig", "Mode"))
			trace := policy.Call{Action: "xray:PutTraceSegments", Resource: "*"}
			c.unless(d.may(id, trace) == (d.name == "full"), "%s writes traces: %v", id, d.may(id, trace))
		}
		return c
	}},
	{"everything calls the alias", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			alias := d.Resources[id+"Aliaslive"]
			c.unless(alias.At("Name") == "live", "%s has no alias live", id)
		}
		for _, r := range d.Resources {
			var called any
			switch r.Type {
			case "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping":
				called = r.At("FunctionName")
			case "AWS::Lambda::Url":
				called = r.At("TargetFunctionArn")
			case "AWS::Scheduler::Schedule":
				called = r.At("Target", "Arn")
			case "AWS::ApiGatewayV2::Integration":
				called = r.At("IntegrationUri")
			case "AWS::Lambda::EventInvokeConfig":
				called = fmt.Sprint("arn:", r.At("FunctionName"), ":", r.At("Qualifier"))
			case "AWS::ApiGatewayV2::Api":
				for _, integration := range operations(r) {
					uri := fmt.Sprint(template.At(integration, "uri"))
					c.unless(strings.HasSuffix(uri, ":live/invocations"), "%s calls %s", r.ID, uri)
				}
				continue
			default:
				continue
			}
			c.unless(strings.HasSuffix(fmt.Sprint(called), ":live"), "%s calls %v", r.ID, called)
		}
		return c
	}},
	{"a new version comes with a canary and goes with an alarm", func(d deployment) (c complaints) {
		want := map[string]string{"plain": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
			"full": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"}[d.name]
		for _, id := range d.functions() {
			group := d.Resources[id+"DeploymentGroup"]
			policy := template.At(d.Resources[id+"Aliaslive"].Attributes["UpdatePolicy"], "CodeDeployLambdaAliasUpdate",
				"DeploymentGroupName")
			c.unless(policy == id+"DeploymentGroup", "%s takes over at once", id)
			c.unless(group.At("DeploymentConfigName") == want, "%s takes over by %v", id, group.At("DeploymentConfigName"))
			c.unless(group.At("ServiceRoleArn") == "arn:aws:iam::"+accountID+":role/RolloutRole", "%s is shifted by the role %v",
				id, group.At("ServiceRoleArn"))
			c.unless(group.At("AutoRollbackConfiguration", "Enabled") == true &&
				slices.Contains(template.Texts(group.At("AutoRollbackConfiguration", "Events")), "DEPLOYMENT_STOP_ON_ALARM"),
				"%s does not go back by itself", id)
			var alarms []string
			for _, a := range template.List(group.At("AlarmConfiguration", "Alarms")) {
				alarms = append(alarms, fmt.Sprint(template.At(a, "Name")))
			}
			crash := map[bool]string{true: id + "Errors", false: "FunctionsFailing"}[d.full()]
			c.unless(slices.Contains(alarms, crash) && slices.Contains(alarms, "FunctionErrorLines"), "%s goes back on %v only",
				id, alarms)
		}
		return c
	}},
	{"every change makes a new version", func(d deployment) (c complaints) {
		with := strings.Count(d.source, "\n      AutoPublishAliasAllProperties: true\n") // a line of its own, not a comment
		c.unless(with == len(allFunctions), "%d functions would keep old settings behind their alias", len(allFunctions)-with)
		return c
	}},
	{"concurrency is reserved only where it is asked for", func(d deployment) (c complaints) {
		want := map[string]map[string]string{"full": {"Initiate": "0", "Callback": "20", "Instalments": "5"}}[d.name]
		for _, id := range d.functions() {
			reserved := d.Resources[id].At("ReservedConcurrentExecutions")
			c.unless(reserved == nil && want[id] == "" || fmt.Sprint(reserved) == want[id], "%s reserves %v, want %q", id,
				reserved, want[id])
		}
		return c
	}},
	{"only what calls banks stands in the network", func(d deployment) (c complaints) {
		for _, id := range d.functions() {
			subnets := template.Texts(d.Resources[id].At("VpcConfig", "SubnetIds"))
			groups := template.Texts(d.Resources[id].At("VpcConfig", "SecurityGroupIds"))
			inside := len(subnets) == 2 && len(groups) == 1
			outside := len(subnets) == 0 && len(groups) == 0
			if d.name == "full" && slices.Contains(bankCallers, id) {
				c.unless(inside, "%s stands in %v %v", id, subnets, groups)
			} else {
				c.unless(outside, "%s stands in %v %v", id, subnets, groups)
			}
		}
		return c
	}},
}

// TestARepairWaitsForNoAlarm: CodeDeploy ends a roll-out while one of its alarms is on, and an item that cannot be read
// keeps FunctionErrorLines on. Then a version must be able to take over without CodeDeploy.
func TestARepairWaitsForNoAlarm(t *testing.T) {
	d, err := translate(own(t), map[string]string{"RolloutGuarded": "false"})
	if err != nil {
		t.Fatal(err)
	}
	aliases := 0
	for id, raw := range d.raw["Resources"].(map[string]any) {
		switch kind, _ := template.At(raw, "Type").(string); kind {
		case "AWS::Lambda::Alias":
			aliases++
			if template.At(raw, "UpdatePolicy") != nil {
				t.Errorf("%s still waits for CodeDeploy", id)
			}
		case "AWS::CodeDeploy::DeploymentGroup":
			t.Errorf("%s is still there", id)
		}
	}
	if aliases != len(allFunctions) {
		t.Errorf("%d functions have an alias", aliases)
	}
}

// TestADescriptionMakesAVersion: SAM looks at the text of a function's properties, not at the values of parameters in
// them. So another value alone reaches no alias, and another description does, which is where `make deploy` puts the
// digest of the settings.
func TestADescriptionMakesAVersion(t *testing.T) {
	version := func(text string, parameters map[string]string) string {
		d, err := translate(text, parameters)
		if err != nil {
			t.Fatal(err)
		}
		for id := range d.raw["Resources"].(map[string]any) {
			if strings.HasPrefix(id, "InitiateVersion") {
				return id
			}
		}
		t.Fatal("Initiate has no version")
		return ""
	}
	text := own(t)
	before := version(text, nil)
	if got := version(text, map[string]string{"CallbackBaseUrl": "https://pay.shop.example"}); got != before {
		t.Errorf("a parameter makes a version by now, %s after %s: then the settings' digest is not needed any more", got,
			before)
	}
	described := strings.Replace(text, "answers with the address of its page.",
		"answers with the address of its page. [settings 1]", 1)
	if got := version(described, nil); got == before {
		t.Error("another description makes no version")
	}
}

// TestTheFirstVersionIsNoCanary: there is no version to go back to, so CodeDeploy must have no part in it. It is bound
// to the alias by an UpdatePolicy, which CloudFormation does not look at when it makes one, and no version shares the
// alias's work.
func TestTheFirstVersionIsNoCanary(t *testing.T) {
	for name := range deployments {
		d := deployed(t, name)
		for _, id := range d.functions() {
			alias := d.Resources[id+"Aliaslive"]
			if alias.Attributes["UpdatePolicy"] == nil || alias.Attributes["CreationPolicy"] != nil ||
				alias.At("RoutingConfig") != nil {
				t.Errorf("%s: the alias of %s is made by %v, %v", name, id, alias.Attributes, alias.At("RoutingConfig"))
			}
			for _, group := range d.OfType("AWS::CodeDeploy::DeploymentGroup") {
				if group.At("Deployment") != nil { // would start one as soon as the group is there
					t.Errorf("%s: %s begins by itself", name, group.ID)
				}
			}
		}
	}
}
