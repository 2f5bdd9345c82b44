// Command clients does what the command sdk does, with the clients and the reading of events that the functions have:
// what it takes is the least that a function of Kassa with a table can take, whatever else is left out.
package main

import (
	"context"
	"net/http"
	"os"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/shared/api/event"
	"kassa/shared/dynamo"
	"kassa/shared/shop"
)

// handler has both clients; the secret is fetched once.
type handler struct {
	table  dynamo.Client
	secret func(context.Context) error
}

func main() {
	region, endpoint := os.Getenv("AWS_REGION"), os.Getenv("AWS_ENDPOINT_URL")
	h := handler{table: dynamo.NewClient(region, endpoint)}
	secrets := shop.NewClient(region, endpoint)
	var fetched sync.Once
	h.secret = func(ctx context.Context) (err error) {
		fetched.Do(func() {
			_, err = secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
				SecretId: aws.String(os.Getenv("SECRET"))})
		})
		return err
	}
	_ = h.read(context.Background()) // a start does not fail by what the first request may still find
	lambda.Start(h)
}

// Invoke does what a function does at least: it knows its shop, and looks at the table.
func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if _, err := event.Read(payload); err != nil {
		return nil, err
	}
	if err := h.secret(ctx); err != nil {
		return nil, err
	}
	if err := h.read(ctx); err != nil {
		return nil, err
	}
	return event.Write(http.StatusOK, nil, []byte(`{"status":"OK"}`)), nil
}

// read looks for an item that cannot be.
func (h handler) read(ctx context.Context) error {
	_, err := h.table.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(os.Getenv("TABLE")),
		ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "pay_none"}, "sk": &types.AttributeValueMemberN{Value: "1"}}})
	return err
}
