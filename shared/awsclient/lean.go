package awsclient

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Lean shortens the way of each call through an SDK client that was built from c. Between a request that is written and
// its answer that is read the SDK has some twenty steps, most of them for what nobody here asks for: to choose an
// endpoint and a kind of signature anew, to measure and to trace, to tell AWS in headers which SDK we are and how often
// we tried, to correct a clock. One step stands for those that are needed: endpoint, signature, trying again.
//
// The service is named as its signatures name it, such as "dynamodb"; where gives its endpoint, and is asked once.
func Lean(c aws.Config, service string, where func(context.Context) (url.URL, error)) aws.Config {
	step := &lean{signer: signer{service: service, region: c.Region}, credentials: c.Credentials, retryer: c.Retryer()}
	step.endpoint, step.wrong = where(context.Background())
	c.APIOptions = append(c.APIOptions, step.shorten)
	return c
}

// lean is the one step.
type lean struct {
	endpoint    url.URL
	wrong       error // with the region or the endpoint's address
	credentials aws.CredentialsProvider
	retryer     aws.Retryer
	signer      signer
}

// ID names the step among the SDK's.
func (*lean) ID() string { return "Lean" }

// shorten is what the SDK lets change its steps at each call. Those that write, check and read stay as they are.
func (l *lean) shorten(stack *middleware.Stack) error {
	stack.Build.Clear()
	stack.Finalize.Clear()
	for _, unread := range []string{"AddRawResponseToMetadata", "RecordResponseTiming"} {
		if _, err := stack.Deserialize.Remove(unread); err != nil {
			return fmt.Errorf("shorten the SDK's steps: %w", err)
		}
	}
	return stack.Finalize.Add(l, middleware.After)
}

// HandleFinalize sends a request that is written, and sends it again as long as the retryer says so.
func (l *lean) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error) {
	r, ours := in.Request.(*smithyhttp.Request)
	if !ours {
		return out, metadata, fmt.Errorf("a request of type %T cannot be signed", in.Request)
	}
	if l.wrong != nil {
		return out, metadata, fmt.Errorf("find the endpoint: %w", l.wrong)
	}
	r.URL.Scheme, r.URL.Host = l.endpoint.Scheme, l.endpoint.Host
	r.URL.Path = smithyhttp.JoinPath(l.endpoint.Path, r.URL.Path)
	sum := sha256.New()
	if _, err := io.Copy(sum, r.GetStream()); err != nil {
		return out, metadata, fmt.Errorf("read the request: %w", err)
	}
	for attempt := 1; ; attempt++ {
		if out, metadata, err = l.send(ctx, r, sum.Sum(nil), in, next); err == nil || !l.retryer.IsErrorRetryable(err) {
			return out, metadata, err
		}
		if attempt == l.retryer.MaxAttempts() {
			return out, metadata, &retry.MaxAttemptsError{Attempt: attempt, Err: err}
		}
		wait, refused := l.retryer.RetryDelay(attempt, err)
		if refused != nil {
			return out, metadata, refused
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return out, metadata, &aws.RequestCanceledError{Err: ctx.Err()}
		}
	}
}

// send makes one attempt, signed by the time at which it is made.
func (l *lean) send(ctx context.Context, r *smithyhttp.Request, sum []byte, in middleware.FinalizeInput,
	next middleware.FinalizeHandler) (out middleware.FinalizeOutput, metadata middleware.Metadata, err error) {
	if err := r.RewindStream(); err != nil {
		return out, metadata, fmt.Errorf("read the request again: %w", err)
	}
	who, err := l.credentials.Retrieve(ctx)
	if err != nil {
		return out, metadata, err
	}
	l.signer.sign(r.Request, sum, who, time.Now())
	return next.HandleFinalize(ctx, in)
}
