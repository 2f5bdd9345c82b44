// The credentials of a person, found as every AWS tool finds them. This is the one place that links the SDK's loader
// of configuration: functions must not, for their start (the house test holds it).

package stage

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"kassa/infra/kassa/console"
)

// loadAWS reads profile, region and credentials as the AWS tools do, and says what to type when one is missing.
func (f *Flags) loadAWS(ctx context.Context) (aws.Config, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// What the SDK would log by itself comes back as the error, which says what to do.
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if f.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(f.Profile))
	}
	if f.Region != "" {
		options = append(options, config.WithRegion(f.Region))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if missing := new(config.SharedConfigProfileNotExistError); errors.As(err, missing) {
		return aws.Config{}, console.Fail(console.Failed,
			"there is no AWS profile %q: aws configure list-profiles shows those there are", missing.Profile)
	}
	if err != nil {
		return aws.Config{}, console.Fail(console.Failed, "the AWS configuration cannot be read: %w", err)
	}
	if loaded.Region == "" {
		return aws.Config{}, console.Fail(console.Usage,
			"no AWS region is set: add --region, such as --region eu-central-1, or set AWS_REGION")
	}
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		login := "aws sso login"
		if f.Profile != "" {
			login += " --profile " + f.Profile
		}
		return aws.Config{}, console.Fail(console.Failed,
			"there are no usable AWS credentials: run %s, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (%w)", login, err)
	}
	return loaded, nil
}
