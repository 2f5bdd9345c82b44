//go:build template

package proof

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"sync"
	"testing"

	"kassa/infra/template"
)

const root = "../.."

// Where the stack would stand.
const (
	region    = "eu-central-1"
	accountID = "123456789012"
)

// python is a virtual environment's interpreter that has the SAM translator.
var python = root + "/.cache/python/aws/bin/python"

// translator is a running translate.py: starting Python costs more than a translation.
type translator struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Reader
}

var translating = sync.OnceValues(func() (*translator, error) {
	command := exec.Command(python, "python/translate.py")
	command.Stderr = os.Stderr
	in, inErr := command.StdinPipe()
	out, outErr := command.StdoutPipe()
	if err := errors.Join(inErr, outErr, command.Start()); err != nil {
		return nil, fmt.Errorf("run make template, which installs the translator: %w", err)
	}
	return &translator{in: in, out: bufio.NewReader(out)}, nil
})

// translated is a template as CloudFormation gets to see it.
type translated struct {
	*template.Document
	raw map[string]any // the same in JSON's Go types, its functions unresolved
}

// stack resolves it where the stack would stand.
func (t translated) stack(parameters map[string]string) (template.Stack, error) {
	return t.Stack(parameters, template.Place{Region: region, Account: accountID, Stack: "kassa"})
}

// translate makes of a SAM template what CloudFormation gets to see.
func translate(text string, parameters map[string]string) (translated, error) {
	t, err := translating()
	if err != nil {
		return translated{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if parameters == nil {
		parameters = map[string]string{} // the translator wants an object
	}
	request, err := json.Marshal(map[string]any{"template": text, "parameters": parameters})
	if err != nil {
		return translated{}, err
	}
	if _, err := t.in.Write(append(request, '\n')); err != nil {
		return translated{}, err
	}
	line, err := t.out.ReadBytes('\n')
	if err != nil {
		return translated{}, fmt.Errorf("the translator has gone: %w", err)
	}
	var answer struct {
		Template json.RawMessage
		Error    string
	}
	if err := json.Unmarshal(line, &answer); err != nil || answer.Error != "" {
		return translated{}, errors.Join(err, fmt.Errorf("the translator refuses: %s", answer.Error))
	}
	made := translated{}
	if err := json.Unmarshal(answer.Template, &made.raw); err != nil {
		return translated{}, err
	}
	made.Document, err = template.Parse("the translated template", answer.Template)
	return made, err
}

// deployment is the template as it would be deployed with some parameters.
type deployment struct {
	template.Stack
	name       string
	parameters map[string]string
	source     string // as it stands in the repository
	template   translated
}

// plain is a deployment that sets nothing it need not; full one that uses every option.
var deployments = map[string]map[string]string{
	"plain": {"AllowedOrigins": "https://shop.example"},
	"full": {
		"Stage": "test", "Monitoring": "full", "Tracing": "on",
		"AllowedOrigins": "https://shop.example,https://www.shop.example", "AlarmEmail": "oncall@shop.example",
		"CallbackDomainName": "pay.shop.example", "ShopsAtStart": "shop-az/bank-a,shop-by/bank-b",
		"CallbackCertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/1",
		"InitiateConcurrency":    "0", "CallbackConcurrency": "20", "InstalmentsConcurrency": "5",
		"VpcSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1", "VpcSecurityGroupIds": "sg-0123456789abcdef0",
		"TableKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/own", "Rollout": "Linear10PercentEvery1Minute",
		"BitrixPortal": "on", "ShortItems": "on", "DueShards": "64", "NotifyParallel": "4",
		"RestoredTable":  "kassa-test-payments-2",
		"RestoredStream": "arn:aws:dynamodb:eu-central-1:123456789012:table/kassa-test-payments-2/stream/2026",
	},
}

func deploy(text, name string) (deployment, error) {
	d := deployment{name: name, source: text, parameters: map[string]string{"Stage": "prod"}}
	maps.Copy(d.parameters, deployments[name])
	var err error
	if d.template, err = translate(text, d.parameters); err == nil {
		d.Stack, err = d.template.stack(d.parameters)
	}
	return d, err
}

// own is template.yaml.
func own(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(root + "/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// deployed is template.yaml as one of the deployments.
func deployed(t *testing.T, name string) deployment {
	t.Helper()
	d, err := deploy(own(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
