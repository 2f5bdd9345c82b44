//go:build template

package proof

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kassa/infra/template"
	"kassa/shared/dynamo"
)

// made are the types that moto makes from the translated template: what holds data, and who may reach it.
var made = []string{
	"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::Logs::LogGroup",
	"AWS::SNS::Topic", "AWS::KMS::Key",
}

// TestMotoMakesTheStack lets another implementation of CloudFormation, DynamoDB, IAM and SQS make what the template
// declares, and looks at what has come of it.
func TestMotoMakesTheStack(t *testing.T) {
	for _, name := range []string{"plain", "full"} {
		t.Run(name, func(t *testing.T) {
			d, m := deployed(t, name), serveMoto(t)
			m.createStack(t, d)
			m.sameTable(t, d)
			m.sameRoles(t, d)
			m.sameQueues(t, d)
		})
	}
}

// TestSuitesOnMoto runs the store's suite and the shops' on a second engine beside ours.
func TestSuitesOnMoto(t *testing.T) {
	m := serveMoto(t)
	suites := exec.Command("go", "test", "-count=1", "-v", "-run", "OnEndpoint$", "./shared/dynamo", "./shared/shop")
	suites.Dir = root
	suites.Env = append(os.Environ(), "KASSA_DYNAMODB_ENDPOINT="+m.address, "KASSA_SECRETS_ENDPOINT="+m.address)
	out, err := suites.CombinedOutput()
	if passed := strings.Count(string(out), "--- PASS"); err != nil || passed < 20 ||
		strings.Contains(string(out), "--- SKIP") {
		t.Fatalf("%d passed, %v\n%s", passed, err, out)
	}
}

// moto is a running server.
type moto struct{ address string }

func serveMoto(t *testing.T) moto {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free, and most likely stays so for a moment
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(address, ":")
	server := exec.Command(python, "python/serve_moto.py", port)
	var log strings.Builder
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatalf("run make moto, which installs it: %v", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed, so this is no news
		if t.Failed() {
			t.Logf("moto said at last:\n%s", log.String()[max(0, log.Len()-2000):])
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for dialer := (&net.Dialer{}); ; {
		c, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			_ = c.Close()
			return moto{"http://" + address}
		}
		if ctx.Err() != nil {
			t.Fatalf("moto did not start within a minute: %v", err)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// query asks one of the services that speak forms and XML.
func (m moto) query(t *testing.T, service string, form url.Values, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.address+"/", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20261121/"+region+"/"+service+
		"/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %v\n%s", service, form.Get("Action"), answer.StatusCode, err, body)
	}
	if err := xml.Unmarshal(body, into); err != nil {
		t.Fatalf("%s %s: %v\n%s", service, form.Get("Action"), err, body)
	}
}

// createStack hands the translated template over, without what moto does not make.
func (m moto) createStack(t *testing.T, d deployment) {
	t.Helper()
	part := map[string]any{}
	for _, section := range []string{"Parameters", "Conditions"} {
		part[section] = d.template.raw[section]
	}
	resources := map[string]any{}
	for id, raw := range d.template.raw["Resources"].(map[string]any) {
		if typ, _ := template.At(raw, "Type").(string); slices.Contains(made, typ) {
			resources[id] = raw
		}
	}
	for id, raw := range resources {
		resources[id] = d.without(raw, resources)
	}
	part["Resources"] = resources
	body, err := json.Marshal(part)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {"kassa"},
		"TemplateBody": {string(body)}}
	i := 0
	for key, value := range d.parameters {
		i++
		form.Set(fmt.Sprintf("Parameters.member.%d.ParameterKey", i), key)
		form.Set(fmt.Sprintf("Parameters.member.%d.ParameterValue", i), value)
	}
	var created struct {
		ID string `xml:"CreateStackResult>StackId"`
	}
	m.query(t, "cloudformation", form, &created)
	if created.ID == "" {
		t.Fatal("no stack was made")
	}
}

// without puts plain values in the place of whatever refers to resources that are not handed over.
func (d deployment) without(value any, there map[string]any) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = d.without(v[i], there)
		}
		return out
	case map[string]any:
		if text, is := v["Fn::Sub"].(string); is {
			for _, function := range d.functions() {
				text = strings.ReplaceAll(text, "${"+function+".Arn}", strings.TrimSuffix(d.alias(function), ":live"))
			}
			return map[string]any{"Fn::Sub": text}
		}
		out := map[string]any{}
		for key := range v {
			out[key] = d.without(v[key], there)
		}
		return out
	default:
		return v
	}
}

