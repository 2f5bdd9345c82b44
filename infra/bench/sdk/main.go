// Command sdk is the floor with the two AWS clients that a function of Kassa has, and nothing else: it reads an item
// as it starts, so that the connection stands, and one at each request; at the first request also a secret.
package main

import (
	"context"
	"net/http"
	"os"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// handler has both clients; the secret is fetched once.
type handler struct {
	table  *dynamodb.Client
	secret func(context.Context) error
}

// The clients are as the SDK makes them, of plain options: its configuration loader would link what nobody here uses.
func main() {
	region, endpoint := os.Getenv("AWS_REGION"), aws.String(os.Getenv("AWS_ENDPOINT_URL"))
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN")}, nil
	})
	secrets := secretsmanager.New(secretsmanager.Options{Region: region, BaseEndpoint: endpoint, Credentials: credentials})
	h := handler{table: dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: endpoint, Credentials: credentials})}
	var fetched sync.Once
	h.secret = func(ctx context.Context) (err error) {
		fetched.Do(func() {
			_, err = secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
				SecretId: aws.String(os.Getenv("SECRET"))})
		})
		return err
	}
	_ = h.read(context.Background()) // a start does not fail by what the first request may still find
	lambda.Start(h.answer)
}

// answer does what a function does at least: it knows its shop, and looks at the table.
func (h handler) answer(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse,
	error) {
	if err := h.secret(ctx); err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	if err := h.read(ctx); err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: `{"status":"OK"}`}, nil
}

// read looks for an item that cannot be.
func (h handler) read(ctx context.Context) error {
	_, err := h.table.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(os.Getenv("TABLE")),
		ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "pay_none"}, "sk": &types.AttributeValueMemberN{Value: "1"}}})
	return err
}
