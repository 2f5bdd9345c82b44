package awsclient

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"

	"kassa/shared/payment"
)

// credentials reads the three variables that Lambda sets. Without them nothing can be signed: Misconfigured.
func credentials(context.Context) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if !c.HasKeys() {
		return aws.Credentials{}, &payment.Error{Kind: payment.Misconfigured,
			Message: "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"}
	}
	return c, nil
}
