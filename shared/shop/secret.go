package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"kassa/shared/awsclient"
	"kassa/shared/payment"
)

// BankSecret is what a shop has settled with a bank, not read yet. It prints as its version.
type BankSecret struct {
	raw     string
	version string
}

// Raw is the content.
func (b BankSecret) Raw() string { return b.raw }

// Version names the content: another version, perhaps another content.
func (b BankSecret) Version() string { return b.version }

// String keeps the content out of %v and %s.
func (b BankSecret) String() string { return "bank secret, version " + b.version }

// GoString keeps the content out of %#v.
func (b BankSecret) GoString() string { return b.String() }

// LogValue keeps the content out of logs.
func (b BankSecret) LogValue() slog.Value { return slog.StringValue(b.String()) }

// source fetches secrets.
type source struct{ client Secrets }

// retryAfter is when a caller may try again after Secrets Manager could not be reached.
const retryAfter = 2 * time.Second

// fetch reads the current version of a secret, text or bytes.
func (s source) fetch(ctx context.Context, name string) (content []byte, version string, err error) {
	out, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return nil, "", failure(name, err)
	}
	content = out.SecretBinary
	if out.SecretString != nil {
		content = []byte(*out.SecretString)
	}
	return content, aws.ToString(out.VersionId), nil
}

// shown is a secret's name for the log. Strangers may call anything a shop: a name that has as many digits as a card's
// number is not repeated.
func shown(name string) string {
	const fewestOfCard = 13
	digits := 0
	for _, r := range name {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	if digits < fewestOfCard {
		return name
	}
	return "of a name with " + strconv.Itoa(digits) + " digits"
}

// failure is what a failed fetch means. A secret that is marked for deletion is answered InvalidRequestException:
// somebody took it away, so it is gone.
func failure(name string, err error) error {
	cause := fmt.Errorf("secret %s: %w", shown(name), err)
	_, missing := errors.AsType[*types.ResourceNotFoundException](err)
	_, leaving := errors.AsType[*types.InvalidRequestException](err)
	if missing || leaving {
		return &payment.Error{Kind: payment.NotFound, Message: "There is no such shop, or it has no such bank.", Cause: cause}
	}
	if awsclient.FaultOf(err) == awsclient.Transient {
		return &payment.Error{Kind: payment.Unavailable, RetryAfter: retryAfter, Cause: cause,
			Message: "The shop's settings cannot be fetched just now; try again shortly."}
	}
	return &payment.Error{Kind: payment.Misconfigured, Cause: cause,
		Message: "Secrets Manager refuses us; check this function's role and the secret's key."}
}
