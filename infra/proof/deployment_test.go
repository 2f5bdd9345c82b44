//go:build template

package proof

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/infra/proof/policy"
)

// clone is a fresh copy of the repository as git would give it, with what is not committed yet, in a folder whose path
// has blanks. Python's tools are those of this one: installing them is tried by whoever runs this test for the first
// time.
func clone(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "a shop's kassa")
	for _, name := range strings.Split(strings.TrimSpace(run(t, root, nil, "git", "ls-files", "--cached", "--others",
		"--exclude-standard")), "\n") {
		from, to := filepath.Join(root, name), filepath.Join(folder, name)
		content, err := os.ReadFile(from)
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not yet committed
		}
		about, statErr := os.Stat(from)
		if err = errors.Join(err, statErr); err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, content, about.Mode()),
				os.Chtimes(to, about.ModTime(), about.ModTime()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tools, err := filepath.Abs(root + "/.cache/python")
	if err = errors.Join(err, os.MkdirAll(filepath.Join(folder, ".cache"), 0o755)); err == nil {
		err = os.Symlink(tools, filepath.Join(folder, ".cache/python"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// deployer types commands in a clone, with an account that moto keeps.
type deployer struct {
	folder      string
	environment []string
}

// environment is this process's without what it knows of AWS, and with what is given.
func environment(more ...string) []string {
	left := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AWS_") || strings.HasPrefix(v, "STAGE=") || strings.HasPrefix(v, "PARAMETERS=") ||
			strings.HasPrefix(v, "MAKE")
	})
	return append(left, append([]string{"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null"}, more...)...)
}

func account(address string) []string {
	return environment("AWS_ENDPOINT_URL="+address, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1")
}

// make types a line with nobody there to answer, and says what came of it.
func (d deployer) make(t *testing.T, args ...string) (said string, err error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "make", args...)
	c.Dir, c.Env = d.folder, d.environment
	out, err := c.CombinedOutput()
	return string(out), err
}

// answer is what a person types when a question shows.
type answer struct{ question, typed string }

// talk types a line at a terminal of its own and answers what is asked, in this order. A question that never comes ends
// it.
func (d deployer) talk(t *testing.T, answers []answer, line string) (said string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "script", "-qec", line, "/dev/null")
	c.Dir, c.Env = d.folder, slices.Concat(d.environment, []string{"TERM=dumb"})
	in, inErr := c.StdinPipe()
	out, outErr := c.StdoutPipe()
	if err := errors.Join(inErr, outErr, c.Start()); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	from := 0
	for buffer := make([]byte, 4096); ; {
		n, readErr := out.Read(buffer)
		all.Write(buffer[:n])
		for len(answers) > 0 {
			at := strings.Index(all.String()[from:], answers[0].question)
			if at < 0 {
				break
			}
			from += at + len(answers[0].question)
			if _, err := io.WriteString(in, answers[0].typed+"\n"); err != nil {
				t.Errorf("nobody hears %q: %v", answers[0].typed, err)
			}
			answers = answers[1:]
		}
		if readErr != nil {
			break
		}
	}
	err = c.Wait()
	if len(answers) > 0 {
		t.Errorf("nobody asked %q; what was said:\n%s", answers[0].question, all.String())
	}
	return all.String(), err
}

// TestDeploymentFromAFreshClone types what docs/deploy.md says, for two stages: once with PARAMETERS, once asked; the
// first time, again without a change, and with one.
func TestDeploymentFromAFreshClone(t *testing.T) {
	cloud := serveStandIn(t)
	d := deployer{clone(t), account(cloud.address)}
	last := func() change { cloud.mu.Lock(); defer cloud.mu.Unlock(); return cloud.sent[len(cloud.sent)-1] }
	must := func(said string, err error, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if err != nil || !strings.Contains(said, want) {
				t.Fatalf("%v, and %q was not said:\n%s", err, want, tail(said))
			}
		}
	}
	const mail = `PARAMETERS=AlarmEmail=oncall@shop.example AllowedOrigins="https://shop.example,https://www.shop.example"`

	said, err := d.make(t, "deploy", "STAGE=test", mail)
	must(said, err, "stack kassa-test, account 123456789012, region eu-central-1",
		"Successfully created/updated stack - kassa-test")
	if got := last(); got.parameters["AllowedOrigins"] != "https://shop.example,https://www.shop.example" ||
		got.parameters["AlarmEmail"] != "oncall@shop.example" || got.parameters["Stage"] != "test" {
		t.Errorf("the stack got %v", got.parameters)
	}
	if _, err := os.Stat(filepath.Join(d.folder, "samconfig.toml")); err == nil {
		t.Error("PARAMETERS made a file of answers")
	}
	first := last()
	said, err = d.make(t, "deploy", "STAGE=test", mail)
	must(said, err, "No changes to deploy")
	said, err = d.make(t, "deploy", "STAGE=test", "PARAMETERS=LogRetentionDays=30")
	must(said, err, "Successfully created/updated stack - kassa-test")
	if got := last(); got.parameters["LogRetentionDays"] != "30" || got.parameters["AlarmEmail"] != "" ||
		settings(got.source) == settings(first.source) {
		t.Errorf("the change sent %v with the settings %s", got.parameters, settings(got.source))
	}

	asked := []answer{{"AllowedOrigins []: ", "shop.example"}, {"AllowedOrigins []: ", "https://shop.example"},
		{"AlarmEmail []: ", ""}}
	said, err = d.talk(t, append(asked, answer{"Monitoring [basic]: ", ""}, answer{"Deploy this changeset? [y/N]: ", "y"}),
		"make deploy STAGE=prod")
	must(said, err, "\"shop.example\" will not do", "Successfully created/updated stack - kassa-prod")
	if got := last(); got.stack != "kassa-prod" || got.parameters["AllowedOrigins"] != "https://shop.example" ||
		got.parameters["Stage"] != "prod" {
		t.Errorf("the stack got %v", got.parameters)
	}
	said, err = d.make(t, "deploy", "STAGE=prod") // nothing changed, so there is nothing to say yes to
	must(said, err, "No changes to deploy")
	file := filepath.Join(d.folder, "samconfig.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "\n]\n", "\n  \"LogRetentionDays=30\",\n]\n", 1)),
		0o600); err != nil {
		t.Fatal(err)
	}
	said, err = d.talk(t, []answer{{"Deploy this changeset? [y/N]: ", "y"}}, "make deploy STAGE=prod")
	must(said, err, "Successfully created/updated stack - kassa-prod")
	if got := last(); got.parameters["LogRetentionDays"] != "30" || settings(got.source) == settings(first.source) {
		t.Errorf("the file's change sent %v", got.parameters)
	}
	if left, want := last().leftOut, slices.Sorted(slices.Values(unmade)); !slices.Equal(left, want) {
		t.Errorf("moto was spared %v, and unmade lists %v: take away what the template has no more", left, want)
	}
	t.Logf("moto ends before %s", strings.Join(last().leftOut, ", "))
	cloud.pipelineMay(t)
	cloud.sameDeployment(t, "test", "prod")
}

