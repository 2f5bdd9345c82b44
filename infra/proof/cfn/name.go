package cfn

import (
	"fmt"
	"strings"
)

// ref is what Ref answers: a parameter's value, or what AWS calls the resource's main identifier.
func (r *resolver) ref(name string) (any, error) {
	switch name {
	case "AWS::NoValue":
		return none{}, nil
	case "AWS::Region":
		return Region, nil
	case "AWS::AccountId":
		return Account, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::StackName":
		return "kassa", nil
	}
	if v, is := r.parameters[name]; is {
		return v, nil
	}
	resource, is := r.made[name]
	if !is {
		return nil, fmt.Errorf("there is no such parameter or resource: Ref %s", name)
	}
	switch resource["Type"] {
	case "AWS::Lambda::Alias", "AWS::SNS::Topic", "AWS::IAM::ManagedPolicy":
		return r.arn(name)
	default:
		return r.name(name)
	}
}

func (r *resolver) getAtt(argument any) (any, error) {
	if text, is := argument.(string); is {
		id, attribute, _ := strings.Cut(text, ".")
		argument = []any{id, attribute}
	}
	parts := Texts(argument)
	if len(parts) != 2 || r.made[parts[0]] == nil {
		return nil, fmt.Errorf("GetAtt %v: there is no such resource", argument)
	}
	switch parts[1] {
	case "Arn":
		return r.arn(parts[0])
	case "StreamArn":
		arn, err := r.arn(parts[0])
		return arn + "/stream/2026-11-21T00:00:00.000", err
	case "QueueName":
		return r.name(parts[0])
	default:
		return "(" + parts[0] + "." + parts[1] + ")", nil
	}
}

// named are the properties that give resources their names.
var named = map[string]string{
	"AWS::DynamoDB::Table": "TableName", "AWS::Lambda::Function": "FunctionName", "AWS::Logs::LogGroup": "LogGroupName",
	"AWS::CloudWatch::Dashboard": "DashboardName", "AWS::ApiGatewayV2::DomainName": "DomainName",
	"AWS::SQS::Queue": "QueueName",
}

// name is a resource's name: its own, or else its logical id, which AWS would lengthen.
func (r *resolver) name(id string) (string, error) {
	resource := r.made[id]
	typ, _ := resource["Type"].(string)
	given := At(resource, "Properties", named[typ])
	if named[typ] == "" || given == nil {
		return id, nil
	}
	plain, err := r.value(given)
	return fmt.Sprint(plain), err
}

// arns are what stands before a resource's name in its ARN, and what follows it.
var arns = map[string][2]string{
	"AWS::DynamoDB::Table":    {"dynamodb:" + Region + ":" + Account + ":table/"},
	"AWS::Lambda::Function":   {"lambda:" + Region + ":" + Account + ":function:"},
	"AWS::SQS::Queue":         {"sqs:" + Region + ":" + Account + ":"},
	"AWS::SNS::Topic":         {"sns:" + Region + ":" + Account + ":"},
	"AWS::Logs::LogGroup":     {"logs:" + Region + ":" + Account + ":log-group:", ":*"},
	"AWS::IAM::Role":          {"iam::" + Account + ":role/"},
	"AWS::IAM::ManagedPolicy": {"iam::" + Account + ":policy/"},
	"AWS::KMS::Key":           {"kms:" + Region + ":" + Account + ":key/"},
}

func (r *resolver) arn(id string) (string, error) {
	typ := r.made[id]["Type"]
	if typ == "AWS::Lambda::Alias" {
		function, err := r.value(At(r.made[id], "Properties", "FunctionName"))
		return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%v:%v", Region, Account, function,
			At(r.made[id], "Properties", "Name")), err
	}
	around, known := arns[fmt.Sprint(typ)]
	if !known {
		return "", fmt.Errorf("the ARN of %s, a %v, is not known here", id, typ)
	}
	name, err := r.name(id)
	return "arn:aws:" + around[0] + name + around[1], err
}
