package awsclient

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
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
	config, seen := answering(t, http.StatusInternalServerError, "{}", nil)
	tried := 0
	config.HTTPClient = sender(func(r *http.Request) (*http.Response, error) {
		tried++
		t.Setenv("AWS_ACCESS_KEY_ID", strings.Repeat("x", tried))
		return seen.Do(r)
	})
	_, err := ours(config)(t.Context())
	if err == nil || !strings.Contains(err.Error(), "exceeded maximum number") {
		t.Errorf("the error %v does not say that all attempts were made", err)
	}
	if tried != attempts {
		t.Fatalf("tried %d times", tried)
	}
	for i, want := range []string{"key", "x", "xx"} {
		if got := seen.sent[i].Header.Get("Authorization"); !strings.Contains(got, "Credential="+want+"/") {
			t.Errorf("attempt %d is signed with %s, want %s", i+1, got, want)
		}
		if string(seen.sent[i].body) != "{}" {
			t.Errorf("attempt %d sends %q", i+1, seen.sent[i].body)
		}
	}
}

// TestAnAttemptKeepsItsHeader: a transport may look at a request after it was given up, so nothing of it is written
// again.
func TestAnAttemptKeepsItsHeader(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	config, _ := answering(t, http.StatusOK, "{}", nil)
	var sent []http.Header
	config.HTTPClient = sender(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header)
		t.Setenv("AWS_ACCESS_KEY_ID", strings.Repeat("x", len(sent)))
		return nil, io.ErrUnexpectedEOF
	})
	if _, err := ours(config)(t.Context()); err == nil || len(sent) != attempts {
		t.Fatalf("%d attempts, %v", len(sent), err)
	}
	for i, want := range []string{"key", "x", "xx"} {
		if got := sent[i].Get("Authorization"); !strings.Contains(got, "Credential="+want+"/") {
			t.Errorf("the header of attempt %d says %s by now, want %s", i+1, got, want)
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
	for _, status := range []int{0, http.StatusInternalServerError} {
		config, seen := answering(t, status, "{}", nil)
		ctx, cancel := context.WithCancel(t.Context())
		config.HTTPClient = sender(func(r *http.Request) (*http.Response, error) {
			defer cancel()
			return seen.Do(r)
		})
		_, err := ours(config)(ctx)
		if !errors.Is(err, context.Canceled) || len(seen.sent) != 1 || FaultOf(err) != Transient {
			t.Errorf("%d: %d attempts, %v", status, len(seen.sent), err)
		}
	}
}

// TestEndpoints are the SDK's, in every region that it knows of a partition that we know.
func TestEndpoints(t *testing.T) {
	for _, region := range []string{"eu-central-1", "us-east-1", "ap-southeast-7", "il-central-1", "mx-central-1",
		"cn-north-1", "cn-northwest-1", "us-gov-east-1", "eusc-de-east-1", "xx-later-1"} {
		got, err := endpoint("dynamodb", aws.Config{Region: region})
		if err != nil {
			t.Fatal(err)
		}
		want, err := dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(),
			dynamodb.EndpointParameters{Region: &region}.WithDefaults())
		if err != nil || strings.TrimRight(got.String(), "/") != want.URI.String() {
			t.Errorf("%s: %s, want %s, %v", region, got, want.URI.String(), err)
		}
		of, err := endpoint("secretsmanager", aws.Config{Region: region})
		if err != nil {
			t.Fatal(err)
		}
		secrets, err := secretsmanager.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(),
			secretsmanager.EndpointParameters{Region: &region}.WithDefaults())
		if err != nil || strings.TrimRight(of.String(), "/") != secrets.URI.String() {
			t.Errorf("%s: %s, want %s, %v", region, of, secrets.URI.String(), err)
		}
	}
}

// TestAnEndpointThatIsWrong is told by each call, and none is made.
func TestAnEndpointThatIsWrong(t *testing.T) {
	for _, c := range []aws.Config{Config("", "", time.Second), Config("evil.example/", "", time.Second),
		Config("eu-central-1", "::", time.Second)} {
		c.HTTPClient = sender(func(*http.Request) (*http.Response, error) {
			t.Error("a call was made")
			return nil, io.EOF
		})
		if _, err := ours(c)(t.Context()); err == nil || !strings.Contains(err.Error(), "find the endpoint") {
			t.Errorf("%v", err)
		}
	}
}

// TestAnswersAreReadAsTheSDKsClientReadsThem: the outputs are the same, and so are the words of errors.
func TestAnswersAreReadAsTheSDKsClientReadsThem(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for _, c := range faults {
		header := http.Header{"X-Amzn-Requestid": {"the-id"}}
		config, _ := answering(t, c.status, c.body, header)
		got, err := ours(config)(t.Context())
		want, wanted := theirs(config)(t.Context())
		port := regexp.MustCompile(`127\.0\.0\.1:\d+(->127\.0\.0\.1:\d+)?`) // of the connection
		if g, w := port.ReplaceAllString(fmt.Sprint(err), ""), port.ReplaceAllString(fmt.Sprint(wanted), ""); g != w &&
			c.status != 0 {
			t.Errorf("%s:\n%s, want\n%s", c.name, g, w)
		}
		if (got == nil) != (want == nil) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
		mine, _ := errors.AsType[smithy.APIError](err)
		other, _ := errors.AsType[smithy.APIError](wanted)
		if fmt.Sprintf("%T", mine) != fmt.Sprintf("%T", other) {
			t.Errorf("%s: %T, want %T", c.name, mine, other)
		}
	}
	config, _ := answering(t, http.StatusOK, `{"TableNames":["a","b"],"LastEvaluatedTableName":"b","Later":{"x":[null]}}`,
		nil)
	got, err := ours(config)(t.Context())
	if err != nil || !slices.Equal(got.TableNames, []string{"a", "b"}) || aws.ToString(got.LastEvaluatedTableName) != "b" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestNobodyPacksAnAnswer: a server that would, were it asked to, is asked not to, over the very HTTP client that
// functions have; what net/http unpacks by itself has another sum than DynamoDB has told.
func TestNobodyPacksAnAnswer(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := []byte(`{"TableNames":["a"]}`)
		if coding := r.Header.Get("Accept-Encoding"); strings.Contains(coding, "gzip") || coding == "" {
			var packed bytes.Buffer
			g := gzip.NewWriter(&packed)
			if _, err := g.Write(text); err != nil || g.Close() != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Encoding", "gzip")
			text = packed.Bytes()
		}
		w.Header().Set("X-Amz-Crc32", strconv.Itoa(int(crc32.ChecksumIEEE(text))))
		_, _ = w.Write(text)
	}))
	t.Cleanup(server.Close)
	got, err := ours(Config("eu-central-1", server.URL, 5*time.Second))(t.Context())
	if err != nil || !slices.Equal(got.TableNames, []string{"a"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestAnAnswerThatDoesNotAddUp is refused, once: what was written may stand.
func TestAnAnswerThatDoesNotAddUp(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for sum, right := range map[string]bool{"2745614147": true, "2745614148": false, "x": false, "-1": false,
		"7040581443": false} {
		config, seen := answering(t, http.StatusOK, "{}", http.Header{"X-Amz-Crc32": {sum}})
		_, err := ours(config)(t.Context())
		if (err == nil) != right || !right && FaultOf(err) != Transient || len(seen.sent) != 1 {
			t.Errorf("%s: %v after %d calls", sum, err, len(seen.sent))
		}
	}
}
