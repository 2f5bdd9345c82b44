// Package awsclient says how Kassa reaches AWS: with SDK clients built from plain values, and with errors sorted by
// what their caller can do. The SDK's own config package is left out on purpose. It links single sign-on, STS and
// instance metadata, none of which a function uses and all of which its cold start would pay for.
package awsclient

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// attempts is how often one call is tried. A function has a deadline of its own and its caller may come again, so more
// would only spend the time that an answer needs.
const attempts = 3

// Config is what an SDK client is built from. Region is AWS's name of it, such as "eu-central-1", and must not be
// empty. Endpoint stands in for AWS's own address where it is not empty (a local stack). One attempt may take as long
// as attempt, reading the answer included; there are at most three.
//
// Credentials are those that Lambda gives a function in its environment. They are read at each call, since they may
// change.
func Config(region, endpoint string, attempt time.Duration) aws.Config {
	c := aws.Config{
		Region:      region,
		Credentials: aws.CredentialsProviderFunc(credentials),
		HTTPClient:  newSender(attempt),
		Retryer:     retryer,
	}
	if endpoint != "" {
		c.BaseEndpoint = &endpoint
	}
	return c
}

// Sender sends one request over kept connections and takes its answer as it comes: AWS sends no redirect that a
// signed request could follow. An http.Client would copy each request's headers for such a one.
type Sender struct {
	transport *http.Transport
	Attempt   time.Duration // until the answer is read to its end
}

// newSender keeps connections and TLS sessions: a warm invocation pays for neither.
func newSender(attempt time.Duration) *Sender {
	secure := newDialer()
	return &Sender{Attempt: attempt, transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &secure.config, // behind a proxy alone
		DialTLSContext:      secure.DialTLSContext,
		MaxIdleConnsPerHost: 48, // as many as read a day of the book side by side
		IdleConnTimeout:     time.Minute,
	}}
}

// Do is what the SDK's clients want it to be. Its errors are those of an http.Client: the SDK looks into them.
//
// The transport may only read the body. The SDK closes it as soon as an answer begins, and its WriteTo then returns
// io.EOF, which is an error to a transport that has sent everything and looks for more: it would hang up amid the
// answer.
func (s *Sender) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Attempt)
	sent := r.WithContext(ctx)
	if r.Body != nil {
		sent.Body = struct{ io.ReadCloser }{r.Body}
	}
	answer, err := s.transport.RoundTrip(sent)
	if err != nil {
		cancel()
		return nil, &url.Error{Op: r.Method[:1] + strings.ToLower(r.Method[1:]), URL: r.URL.Redacted(), Err: err}
	}
	answer.Body = timedBody{answer.Body, cancel}
	return answer, nil
}

// timedBody is read within the time of its attempt.
type timedBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b timedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// retryer tries again what the SDK calls retryable, after 50 to 150 ms. The SDK's own wait of up to 20 s is longer than
// a customer waits, and its token bucket, shared by all calls of a client, would let one bad minute refuse retries in
// the next.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
			//nolint:gosec // it spreads retries and guards nothing
			return 50*time.Millisecond + rand.N(100*time.Millisecond), nil
		})
	})
}
