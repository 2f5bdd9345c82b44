package shop

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"kassa/shared/awsclient"
)

// Secrets is what is needed of Secrets Manager. The SDK's own client is one, and so is what NewClient gives.
type Secrets interface {
	GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, options ...func(*secretsmanager.Options)) (
		*secretsmanager.GetSecretValueOutput, error)
}

// NewClient builds the client that New wants, from the environment's credentials. Endpoint is "" on AWS. One attempt
// may take two seconds: behind Secrets Manager stands KMS, which is slower than DynamoDB.
func NewClient(region, endpoint string) Secrets {
	return ClientOf(awsclient.Config(region, endpoint, 2*time.Second))
}

// ClientOf builds the client from a configuration of awsclient's.
func ClientOf(c aws.Config) Secrets {
	return &client{
		caller: awsclient.NewCaller(c, awsclient.Service{Name: secretsmanager.ServiceID, Host: "secretsmanager",
			Protocol: awsjson.New11(schemas.Secretsmanager), Errors: secretsmanager.TypeRegistry}),
		getSecretValue: smithy.NewOperationSchema(schemas.GetSecretValue, schemas.GetSecretValueRequest,
			schemas.GetSecretValueResponse),
	}
}

// client is the SDK's without its chain of steps, see awsclient.Caller; options would be of those steps.
type client struct {
	caller         *awsclient.Caller
	getSecretValue *smithy.OperationSchema
}

func (c *client) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput,
	_ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return awsclient.Call(ctx, c.caller, c.getSecretValue, in, &secretsmanager.GetSecretValueOutput{})
}