// pipelineMay holds docs/pipeline-policy.json to what was called by whoever deployed, this test's own questions left
// out.
func (s *standIn) pipelineMay(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(root + "/docs/pipeline-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal([]byte(strings.NewReplacer("REGION", region, "ACCOUNT", accountID, "STAGE",
		"prod").Replace(string(text))), &document); err != nil {
		t.Fatal(err)
	}
	may, err := policy.Read(document)
	if err != nil {
		t.Fatal(err)
	}
	place := region + ":" + accountID + ":"
	on := map[string][]string{
		"cloudformation": {"arn:aws:cloudformation:" + place + "stack/kassa-prod/1"},
		"s3":             {"arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1/key"},
		"dynamodb":       {"arn:aws:dynamodb:" + place + "table/kassa-prod-payments"},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range slices.Sorted(maps.Keys(s.calls)) {
		service, _, _ := strings.Cut(call, ":")
		for _, resource := range on[service] {
			if !policy.Allows(may, policy.Call{Action: call, Resource: resource}) {
				t.Errorf("whoever deploys calls %s, which docs/pipeline-policy.json does not allow", call)
			}
		}
		if on[service] == nil && call != "sts:GetCallerIdentity" { // anybody may ask that
			t.Errorf("whoever deploys calls %s, of which docs/pipeline-policy.json knows nothing", call)
		}
	}
	if len(s.calls) < 8 {
		t.Errorf("only %v was heard", s.calls)
	}
	t.Logf("whoever deploys calls %v", slices.Sorted(maps.Keys(s.calls)))
}

