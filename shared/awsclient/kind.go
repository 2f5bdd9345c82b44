package awsclient

import (
	"errors"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"kassa/shared/payment"
)

// denied are the refusals that a human must end: a missing permission, or credentials or a clock that AWS does not accept.
// Source: "Common error types" in the API references of DynamoDB and Secrets Manager.
func denied(code string) bool {
	return slices.Contains([]string{
		"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation", "OptInRequired",
		"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
		"IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException", "SignatureDoesNotMatch",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "RequestExpired",
	}, code)
}

// Kind sorts an error of an SDK call. Misconfigured: credentials or permissions are wrong. Internal: AWS understood the call and
// refused it as wrong. Unavailable: everything else, because a throttled call, an answer lost on the way and one that cannot be
// read have this in common: trying again may help, and a write may have happened.
func Kind(err error) payment.Kind {
	if own, ok := errors.AsType[*payment.Error](err); ok {
		return own.Kind
	}
	refusal, answered := errors.AsType[smithy.APIError](err)
	switch {
	case !answered:
		return payment.Unavailable
	case denied(refusal.ErrorCode()):
		return payment.Misconfigured
	case transient(err):
		return payment.Unavailable
	}
	return payment.Internal
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
