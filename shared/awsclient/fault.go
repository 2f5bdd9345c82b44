package awsclient

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// Fault is why a call failed, as far as its caller's next step goes.
type Fault int

// The faults.
const (
	// throttled, unreachable, answered with 500 or not readably: trying again may help, and a write may have happened
	Transient Fault = iota
	Denied          // credentials or permissions are wrong: a human must look, and nothing was done
	Rejected        // AWS understood the call and does not accept it: nothing was done, and it never will be
)

// FaultOf says why an SDK call failed. Exceptions that mean something to the caller, such as a failed condition, it
// must look for first: they are Rejected like all others.
func FaultOf(err error) Fault {
	refusal, answered := errors.AsType[smithy.APIError](err)
	switch {
	case errors.Is(err, ErrNoCredentials) || answered && denied(refusal.ErrorCode()):
		return Denied
	case answered && !transient(err):
		return Rejected
	}
	return Transient
}

// MissingRight is the right that AWS names in a refusal, such as dynamodb:Query; "" where it names none.
func MissingRight(err error) string {
	if FaultOf(err) != Denied {
		return ""
	}
	_, right, _ := strings.Cut(err.Error(), "not authorized to perform: ")
	right, _, _ = strings.Cut(right, " ")
	return right
}

// denied are the refusals that a human must end: a missing permission, or credentials or a clock that AWS does not
// accept. Source: "Common error types" in the API references of DynamoDB and Secrets Manager.
func denied(code string) bool {
	return slices.Contains([]string{
		"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation", "OptInRequired",
		"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
		"IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException", "SignatureDoesNotMatch",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "RequestExpired",
	}, code)
}

// transient says whether AWS itself is why the call failed: throttled, or an answer of 500 and above.
func transient(err error) bool {
	if retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary {
		return true
	}
	answer, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	return ok && answer.HTTPStatusCode() >= http.StatusInternalServerError
}