func (m moto) sameTable(t *testing.T, d deployment) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	client := dynamodb.NewFromConfig(dynamo.Config(region, m.address))
	name := "kassa-" + d.stage() + "-payments"
	out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	table := out.Table
	var keys []string
	for _, k := range table.KeySchema {
		keys = append(keys, *k.AttributeName)
	}
	for _, x := range table.GlobalSecondaryIndexes {
		keys = append(keys, *x.IndexName, *x.KeySchema[0].AttributeName, *x.KeySchema[1].AttributeName,
			string(x.Projection.ProjectionType))
	}
	if got, want := strings.Join(keys, " "),
		"pk sk due due_shard due_at INCLUDE outbox outbox_shard outbox_at INCLUDE "+
			"review review_shard review_at KEYS_ONLY book book created_at KEYS_ONLY"; got != want {
		t.Errorf("the table's keys are %s", got)
	}
	if table.StreamSpecification == nil || table.StreamSpecification.StreamViewType != "NEW_AND_OLD_IMAGES" ||
		table.DeletionProtectionEnabled == nil || !*table.DeletionProtectionEnabled {
		t.Errorf("stream %+v, protection %v", table.StreamSpecification, table.DeletionProtectionEnabled)
	}
	if _, err := client.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name}); err == nil {
		t.Error("the protected table can be deleted")
	}
}

// sameRoles looks that IAM took every policy as the template means it.
func (m moto) sameRoles(t *testing.T, d deployment) {
	t.Helper()
	var listed struct {
		Roles []struct {
			Name string `xml:"RoleName"`
		} `xml:"ListRolesResult>Roles>member"`
	}
	m.query(t, "iam", url.Values{"Action": {"ListRoles"}, "Version": {"2010-05-08"}}, &listed)
	roles := d.OfType("AWS::IAM::Role")
	if len(listed.Roles) != len(roles) {
		t.Errorf("%d roles were made, want %d", len(listed.Roles), len(roles))
	}
	for _, want := range roles {
		i := slices.IndexFunc(listed.Roles, func(r struct {
			Name string `xml:"RoleName"`
		}) bool {
			return strings.Contains(r.Name, "-"+want.ID+"-") || r.Name == want.ID
		})
		if i < 0 {
			t.Errorf("%s was not made: %v", want.ID, listed.Roles)
			continue
		}
		for _, inline := range template.List(want.At("Policies")) {
			var got struct {
				Document string `xml:"GetRolePolicyResult>PolicyDocument"`
			}
			m.query(t, "iam", url.Values{"Action": {"GetRolePolicy"}, "Version": {"2010-05-08"},
				"RoleName":   {listed.Roles[i].Name},
				"PolicyName": {fmt.Sprint(template.At(inline, "PolicyName"))}}, &got)
			sameDocument(t, want.ID, got.Document, template.At(inline, "PolicyDocument"))
		}
	}
}

// sameDocument compares what may be done on what. Queues are left aside, whose names are made up, and so is the ":*"
// that AWS puts behind the ARN of a log group and moto does not.
func sameDocument(t *testing.T, role, got string, want any) {
	t.Helper()
	var document any
	// Moto writes objects as Python does, and leaves a None where CloudFormation takes AWS::NoValue out of a list.
	if err := json.Unmarshal([]byte(strings.ReplaceAll(strings.ReplaceAll(got, ", None", ""), "'", `"`)),
		&document); err != nil {
		t.Fatalf("%s: %v in %s", role, err, got)
	}
	rights := func(document any) (all []string) {
		for _, s := range template.List(template.At(document, "Statement")) {
			resources := slices.DeleteFunc(template.Texts(template.At(s, "Resource")), func(arn string) bool {
				return strings.HasPrefix(arn, "arn:aws:sqs:")
			})
			all = append(all, strings.ReplaceAll(fmt.Sprint(template.Texts(template.At(s, "Action")), resources), ":*", ""))
		}
		return all
	}
	if !slices.Equal(rights(document), rights(want)) {
		t.Errorf("%s may do\n%v, want\n%v", role, rights(document), rights(want))
	}
}

func (m moto) sameQueues(t *testing.T, d deployment) {
	t.Helper()
	var listed struct {
		URLs []string `xml:"ListQueuesResult>QueueUrl"`
	}
	m.query(t, "sqs", url.Values{"Action": {"ListQueues"}, "Version": {"2012-11-05"}}, &listed)
	if len(listed.URLs) != len(d.OfType("AWS::SQS::Queue")) {
		t.Errorf("the queues are %v", listed.URLs)
	}
	for _, address := range listed.URLs {
		var got struct {
			Attributes []struct{ Name, Value string } `xml:"GetQueueAttributesResult>Attribute"`
		}
		m.query(t, "sqs", url.Values{"Action": {"GetQueueAttributes"}, "Version": {"2012-11-05"}, "QueueUrl": {address},
			"AttributeName.1": {"All"}}, &got)
		attributes := map[string]string{}
		for _, a := range got.Attributes {
			attributes[a.Name] = a.Value
		}
		if attributes["MessageRetentionPeriod"] != "1209600" || !strings.EqualFold(attributes["SqsManagedSseEnabled"],
			"true") {
			t.Errorf("%s: %v", address, attributes)
		}
	}
}
