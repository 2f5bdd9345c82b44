package awsclient

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Service is one of AWS's that speaks its JSON protocol.
type Service struct {
	Name     string // as the SDK's errors have it, such as "DynamoDB"
	Host     string // how its hosts begin, and its name in signatures, such as "dynamodb"
	Protocol smithyhttp.ClientProtocol
	Errors   *smithy.TypeRegistry // those that have types
}

// Caller makes calls of a service with what the SDK has for them: its inputs and outputs, its protocol, its errors. It
// stands in for the SDK's clients, which build a chain of some twenty steps for each call before they send anything,
// most of them for what nobody here asks for: to choose an endpoint and a kind of signature anew, to measure and to
// trace, to tell AWS in headers which SDK we are. It may make several calls at once.
type Caller struct {
	service     Service
	endpoint    *url.URL
	wrong       error // with the endpoint's address
	credentials aws.CredentialsProvider
	http        aws.HTTPClient
	retryer     aws.Retryer
	signer      signer
}

// NewCaller makes one of the same configuration as the SDK's clients.
func NewCaller(c aws.Config, s Service) *Caller {
	made := &Caller{service: s, credentials: c.Credentials, http: c.HTTPClient, retryer: c.Retryer(),
		signer: signer{service: s.Host, region: c.Region}}
	made.endpoint, made.wrong = endpoint(s.Host, c)
	return made
}

// endpoint is where a service is reached: c.BaseEndpoint, or AWS's own address of it. The partitions that lie apart
// from the world's network are not known. Source: AWS General Reference, "AWS service endpoints".
func endpoint(host string, c aws.Config) (*url.URL, error) {
	if c.BaseEndpoint != nil {
		return url.Parse(strings.TrimRight(*c.BaseEndpoint, "/") + "/")
	}
	domain := "amazonaws.com"
	switch partition, _, _ := strings.Cut(c.Region, "-"); partition {
	case "cn":
		domain = "amazonaws.com.cn"
	case "eusc":
		domain = "amazonaws.eu"
	}
	if strings.Trim(c.Region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || c.Region == "" {
		return nil, fmt.Errorf("%q is no region", c.Region)
	}
	return &url.URL{Scheme: "https", Host: host + "." + c.Region + "." + domain, Path: "/"}, nil
}

// Call writes in, sends it, as often as the retryer says so, and reads the answer into out, which it gives; nothing
// beside an error. FaultOf tells its errors apart, which are those of the SDK's clients. One answer is refused that
// they take: one whose bytes are not those that the service has summed up.
func Call[O smithy.Deserializable](ctx context.Context, c *Caller, operation *smithy.OperationSchema,
	in smithy.Serializable, out O) (none O, err error) {
	if err := c.call(ctx, operation, in, out); err != nil {
		return none, &smithy.OperationError{ServiceID: c.service.Name, OperationName: operation.ID().Name, Err: err}
	}
	return out, nil
}

func (c *Caller) call(ctx context.Context, operation *smithy.OperationSchema, in smithy.Serializable,
	out smithy.Deserializable) error {
	if c.wrong != nil {
		return fmt.Errorf("find the endpoint: %w", c.wrong)
	}
	written := &smithyhttp.Request{Request: &http.Request{URL: c.endpoint, Header: http.Header{}}}
	if err := c.service.Protocol.SerializeRequest(ctx, operation, in, written); err != nil {
		return &smithy.SerializationError{Err: err}
	}
	written.Header.Set("Accept-Encoding", "identity") // the sum of an answer is of its bytes as they are sent
	body, err := readAll(written.GetStream(), written.ContentLength)
	if err != nil {
		return &smithy.SerializationError{Err: err}
	}
	sum := sha256.Sum256(body)
	header := written.Header
	for attempt := 1; ; attempt++ {
		if err = c.send(ctx, operation, header, body, sum[:], out); err == nil || !c.retryer.IsErrorRetryable(err) {
			return err
		}
		if attempt == c.retryer.MaxAttempts() {
			return &retry.MaxAttemptsError{Attempt: attempt, Err: err}
		}
		wait, refused := c.retryer.RetryDelay(attempt, err)
		if refused != nil {
			return refused
		}
		header = header.Clone() // the transport may still look at the one that it was given
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return &aws.RequestCanceledError{Err: ctx.Err()}
		}
	}
}

// send makes one attempt, signed by the time at which it is made.
func (c *Caller) send(ctx context.Context, operation *smithy.OperationSchema, header http.Header, body, sum []byte,
	out smithy.Deserializable) error {
	who, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	request := (&http.Request{Method: http.MethodPost, URL: c.endpoint, Host: c.endpoint.Host, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}).WithContext(ctx)
	c.signer.sign(request, sum, who, time.Now())
	answer, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return &smithy.CanceledError{Err: ctx.Err()}
		}
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer answer.Body.Close() //nolint:errcheck // it is read, or of no use
	response := &smithyhttp.Response{Response: answer}
	if err = whole(answer); err == nil {
		err = c.service.Protocol.DeserializeResponse(ctx, operation, c.service.Errors, response, out)
	}
	if err != nil {
		err = &awshttp.ResponseError{RequestID: answer.Header.Get("X-Amzn-Requestid"),
			ResponseError: &smithyhttp.ResponseError{Response: response, Err: err}}
	}
	return err
}

// whole reads an answer, and holds its body against its sum where it has one, as those of DynamoDB have.
func whole(answer *http.Response) error {
	body, err := readAll(answer.Body, answer.ContentLength)
	if sum := answer.Header.Get("X-Amz-Crc32"); err == nil && sum != "" {
		if want, wrong := strconv.ParseUint(sum, 10, 32); wrong != nil || uint64(crc32.ChecksumIEEE(body)) != want {
			err = fmt.Errorf("the answer does not add up to %.20q", sum)
		}
	}
	if err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(body), answer.Body}
	return nil
}

// readAll reads what is so long, where that is known: what io.ReadAll takes for a text is several times its length.
func readAll(from io.Reader, length int64) ([]byte, error) {
	if length <= 0 {
		return io.ReadAll(from)
	}
	all := make([]byte, length)
	if _, err := io.ReadFull(from, all); err != nil {
		return nil, fmt.Errorf("it breaks off: %w", err)
	}
	return all, nil
}
