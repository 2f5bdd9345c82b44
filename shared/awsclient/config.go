// Package awsclient says how Kassa reaches AWS: with SDK clients built from plain values, and with errors sorted by
// what their caller can do. The SDK's own config package is left out on purpose. It links single sign-on, STS and
// instance metadata, none of which a function uses and all of which its cold start would pay for.
package awsclient

import (
	"math/rand/v2"
	"net/http"
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
		HTTPClient:  httpClient(attempt),
		Retryer:     retryer,
	}
	if endpoint != "" {
		c.BaseEndpoint = &endpoint
	}
	return c
}

// httpClient keeps connections and TLS sessions: a warm invocation pays for neither. It follows no redirect, because
// AWS sends none that a signed request could follow.
func httpClient(attempt time.Duration) *http.Client {
	secure := newDialer()
	return &http.Client{
		Timeout:       attempt,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSClientConfig:     &secure.config, // behind a proxy alone
			DialTLSContext:      secure.DialTLSContext,
			MaxIdleConnsPerHost: 48, // as many as read a day of the book side by side
			IdleConnTimeout:     time.Minute,
		},
	}
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