// settings is the digest that a packaged template's functions carry.
func settings(template string) string {
	_, after, _ := strings.Cut(template, "[settings ")
	digest, _, _ := strings.Cut(after, "]")
	return digest
}

func tail(said string) string { return said[max(0, len(said)-3000):] }

// sameDeployment looks what there is in moto, as far as moto goes.
func (s *standIn) sameDeployment(t *testing.T, stages ...string) {
	t.Helper()
	for _, stage := range stages {
		var described struct {
			Resources []struct {
				Type string `xml:"ResourceType"`
			} `xml:"DescribeStackResourcesResult>StackResources>member"`
		}
		s.query(t, "cloudformation", url.Values{"Action": {"DescribeStackResources"}, "Version": {"2010-05-15"},
			"StackName": {"kassa-" + stage}}, &described)
		count, plain := map[string]int{}, deployment{}
		for _, r := range described.Resources {
			count[r.Type]++
		}
		if count["AWS::Lambda::Function"] != len(plain.functions()) || count["AWS::IAM::Role"] != len(plain.functions())+2 {
			t.Errorf("kassa-%s holds %v", stage, count)
		}
		s.sameTable(t, deployment{parameters: map[string]string{"Stage": stage}})
		t.Logf("kassa-%s: moto made %v, where it does not tell the type of the table and of log groups", stage, count)
	}
}

// TestDeploymentRefuses: what cannot end well is said in words, before anything is built.
func TestDeploymentRefuses(t *testing.T) {
	m := serveMoto(t)
	folder := clone(t)
	run(t, ".", account(m.address), python, "-c",
		`import boto3; boto3.client("dynamodb").create_table(TableName="kassa-left-payments", BillingMode="PAY_PER_REQUEST",
AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}])`)
	const keys, more = "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"
	for name, c := range map[string]struct {
		environment, args []string
		want              string
	}{
		"no stage": {account(m.address), nil, "say which stage: make deploy STAGE=test"},
		"a wrong stage": {account(m.address), []string{"STAGE=My Shop; echo oops"},
			"lower-case letters, digits and hyphens"},
		"no credentials": {environment("AWS_ENDPOINT_URL="+m.address, "AWS_REGION=eu-central-1"), []string{"STAGE=test"},
			"there are no AWS credentials"},
		"no region": {environment("AWS_ENDPOINT_URL="+m.address, keys, more), []string{"STAGE=test"},
			"AWS does not know which region"},
		"nobody to ask": {account(m.address), []string{"STAGE=test"}, "nobody is there to answer"},
		"a parameter": {account(m.address), []string{"STAGE=test", "PARAMETERS=AlarmEmial=a@b.example ApiRateLimit=0"},
			"there is no parameter AlarmEmial"},
		"and the next": {account(m.address), []string{"STAGE=test", "PARAMETERS=AlarmEmial=a@b.example ApiRateLimit=0"},
			"ApiRateLimit=\"0\": a whole number, at least 1"},
		"a table is left": {account(m.address), []string{"STAGE=left", "PARAMETERS=LogRetentionDays=30"},
			"its table kassa-left-payments exists"},
		"nobody answers": {account("http://127.0.0.1:1"), []string{"STAGE=test"}, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := deployer{folder, c.environment}.make(t, append([]string{"deploy"}, c.args...)...)
			if err == nil || !strings.Contains(said, c.want) || strings.Contains(said, "go build") ||
				strings.Contains(said, "Traceback") {
				t.Errorf("%v, want %q in\n%s", err, c.want, tail(said))
			}
		})
	}
	if _, err := os.Stat(filepath.Join(folder, "samconfig.toml")); err == nil {
		t.Error("a refusal left a file of answers")
	}
}
