package dynamo

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/awsclient"
	"kassa/shared/payment"
)

// retryAfter is when a caller may try again after the table could not be reached. The SDK has already tried for a
// while.
const retryAfter = 2 * time.Second

// failure is what a call that failed means to a use case. Its text for the log names the call, the table and what to
// do.
func (s *Store) failure(call string, err error) error {
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return &payment.Error{Kind: payment.Misconfigured, Message: "The payment store is not set up.",
			Cause: fmt.Errorf("%s: table %s or its index due does not exist in this region; check TABLE and the deployed "+
				"template: %w", call, s.table, err)}
	}
	cause := fmt.Errorf("%s on table %s: %w", call, s.table, err)
	switch awsclient.FaultOf(err) {
	case awsclient.Denied:
		return &payment.Error{Kind: payment.Misconfigured, Cause: cause,
			Message: "The payment store refuses us; check this function's role and credentials."}
	case awsclient.Rejected:
		return &payment.Error{Kind: payment.Internal, Cause: cause,
			Message: "The payment store does not accept what it was sent."}
	default:
		return &payment.Error{Kind: payment.Unavailable, Cause: cause, RetryAfter: retryAfter,
			Message: "The payment store cannot be reached just now; try again shortly."}
	}
}
