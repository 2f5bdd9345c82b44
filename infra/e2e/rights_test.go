package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"kassa/infra/proof/policy"
	"kassa/infra/template"
)

// here is where the template's policies are made for tests.
var here = template.Place{Region: "eu-test-1", Account: "123456789012", Stack: "kassa-local"}

// rightsOf are what managed policies of the template allow together, on a stage of its own.
func rightsOf(t *testing.T, policies ...string) (all []policy.Statement) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	var whole yaml.Node
	if err == nil {
		err = yaml.Unmarshal(text, &whole)
	}
	if err != nil {
		t.Fatal(err)
	}
	keep(whole.Content[0], "Parameters", "Rules", "Conditions", "Resources")
	keep(template.Child(whole.Content[0], "Resources"), append(policies, "Payments", "NotifyDeadLetters", "FailedRuns",
		"UnstartedRuns")...)
	if text, err = yaml.Marshal(&whole); err != nil {
		t.Fatal(err)
	}
	document, err := template.Parse("template.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	made, err := document.Stack(map[string]string{"Stage": "local"}, here)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range policies {
		own, err := policy.Read(made.Resources[id].At("PolicyDocument"))
		if err != nil {
			t.Fatal(id, err)
		}
		all = append(all, own...)
	}
	return all
}

// keep leaves these keys alone in a mapping.
func keep(mapping *yaml.Node, keys ...string) {
	kept := []*yaml.Node(nil)
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if slices.Contains(keys, mapping.Content[i].Value) {
			kept = append(kept, mapping.Content[i:i+2]...)
		}
	}
	mapping.Content = kept
}

// callsOf is what a request asks of AWS, as IAM sees it.
func callsOf(r *http.Request, body []byte) (all []policy.Call) {
	prefix, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var asked struct {
		TableName, IndexName, SecretID, Name string
		RequestItems                         map[string]any
	}
	_ = json.Unmarshal(body, &asked) // what is no JSON names nothing
	arn := func(service, what string) string {
		return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, here.Region, here.Account, what)
	}
	if prefix == "secretsmanager" {
		resource := "*"
		if name := asked.SecretID + asked.Name; name != "" {
			resource = arn("secretsmanager", "secret:"+name+"-AbCdEf")
		}
		return []policy.Call{{Action: "secretsmanager:" + operation, Resource: resource}}
	}
	tables := []string{asked.TableName}
	if asked.TableName == "" {
		tables = nil
		for name := range asked.RequestItems {
			tables = append(tables, name)
		}
	}
	for _, name := range tables {
		resource := "table/" + name
		if asked.IndexName != "" {
			resource += "/index/" + asked.IndexName
		}
		all = append(all, policy.Call{Action: "dynamodb:" + operation, Resource: arn("dynamodb", resource)})
	}
	return all
}

// within puts somebody before the engine who refuses, as AWS does, what these policies of the template do not allow.
func (y typist) within(t *testing.T, policies ...string) typist {
	t.Helper()
	y.allowed(t, rightsOf(t, policies...))
	return y
}

// allowed puts somebody before the engine who lets pass what these rights allow.
func (y typist) allowed(t *testing.T, rights []policy.Statement) {
	t.Helper()
	file := filepath.Join(y.folder, "local.json")
	text, err := os.ReadFile(file)
	var local map[string]any
	if err == nil {
		err = json.Unmarshal(text, &local)
	}
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(local["engine_url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	on := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		calls := callsOf(r, body)
		bad := slices.IndexFunc(calls, func(c policy.Call) bool { return !policy.Allows(rights, c) })
		if err == nil && bad < 0 && len(calls) > 0 {
			on.ServeHTTP(w, r)
			return
		}
		what := policy.Call{Action: "unknown"}
		if bad >= 0 {
			what = calls[bad]
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		answer := map[string]string{"__type": "com.amazon.coral.service#AccessDeniedException",
			"Message": fmt.Sprintf("User: arn:aws:iam::%s:user/tester is not authorized to perform: %s on resource: %s because "+
				"no identity-based policy allows the %[2]s action", here.Account, what.Action, what.Resource)}
		_ = json.NewEncoder(w).Encode(answer) // the client may have gone
	}))
	t.Cleanup(gate.Close)
	local["engine_url"] = gate.URL
	if text, err = json.Marshal(local); err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
