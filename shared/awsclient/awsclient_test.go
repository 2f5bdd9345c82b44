package awsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// recorder keeps the headers of what a client sends.
type recorder struct {
	aws.HTTPClient
	sent []http.Header
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	r.sent = append(r.sent, request.Header)
	return r.HTTPClient.Do(request)
}

// answering is a client of a DynamoDB that gives one answer to everything, or hangs up where the status is 0; a lean
// one goes the short way.
func answering(t *testing.T, lean bool, status int, body string) (*dynamodb.Client, *recorder) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Location", "https://elsewhere.example/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	config := Config("eu-central-1", server.URL, 5*time.Second)
	seen := &recorder{HTTPClient: config.HTTPClient}
	config.HTTPClient = seen
	if lean {
		config = Lean(config, "dynamodb", func(context.Context) (url.URL, error) {
			at, err := url.Parse(server.URL)
			return *at, err
		})
	}
	return dynamodb.NewFromConfig(config), seen
}

func list(t *testing.T, client *dynamodb.Client) error {
	t.Helper()
	_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	return err
}

// TestCredentialsAreReadAtEachCall changes the environment between two calls of one client, as a rotation does.
func TestCredentialsAreReadAtEachCall(t *testing.T) {
	for _, lean := range []bool{false, true} {
		credentialsAreRead(t, lean)
	}
}

func credentialsAreRead(t *testing.T, lean bool) {
	t.Helper()
	client, seen := answering(t, lean, http.StatusOK, "{}")
	for i, key := range []string{"AKIAFIRST", "AKIASECOND"} {
		t.Setenv("AWS_ACCESS_KEY_ID", key)
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		t.Setenv("AWS_SESSION_TOKEN", "token of "+key)
		if err := list(t, client); err != nil {
			t.Fatal(err)
		}
		h := seen.sent[i]
		if !strings.Contains(h.Get("Authorization"), "Credential="+key+"/") || h.Get("X-Amz-Security-Token") != "token of "+
			key {
			t.Errorf("call %d was signed with %q %q", i, h.Get("Authorization"), h.Get("X-Amz-Security-Token"))
		}
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if err := list(t, client); !errors.Is(err, ErrNoCredentials) || FaultOf(err) != Denied {
		t.Errorf("without a secret: %v", err)
	}
	if len(seen.sent) != 2 {
		t.Errorf("%d calls were sent, want 2: the last could not be signed", len(seen.sent))
	}
}

// TestFaults goes through AWS's answers: what they mean, and how often the call was tried.
func TestFaults(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	typed := func(name string) string {
		return `{"__type":"com.amazonaws.dynamodb.v20120810#` + name + `","message":"m"}`
	}
	cases := []struct {
		name   string
		status int
		body   string
		want   Fault
		tries  int
	}{
		{"hung up", 0, "", Transient, 3},
		{"internal", 500, typed("InternalServerError"), Transient, 3},
		{"a proxy's page", 502, "<html>Bad gateway</html>", Transient, 3},
		{"an unknown kind of 500", 507, typed("Unheard"), Transient, 1},
		{"throttled", 400, typed("ProvisionedThroughputExceededException"), Transient, 3},
		{"throttled otherwise", 400, typed("ThrottlingException"), Transient, 3},
		{"truncated", 200, `{"TableNames":[`, Transient, 1},
		{"denied", 400, typed("AccessDeniedException"), Denied, 1},
		{"unknown key", 400, typed("UnrecognizedClientException"), Denied, 1},
		{"expired", 400, typed("ExpiredTokenException"), Denied, 1},
		{"invalid", 400, typed("ValidationException"), Rejected, 1},
		{"a redirect", 302, "", Rejected, 1},
	}
	for i := range 2 * len(cases) {
		c, lean := cases[i/2], i%2 == 1
		t.Run(fmt.Sprintf("%s, lean %v", c.name, lean), func(t *testing.T) {
			client, seen := answering(t, lean, c.status, c.body)
			err := list(t, client)
			if err == nil || FaultOf(err) != c.want {
				t.Errorf("fault %d of %v, want %d", FaultOf(err), err, c.want)
			}
			if len(seen.sent) != c.tries {
				t.Errorf("tried %d times, want %d", len(seen.sent), c.tries)
			}
		})
	}
}

// TestConnectionsAreKept holds what a warm invocation lives on.
func TestConnectionsAreKept(t *testing.T) {
	client := httpClient(time.Second)
	transport, ok := client.Transport.(*http.Transport)
	if !ok || client.Timeout != time.Second || transport.DisableKeepAlives ||
		transport.TLSClientConfig.ClientSessionCache == nil {
		t.Errorf("client %+v", client)
	}
	if c := Config("eu-central-1", "", time.Second); c.BaseEndpoint != nil {
		t.Errorf("on AWS the endpoint is %q", *c.BaseEndpoint)
	}
}
