//go:build template

package proof

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"kassa/infra/template"
)

// unmade are the types of the template that moto's CloudFormation does not make, so that a deployment to it ends before
// them. Whatever refers to one of them gets a plain text in its place.
var unmade = []string{
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGatewayV2::DomainName",
	"AWS::ApiGatewayV2::Integration",
	"AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm", "AWS::CodeDeploy::Application",
	"AWS::CodeDeploy::DeploymentGroup", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Url",
	"AWS::Logs::MetricFilter",
	"AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::Scheduler::Schedule",
	// Moto knows these, but only together with an alias, which it does not.
	"AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission", "AWS::Lambda::Version",
}

// standIn stands between the SAM CLI and moto and does of CloudFormation what moto leaves out: it translates SAM, and
// hands on only what moto can make. Everything else passes through it unseen.
type standIn struct {
	moto
	behind string // moto's own address
	mu     sync.Mutex
	sent   []change
	calls  map[string]bool // as IAM calls them, of whoever deploys
}

// change is one change set as the SAM CLI asked for it.
type change struct {
	stack      string
	parameters map[string]string // those with a value; the others keep theirs
	whole      map[string]string // with what the stack had before
	source     string            // the template, before its translation
	leftOut    []string          // types that moto does not make
}

func serveStandIn(t *testing.T) *standIn {
	t.Helper()
	m := serveMoto(t)
	s := &standIn{moto: m, behind: m.address, calls: map[string]bool{}}
	behind, err := url.Parse(s.address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hear(r)
		if r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"),
			"application/x-www-form-urlencoded") {
			if answer, err := s.rewrite(r); err != nil {
				http.Error(w, "the stand-in: "+err.Error(), http.StatusNotImplemented)
				return
			} else if answer != "" {
				_, _ = io.WriteString(w, answer) // the test ends if nobody hears it
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.bucket(t)
	s.address = server.URL
	return s
}

// bucket makes the stack in which the SAM CLI keeps its uploads. Moto forgets the outputs of a stack that a change set
// makes, and the SAM CLI then takes it for somebody else's.
func (s *standIn) bucket(t *testing.T) {
	t.Helper()
	const body = `{"Resources":{"SamCliSourceBucket":{"Type":"AWS::S3::Bucket"}},` +
		`"Outputs":{"SourceBucket":{"Value":{"Ref":"SamCliSourceBucket"}}}}`
	var made struct {
		ID string `xml:"CreateStackResult>StackId"`
	}
	s.query(t, "cloudformation", url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"},
		"StackName":    {"aws-sam-cli-managed-default"},
		"TemplateBody": {body}, "Tags.member.1.Key": {"ManagedStackSource"}, "Tags.member.1.Value": {"AwsSamCli"}}, &made)
}

// What CloudFormation answers to a change set that changes nothing, where moto refuses it with an error of another
// operation.
const (
	emptySet     = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/empty/1"
	createdEmpty = `<CreateChangeSetResponse><CreateChangeSetResult><Id>` + emptySet +
		`</Id></CreateChangeSetResult></CreateChangeSetResponse>`
	describeEmpty = `<DescribeChangeSetResponse><DescribeChangeSetResult><Status>FAILED</Status><StatusReason>The ` +
		`submitted information didn't ` +
		`contain changes. Submit different information to create a change set.</StatusReason><Changes/></` +
		`DescribeChangeSetResult></DescribeChangeSetResponse>`
)

// rewrite puts into a change set what CloudFormation would make of its template, or answers in moto's place.
func (s *standIn) rewrite(r *http.Request) (answer string, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	form, err := url.ParseQuery(string(body))
	switch action := form.Get("Action"); {
	case err != nil:
		return "", err
	case action == "DescribeChangeSet" && form.Get("ChangeSetName") == emptySet:
		return describeEmpty, nil
	case action == "CreateChangeSet":
		changed, err := s.translated(form)
		if err != nil || !changed {
			return createdEmpty, err
		}
		body = []byte(form.Encode())
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return "", nil
}

// translated says whether there is a change to what the stack was made of last, and puts its translation into the form.
func (s *standIn) translated(form url.Values) (changed bool, err error) {
	c := change{stack: form.Get("StackName"), parameters: map[string]string{}}
	for i := 1; form.Has(fmt.Sprintf("Parameters.member.%d.ParameterKey", i)); i++ {
		if at := fmt.Sprintf("Parameters.member.%d.", i); form.Has(at + "ParameterValue") {
			c.parameters[form.Get(at+"ParameterKey")] = form.Get(at + "ParameterValue")
		}
	}
	address, err := url.Parse(form.Get("TemplateURL"))
	if err != nil {
		return false, err
	}
	status, source, err := stored(s.behind + address.Path)
	if err != nil || status != http.StatusOK {
		return false, errors.Join(err, fmt.Errorf("the template was not uploaded: %d", status))
	}
	c.source = string(source)
	c.whole = maps.Clone(c.parameters)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, before := range slices.Backward(s.sent) {
		if before.stack == c.stack {
			c.whole = maps.Clone(before.whole)
			maps.Copy(c.whole, c.parameters)
			if c.source == before.source && maps.Equal(c.whole, before.whole) {
				return false, nil
			}
			break
		}
	}
	whole, err := translate(c.source, c.whole)
	if err != nil {
		return false, err
	}
	made, err := whole.stack(c.whole)
	if err != nil {
		return false, err
	}
	part, leftOut := makeable(whole.raw, made)
	c.leftOut = leftOut
	text, err := json.Marshal(part)
	if err != nil {
		return false, err
	}
	form.Del("TemplateURL")
	form.Set("TemplateBody", string(text))
	s.sent = append(s.sent, c)
	return true, nil
}

// hear writes down what is called: by X-Amz-Target, by Action, or by what S3's methods mean.
func (s *standIn) hear(r *http.Request) {
	scope := strings.Split(r.Header.Get("Authorization"), "/") // Credential=key/day/region/service/aws4_request
	if len(scope) < 5 {
		return
	}
	service := scope[3]
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if service == "s3" {
		action = map[string]string{http.MethodPut: "PutObject", http.MethodPost: "PutObject"}[r.Method]
		action = cmp.Or(action, "GetObject")
	}
	if action == "" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if form, formErr := url.ParseQuery(string(body)); err == nil && formErr == nil {
			action = form.Get("Action")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[service+":"+action] = true
}

// stored reads an upload. Moto wants it asked for by somebody, and does not look by whom.
func stored(address string) (status int, content []byte, err error) {
	r, err := http.NewRequest(http.MethodGet, address, nil) //nolint:noctx // lives as long as the test's own moto
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential=local/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	content, err = io.ReadAll(answer.Body)
	return answer.StatusCode, content, errors.Join(err, answer.Body.Close())
}

// makeable is the part of a translated template that moto makes, and the types that it does not. What a condition keeps
// away is left out here, because moto looks at conditions only when it makes something new.
func makeable(whole map[string]any, made template.Stack) (part map[string]any, leftOut []string) {
	part = maps.Clone(whole)
	// moto keeps no outputs of change sets, and knows no rules
	for _, section := range []string{"Outputs", "Rules", "Metadata"} {
		delete(part, section)
	}
	left, resources := map[string]bool{}, map[string]any{}
	gone := map[string]bool{}
	for id, raw := range whole["Resources"].(map[string]any) {
		if typ, _ := template.At(raw, "Type").(string); slices.Contains(unmade, typ) {
			left[typ], gone[id] = true, true
		} else if _, there := made.Resources[id]; there {
			resources[id] = raw
		}
	}
	for id, raw := range resources {
		resources[id] = standing(raw, gone)
	}
	part["Resources"] = resources
	return part, slices.Sorted(maps.Keys(left))
}

var names = regexp.MustCompile(`\$\{([A-Za-z0-9]+)(\.[A-Za-z]+)?\}`)

// standing puts plain texts in the place of what refers to resources that are not made.
func standing(value any, gone map[string]bool) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = standing(v[i], gone)
		}
		return out
	case map[string]any:
		ref, _ := v["Ref"].(string)
		if of := template.Texts(v["Fn::GetAtt"]); len(of) > 0 {
			ref = of[0]
		}
		if gone[ref] {
			return ref + "-not-made"
		}
		out := map[string]any{}
		for key := range v {
			if out[key] = standing(v[key], gone); key == "Fn::Sub" {
				out[key] = unnamed(v[key], gone)
			}
		}
		return out
	default:
		return v
	}
}

// unnamed does the same within a text of Fn::Sub, alone or with its own names.
func unnamed(sub any, gone map[string]bool) any {
	switch v := sub.(type) {
	case string:
		return names.ReplaceAllStringFunc(v, func(name string) string {
			if id := names.FindStringSubmatch(name)[1]; gone[id] {
				return id + "-not-made"
			}
			return name
		})
	case []any:
		return []any{unnamed(v[0], gone), standing(v[1], gone)}
	}
	return sub
}
