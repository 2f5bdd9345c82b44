// Names: what Ref and GetAtt answer before anything exists. What CloudFormation makes up at random is replaced by the
// logical id, so that a rule which compares two references finds them alike and still cannot mistake one for a real
// name.

package template

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Place is where a deployment stands. Names and ARNs come from it.
type Place struct{ Region, Account, Stack string }

// streamLabel stands in for the last part of a stream's name, the moment in which it was switched on: that is not known
// beforehand.
const streamLabel = "/stream/2026-11-21T00:00:00.000"

// named are the properties that give resources their names.
var named = map[string]string{
	typeTable: "TableName", typeFunction: "FunctionName", "AWS::Lambda::Function": "FunctionName", typeQueue: "QueueName",
	"AWS::Logs::LogGroup": "LogGroupName", "AWS::CloudWatch::Dashboard": "DashboardName",
	"AWS::ApiGatewayV2::DomainName": "DomainName",
}

// arns are the ARNs of resources; %r, %a and %n stand for region, account and name.
var arns = map[string]string{
	typeTable:                 "dynamodb:%r:%a:table/%n",
	typeFunction:              "lambda:%r:%a:function:%n",
	"AWS::Lambda::Function":   "lambda:%r:%a:function:%n",
	typeQueue:                 "sqs:%r:%a:%n",
	"AWS::SNS::Topic":         "sns:%r:%a:%n",
	"AWS::Logs::LogGroup":     "logs:%r:%a:log-group:%n:*",
	"AWS::IAM::Role":          "iam::%a:role/%n",
	"AWS::IAM::ManagedPolicy": "iam::%a:policy/%n",
	"AWS::KMS::Key":           "kms:%r:%a:key/%n",
}

// ref is what Ref answers: a parameter's value, or what AWS calls the resource's main identifier.
func (r *resolver) ref(line int, name string, depth int) value {
	if v, is := r.refs[name]; is {
		return v
	}
	resource := r.made(name, depth)
	if resource == nil {
		r.fail(line, "Ref %s: no such parameter or resource", name)
		return value{}
	}
	switch typeOf(resource) {
	case typeAlias, "AWS::SNS::Topic", "AWS::IAM::ManagedPolicy":
		return r.attribute(line, name, "Arn", depth)
	default:
		return value{kind: scalar, text: r.name(name, resource, depth)}
	}
}

// getAtt takes both spellings, !GetAtt A.Arn and a list of two.
func (r *resolver) getAtt(v value, depth int) value {
	name := v.text
	if v.kind == list {
		name = strings.Join(r.texts(v, "the argument of GetAtt"), ".")
	}
	id, attribute, _ := strings.Cut(name, ".")
	return r.attribute(v.line, id, attribute, depth)
}

// attribute knows those that follow from region, account and name; others are asked of whoever uses the reader.
func (r *resolver) attribute(line int, id, attribute string, depth int) value {
	resource := r.made(id, depth)
	var text string
	switch typ := typeOf(resource); {
	case typ == typeAlias && attribute == "Arn":
		properties := Child(resource, "Properties")
		function := r.text(r.resolve(Child(properties, "FunctionName"), depth+1), "FunctionName")
		text = r.arn(arns[typeFunction], function+":"+r.text(r.resolve(Child(properties, "Name"), depth+1), "Name"))
	case attribute == "Arn" && arns[typ] != "":
		text = r.arn(arns[typ], r.name(id, resource, depth))
	case attribute == "StreamArn" && typ == typeTable:
		text = r.arn(arns[typ], r.name(id, resource, depth)) + streamLabel
	case attribute == "QueueName" && typ == typeQueue:
		text = r.name(id, resource, depth)
	default:
		var known bool
		if text, known = r.beyond(id, attribute); !known {
			r.fail(line, "GetAtt %s.%s: no such resource, or an attribute that is not known here", id, attribute)
		}
	}
	return value{kind: scalar, line: line, text: text}
}

// arn fills a form in; the partition is always aws.
func (r *resolver) arn(form, name string) string {
	return "arn:aws:" + strings.NewReplacer("%r", r.where.Region, "%a", r.where.Account, "%n", name).Replace(form)
}

// name is a resource's name: its own, or else its logical id, which AWS would lengthen.
func (r *resolver) name(id string, resource *yaml.Node, depth int) string {
	key := named[typeOf(resource)]
	if key == "" {
		return id
	}
	return r.textOr(r.resolve(Child(Child(resource, "Properties"), key), depth+1), key, id)
}

// made is a resource as it stands in the template; nil where there is none, or none under the given parameters.
func (r *resolver) made(id string, depth int) *yaml.Node {
	n := Child(r.document.section("Resources"), id)
	if n == nil || !r.holds(n, depth) {
		return nil
	}
	return n
}

// holds tells whether the condition of a resource or an output holds; one without any does.
func (r *resolver) holds(n *yaml.Node, depth int) bool {
	c := Child(n, "Condition")
	return c == nil || r.condition(c.Line, c.Value, depth)
}

// typeOf is a resource's or a parameter's type, "" where it has none.
func typeOf(resource *yaml.Node) string {
	if typ := Child(resource, "Type"); typ != nil {
		return typ.Value
	}
	return ""
}

// begin looks at what everything else builds on: it makes the values of the parameters known to Ref, and refuses
// resources without a type.
func (r *resolver) begin(given map[string]string) {
	r.file = r.document.file
	r.refs = map[string]value{"AWS::NoValue": {}}
	for name, text := range map[string]string{
		"AWS::Region": r.where.Region, "AWS::AccountId": r.where.Account, "AWS::Partition": "aws",
		"AWS::StackName": r.where.Stack, "AWS::URLSuffix": "amazonaws.com",
	} {
		r.refs[name] = value{kind: scalar, text: text}
	}
	declared := r.document.section("Parameters")
	for name := range given {
		if Child(declared, name) == nil {
			r.fail(0, "the template does not declare the parameter %s, which is given a value", name)
		}
	}
	eachChild(declared, func(name string, n *yaml.Node) { r.parameter(name, n, given) })
	eachChild(r.document.section("Resources"), func(name string, n *yaml.Node) {
		if typeOf(n) == "" {
			r.fail(n.Line, "the resource %s has no Type", name)
		}
	})
}

// parameter makes a value known: the one given, else the default. Whether it fits its pattern is for CloudFormation to
// say, and for infra/deploy before it.
func (r *resolver) parameter(name string, n *yaml.Node, given map[string]string) {
	text, ok := given[name]
	if fallback := Child(n, "Default"); !ok && fallback != nil {
		text, ok = fallback.Value, true
	}
	if !ok {
		r.fail(n.Line, "the parameter %s has no default and is given no value", name)
		return
	}
	r.refs[name] = value{kind: scalar, text: text}
	if t := typeOf(n); t == "CommaDelimitedList" || strings.HasPrefix(t, "List<") {
		r.refs[name] = splitText(text, ",")
	}
}
