package boot

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"kassa/shared/payment"
)

// TestAgainStartsWhatRuns: the function is named by what Lambda says of the invocation, and by its alias alone where it
// has one; each answer of Lambda is of one kind.
func TestAgainStartsWhatRuns(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	const arn = "arn:aws:lambda:eu-central-1:123456789012:function:kassa-prod-expiry-sweep"
	for _, c := range []struct {
		arn, qualifier string
		status         int
		kind           payment.Kind
	}{
		{arn + ":live", "live", 202, 0}, {arn, "", 202, 0}, {"", "", 202, 0},
		{arn, "", 403, payment.Misconfigured}, {arn, "", 404, payment.Misconfigured},
		{arn, "", 429, payment.Unavailable}, {arn, "", 500, payment.Unavailable},
	} {
		var got *http.Request
		var body []byte
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r
			body, _ = io.ReadAll(r.Body)
			w.Header().Set("X-Amzn-Errortype", map[int]string{403: "AccessDeniedException:http://internal.example/",
				404: "ResourceNotFoundException", 429: "TooManyRequestsException", 500: "ServiceException"}[c.status])
			w.WriteHeader(c.status)
		}))
		ctx := t.Context()
		if c.arn != "" {
			ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{InvokedFunctionArn: c.arn})
		}
		err := App{region: "eu-central-1", lambda: server.URL}.Again()(ctx, map[string]int{"shard": 3})
		server.Close()
		if c.kind == 0 && err != nil || c.kind != 0 && payment.KindOf(err) != c.kind {
			t.Errorf("%d: %v", c.status, err)
		}
		path := "/2015-03-31/functions/" + lambdacontext.FunctionName + "/invocations"
		if got.URL.Path != path || got.URL.Query().Get("Qualifier") != c.qualifier || string(body) != `{"shard":3}` ||
			got.Header.Get("X-Amz-Invocation-Type") != "Event" ||
			!strings.Contains(got.Header.Get("Authorization"), "/eu-central-1/lambda/aws4_request") {
			t.Errorf("%s %s %s %v", got.URL, body, got.Header.Get("X-Amz-Invocation-Type"), got.Header["Authorization"])
		}
	}
	nowhere, cancel := context.WithCancel(t.Context())
	cancel()
	err := App{region: "eu-central-1", lambda: "http://127.0.0.1:9"}.Again()(nowhere, nil)
	if payment.KindOf(err) != payment.Unavailable {
		t.Errorf("where nobody answers: %v", err)
	}
}
