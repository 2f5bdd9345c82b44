package awsclient

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Function is a function that can be started.
type Function struct{ Name, Alias string } // without an alias, its newest version

// Start has Lambda begin a run of a function with an event, a text of JSON, and waits for nothing but that Lambda has
// taken it. It is one signed request; the SDK's client for Lambda would link every call that there is. It is sent once:
// where the answer is lost, the run may have begun. FaultOf tells its errors apart. Source: Lambda API Reference,
// "Invoke".
func Start(ctx context.Context, c aws.Config, f Function, event []byte) error {
	address := aws.ToString(c.BaseEndpoint) + "/2015-03-31/functions/" + url.PathEscape(f.Name) + "/invocations"
	if f.Alias != "" {
		address += "?" + url.Values{"Qualifier": {f.Alias}}.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(event))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Amz-Invocation-Type", "Event")
	signer, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(event)
	if err = v4.NewSigner().SignHTTP(ctx, signer, r, hex.EncodeToString(sum[:]), "lambda", c.Region,
		time.Now()); err != nil {
		return err
	}
	answer, err := c.HTTPClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // its status says all
	if answer.StatusCode == http.StatusAccepted {
		return nil
	}
	kind, _, _ := strings.Cut(answer.Header.Get("X-Amzn-Errortype"), ":")
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: answer},
		Err: &smithy.GenericAPIError{Code: kind, Message: "Lambda answers " + answer.Status}}
}
