package shop_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go/middleware"

	"kassa/shared/awsclient"
	"kassa/shared/shop"
)

// scripted is a Secrets Manager that gives one answer to everything and keeps what it was sent last.
type scripted struct {
	status int
	answer string
	sent   string
}

func (s *scripted) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	s.sent = fmt.Sprintf("%s %s\n%s\n%s\n%s", r.Method, r.URL, r.Header.Get("X-Amz-Target"), r.Header.Get("Content-Type"),
		body)
	return &http.Response{StatusCode: s.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.answer)),
		Request: r}, err
}

// TestFetchesAreThoseOfTheSDKsClient compares what is sent and what is made of the answer.
func TestFetchesAreThoseOfTheSDKsClient(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	refused := func(kind string) scripted {
		return scripted{status: http.StatusBadRequest, answer: `{"__type":"` + kind + `","Message":"m"}`}
	}
	for _, wire := range []scripted{
		{status: 200, answer: `{"ARN":"a","Name":"n","VersionId":"v","SecretString":"\u041a{\"a\":1}",` +
			`"VersionStages":["AWSCURRENT"],"CreatedDate":1.7725e9}`},
		{status: 200, answer: `{"VersionId":"v","SecretBinary":"AP8="}`}, {status: 200, answer: `{}`},
		{status: 200, answer: `{"SecretString":`}, refused("ResourceNotFoundException"), refused("InvalidRequestException"),
		refused("DecryptionFailure"), refused("AccessDeniedException"), refused("ThrottlingException"),
		{status: 500, answer: `{"__type":"InternalServiceError"}`}, {status: 507, answer: ``},
	} {
		ours, theirs := wire, wire
		config := func(wire *scripted) aws.Config {
			c := awsclient.Config("eu-central-1", "http://127.0.0.1", time.Second)
			c.HTTPClient = wire
			return c
		}
		in := &secretsmanager.GetSecretValueInput{SecretId: aws.String("kassa/prod/shop/demo-az \"<&>")}
		got, err := shop.ClientOf(config(&ours)).GetSecretValue(t.Context(), in)
		want, wanted := secretsmanager.NewFromConfig(config(&theirs)).GetSecretValue(t.Context(), in)
		if ours.sent != theirs.sent || ours.sent == "" {
			t.Errorf("sends\n%s, want\n%s", ours.sent, theirs.sent)
		}
		if fmt.Sprint(err) != fmt.Sprint(wanted) || awsclient.FaultOf(err) != awsclient.FaultOf(wanted) {
			t.Errorf("%v, want %v", err, wanted)
		}
		if want != nil {
			want.ResultMetadata = middleware.Metadata{} // what the SDK's chain notes beside it
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
