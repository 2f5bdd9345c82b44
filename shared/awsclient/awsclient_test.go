package awsclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// recorder keeps what a client sends.
type recorder struct {
	aws.HTTPClient
	sent []sent
}

type sent struct {
	*http.Request
	body []byte
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	r.sent = append(r.sent, sent{request.Clone(request.Context()), body})
	request.Body = io.NopCloser(bytes.NewReader(body))
	return r.HTTPClient.Do(request)
}

// answering is the configuration of a client whose DynamoDB gives one answer to everything, or hangs up where the
// status is 0.
func answering(t *testing.T, status int, body string, header http.Header) (aws.Config, *recorder) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), header)
		w.Header().Set("Location", "https://elsewhere.example/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	config := Config("eu-central-1", server.URL, 5*time.Second)
	seen := &recorder{HTTPClient: config.HTTPClient}
	config.HTTPClient = seen
	return config, seen
}

// lists is one call, of a client of the SDK or of ours.
type lists func(context.Context) (*dynamodb.ListTablesOutput, error)

func ours(c aws.Config) lists {
	caller := NewCaller(c, Service{Name: dynamodb.ServiceID, Host: "dynamodb",
		Protocol: awsjson.New10(schemas.DynamoDB_20120810), Errors: dynamodb.TypeRegistry})
	operation := smithy.NewOperationSchema(schemas.ListTables, schemas.ListTablesInput, schemas.ListTablesOutput)
	return func(ctx context.Context) (*dynamodb.ListTablesOutput, error) {
		return Call(ctx, caller, operation, &dynamodb.ListTablesInput{}, &dynamodb.ListTablesOutput{})
	}
}

func theirs(c aws.Config) lists {
	client := dynamodb.NewFromConfig(c)
	return func(ctx context.Context) (*dynamodb.ListTablesOutput, error) {
		return client.ListTables(ctx, &dynamodb.ListTablesInput{})
	}
}

// TestCredentialsAreReadAtEachCall changes the environment between two calls of one client, as a rotation does.
func TestCredentialsAreReadAtEachCall(t *testing.T) {
	for name, made := range map[string]func(aws.Config) lists{"ours": ours, "the SDK's": theirs} {
		t.Run(name, func(t *testing.T) { credentialsAreRead(t, made) })
	}
}

func credentialsAreRead(t *testing.T, made func(aws.Config) lists) {
	t.Helper()
	config, seen := answering(t, http.StatusOK, "{}", nil)
	list := made(config)
	for i, key := range []string{"AKIAFIRST", "AKIASECOND"} {
		t.Setenv("AWS_ACCESS_KEY_ID", key)
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		t.Setenv("AWS_SESSION_TOKEN", "token of "+key)
		if _, err := list(t.Context()); err != nil {
			t.Fatal(err)
		}
		h := seen.sent[i].Header
		if !strings.Contains(h.Get("Authorization"), "Credential="+key+"/") || h.Get("X-Amz-Security-Token") != "token of "+
			key {
			t.Errorf("call %d was signed with %q %q", i, h.Get("Authorization"), h.Get("X-Amz-Security-Token"))
		}
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if _, err := list(t.Context()); !errors.Is(err, ErrNoCredentials) || FaultOf(err) != Denied {
		t.Errorf("without a secret: %v", err)
	}
	if len(seen.sent) != 2 {
		t.Errorf("%d calls were sent, want 2: the last could not be signed", len(seen.sent))
	}
}

func typed(name string) string {
	return `{"__type":"com.amazonaws.dynamodb.v20120810#` + name + `","message":"m"}`
}

// faults are AWS's answers: what they mean, and how often the call is tried.
var faults = []struct {
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
	{"a condition", 400, typed("ConditionalCheckFailedException"), Rejected, 1},
	{"no table", 400, typed("ResourceNotFoundException"), Rejected, 1},
	{"a redirect", 302, "", Rejected, 1},
}

// TestFaults goes through them, with the SDK's client and with ours.
func TestFaults(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for name, made := range map[string]func(aws.Config) lists{"ours": ours, "the SDK's": theirs} {
		for _, c := range faults {
			t.Run(c.name+", "+name, func(t *testing.T) {
				config, seen := answering(t, c.status, c.body, nil)
				_, err := made(config)(t.Context())
				if err == nil || FaultOf(err) != c.want {
					t.Errorf("fault %d of %v, want %d", FaultOf(err), err, c.want)
				}
				if len(seen.sent) != c.tries {
					t.Errorf("tried %d times, want %d", len(seen.sent), c.tries)
				}
			})
		}
	}
}

// TestConnectionsAreKept holds what a warm invocation lives on.
func TestConnectionsAreKept(t *testing.T) {
	made := newSender(time.Second)
	if made.Attempt != time.Second || made.transport.DisableKeepAlives ||
		made.transport.TLSClientConfig.ClientSessionCache == nil {
		t.Errorf("%+v", made)
	}
	if c := Config("eu-central-1", "", time.Second); c.BaseEndpoint != nil {
		t.Errorf("on AWS the endpoint is %q", *c.BaseEndpoint)
	}
}

// closedBehind is a body as the SDK gives it, whose owner closes it as soon as it has been read.
type closedBehind struct{ io.Reader }

func (closedBehind) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

func (closedBehind) Close() error { return nil }

// TestABodyIsClosedEarly holds that the connection lives on when the SDK closes what it has sent.
func TestABodyIsClosedEarly(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL,
		closedBehind{strings.NewReader("{}")})
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = 2
	answer, err := newSender(5 * time.Second).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "{}" {
		t.Errorf("answered %q, %v", body, err)
	}
}

// TestAnAttemptEnds when AWS falls silent, before its answer or amid it, and another follows.
func TestAnAttemptEnds(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for _, amid := range []bool{false, true} {
		for name, made := range map[string]func(aws.Config) lists{"ours": ours, "theirs": theirs} {
			var tried atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tried.Add(1)
				_, _ = io.Copy(io.Discard, r.Body) // only then does the server look whether its client has gone
				if amid {
					w.Header().Set("Content-Length", "100")
					_, _ = io.WriteString(w, "{")
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			}))
			_, err := made(Config("eu-central-1", server.URL, 50*time.Millisecond))(t.Context())
			if FaultOf(err) != Transient || !errors.Is(err, context.DeadlineExceeded) || tried.Load() != attempts {
				t.Errorf("%s, amid its answer %v: %d attempts, %v", name, amid, tried.Load(), err)
			}
			server.Close()
		}
	}
}
