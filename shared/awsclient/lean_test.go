package awsclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestSignaturesAreTheSDKs signs requests both ways: over two days, with two secrets, with a token and without.
func TestSignaturesAreTheSDKs(t *testing.T) {
	ours := &signer{service: "dynamodb", region: "eu-central-1"}
	start := time.Date(2028, 2, 29, 23, 59, 58, 0, time.UTC)
	for i := range 24 {
		who := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: []string{"one", "another"}[i/3%2],
			SessionToken: []string{"", "to+/ken=="}[i%2]}
		body := strings.Repeat("{}", 1+i*9)
		now := start.Add(time.Duration(i/4) * time.Second)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			"http://127.0.0.1:8090/"+[]string{"", "a/b"}[i/2%2], strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
		sum := sha256.Sum256([]byte(body))
		theirs := r.Clone(t.Context())
		if err := v4.NewSigner().SignHTTP(t.Context(), who, theirs, hex.EncodeToString(sum[:]), ours.service, ours.region,
			now); err != nil {
			t.Fatal(err)
		}
		ours.sign(r, sum[:], who, now)
		for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
			if got, want := r.Header.Get(name), theirs.Header.Get(name); got != want {
				t.Errorf("%d: %s is %s, want %s", i, name, got, want)
			}
		}
	}
}

// TestASecondAttemptIsSignedAnew, by the credentials that there are by then, and sends the whole body again.
func TestASecondAttemptIsSignedAnew(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	client, seen := answering(t, true, http.StatusInternalServerError, "{}")
	options := client.Options()
	tried := 0
	options.HTTPClient = sender(func(r *http.Request) (*http.Response, error) {
		tried++
		t.Setenv("AWS_ACCESS_KEY_ID", strings.Repeat("x", tried))
		return seen.Do(r)
	})
	if err := list(t, dynamodb.New(options)); err == nil || !strings.Contains(err.Error(), "exceeded maximum number") {
		t.Errorf("the error %v does not say that all attempts were made", err)
	}
	if tried != attempts {
		t.Fatalf("tried %d times", tried)
	}
	for i, want := range []string{"key", "x", "xx"} {
		if got := seen.sent[i].Get("Authorization"); !strings.Contains(got, "Credential="+want+"/") {
			t.Errorf("attempt %d is signed with %s, want %s", i+1, got, want)
		}
	}
}

// sender is an HTTP client that is a function.
type sender func(*http.Request) (*http.Response, error)

func (s sender) Do(r *http.Request) (*http.Response, error) { return s(r) }

// TestNobodyWaitsForWhomNobodyWaits: a call whose context has ended is not tried again.
func TestNobodyWaitsForWhomNobodyWaits(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	client, seen := answering(t, true, http.StatusInternalServerError, "{}")
	ctx, cancel := context.WithCancel(t.Context())
	options := client.Options()
	options.HTTPClient = sender(func(r *http.Request) (*http.Response, error) {
		defer cancel()
		return seen.Do(r)
	})
	_, err := dynamodb.New(options).ListTables(ctx, &dynamodb.ListTablesInput{})
	if !errors.Is(err, context.Canceled) || len(seen.sent) != 1 || FaultOf(err) != Transient {
		t.Errorf("%d attempts, %v", len(seen.sent), err)
	}
}

// TestAnEndpointThatIsWrong is told by each call, and none is made.
func TestAnEndpointThatIsWrong(t *testing.T) {
	wrong := errors.New("no such region")
	config := Lean(Config("nowhere", "", time.Second), "dynamodb", func(context.Context) (url.URL, error) {
		return url.URL{}, wrong
	})
	if err := list(t, dynamodb.NewFromConfig(config)); !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
}
